/**
 * iCalendar into an appointment (RFC 5545; reference on Exchange 2007, sections 1.8 and 6). This way the server completes what
 * it is given, as CDO does: times, zones, series, exceptions, identity. What a store cannot hold is refused as a whole.
 */
import { completeAppointment } from '../../../truth/appointment-rules.ts';
import { globalObjectIdOf } from '../../../truth/global-object-id.ts';
import type { Recipient } from '../../../truth/item.ts';
import { Properties } from '../../../truth/properties.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { occursOn } from '../../../truth/recurrence.ts';
import { readRuleText } from '../../../truth/recurrence-text.ts';
import type { AppointmentSeries, SeriesException } from '../../../truth/series.ts';
import { utc, utcOf, wallOf, type Zone, zoneById } from '../../../truth/zone.ts';
import type { PendingWrite } from '../pending-write.ts';
import {
  type Component,
  type ContentLine,
  calendarLines,
  childrenOf,
  lineOf,
  plainValue,
  rawValue,
  readCalendar,
} from './calendar-text.ts';
import { readZone } from './zone-text.ts';

const dayMs = 86_400_000;

/** Exceptions of one series at most. */
const exceptionsMax = 1000;

/** Reads a VCALENDAR into a write; answers false for what Exchange cannot hold. */
export function readCalendarInto(pending: PendingWrite, text: string): boolean {
  const root = readCalendar(calendarLines(text));
  if (root?.name !== 'VCALENDAR') return false;
  const events = childrenOf(root, 'VEVENT');
  const master = events.find((one) => lineOf(one, 'RECURRENCE-ID') === undefined);
  const others = events.filter((one) => lineOf(one, 'RECURRENCE-ID') !== undefined);
  if (master === undefined || others.length > exceptionsMax) return false;
  const zones = zonesOf(root);
  const { draft, mailbox } = pending;
  const span = spanOf(master, zones, mailbox.description.zone);
  if (span === undefined) return false;
  draft.set(message.itemClass, 'IPM.Appointment');
  for (const key of [event.recurrenceBlob] as const) draft.delete(key);
  setTexts(pending, master);
  const rule = ruleOf(master, span);
  if (rule === 'unsupported') return false;
  const fault = completeAppointment(
    draft,
    {
      start: { kind: 'instant', utcMs: span.startMs },
      end: { kind: 'instant', utcMs: span.endMs },
      startZone: span.zone,
      endZone: span.zone,
      allDay: span.isDate,
      rule: rule ?? 'remove',
    },
    mailbox,
  );
  if (fault !== undefined) return false;
  if (draft.series?.kind !== 'appointment') return others.length === 0;
  draft.series = withChanges(draft.series, master, others, zones, pending);
  return true;
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly isDate: boolean;
  readonly zone: Zone;
}

function spanOf(component: Component, zones: Zones, own: Zone): Span | undefined {
  const start = lineOf(component, 'DTSTART');
  const from = start === undefined ? undefined : momentOf(start, zones, own);
  if (from === undefined) return undefined;
  const end = lineOf(component, 'DTEND');
  const duration = rawValue(component, 'DURATION');
  const to = end === undefined ? undefined : momentOf(end, zones, own);
  const lengthMs = duration === undefined ? (from.isDate ? dayMs : 0) : durationOf(duration);
  return {
    startMs: from.utcMs,
    endMs: to?.utcMs ?? from.utcMs + lengthMs,
    isDate: isAllDay(component, from.isDate),
    zone: from.zone,
  };
}

function isAllDay(component: Component, isDate: boolean): boolean {
  return isDate || rawValue(component, 'X-MICROSOFT-CDO-ALLDAYEVENT')?.toUpperCase() === 'TRUE';
}

type Zones = ReadonlyMap<string, Zone>;

function zonesOf(root: Component): Zones {
  const zones = new Map<string, Zone>();
  for (const one of childrenOf(root, 'VTIMEZONE')) {
    const id = rawValue(one, 'TZID');
    const zone = readZone(one);
    if (id !== undefined && zone !== undefined) zones.set(id.replace(/^"|"$/g, ''), zone);
  }
  return zones;
}

interface Moment {
  readonly utcMs: number;
  readonly isDate: boolean;
  readonly zone: Zone;
}

function momentOf(line: ContentLine, zones: Zones, own: Zone): Moment | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(line.value.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((one) => Number(one ?? 0));
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const isDate = match[4] === undefined;
  if (match[7] !== undefined) return { utcMs: wallMs, isDate, zone: utc };
  const id = line.parameters.TZID;
  const zone = id === undefined ? own : (zones.get(id) ?? zoneById(id));
  return zone === undefined ? undefined : { utcMs: utcOf(zone, wallMs), isDate, zone };
}

/** `PT1H30M`, `P2D`. */
function durationOf(text: string): number {
  const match = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text.trim());
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (match?.slice(2) ?? []).map((one) =>
    Number(one ?? 0),
  );
  const totalMs = 1000 * (((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds);
  return match?.[1] === '-' ? -totalMs : totalMs;
}

function ruleOf(master: Component, span: Span) {
  const text = rawValue(master, 'RRULE');
  if (lineOf(master, 'RDATE') !== undefined || lineOf(master, 'EXRULE') !== undefined) return 'unsupported';
  if (text === undefined) return undefined;
  const dayIn = (utcMs: number): number => Math.floor(wallOf(span.zone, utcMs) / dayMs);
  return readRuleText(text, dayIn(span.startMs), dayIn) ?? 'unsupported';
}

const busyWords = ['FREE', 'TENTATIVE', 'BUSY', 'OOF'];
const classWords = ['PUBLIC', 'PERSONAL', 'PRIVATE', 'CONFIDENTIAL'];

function setTexts({ draft, mailbox }: PendingWrite, component: Component): void {
  draft.set(message.subject, plainValue(component, 'SUMMARY') ?? draft.get(message.subject) ?? '');
  draft.put(event.location, plainValue(component, 'LOCATION'));
  const description = plainValue(component, 'DESCRIPTION');
  if (description !== undefined && draft.get(message.html) === undefined) draft.set(message.body, description);
  const busy = busyOf(component);
  if (busy !== undefined) draft.set(event.busyStatus, busy);
  const sensitivity = Math.max(classWords.indexOf(rawValue(component, 'CLASS')?.toUpperCase() ?? 'PUBLIC'), 0);
  draft.set(message.sensitivity, sensitivity);
  draft.set(message.isPrivate, sensitivity >= 2);
  const categories = component.lines.filter((one) => one.name === 'CATEGORIES').flatMap((one) => one.value.split(','));
  draft.put(message.categories, categories.length === 0 ? undefined : categories.map((one) => one.trim()));
  const uid = rawValue(component, 'UID');
  if (uid !== undefined && draft.isNew) draft.set(event.globalObjectId, globalObjectIdOf(uid));
  const sequence = Number(rawValue(component, 'SEQUENCE') ?? Number.NaN);
  if (Number.isInteger(sequence) && sequence >= 0) draft.set(event.sequence, sequence);
  setReminder(draft, component);
  draft.recipients = attendeesOf(component);
  const organizer = lineOf(component, 'ORGANIZER');
  const address = organizer === undefined ? mailbox.address : addressOf(organizer);
  draft.set(message.fromAddress, address);
  draft.set(message.fromName, organizer?.parameters.CN ?? mailbox.description.displayName);
}

function busyOf(component: Component): number | undefined {
  const at = busyWords.indexOf(rawValue(component, 'X-MICROSOFT-CDO-BUSYSTATUS')?.toUpperCase() ?? '');
  if (at >= 0) return at;
  const transparency = rawValue(component, 'TRANSP')?.toUpperCase();
  return transparency === 'TRANSPARENT' ? 0 : transparency === 'OPAQUE' ? 2 : undefined;
}

function setReminder(draft: PendingWrite['draft'], component: Component): void {
  const trigger = rawValue(childrenOf(component, 'VALARM')[0], 'TRIGGER');
  draft.set(message.reminderIsSet, trigger !== undefined);
  if (trigger !== undefined) draft.set(message.reminderMinutes, Math.max(Math.round(-durationOf(trigger) / 60_000), 0));
}

const addressOf = (line: ContentLine): string => line.value.replace(/^mailto:/i, '').trim();

const responses: Readonly<Record<string, Recipient['response']>> = {
  ACCEPTED: 'accepted',
  TENTATIVE: 'tentative',
  DECLINED: 'declined',
};

function attendeesOf(component: Component): readonly Recipient[] {
  return component.lines
    .filter((one) => one.name === 'ATTENDEE')
    .map((line): Recipient => {
      const address = addressOf(line);
      const isResource = ['RESOURCE', 'ROOM'].includes(line.parameters.CUTYPE?.toUpperCase() ?? '');
      const isOptional = line.parameters.ROLE?.toUpperCase() === 'OPT-PARTICIPANT';
      return {
        kind: isResource ? 'bcc' : isOptional ? 'cc' : 'to',
        name: line.parameters.CN ?? address,
        address,
        addressType: 'SMTP',
        response: responses[line.parameters.PARTSTAT?.toUpperCase() ?? ''] ?? 'notResponded',
      };
    });
}

/** Deleted days and exceptions that the rule really has; others are passed over. */
function withChanges(
  series: AppointmentSeries,
  master: Component,
  others: readonly Component[],
  zones: Zones,
  { mailbox }: PendingWrite,
): AppointmentSeries {
  const own = mailbox.description.zone;
  const dayOfLine = (line: ContentLine): number | undefined => {
    const moment = momentOf(line, zones, own);
    return moment === undefined ? undefined : Math.floor(wallOf(series.zone, moment.utcMs) / dayMs);
  };
  const deleted = new Set<number>();
  for (const line of master.lines.filter((one) => one.name === 'EXDATE')) {
    for (const value of line.value.split(',')) {
      const day = dayOfLine({ ...line, value });
      if (day !== undefined && occursOn(series.rule, day)) deleted.add(day);
    }
  }
  const exceptions = new Map<number, SeriesException>();
  for (const one of others) {
    const original = lineOf(one, 'RECURRENCE-ID');
    const day = original === undefined ? undefined : dayOfLine(original);
    const span = spanOf(one, zones, own);
    if (day === undefined || span === undefined || !occursOn(series.rule, day)) continue;
    deleted.delete(day);
    exceptions.set(day, exceptionOf(day, one, span, master, series.zone));
  }
  return { ...series, deleted, exceptions };
}

/** Only what differs from the series is kept. */
function exceptionOf(day: number, one: Component, span: Span, master: Component, zone: Zone): SeriesException {
  const properties = new Properties();
  const subject = plainValue(one, 'SUMMARY');
  if (subject !== undefined && subject !== plainValue(master, 'SUMMARY')) properties.set(message.subject, subject);
  const location = plainValue(one, 'LOCATION');
  if (location !== undefined && location !== plainValue(master, 'LOCATION')) properties.set(event.location, location);
  const description = plainValue(one, 'DESCRIPTION');
  if (description !== undefined && description !== plainValue(master, 'DESCRIPTION'))
    properties.set(message.body, description);
  const busy = busyOf(one);
  if (busy !== undefined && busy !== busyOf(master)) properties.set(event.busyStatus, busy);
  if (span.isDate !== isAllDay(master, lineOf(master, 'DTSTART')?.parameters.VALUE === 'DATE')) {
    properties.set(event.allDay, span.isDate);
  }
  const attendees = attendeesOf(one);
  const isSame = JSON.stringify(attendees) === JSON.stringify(attendeesOf(master));
  return {
    originalDay: day,
    startWallMs: wallOf(zone, span.startMs),
    endWallMs: wallOf(zone, span.endMs),
    properties,
    removed: new Set(),
    recipients: attendees.length === 0 || isSame ? undefined : attendees,
  };
}
