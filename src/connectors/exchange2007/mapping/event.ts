/**
 * Appointments, meetings and series (MS-OXOCAL). A series is written as Outlook keeps it, with its binary rule, because the
 * server's own recurrence properties know neither all patterns nor exceptions. People, and texts of single occurrences, go
 * through the server's own message of the item.
 */
import type { Update } from '#contract/connector.ts';
import { type Fields, groupOf } from '#model/groups.ts';
import type { CalendarEvent, Item, ShowAs } from '#model/item.ts';
import { secondsOf } from '#model/local-time.ts';
import { windowsZoneOf } from '#model/zones.ts';
import { type AppointmentRecurrence, writeAppointmentRecurrence } from '../../mapi/appointment-recurrence.ts';
import { busyStatusOf } from '../../mapi/busy-status.ts';
import {
  type AppointmentFacts,
  appointmentFacts,
  isSignificantChange,
  mayChange,
  reminderTimes,
} from '../../mapi/calendar-rules.ts';
import { calendarUidOf, cleanGlobalObjectId } from '../../mapi/global-object-id.ts';
import { contradiction, refuse } from '../../mapi/refusal.ts';
import { blobOfSeries } from '../../mapi/series-blob.ts';
import { blobsOfZone } from '../../mapi/zone-blobs.ts';
import type { Properties } from '../operations/multistatus.ts';
import type { PropertyChange } from '../operations/property.ts';
import {
  baseChanges,
  baseProperties,
  bytes,
  change,
  classChanges,
  commonTimes,
  flag,
  iconChange,
  newBase,
  number,
  reminderChanges,
  reminderMinutesProperty,
  reminderSetProperty,
  setting,
  time,
} from './base.ts';
import { calendarEdit, hasOthers } from './calendar-edit.ts';
import { instanceTypes, eventProperties as is } from './event-properties.ts';
import { needsCalendar, readEvent, storedRecurrence, withCalendar } from './event-read.ts';
import type { BuildChanges, BuildMapping, KindMapping, MappingContext } from './mapping.ts';
import { recipientProperties } from './recipients.ts';

const capableFields: Fields = {
  title: true,
  location: true,
  when: true,
  recurrence: true,
  overrides: true,
  showAs: true,
  reminder: true,
  importance: true,
  sensitivity: true,
  categories: true,
  attendees: true,
  meeting: true,
  body: ['text'],
};

export const eventMapping: KindMapping = {
  kind: 'event',
  folder: 'calendar',
  capabilities: {
    fields: capableFields,
    patterns: ['daily', 'weekly', 'monthly', 'monthlyByWeekday', 'yearly', 'yearlyByWeekday'],
    zones: 'windows',
  },
  itemClass: 'IPM.Appointment',
  properties: [
    ...baseProperties,
    ...recipientProperties,
    reminderSetProperty,
    reminderMinutesProperty,
    ...[is.location, is.start, is.end, is.startWhole, is.endWhole, is.allDay, is.subType],
    ...[is.busyStatus, is.busyStatusName, is.instanceType, is.isRecurring, is.recurrence],
    ...[is.zoneStruct, is.seriesZone, is.startZone, is.stateFlags, is.responseStatus, is.sequence],
  ],
  read: readEvent,
  needsCalendar,
  withCalendar,
  create,
  update,
};

function create(item: Item, context: MappingContext): BuildMapping {
  if (item.kind !== 'event') return refuse('defect.internal', `a ${item.kind} was given to the event mapping`);
  const refused = contradiction(item);
  if (refused !== undefined) return refused;
  const zone = zoneOf(item, context);
  const facts = appointmentFacts(item, zone);
  const series = seriesChanges(item, undefined);
  if (!series.ok) return series;
  const id = context.newGlobalObjectId();
  const changes = [
    ...classChanges('appointment', 'IPM.Appointment', 0x171, facts.iconIndex),
    ...newBase(['title', 'importance', 'sensitivity', 'categories', 'body'], item),
    ...setting(is.location, item.location),
    ...timeChanges(item, facts, context),
    ...series.value,
    ...setting(is.instanceType, item.recurrence === undefined ? undefined : String(instanceTypes.master)),
    ...showAsChanges(item.showAs),
    ...eventReminderChanges(item, context),
    number(is.stateFlags, facts.stateFlags),
    number(is.responseStatus, facts.responseStatus),
    bytes(is.globalObjectId, id),
    bytes(is.cleanGlobalObjectId, cleanGlobalObjectId(id)),
    change(is.uid, calendarUidOf(id)),
  ];
  const write = { changes: changes.filter(({ value }) => value !== undefined) };
  const editCalendar = calendarEdit(
    item,
    ['overrides', ...(hasOthers(item, context) ? ['attendees'] : [])],
    zone,
    context,
  );
  return { ok: true, value: editCalendar === undefined ? write : { ...write, editCalendar } };
}

function zoneOf({ when }: CalendarEvent, { mailboxZone }: MappingContext): string {
  return when.zone ?? mailboxZone;
}

function update({ target, paths }: Update, context: MappingContext, stored: Properties): BuildMapping {
  if (target.kind !== 'event') return refuse('defect.internal', `a ${target.kind} was given to the event mapping`);
  const allowed = [...new Set(paths.map(groupOf))].filter((group) => mayChange(target, group));
  const denied = paths.find((path) => !mayChange(target, groupOf(path)));
  if (denied !== undefined && allowed.length === 0) {
    return refuse('item.denied', 'Only the organizer of the meeting can change this.', denied);
  }
  const refused = contradiction(target, allowed);
  if (refused !== undefined) return refused;
  const times = timesOfUpdate(target, allowed, context, stored);
  if (!times.ok) return times;
  const asked = [
    ...times.value,
    ...allowed.flatMap((group) => changesOf(group, target, context)),
    ...sequenceChanges(target, allowed, stored),
  ];
  const state = allowed.includes('attendees') ? stateChanges(target, context) : [];
  const editCalendar = calendarEdit(target, allowed, zoneOf(target, context), context);
  if (editCalendar === undefined) return { ok: true, value: { changes: [...asked, ...state] } };
  const rest = restOf(target, context, stored);
  if (!rest.ok) return rest;
  return { ok: true, value: { changes: [...rest.value, ...asked, ...state], editCalendar } };
}

/** All of a stored appointment as it is, to be said again after it went through a message. */
function restOf(target: CalendarEvent, context: MappingContext, stored: Properties): BuildChanges {
  const read = readEvent(stored, context);
  if (!read.ok) return read;
  const event = read.value.kind === 'event' ? read.value : target;
  const times = timesOfUpdate(event, ['when'], context, stored, true);
  if (!times.ok) return times;
  // Not the body: a plain text would replace a formatted one.
  const groups = ['location', 'showAs', 'reminder', 'importance', 'sensitivity', 'categories'];
  return { ok: true, value: [...times.value, ...groups.flatMap((group) => changesOf(group, event, context))] };
}

/** Times, rule and occurrences hang together: the rule's blob holds all three. */
function timesOfUpdate(
  event: CalendarEvent,
  groups: readonly string[],
  context: MappingContext,
  stored: Properties,
  keepsBodies = false,
): BuildChanges {
  const isTimed = groups.includes('when') || groups.includes('recurrence');
  if (!isTimed && !groups.includes('overrides')) return { ok: true, value: [] };
  const series = seriesChanges(event, storedRecurrence(stored), keepsBodies);
  if (!series.ok) return series;
  // A reminder rings for an occurrence, so it moves with them.
  const reminder = event.reminder === undefined ? [] : eventReminderChanges(event, context);
  if (!isTimed) return { ok: true, value: [...series.value, ...reminder] };
  const facts = appointmentFacts(event, zoneOf(event, context));
  const type = event.recurrence === undefined ? instanceTypes.single : instanceTypes.master;
  const isTypeChanged = stored.number(is.instanceType) !== type;
  return {
    ok: true,
    value: [
      ...timeChanges(event, facts, context),
      ...series.value,
      ...(isTypeChanged ? [number(is.instanceType, type)] : []),
      iconChange(facts.iconIndex),
      ...reminder,
    ],
  };
}

/** The blob of a series, or none. */
function seriesChanges(
  event: CalendarEvent,
  stored: AppointmentRecurrence | undefined,
  keepsBodies = false,
): BuildChanges {
  if (event.recurrence === undefined) return { ok: true, value: [bytes(is.recurrence, undefined)] };
  const blob = blobOfSeries(event, stored, keepsBodies);
  if (blob === undefined) return refuse('item.unsupported', 'A series in Exchange begins at a whole minute.', 'when');
  return { ok: true, value: [bytes(is.recurrence, writeAppointmentRecurrence(blob))] };
}

function timeChanges(
  event: CalendarEvent,
  facts: AppointmentFacts,
  context: MappingContext,
): readonly PropertyChange[] {
  const { when } = event;
  const zone = zoneOf(event, context);
  const { definition, struct } = blobsOfZone(zone, Number(when.start.slice(0, 4)));
  const ofSeries = facts.isRecurring;
  return [
    time(is.start, facts.start),
    time(is.end, facts.end),
    number(is.durationSeconds, secondsOf(facts.end.slice(0, 19)) - secondsOf(facts.start.slice(0, 19))),
    flag(is.allDay, when.allDay),
    time(is.startWhole, facts.start),
    time(is.endWhole, facts.end),
    number(is.durationMinutes, facts.durationMinutes),
    flag(is.subType, when.allDay),
    ...commonTimes(facts.start, facts.end),
    time(is.clipStart, facts.clipStart),
    time(is.clipEnd, facts.clipEnd),
    flag(is.isRecurring, ofSeries),
    number(is.recurrenceType, facts.recurrenceType),
    bytes(is.startZone, definition),
    bytes(is.endZone, definition),
    bytes(is.seriesZone, ofSeries ? definition : undefined),
    bytes(is.zoneStruct, ofSeries ? struct : undefined),
    change(is.zoneDescription, ofSeries ? (windowsZoneOf(zone) ?? zone) : undefined),
  ];
}

const busyNames: Readonly<Record<ShowAs, string | undefined>> = {
  free: 'FREE',
  tentative: 'TENTATIVE',
  busy: 'BUSY',
  outOfOffice: 'OOF',
  // Newer clients know it by number alone.
  workingElsewhere: undefined,
};

function showAsChanges(showAs: ShowAs): readonly PropertyChange[] {
  return [...setting(is.busyStatusName, busyNames[showAs]), number(is.busyStatus, busyStatusOf(showAs))];
}

function eventReminderChanges(event: CalendarEvent, context: MappingContext): readonly PropertyChange[] {
  const minutes = event.reminder?.minutesBefore;
  return [
    ...(minutes === undefined ? [] : [number(reminderMinutesProperty, minutes)]),
    ...reminderChanges(reminderTimes(event, zoneOf(event, context), context.now)),
  ];
}

/** The changes of one group other than times, rule and occurrences; server-owned groups have none. */
function changesOf(group: string, event: CalendarEvent, context: MappingContext): readonly PropertyChange[] {
  switch (group) {
    case 'location':
      return [change(is.location, event.location)];
    case 'showAs':
      return showAsChanges(event.showAs);
    case 'reminder':
      return eventReminderChanges(event, context);
    default:
      return baseChanges(group, event) ?? [];
  }
}

/** The first attendee makes an appointment a meeting, and the last one gone an appointment. */
function stateChanges(event: CalendarEvent, context: MappingContext): readonly PropertyChange[] {
  const { meeting: _, ...own } = event;
  const facts = appointmentFacts(own, zoneOf(event, context));
  return [
    number(is.stateFlags, facts.stateFlags),
    number(is.responseStatus, facts.responseStatus),
    iconChange(facts.iconIndex),
  ];
}

function sequenceChanges(
  event: CalendarEvent,
  groups: readonly string[],
  stored: Properties,
): readonly PropertyChange[] {
  const isOwnMeeting = event.attendees !== undefined && (event.meeting === undefined || event.meeting.organizing);
  if (!isOwnMeeting || !isSignificantChange(groups)) return [];
  return [number(is.sequence, (stored.number(is.sequence) ?? 0) + 1)];
}
