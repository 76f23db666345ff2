/** Reading appointments: single ones and masters, with what the binary rule says of a series. */
import type { CalendarEvent, EventReminder, Item, LocalDateTime, Override, ShowAs, When, ZoneId } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { type AppointmentRecurrence, readAppointmentRecurrence } from '../../mapi/appointment-recurrence.ts';
import { showAsOfBusyStatus } from '../../mapi/busy-status.ts';
import { responses, states } from '../../mapi/calendar-rules.ts';
import { refuse } from '../../mapi/refusal.ts';
import { occurrencesWithBody, seriesOfBlob } from '../../mapi/series-blob.ts';
import { whenOf } from '../../mapi/when-of.ts';
import { readZoneDefinition, readZoneStruct, zoneOfBlobs } from '../../mapi/zone-blobs.ts';
import type { Properties } from '../operations/multistatus.ts';
import { instantIn, readBase, reminderMinutesProperty, reminderSetProperty } from './base.ts';
import { bodiesIn } from './calendar-bodies.ts';
import { instanceTypes, eventProperties as is } from './event-properties.ts';
import type { MappingContext, ReadMapping } from './mapping.ts';
import { attendeesOf, organizerOf } from './recipients.ts';

export function readEvent(found: Properties, context: MappingContext): ReadMapping {
  const instanceType = found.number(is.instanceType);
  if (instanceType === instanceTypes.occurrence || instanceType === instanceTypes.exception) {
    return refuse('item.unsupported', 'an occurrence is read with its series');
  }
  const start = instantIn(found, is.start) ?? instantIn(found, is.startWhole);
  const end = instantIn(found, is.end) ?? instantIn(found, is.endWhole);
  if (start === undefined || end === undefined || end < start) {
    return refuse('item.unreadable', 'the appointment came without its times', 'when');
  }
  const allDay = found.flag(is.allDay) || found.flag(is.subType);
  const zone = zoneOf(found, Number(start.slice(0, 4)), context.mailboxZone);
  const single = whenOf({ start, end, allDay, startZone: zone, endZone: zone }, context.mailboxZone);
  const reminder = reminderOf(found);
  if (!isSeries(found)) return { ok: true, value: eventOf(found, { when: single, reminder }, context) };
  const blob = storedRecurrence(found);
  const series = blob && seriesOfBlob(blob, { allDay, reminder });
  if (series === undefined) {
    return refuse('item.unsupported', 'the series has a rule that is not understood', 'recurrence');
  }
  // On a series the rule's own times decide; the others are those of its first occurrence in UTC.
  const when: When = { start: series.start, end: series.end, allDay, ...(!allDay && { zone }) };
  const { recurrence, overrides } = series;
  return { ok: true, value: eventOf(found, { when, reminder, recurrence, overrides }, context) };
}

/** A rule may be left behind on what is no series any more. */
function isSeries(found: Properties): boolean {
  return found.flag(is.isRecurring) || found.number(is.instanceType) === instanceTypes.master;
}

/** The binary rule of a stored item. */
export function storedRecurrence(found: Properties): AppointmentRecurrence | undefined {
  const bytes = found.bytes(is.recurrence);
  return bytes && readAppointmentRecurrence(bytes);
}

/** Occurrences have texts of their own, which their blob only names. */
export function needsCalendar(found: Properties): boolean {
  const blob = isSeries(found) ? storedRecurrence(found) : undefined;
  return blob !== undefined && occurrencesWithBody(blob).length > 0;
}

/** The series with the texts of its occurrences; one that the calendar does not show makes the series unreadable. */
export function withCalendar(
  item: Item,
  found: Properties,
  lines: readonly string[],
  context: MappingContext,
): ReadMapping {
  const blob = storedRecurrence(found);
  if (item.kind !== 'event' || blob === undefined) return { ok: true, value: item };
  const bodies = bodiesIn(lines, item.when.zone ?? context.mailboxZone);
  const overrides: Record<LocalDateTime, Override> = { ...item.overrides };
  for (const original of occurrencesWithBody(blob)) {
    const body = bodies.get(original.slice(0, 10));
    if (body === undefined) {
      return refuse(
        'item.unreadable',
        'an occurrence has a text of its own that is not shown',
        `overrides.${original}`,
      );
    }
    const override = overrides[original];
    const patch = override !== undefined && 'patch' in override ? override.patch : {};
    overrides[original] = { patch: { ...patch, body: body === null ? null : { text: body } } };
  }
  return { ok: true, value: normalise({ ...item, overrides }) };
}

/** The item's own zone, else the mailbox's. */
function zoneOf(found: Properties, year: number, mailboxZone: ZoneId): ZoneId {
  const definition = found.bytes(is.seriesZone) ?? found.bytes(is.startZone);
  const struct = found.bytes(is.zoneStruct);
  const zone = zoneOfBlobs(
    definition && readZoneDefinition(definition),
    struct && readZoneStruct(struct),
    year,
    mailboxZone,
  );
  return zone ?? mailboxZone;
}

function reminderOf(found: Properties): EventReminder | undefined {
  if (!found.flag(reminderSetProperty)) return undefined;
  const minutes = found.number(reminderMinutesProperty) ?? 0;
  return { minutesBefore: minutes === defaultMinutesMark ? defaultMinutes : Math.max(0, Math.trunc(minutes)) };
}

/** PidLidReminderDelta 0x5AE980E1 stands for the default of a quarter of an hour. */
const defaultMinutesMark = 0x5ae9_80e1;
const defaultMinutes = 15;

type Times = Pick<CalendarEvent, 'when'> & {
  readonly reminder: EventReminder | undefined;
  readonly recurrence?: CalendarEvent['recurrence'];
  readonly overrides?: CalendarEvent['overrides'];
};

function eventOf(found: Properties, times: Times, context: MappingContext): CalendarEvent {
  const { subject, body, importance, sensitivity, categories } = readBase(found);
  const attendees = attendeesOf(found);
  const read = {
    kind: 'event',
    title: subject,
    location: found.text(is.location),
    ...times,
    showAs: showAsOf(found),
    importance,
    sensitivity,
    categories,
    attendees,
    meeting: meetingOf(found, attendees !== undefined, context),
    body,
  };
  return normalise(read as CalendarEvent);
}

function showAsOf(found: Properties): ShowAs {
  const number = found.number(is.busyStatus);
  if (number !== undefined) return showAsOfBusyStatus(number);
  return names[found.text(is.busyStatusName)?.trim().toUpperCase() ?? ''] ?? 'busy';
}

const names: Readonly<Record<string, ShowAs>> = {
  FREE: 'free',
  TENTATIVE: 'tentative',
  BUSY: 'busy',
  OOF: 'outOfOffice',
};

/** Every own appointment names an organizer, so only its flags and its attendees make it a meeting. */
function meetingOf(found: Properties, hasAttendees: boolean, { mailbox }: MappingContext): CalendarEvent['meeting'] {
  const flags = found.number(is.stateFlags) ?? 0;
  if (!hasAttendees && flags === 0) return undefined;
  const organizer = organizerOf(found);
  const isReceived = (flags & states.received) !== 0;
  const response = answers[found.number(is.responseStatus) ?? 0];
  return {
    organizing: isReceived ? false : organizer === undefined || organizer === mailbox,
    ...(organizer !== undefined && { organizer }),
    ...(response !== undefined && { myResponse: response }),
    ...((flags & states.cancelled) !== 0 && { cancelled: true }),
  };
}

const answers: Readonly<Record<number, 'accepted' | 'tentative' | 'declined'>> = {
  [responses.tentative]: 'tentative',
  [responses.accepted]: 'accepted',
  [responses.declined]: 'declined',
};
