/** Appointments, masters of series and changed occurrences as GetItem brings them, times in UTC, zones written out. */
import type { CalendarEvent, LocalDateTime, OverridePatch } from '#model/item.ts';
import { localOf, secondsOf } from '#model/local-time.ts';
import type { RecurrenceRule } from '#model/recurrence.ts';
import { toInstant } from '#model/zones.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { Stamp } from './mailbox.ts';
import { bodyElement, capitalised, element, linkKeyElement, present, strings } from './wire.ts';

/** Zone of the mailbox; whole days are its midnights. */
export const mailboxZone = 'Europe/Berlin';

/** A changed occurrence with its own id. */
export interface ExceptionStamp {
  readonly originalStart: LocalDateTime;
  readonly id: string;
}

export function eventWire(event: CalendarEvent, stamp: Stamp, exceptions: readonly ExceptionStamp[]): Markup {
  const { meeting, recurrence } = event;
  const type = recurrence === undefined ? 'Single' : 'RecurringMaster';
  return xml`<t:CalendarItem><t:ItemId Id="${stamp.id}" ChangeKey="${stamp.changeKey}"/>${present(
    element('ItemClass', 'IPM.Appointment'),
    element('Subject', event.title),
    element('Sensitivity', capitalised(event.sensitivity) ?? 'Normal'),
    bodyElement(event.body),
    strings('Categories', event.categories),
    element('Importance', capitalised(event.importance) ?? 'Normal'),
    ...reminder(event.reminder?.minutesBefore),
    linkKeyElement(stamp.linkKeyName, stamp.linkKey),
    busyStatus(event.showAs),
    ...times(event.when, event),
    element('LegacyFreeBusyStatus', showAsNames[event.showAs]),
    element('Location', event.location),
    element('IsCancelled', false),
    element('CalendarItemType', type),
    element('MyResponseType', 'Organizer'),
    xml`<t:Organizer>${mailbox('Anna Berger', 'anna.berger@example.test', 'Mailbox')}</t:Organizer>`,
    attendees('RequiredAttendees', 'required', event),
    attendees('OptionalAttendees', 'optional', event),
    element('AppointmentState', meeting === undefined ? 0 : 1),
    recurrence && rule(recurrence, event.when.start),
    exceptions.length === 0
      ? undefined
      : xml`<t:ModifiedOccurrences>${exceptions.map((one) => modified(event, stamp, one))}</t:ModifiedOccurrences>`,
    deleted(event),
    zoneDefinition('StartTimeZone', event.when.zone ?? mailboxZone),
  )}</t:CalendarItem>`;
}

/** The changed occurrence itself. */
export function exceptionWire(
  event: CalendarEvent,
  { changeKey }: Stamp,
  { originalStart, id }: ExceptionStamp,
): Markup {
  const patch = patchOf(event, originalStart);
  const title = patch.title === undefined ? event.title : (patch.title ?? undefined);
  const location = patch.location === undefined ? event.location : (patch.location ?? undefined);
  return xml`<t:CalendarItem><t:ItemId Id="${id}" ChangeKey="${changeKey}"/>${present(
    element('ItemClass', 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}'),
    element('Subject', title),
    bodyElement(event.body),
    ...reminder(event.reminder?.minutesBefore),
    busyStatus(event.showAs),
    ...times(ownTimes(event, originalStart), event, instantOf(originalStart, event)),
    element('LegacyFreeBusyStatus', showAsNames[event.showAs]),
    element('Location', location),
  )}</t:CalendarItem>`;
}

const showAsNames = {
  free: 'Free',
  tentative: 'Tentative',
  busy: 'Busy',
  outOfOffice: 'OOF',
  workingElsewhere: 'Free',
};
const busyNumbers = { free: 0, tentative: 1, busy: 2, outOfOffice: 3, workingElsewhere: 4 };

function busyStatus(showAs: CalendarEvent['showAs']): Markup {
  return xml`<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="Appointment" PropertyId="33285" PropertyType="Integer"/><t:Value>${busyNumbers[showAs]}</t:Value></t:ExtendedProperty>`;
}

function reminder(minutes: number | undefined): readonly (Markup | undefined)[] {
  return [element('ReminderIsSet', minutes !== undefined), element('ReminderMinutesBeforeStart', minutes ?? 15)];
}

function instantOf(local: LocalDateTime, { when }: CalendarEvent): string {
  return toInstant(local, when.zone ?? mailboxZone);
}

function times(
  own: Omit<CalendarEvent['when'], 'zone'>,
  event: CalendarEvent,
  originalStart?: string,
): readonly (Markup | undefined)[] {
  return [
    element('Start', instantOf(own.start, event)),
    element('End', instantOf(own.end, event)),
    element('OriginalStart', originalStart),
    element('IsAllDayEvent', own.allDay),
  ];
}

function patchOf(event: CalendarEvent, originalStart: LocalDateTime): OverridePatch {
  const override = event.overrides?.[originalStart];
  return override !== undefined && 'patch' in override ? override.patch : {};
}

function ownTimes(event: CalendarEvent, originalStart: LocalDateTime): Omit<CalendarEvent['when'], 'zone'> {
  const { start, end, allDay } = event.when;
  const own = patchOf(event, originalStart).when;
  return (
    own ?? { start: originalStart, end: localOf(secondsOf(originalStart) + secondsOf(end) - secondsOf(start)), allDay }
  );
}

function modified(event: CalendarEvent, { changeKey }: Stamp, { originalStart, id }: ExceptionStamp): Markup {
  const { start, end } = ownTimes(event, originalStart);
  return xml`<t:Occurrence><t:ItemId Id="${id}" ChangeKey="${changeKey}"/>${present(
    element('Start', instantOf(start, event)),
    element('End', instantOf(end, event)),
    element('OriginalStart', instantOf(originalStart, event)),
  )}</t:Occurrence>`;
}

function deleted(event: CalendarEvent): Markup | undefined {
  const starts = Object.entries(event.overrides ?? {}).filter(([, override]) => 'excluded' in override);
  if (starts.length === 0) return undefined;
  return xml`<t:DeletedOccurrences>${starts.map(
    ([start]) => xml`<t:DeletedOccurrence><t:Start>${instantOf(start, event)}</t:Start></t:DeletedOccurrence>`,
  )}</t:DeletedOccurrences>`;
}

function mailbox(name: string, address: string, type: string): Markup {
  return xml`<t:Mailbox><t:Name>${name}</t:Name><t:EmailAddress>${address}</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType><t:MailboxType>${type}</t:MailboxType></t:Mailbox>`;
}

function attendees(list: string, role: string, event: CalendarEvent): Markup | undefined {
  const entries = Object.entries(event.attendees ?? {}).filter(([, attendee]) => attendee.role === role);
  if (entries.length === 0) return undefined;
  return xml`<t:${list}>${entries.map(
    ([address, { name }]) =>
      xml`<t:Attendee>${mailbox(name ?? address, address, 'Mailbox')}<t:ResponseType>${event.responses?.[address] === undefined ? 'Unknown' : 'Accept'}</t:ResponseType></t:Attendee>`,
  )}</t:${list}>`;
}

/** The three rules the content uses. */
function rule({ pattern, range }: RecurrenceRule, start: LocalDateTime): Markup {
  const first = `${start.slice(0, 10)}Z`;
  const ending =
    range.kind === 'count'
      ? xml`<t:NumberedRecurrence><t:StartDate>${first}</t:StartDate><t:NumberOfOccurrences>${range.count}</t:NumberOfOccurrences></t:NumberedRecurrence>`
      : xml`<t:NoEndRecurrence><t:StartDate>${first}</t:StartDate></t:NoEndRecurrence>`;
  switch (pattern.kind) {
    case 'daily':
      return xml`<t:Recurrence><t:DailyRecurrence><t:Interval>${pattern.interval}</t:Interval></t:DailyRecurrence>${ending}</t:Recurrence>`;
    case 'weekly':
      return xml`<t:Recurrence><t:WeeklyRecurrence><t:Interval>${pattern.interval}</t:Interval><t:DaysOfWeek>${pattern.days.map(capitalised).join(' ')}</t:DaysOfWeek><t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence>${ending}</t:Recurrence>`;
    case 'monthly':
      return xml`<t:Recurrence><t:AbsoluteMonthlyRecurrence><t:Interval>${pattern.interval}</t:Interval><t:DayOfMonth>${pattern.day}</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>${ending}</t:Recurrence>`;
    default:
      throw new TypeError(`the content has no ${pattern.kind} series`);
  }
}

interface WireZone {
  readonly id: string;
  readonly name: string;
  readonly bias: number;
  readonly months: readonly [number, number];
  readonly weeks: readonly [number, number];
}

const zones: Readonly<Record<string, WireZone>> = {
  'Europe/Berlin': {
    id: 'W. Europe Standard Time',
    name: '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
    bias: -1,
    months: [3, 10],
    weeks: [-1, -1],
  },
  'Europe/London': {
    id: 'GMT Standard Time',
    name: '(UTC+00:00) Dublin, Edinburgh, Lisbon, London',
    bias: 0,
    months: [3, 10],
    weeks: [-1, -1],
  },
  'America/New_York': {
    id: 'Eastern Standard Time',
    name: '(UTC-05:00) Eastern Time (US & Canada)',
    bias: 5,
    months: [3, 11],
    weeks: [2, 1],
  },
};

/** A definition with periods and transitions, as Exchange answers when the zone is asked for. */
function zoneDefinition(element: string, zone: string): Markup {
  const { id, name, bias, months, weeks } = zones[zone]!;
  const period = (kind: string) => `trule:Microsoft/Registry/${id}/1-${kind}`;
  const hours = (count: number) => `${count < 0 ? '-' : ''}PT${Math.abs(count)}H`;
  const transition = (kind: string, index: 0 | 1) =>
    xml`<t:RecurringDayTransition><t:To Kind="Period">${period(kind)}</t:To><t:TimeOffset>PT2H</t:TimeOffset><t:Month>${months[index]}</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>${weeks[index]}</t:Occurrence></t:RecurringDayTransition>`;
  return xml`<t:${element} Name="${name}" Id="${id}"><t:Periods><t:Period Bias="${hours(bias)}" Name="Standard" Id="${period('Standard')}"/><t:Period Bias="${hours(bias - 1)}" Name="Daylight" Id="${period('Daylight')}"/></t:Periods><t:TransitionsGroups><t:TransitionsGroup Id="0">${[transition('Daylight', 0), transition('Standard', 1)]}</t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition></t:Transitions></t:${element}>`;
}
