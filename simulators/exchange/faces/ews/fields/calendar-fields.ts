/** Fields of CalendarItemType, in schema order ([MS-OXWSMTGS] 2.2.4.9). */
import type { XmlElement } from '#xml/reader.ts';
import { zonesOf } from '../../../truth/appointment-rules.ts';
import { globalObjectIdOf, uidOf } from '../../../truth/global-object-id.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import { event } from '../../../truth/property-keys.ts';
import { type AppointmentSeries, firstOccurrence, lastOccurrence, occurrenceOn } from '../../../truth/series.ts';
import { offsetLabel, utc, utcOf, wallOf, type Zone } from '../../../truth/zone.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import { rankOf } from '../profiles.ts';
import { readRecurrence, recurrenceMarkup } from '../recurrence.ts';
import { attributeText, dateTimeText, durationText, element, readBoolean, readDateTime } from '../text.ts';
import { readZone, zoneMarkup } from '../zones.ts';
import { attendeeField, organizer } from './attendees.ts';
import { busyStatuses, calendarItemType, endOf, responseTypes, startOf } from './calendar-values.ts';
import { enhancedLocation } from './enhanced-location.ts';
import {
  booleanField,
  choiceField,
  type Field,
  integerField,
  notSearched,
  type Reply,
  readOnly,
  readOnlyField,
  required,
  textField,
  timeField,
} from './field.ts';
import { conflictFields } from './meeting-conflicts.ts';
import { occurrenceInfo } from './occurrence-info.ts';

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
      const { draft } = pending;
      if (draft.occurrence !== undefined) {
        throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail('calendar:UID') });
      }
      const id = globalObjectIdOf(value.text.trim());
      draft.set(event.globalObjectId, id);
      draft.set(event.cleanGlobalObjectId, id);
    },
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
  required(
    booleanField('calendar:IsAllDayEvent', 'all', event.allDay, false, {
      set(pending, value) {
        pending.allDay = readBoolean(value.text);
      },
    }),
  ),
  required(choiceField('calendar:LegacyFreeBusyStatus', 'default', event.busyStatus, busyStatuses, 2)),
  textField('calendar:Location', 'default', event.location),
  textField('calendar:When', 'all', event.when),
  flagBit('IsMeeting', 1),
  flagBit('IsCancelled', 4),
  readOnlyField(
    'calendar:IsRecurring',
    'all',
    (view) => element('IsRecurring', String(view.occurrence !== undefined)),
    (view) => view.item.series !== undefined,
  ),
  readOnlyField(
    'calendar:MeetingRequestWasSent',
    'all',
    (view) => element('MeetingRequestWasSent', String(propertyOf(view, event.fInvited) ?? false)),
    (view) => propertyOf(view, event.fInvited) ?? false,
  ),
  notSearched(required(booleanField('calendar:IsResponseRequested', 'all', event.responseRequested, true))),
  readOnlyField(
    'calendar:CalendarItemType',
    'default',
    (view) => element('CalendarItemType', calendarItemType(view)),
    calendarItemType,
  ),
  readOnlyField('calendar:MyResponseType', 'all', (view) => element('MyResponseType', myResponse(view)), myResponse),
  readOnlyField('calendar:Organizer', 'default', organizer),
  attendeeField('RequiredAttendees', 'to'),
  attendeeField('OptionalAttendees', 'cc'),
  attendeeField('Resources', 'bcc'),
  ...conflictFields,
  readOnlyField(
    'calendar:Duration',
    'all',
    (view) => element('Duration', durationText(endOf(view) - startOf(view))),
    (view) => endOf(view) - startOf(view),
  ),
  readOnlyField(
    'calendar:TimeZone',
    'all',
    (view) => element('TimeZone', propertyOf(view, event.zoneDescription) ?? 'UTC'),
    (view) => propertyOf(view, event.zoneDescription),
  ),
  readOnly(timeField('calendar:AppointmentReplyTime', 'all', event.replyTime)),
  notSearched(readOnly(integerField('calendar:AppointmentSequenceNumber', 'all', event.sequence))),
  readOnlyField(
    'calendar:AppointmentState',
    'all',
    (view) => element('AppointmentState', String(propertyOf(view, event.stateFlags) ?? 0)),
    (view) => propertyOf(view, event.stateFlags) ?? 0,
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
  zoneField('MeetingTimeZone', (view, { call }) => {
    if (call.rank >= rankOf('Exchange2010')) return '';
    const zone = zonesOf((key) => propertyOf(view, key)).start;
    return zone === utc ? '' : `<t:MeetingTimeZone TimeZoneName="${attributeText(zone.id)}"/>`;
  }),
  zoneField('StartTimeZone', (view) => zoneMarkup('StartTimeZone', zonesOf((key) => propertyOf(view, key)).start)),
  zoneField('EndTimeZone', (view) => zoneMarkup('EndTimeZone', zonesOf((key) => propertyOf(view, key)).end)),
  required(integerField('calendar:ConferenceType', 'all', event.conferencingType)),
  {
    ...notSearched(required(booleanField('calendar:AllowNewTimeProposal', 'all', event.notAllowPropose, undefined))),
    write(view) {
      const denied = propertyOf(view, event.notAllowPropose);
      return denied === undefined ? '' : element('AllowNewTimeProposal', String(!denied));
    },
    set: (pending, value) => pending.draft.set(event.notAllowPropose, !readBoolean(value.text)),
  },
  required(
    booleanField('calendar:IsOnlineMeeting', 'all', event.isOnlineMeeting, undefined, {
      write(view, { call }) {
        const flag =
          propertyOf(view, event.isOnlineMeeting) ?? (call.profile.returnsIsOnlineMeeting ? false : undefined);
        return flag === undefined ? '' : element('IsOnlineMeeting', String(flag));
      },
      value: (view) => propertyOf(view, event.isOnlineMeeting) ?? false,
    }),
  ),
  textField('calendar:MeetingWorkspaceUrl', 'all', event.workspaceUrl),
  textField('calendar:NetShowUrl', 'all', event.netShowUrl),
  enhancedLocation,
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

function myResponse(view: View): string {
  return responseTypes[propertyOf(view, event.responseStatus) ?? 1] ?? 'Unknown';
}

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

function zoneField(name: 'MeetingTimeZone' | 'StartTimeZone' | 'EndTimeZone', write: Field['write']): Field {
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
