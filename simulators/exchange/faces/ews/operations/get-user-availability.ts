/** GetUserAvailability ([MS-OXWAVLS]): free and busy times, and the working hours that tell a mailbox's time zone. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import { event } from '../../../truth/property-keys.ts';
import { occurrencesBetween, overlaps } from '../../../truth/series.ts';
import type { Transition, Zone } from '../../../truth/zone.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { busyStatuses, endOf, startOf } from '../fields/calendar-values.ts';
import { errorContent } from '../messages.ts';
import { element, readDateTime } from '../text.ts';

/** Unlike most operations the answer has no ResponseMessages and no prefix. */
export function getUserAvailability(call: Call): string {
  const window = child(child(call.request, 'FreeBusyViewOptions'), 'TimeWindow');
  const bias = biasOf(child(call.request, 'TimeZone'));
  const fromMs = wallMs(childText(window, 'StartTime')) + bias;
  const untilMs = wallMs(childText(window, 'EndTime')) + bias;
  const people = child(call.request, 'MailboxDataArray')?.children ?? [];
  const answers = people.map((one) => answerFor(one, fromMs, untilMs, bias, call));
  return `<FreeBusyResponseArray>${answers.join('')}</FreeBusyResponseArray>`;
}

function answerFor(person: XmlElement, fromMs: number, untilMs: number, biasMs: number, call: Call): string {
  const address = childText(child(person, 'Email'), 'Address')?.trim() ?? '';
  const mailbox = call.server.truth.mailbox(address);
  if (mailbox === undefined) {
    const error = new EwsError('ErrorMailRecipientNotFound', { text: 'Unable to resolve e-mail address.' });
    const content = errorContent(error).replaceAll('m:', '');
    return `<FreeBusyResponse><ResponseMessage ResponseClass="Error">${content}</ResponseMessage><FreeBusyView><FreeBusyViewType xmlns="${types}">None</FreeBusyViewType></FreeBusyView></FreeBusyResponse>`;
  }
  const events = busyTimes(mailbox, fromMs, untilMs)
    .map(
      (one) =>
        `<CalendarEvent>${plain('StartTime', one.startMs - biasMs)}${plain('EndTime', one.endMs - biasMs)}${bare('BusyType', one.status)}</CalendarEvent>`,
    )
    .join('');
  const list = events === '' ? '' : `<CalendarEventArray xmlns="${types}">${events}</CalendarEventArray>`;
  return `<FreeBusyResponse><ResponseMessage ResponseClass="Success"><ResponseCode>NoError</ResponseCode></ResponseMessage><FreeBusyView><FreeBusyViewType xmlns="${types}">FreeBusy</FreeBusyViewType>${list}${workingHours(mailbox.description.zone)}</FreeBusyView></FreeBusyResponse>`;
}

const types = 'http://schemas.microsoft.com/exchange/services/2006/types';

function busyTimes(mailbox: Mailbox, fromMs: number, untilMs: number) {
  const found: { startMs: number; endMs: number; status: string }[] = [];
  for (const item of mailbox.wellKnown('calendar').items.values()) {
    const view: View = { item, occurrence: undefined };
    if (propertyOf(view, event.start) === undefined) continue;
    const spans =
      item.series?.kind === 'appointment'
        ? occurrencesBetween(item.series, fromMs, untilMs)
        : [{ startMs: startOf(view), endMs: endOf(view) }];
    const status = busyStatuses[propertyOf(view, event.busyStatus) ?? 2] ?? 'Busy';
    for (const span of spans) {
      if (overlaps(span, fromMs, untilMs) && status !== 'Free')
        found.push({ startMs: span.startMs, endMs: span.endMs, status });
    }
  }
  return found.sort((left, right) => left.startMs - right.startMs);
}

function workingHours(zone: Zone): string {
  const standard = transition('StandardTime', 0, zone.rule?.toStandard);
  const daylightBias = zone.rule === undefined ? 0 : (zone.standardOffsetMs - zone.rule.daylightOffsetMs) / 60_000;
  const daylight = transition('DaylightTime', daylightBias, zone.rule?.toDaylight);
  const bias = bare('Bias', String(-zone.standardOffsetMs / 60_000));
  return `<WorkingHours xmlns="${types}"><TimeZone>${bias}${standard}${daylight}</TimeZone><WorkingPeriodArray><WorkingPeriod><DayOfWeek>Monday Tuesday Wednesday Thursday Friday</DayOfWeek><StartTimeInMinutes>480</StartTimeInMinutes><EndTimeInMinutes>1020</EndTimeInMinutes></WorkingPeriod></WorkingPeriodArray></WorkingHours>`;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function transition(name: string, bias: number, at: Transition | undefined): string {
  const time = new Date(at?.timeMs ?? 0).toISOString().slice(11, 19);
  const order = at === undefined ? 0 : at.occurrence < 0 ? 5 : at.occurrence;
  return `<${name}>${bare('Bias', String(bias))}${bare('Time', time)}${bare('DayOrder', String(order))}${bare('Month', String(at?.month ?? 0))}${bare('DayOfWeek', weekdays[at?.weekday ?? 0] ?? 'Sunday')}</${name}>`;
}

function plain(name: string, ms: number): string {
  return bare(name, new Date(ms).toISOString().slice(0, 19));
}

/** An element without prefix, as this answer has them. */
function bare(name: string, text: string): string {
  return element(name, text).replaceAll('t:', '');
}

/** Minutes to add to the caller's wall time, as milliseconds. */
function biasOf(zone: XmlElement | undefined): number {
  return Number(childText(zone, 'Bias') ?? 0) * 60_000;
}

function wallMs(text: string | undefined): number {
  const moment = readDateTime(text ?? '');
  if (moment === undefined) return 0;
  return moment.kind === 'wall' ? moment.wallMs : moment.utcMs;
}
