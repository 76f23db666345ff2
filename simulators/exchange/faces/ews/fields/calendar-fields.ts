/** Fields of CalendarItemType, in schema order ([MS-OXWSMTGS] 2.2.4.9). */
import type { XmlElement } from '#xml/reader.ts';
import { child, childText } from '#xml/reader.ts';
import { zonesOf } from '../../../truth/appointment-rules.ts';
import { globalObjectIdOf, uidOf } from '../../../truth/global-object-id.ts';
import { propertyOf, type Recipient, recipientsOf, type View } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';
import {
  type AppointmentSeries,
  firstOccurrence,
  lastOccurrence,
  type Occurrence,
  occurrenceOn,
  overlaps,
} from '../../../truth/series.ts';
import { offsetLabel, utc, utcOf, wallOf, type Zone } from '../../../truth/zone.ts';
import type { Call } from '../call.ts';
import { itemChangeKey } from '../change-keys.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import { occurrenceIdText } from '../ids.ts';
import type { Pending } from '../pending.ts';
import { rankOf } from '../profiles.ts';
import { readRecurrence, recurrenceMarkup } from '../recurrence.ts';
import { itemIdMarkup, mailboxMarkup } from '../references.ts';
import { dateTimeText, durationText, element, readBoolean, readDateTime } from '../text.ts';
import { readZone, zoneMarkup } from '../zones.ts';
import {
  booleanField,
  choiceField,
  type Field,
  integerField,
  type Reply,
  readOnlyField,
  shown,
  textField,
  timeField,
} from './field.ts';

export const busyStatuses = ['Free', 'Tentative', 'Busy', 'OOF', 'WorkingElsewhere', 'NoData'];
export const responseTypes = ['Unknown', 'Organizer', 'Tentative', 'Accept', 'Decline', 'NoResponseReceived'];
const attendeeResponses = {
  unknown: 'Unknown',
  organizer: 'Organizer',
  tentative: 'Tentative',
  accepted: 'Accept',
  declined: 'Decline',
  notResponded: 'NoResponseReceived',
} as const;

/** Start as this view has it: of the occurrence, or of the first occurrence for a master. UTC milliseconds. */
export function startOf(view: View): number {
  return view.occurrence?.startMs ?? propertyOf(view, event.start) ?? 0;
}

export function endOf(view: View): number {
  return view.occurrence?.endMs ?? propertyOf(view, event.end) ?? 0;
}

/** Single, Occurrence, Exception or RecurringMaster. */
export function calendarItemType(view: View): string {
  if (view.occurrence !== undefined) return view.occurrence.exception === undefined ? 'Occurrence' : 'Exception';
  return view.item.series === undefined ? 'Single' : 'RecurringMaster';
}

const flagBit = (name: string, bit: number): Field =>
  readOnlyField(
    `calendar:${name}`,
    'all',
    (view) => element(name, String(((propertyOf(view, event.stateFlags) ?? 0) & bit) !== 0)),
    (view) => ((propertyOf(view, event.stateFlags) ?? 0) & bit) !== 0,
  );

const masterOnly = (name: string, write: (series: AppointmentSeries, view: View, reply: Reply) => string): Field =>
  readOnlyField(
    `calendar:${name}`,
    'all',
    (view, reply) => {
      const { series } = view.item;
      return series?.kind === 'appointment' && view.occurrence === undefined ? write(series, view, reply) : '';
    },
    undefined,
    { singleOnly: true },
  );

export const calendarFields: readonly Field[] = [
  {
    uri: 'calendar:UID',
    element: 'UID',
    shape: 'all',
    write: (view) => {
      const id = propertyOf(view, event.cleanGlobalObjectId);
      return id === undefined ? '' : element('UID', uidOf(id));
    },
    set(pending, value) {
      if (!pending.draft.isNew) throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail('calendar:UID') });
      const id = globalObjectIdOf(value.text.trim());
      pending.draft.set(event.globalObjectId, id);
    },
    value: (view) => uidOf(propertyOf(view, event.cleanGlobalObjectId) ?? new Uint8Array(40)),
  },
  readOnlyField('calendar:RecurrenceId', 'all', (view, reply) =>
    view.occurrence === undefined
      ? ''
      : element('RecurrenceId', dateTimeText(view.occurrence.originalStartMs, reply.call.zone)),
  ),
  readOnlyField(
    'calendar:DateTimeStamp',
    'all',
    (view, reply) => element('DateTimeStamp', dateTimeText(view.item.modifiedMs, reply.call.zone)),
    (view) => view.item.modifiedMs,
  ),
  momentField('Start', startOf, (pending, value) => {
    pending.start = momentOf(value);
  }),
  momentField('End', endOf, (pending, value) => {
    pending.end = momentOf(value);
  }),
  readOnlyField(
    'calendar:OriginalStart',
    'all',
    (view, reply) =>
      view.occurrence === undefined
        ? ''
        : element('OriginalStart', dateTimeText(view.occurrence.originalStartMs, reply.call.zone)),
    undefined,
    { singleOnly: true },
  ),
  booleanField('calendar:IsAllDayEvent', 'all', event.allDay, false, {
    set(pending, value) {
      pending.allDay = readBoolean(value.text);
    },
  }),
  choiceField('calendar:LegacyFreeBusyStatus', 'default', event.busyStatus, busyStatuses, 2),
  textField('calendar:Location', 'default', event.location),
  readOnlyField('calendar:When', 'asked', () => ''),
  flagBit('IsMeeting', 1),
  flagBit('IsCancelled', 4),
  readOnlyField(
    'calendar:IsRecurring',
    'all',
    (view) => element('IsRecurring', String(view.occurrence !== undefined)),
    (view) => view.item.series !== undefined,
  ),
  readOnlyField('calendar:MeetingRequestWasSent', 'all', (view) =>
    element('MeetingRequestWasSent', String(propertyOf(view, event.fInvited) ?? false)),
  ),
  booleanField('calendar:IsResponseRequested', 'all', event.responseRequested, true),
  readOnlyField('calendar:CalendarItemType', 'default', (view) => element('CalendarItemType', calendarItemType(view))),
  readOnlyField('calendar:MyResponseType', 'all', (view) =>
    element('MyResponseType', responseTypes[propertyOf(view, event.responseStatus) ?? 1] ?? 'Unknown'),
  ),
  readOnlyField('calendar:Organizer', 'default', organizer),
  attendeeField('RequiredAttendees', 'to'),
  attendeeField('OptionalAttendees', 'cc'),
  attendeeField('Resources', 'bcc'),
  conflictField('ConflictingMeetingCount', (view, call) =>
    element('ConflictingMeetingCount', String(meetingsBeside(view, call, 'overlap').length)),
  ),
  conflictField('AdjacentMeetingCount', (view, call) =>
    element('AdjacentMeetingCount', String(meetingsBeside(view, call, 'touch').length)),
  ),
  conflictField('ConflictingMeetings', (view, call) => meetingList('ConflictingMeetings', view, call, 'overlap')),
  conflictField('AdjacentMeetings', (view, call) => meetingList('AdjacentMeetings', view, call, 'touch')),
  readOnlyField(
    'calendar:Duration',
    'all',
    (view) => element('Duration', durationText(endOf(view) - startOf(view))),
    (view) => endOf(view) - startOf(view),
  ),
  readOnlyField('calendar:TimeZone', 'all', (view) =>
    element('TimeZone', propertyOf(view, event.zoneDescription) ?? 'UTC'),
  ),
  timeField('calendar:AppointmentReplyTime', 'all', event.replyTime, { set: refuse('calendar:AppointmentReplyTime') }),
  integerField('calendar:AppointmentSequenceNumber', 'all', event.sequence, {
    set: refuse('calendar:AppointmentSequenceNumber'),
  }),
  readOnlyField('calendar:AppointmentState', 'all', (view) =>
    element('AppointmentState', String(propertyOf(view, event.stateFlags) ?? 0)),
  ),
  {
    uri: 'calendar:Recurrence',
    element: 'Recurrence',
    shape: 'all',
    singleOnly: true,
    write(view, reply) {
      const { series } = view.item;
      if (series?.kind !== 'appointment' || view.occurrence !== undefined) return '';
      return recurrenceMarkup(series.rule, reply.call.zone, reply.call.rank >= rankOf('Exchange2010_SP1'));
    },
    set(pending, value) {
      if (pending.draft.occurrence !== undefined) {
        throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail('calendar:Recurrence') });
      }
      const rule = readRecurrence(value);
      if (rule.pattern.kind === 'regenerate') throw new EwsError('ErrorCalendarInvalidRecurrence');
      pending.rule = rule;
    },
    clear(pending) {
      pending.rule = 'remove';
    },
  },
  masterOnly('FirstOccurrence', (series, view, reply) =>
    occurrenceInfo('FirstOccurrence', firstOccurrence(series), view, reply),
  ),
  masterOnly('LastOccurrence', (series, view, reply) =>
    occurrenceInfo('LastOccurrence', lastOccurrence(series), view, reply),
  ),
  masterOnly('ModifiedOccurrences', (series, view, reply) => {
    const days = [...series.exceptions.keys()].sort((a, b) => a - b);
    const list = days.map((day) => occurrenceInfo('Occurrence', occurrenceOn(series, day), view, reply)).join('');
    return list === '' ? '' : `<t:ModifiedOccurrences>${list}</t:ModifiedOccurrences>`;
  }),
  masterOnly('DeletedOccurrences', (series, _view, reply) => {
    const days = [...series.deleted].sort((a, b) => a - b);
    const one = (day: number): string => {
      const startMs = utcOf(series.zone, day * 86_400_000 + series.startOffsetMs);
      return `<t:DeletedOccurrence>${element('Start', dateTimeText(startMs, reply.call.zone))}</t:DeletedOccurrence>`;
    };
    return days.length === 0 ? '' : `<t:DeletedOccurrences>${days.map(one).join('')}</t:DeletedOccurrences>`;
  }),
  zoneField('MeetingTimeZone', () => ''),
  zoneField('StartTimeZone', (view) => zoneMarkup('StartTimeZone', zonesOf((key) => propertyOf(view, key)).start)),
  zoneField('EndTimeZone', (view) => zoneMarkup('EndTimeZone', zonesOf((key) => propertyOf(view, key)).end)),
  readOnlyField('calendar:ConferenceType', 'asked', () => '', undefined, { set: () => {} }),
  {
    ...booleanField('calendar:AllowNewTimeProposal', 'all', event.notAllowPropose, undefined),
    write(view) {
      const denied = propertyOf(view, event.notAllowPropose);
      return denied === undefined ? '' : element('AllowNewTimeProposal', String(!denied));
    },
    set: (pending, value) => pending.draft.set(event.notAllowPropose, !readBoolean(value.text)),
  },
  readOnlyField('calendar:IsOnlineMeeting', 'all', (_view, reply) =>
    reply.call.profile.returnsIsOnlineMeeting ? element('IsOnlineMeeting', 'false') : '',
  ),
  textField('calendar:NetShowUrl', 'all', event.netShowUrl),
  wallField('StartWallClock', startOf, (view) => zonesOf((key) => propertyOf(view, key)).start),
  wallField('EndWallClock', endOf, (view) => zonesOf((key) => propertyOf(view, key)).end),
  since2013('StartTimeZoneId', (view) =>
    element('StartTimeZoneId', zoneName(zonesOf((key) => propertyOf(view, key)).start)),
  ),
  since2013('EndTimeZoneId', (view) => element('EndTimeZoneId', zoneName(zonesOf((key) => propertyOf(view, key)).end))),
  since2013('IntendedFreeBusyStatus', (view) =>
    element(
      'IntendedFreeBusyStatus',
      busyStatuses[propertyOf(view, event.intendedBusyStatus) ?? propertyOf(view, event.busyStatus) ?? 2] ?? 'Busy',
    ),
  ),
  since2013('IsOrganizer', (view) =>
    element('IsOrganizer', String(((propertyOf(view, event.stateFlags) ?? 0) & 2) === 0)),
  ),
];

function momentField(name: 'Start' | 'End', read: (view: View) => number, set: NonNullable<Field['set']>): Field {
  return {
    uri: `calendar:${name}`,
    element: name,
    shape: 'default',
    write: (view, reply) => element(name, dateTimeText(read(view), reply.call.zone)),
    set,
    value: read,
  };
}

function momentOf(value: XmlElement) {
  const moment = readDateTime(value.text);
  if (moment === undefined) throw new EwsError('ErrorCalendarOutOfRange');
  return moment;
}

function refuse(uri: string): NonNullable<Field['set']> {
  return () => {
    throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail(uri) });
  };
}

function zoneField(name: 'MeetingTimeZone' | 'StartTimeZone' | 'EndTimeZone', write: (view: View) => string): Field {
  return {
    uri: `calendar:${name}`,
    element: name,
    shape: 'asked',
    write,
    ...(name === 'MeetingTimeZone' ? {} : { since: 'Exchange2010' as const }),
    set(pending, value) {
      if (name === 'MeetingTimeZone') {
        pending.startZone ??= readZone({ ...value, attributes: { Id: value.attributes.TimeZoneName ?? 'UTC' } });
      } else if (name === 'StartTimeZone') pending.startZone = readZone(value);
      else pending.endZone = readZone(value);
    },
  };
}

function since2013(name: string, write: (view: View) => string): Field {
  return readOnlyField(`calendar:${name}`, 'all', write, undefined, { since: 'Exchange2013' });
}

/** Wall clock times always carry the offset of the item's zone. */
function wallField(name: string, read: (view: View) => number, zone: (view: View) => Zone): Field {
  return since2013(name, (view) => {
    const own = zone(view);
    const ms = read(view);
    const text = new Date(wallOf(own, ms)).toISOString().slice(0, 19);
    return element(name, own === utc ? `${text}Z` : `${text}${offsetLabel(own.offsetMs(ms))}`);
  });
}

function zoneName(zone: Zone): string {
  return zone === utc ? 'UTC' : zone.id;
}

function organizer(view: View, reply: Reply): string {
  const { mailbox, profile } = reply.call;
  const name = propertyOf(view, message.fromName) ?? mailbox.description.displayName;
  const address = propertyOf(view, message.fromAddress) ?? mailbox.address;
  if (reply.kind !== 'find') {
    return `<t:Organizer>${mailboxMarkup({ name, address, routingType: 'SMTP', mailboxType: 'Mailbox' })}</t:Organizer>`;
  }
  if (!profile.findItemOrganizerAddress) {
    return `<t:Organizer>${mailboxMarkup({ name, address: undefined, routingType: undefined, mailboxType: 'OneOff' })}</t:Organizer>`;
  }
  const legacy = legacyDn(address);
  return `<t:Organizer>${mailboxMarkup({ name, address: legacy, routingType: 'EX', mailboxType: 'OneOff' })}</t:Organizer>`;
}

/** The upper-case distinguished name that a directory gives an address. */
export function legacyDn(address: string): string {
  const name = (address.split('@')[0] ?? address).toUpperCase();
  return `/O=EXAMPLEORG/OU=EXCHANGE ADMINISTRATIVE GROUP (FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN=0123456789ABCDEF0123456789ABCDEF-${name}`;
}

function attendeeField(name: string, kind: Recipient['kind']): Field {
  const uri = `calendar:${name}`;
  return {
    uri,
    element: name,
    shape: 'all',
    singleOnly: true,
    write(view, reply) {
      const isOrganizer = ((propertyOf(view, event.stateFlags) ?? 0) & 2) === 0;
      const list = recipientsOf(view).filter((one) => one.kind === kind);
      const markup = list.map((one) => attendeeMarkup(one, isOrganizer, reply.call)).join('');
      return markup === '' ? '' : `<t:${name}>${markup}</t:${name}>`;
    },
    set(pending, value) {
      const others = pending.draft.recipients.filter((one) => one.kind !== kind);
      const before = pending.draft.recipients.filter((one) => one.kind === kind);
      pending.draft.recipients = [...others, ...value.children.map((one) => readAttendee(one, kind, before, pending))];
    },
    append(pending, value) {
      const added = value.children.map((one) => readAttendee(one, kind, [], pending));
      pending.draft.recipients = [...pending.draft.recipients, ...added];
    },
    clear(pending) {
      pending.draft.recipients = pending.draft.recipients.filter((one) => one.kind !== kind);
    },
  };
}

function attendeeMarkup(one: Recipient, isOrganizer: boolean, call: Call): string {
  const known = call.server.truth.mailbox(one.address) !== undefined;
  const mailbox = mailboxMarkup({
    name: one.name,
    address: one.address,
    routingType: one.addressType,
    mailboxType: call.rank >= rankOf('Exchange2010') ? (known ? 'Mailbox' : 'OneOff') : undefined,
  });
  const response = isOrganizer ? attendeeResponses[one.response ?? 'unknown'] : 'Unknown';
  const reply =
    isOrganizer && one.replyTimeMs !== undefined
      ? element('LastResponseTime', dateTimeText(one.replyTimeMs, call.zone))
      : '';
  return `<t:Attendee>${mailbox}${element('ResponseType', response)}${reply}</t:Attendee>`;
}

function readAttendee(
  attendee: XmlElement,
  kind: Recipient['kind'],
  before: readonly Recipient[],
  pending: Pending,
): Recipient {
  const mailbox = child(attendee, 'Mailbox');
  const address = childText(mailbox, 'EmailAddress')?.trim() ?? '';
  if (address === '') throw new EwsError('ErrorMissingInformationEmailAddress');
  const known = before.find((one) => one.address.toLowerCase() === address.toLowerCase());
  const directoryName = pending.call.server.truth.mailbox(address)?.description.displayName;
  const name = childText(mailbox, 'Name') ?? directoryName ?? address;
  const addressType = childText(mailbox, 'RoutingType') ?? 'SMTP';
  return known === undefined ? { kind, name, address, addressType } : { ...known, name, addressType };
}

function occurrenceInfo(name: string, occurrence: Occurrence | undefined, view: View, reply: Reply): string {
  if (occurrence === undefined) return '';
  const { mailbox, zone } = reply.call;
  const { item } = view;
  const id = occurrenceIdText(mailbox, item.folder.counter, item.counter, occurrence.day);
  const time = (part: string, ms: number) => element(part, dateTimeText(ms, zone));
  return `<t:${name}><t:ItemId Id="${id}" ChangeKey="${itemChangeKey(mailbox, item)}"/>${time('Start', occurrence.startMs)}${time('End', occurrence.endMs)}${time('OriginalStart', occurrence.originalStartMs)}</t:${name}>`;
}

function conflictField(name: string, write: (view: View, call: Call) => string): Field {
  return readOnlyField(
    `calendar:${name}`,
    'all',
    (view, reply) => (reply.call.profile.returnsMeetingConflicts ? write(view, reply.call) : ''),
    undefined,
    { singleOnly: true },
  );
}

/** Other single appointments of the folder at the same time, or that begin or end where this one does. */
function meetingsBeside(view: View, call: Call, how: 'overlap' | 'touch'): readonly View[] {
  if (view.item.series !== undefined) return [];
  const span = { startMs: startOf(view), endMs: endOf(view) };
  const found: View[] = [];
  for (const item of view.item.folder.items.values()) {
    if (item === view.item || item.series !== undefined) continue;
    const other: View = { item, occurrence: undefined };
    const otherSpan = { startMs: startOf(other), endMs: endOf(other) };
    const isBeside =
      how === 'overlap'
        ? overlaps(otherSpan, span.startMs, span.endMs)
        : otherSpan.startMs === span.endMs || otherSpan.endMs === span.startMs;
    if (isBeside && propertyOf(other, event.start) !== undefined) found.push(other);
  }
  void call;
  return found;
}

function meetingList(name: string, view: View, call: Call, how: 'overlap' | 'touch'): string {
  const list = meetingsBeside(view, call, how).map((one) => {
    const subject = shown(propertyOf(one, message.subject) ?? '', { kind: 'get' } as Reply);
    return `<t:CalendarItem>${itemIdMarkup(call.mailbox, one)}${element('Subject', subject)}${element('Start', dateTimeText(startOf(one), call.zone))}${element('End', dateTimeText(endOf(one), call.zone))}${element('LegacyFreeBusyStatus', busyStatuses[propertyOf(one, event.busyStatus) ?? 2] ?? 'Busy')}${element('Location', propertyOf(one, event.location) ?? '')}</t:CalendarItem>`;
  });
  return list.length === 0 ? '' : `<t:${name}>${list.join('')}</t:${name}>`;
}
