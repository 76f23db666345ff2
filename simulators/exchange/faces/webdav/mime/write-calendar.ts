/** Appointments as iCalendar (RFC 5545): a series with its zone, its rule, its deleted days and its exceptions. */
import { zonesOf } from '../../../truth/appointment-rules.ts';
import { uidOf } from '../../../truth/global-object-id.ts';
import { propertyOf, type Recipient, recipientsOf, type View } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { ruleText } from '../../../truth/recurrence-text.ts';
import { type AppointmentSeries, occurrenceOn } from '../../../truth/series.ts';
import { utc, utcOf, wallOf, type Zone } from '../../../truth/zone.ts';
import { plainText } from '../item-text.ts';
import { escapedText, foldedText } from './calendar-text.ts';
import { zoneLines } from './zone-text.ts';

const dayMs = 86_400_000;

/** The appointment, or one occurrence of it, as a whole VCALENDAR. */
export function calendarText(view: View): string {
  const { series } = view.item;
  const isSeries = series?.kind === 'appointment' && view.occurrence === undefined;
  const zone = isSeries ? series.zone : zonesOf((key) => propertyOf(view, key)).start;
  const events = [...eventLines(view, zone, isSeries ? seriesLines(series, view) : [])];
  if (isSeries) {
    for (const day of [...series.exceptions.keys()].sort((a, b) => a - b)) {
      const occurrence = occurrenceOn(series, day);
      const original = moment('RECURRENCE-ID', occurrence.originalStartMs, zone, isAllDay(view));
      events.push(...eventLines({ item: view.item, occurrence }, zone, [original]));
    }
  }
  return foldedText([
    'BEGIN:VCALENDAR',
    'METHOD:REQUEST',
    'PRODID:Microsoft CDO for Microsoft Exchange',
    'VERSION:2.0',
    ...(zone === utc ? [] : zoneLines(zone)),
    ...events,
    'END:VCALENDAR',
  ]);
}

function eventLines(view: View, zone: Zone, own: readonly string[]): readonly string[] {
  const startMs = view.occurrence?.startMs ?? propertyOf(view, event.start) ?? 0;
  const endMs = view.occurrence?.endMs ?? propertyOf(view, event.end) ?? startMs;
  const allDay = isAllDay(view);
  const id = propertyOf(view, event.cleanGlobalObjectId) ?? propertyOf(view, event.globalObjectId);
  const text = (name: string, value: string | undefined): readonly string[] =>
    value === undefined || value === '' ? [] : [`${name}:${escapedText(value)}`];
  const busy = ['FREE', 'TENTATIVE', 'BUSY', 'OOF'][propertyOf(view, event.busyStatus) ?? 2] ?? 'BUSY';
  const sensitivity = ['PUBLIC', 'PERSONAL', 'PRIVATE', 'CONFIDENTIAL'][propertyOf(view, message.sensitivity) ?? 0];
  const importance = ['9', '5', '1'][propertyOf(view, message.importance) ?? 1];
  return [
    'BEGIN:VEVENT',
    `DTSTAMP:${stamp(view.item.modifiedMs)}`,
    moment('DTSTART', startMs, zone, allDay),
    moment('DTEND', endMs, zone, allDay),
    ...own,
    `SUMMARY:${escapedText(propertyOf(view, message.subject) ?? '')}`,
    ...(id === undefined ? [] : [`UID:${uidOf(id)}`]),
    ...text('LOCATION', propertyOf(view, event.location)),
    ...text('DESCRIPTION', plainText(view)),
    ...organizerLines(view),
    ...recipientsOf(view).map(attendeeLine),
    ...categoryLines(view),
    `CLASS:${sensitivity}`,
    `PRIORITY:${importance}`,
    `SEQUENCE:${propertyOf(view, event.sequence) ?? 0}`,
    `TRANSP:${busy === 'FREE' ? 'TRANSPARENT' : 'OPAQUE'}`,
    'STATUS:CONFIRMED',
    `X-MICROSOFT-CDO-BUSYSTATUS:${busy}`,
    `X-MICROSOFT-CDO-ALLDAYEVENT:${allDay ? 'TRUE' : 'FALSE'}`,
    ...alarmLines(view),
    'END:VEVENT',
  ];
}

function seriesLines(series: AppointmentSeries, view: View): readonly string[] {
  const rule = ruleText(series.rule, (day) => utcOf(series.zone, (day + 1) * dayMs - 1000));
  const deleted = [...series.deleted].sort((a, b) => a - b);
  const starts = deleted.map((day) => utcOf(series.zone, day * dayMs + series.startOffsetMs));
  return [`RRULE:${rule}`, ...starts.map((utcMs) => moment('EXDATE', utcMs, series.zone, isAllDay(view)))];
}

function isAllDay(view: View): boolean {
  return propertyOf(view, event.allDay) === true;
}

function organizerLines(view: View): readonly string[] {
  const address = propertyOf(view, message.fromAddress);
  if (address === undefined || recipientsOf(view).length === 0) return [];
  return [`ORGANIZER;CN="${propertyOf(view, message.fromName) ?? address}":MAILTO:${address}`];
}

const partStats = {
  unknown: 'NEEDS-ACTION',
  notResponded: 'NEEDS-ACTION',
  organizer: 'ACCEPTED',
  tentative: 'TENTATIVE',
  accepted: 'ACCEPTED',
  declined: 'DECLINED',
} as const;

function attendeeLine(one: Recipient): string {
  const role = { to: 'REQ-PARTICIPANT', cc: 'OPT-PARTICIPANT', bcc: 'NON-PARTICIPANT' }[one.kind];
  const kind = one.kind === 'bcc' ? ';CUTYPE=RESOURCE' : '';
  return `ATTENDEE;ROLE=${role}${kind};PARTSTAT=${partStats[one.response ?? 'unknown']};RSVP=TRUE;CN="${one.name}":MAILTO:${one.address}`;
}

function categoryLines(view: View): readonly string[] {
  const all = propertyOf(view, message.categories);
  return all === undefined || all.length === 0 ? [] : [`CATEGORIES:${all.map(escapedText).join(',')}`];
}

function alarmLines(view: View): readonly string[] {
  if (propertyOf(view, message.reminderIsSet) !== true) return [];
  const minutes = propertyOf(view, message.reminderMinutes) ?? 15;
  return [
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'DESCRIPTION:REMINDER',
    `TRIGGER;RELATED=START:-PT${minutes}M`,
    'END:VALARM',
  ];
}

/** `20300402T090000Z`. */
function stamp(utcMs: number): string {
  return new Date(utcMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Wall time of the zone, or the date alone. */
function moment(name: string, utcMs: number, zone: Zone, isDate: boolean): string {
  const wall = stamp(wallOf(zone, utcMs)).slice(0, -1);
  if (isDate) return `${name};VALUE=DATE:${wall.slice(0, 8)}`;
  return zone === utc ? `${name}:${wall}Z` : `${name};TZID="${zone.id}":${wall}`;
}
