/** GetUserAvailability ([MS-OXWAVLS]): free and busy times, suggestions, and the working hours that tell a mailbox's zone. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import { type Transition, utcOf, wallOf, type Zone } from '../../../truth/zone.ts';
import { type BusyTime, busyTimes, callersZone, detailsOf, wallMsOf } from '../busy-times.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { suggestionsMarkup } from '../meeting-suggestions.ts';
import { errorContent } from '../messages.ts';
import { element } from '../text.ts';

/** The longest window that may be asked for, in days. */
const windowDaysMax = 62;
/** Mailboxes in one request. */
const mailboxesMax = 100;

/** Unlike most operations the answer has no ResponseMessages and no prefix. */
export function getUserAvailability(call: Call): string {
  const { request } = call;
  const zone = callersZone(child(request, 'TimeZone'));
  const people = child(request, 'MailboxDataArray')?.children ?? [];
  if (people.length === 0 || people.length > mailboxesMax) throw new EwsError('ErrorIdentityArrayEmpty');
  const views = child(request, 'FreeBusyViewOptions');
  const suggestions = child(request, 'SuggestionsViewOptions');
  if (views === undefined && suggestions === undefined) throw new EwsError('ErrorInvalidFreeBusyViewType');
  const answers = views === undefined ? [] : people.map((one) => answerFor(one, views, zone, call));
  const array = views === undefined ? '' : `<FreeBusyResponseArray>${answers.join('')}</FreeBusyResponseArray>`;
  if (suggestions === undefined) return array;
  const attendees = people.map((one) => call.server.truth.mailbox(addressOf(one)));
  const days = suggestionsMarkup(suggestions, attendees, zone, bare);
  return `${array}<SuggestionsResponse>${success}<SuggestionDayResultArray>${days}</SuggestionDayResultArray></SuggestionsResponse>`;
}

const types = 'http://schemas.microsoft.com/exchange/services/2006/types';
const success = '<ResponseMessage ResponseClass="Success"><ResponseCode>NoError</ResponseCode></ResponseMessage>';

function addressOf(person: XmlElement): string {
  return childText(child(person, 'Email'), 'Address')?.trim() ?? '';
}

function answerFor(person: XmlElement, options: XmlElement, zone: Zone, call: Call): string {
  try {
    return viewFor(person, options, zone, call);
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    const content = errorContent(error).replaceAll('m:', '');
    return `<FreeBusyResponse><ResponseMessage ResponseClass="Error">${content}</ResponseMessage><FreeBusyView><FreeBusyViewType xmlns="${types}">None</FreeBusyViewType></FreeBusyView></FreeBusyResponse>`;
  }
}

function viewFor(person: XmlElement, options: XmlElement, zone: Zone, call: Call): string {
  const window = child(options, 'TimeWindow');
  const fromMs = utcOf(zone, wallMsOf(childText(window, 'StartTime')) ?? 0);
  const untilMs = utcOf(zone, wallMsOf(childText(window, 'EndTime')) ?? 0);
  if (untilMs <= fromMs) throw new EwsError('ErrorInvalidTimeInterval');
  if (untilMs - fromMs > windowDaysMax * 86_400_000) throw new EwsError('ErrorTimeIntervalTooBig');
  const mailbox = call.server.truth.mailbox(addressOf(person));
  if (mailbox === undefined) throw notFound(addressOf(person), call);
  const times = busyTimes(mailbox, fromMs, untilMs);
  const isOwn = mailbox === call.mailbox;
  const type = viewType(childText(options, 'RequestedView')?.trim() ?? 'FreeBusy', mailbox, isOwn, call);
  const minutes = Number(childText(options, 'MergedFreeBusyIntervalInMinutes') ?? 30);
  const merged = /Merged/.test(type) ? bare('MergedFreeBusy', mergedText(times, fromMs, untilMs, minutes)) : '';
  const events = type === 'MergedOnly' ? '' : times.map((one) => eventMarkup(one, type, mailbox, isOwn, zone)).join('');
  const list = events === '' ? '' : `<CalendarEventArray xmlns="${types}">${events}</CalendarEventArray>`;
  const inTypes = merged.replace('<MergedFreeBusy>', `<MergedFreeBusy xmlns="${types}">`);
  return `<FreeBusyResponse>${success}<FreeBusyView><FreeBusyViewType xmlns="${types}">${type}</FreeBusyViewType>${inTypes}${list}${workingHours(mailbox.description.zone)}</FreeBusyView></FreeBusyResponse>`;
}

function notFound(address: string, call: Call): EwsError {
  const text = `Unable to resolve e-mail address <> SMTP:${address} to an Active Directory object.`;
  const part = (name: string, value: string) => element(name, value);
  const details =
    part('ExceptionType', 'Microsoft.Exchange.InfoWorker.Common.Availability.MailRecipientNotFoundException') +
    part('ExceptionCode', '5009') +
    part('ExceptionServerName', call.server.hostName.split('.')[0]?.toUpperCase() ?? '') +
    part('ExceptionMessage', text);
  return new EwsError('ErrorMailRecipientNotFound', { text, details });
}

/** Who may only see times gets times, whatever was asked for. */
function viewType(requested: string, mailbox: Mailbox, isOwn: boolean, call: Call): string {
  const isReader = isOwn || call.server.truth.delegations.find(mailbox.address, call.mailbox.address) !== undefined;
  return isReader ? requested : requested.replace('Detailed', 'FreeBusy');
}

const digits: Readonly<Record<string, number>> = { Tentative: 1, Busy: 2, OOF: 3, NoData: 4 };

/** A digit per interval: the most binding status in it ([MS-OXWAVLS] 2.2.4.12). */
function mergedText(times: readonly BusyTime[], fromMs: number, untilMs: number, minutes: number): string {
  if (!(minutes >= 5 && minutes <= 1440)) throw new EwsError('ErrorInvalidMergedFreeBusyInterval');
  const stepMs = minutes * 60_000;
  let text = '';
  for (let at = fromMs; at < untilMs; at += stepMs) {
    const within = times.filter((one) => one.startMs < at + stepMs && one.endMs > at);
    text += String(Math.max(0, ...within.map((one) => digits[one.status] ?? 0)));
  }
  return text;
}

function eventMarkup(one: BusyTime, type: string, mailbox: Mailbox, isOwn: boolean, zone: Zone): string {
  const times = plain('StartTime', wallOf(zone, one.startMs)) + plain('EndTime', wallOf(zone, one.endMs));
  const details = type.startsWith('Detailed') ? detailsMarkup(one, mailbox, isOwn) : '';
  return `<CalendarEvent>${times}${bare('BusyType', one.status)}${details}</CalendarEvent>`;
}

function detailsMarkup(one: BusyTime, mailbox: Mailbox, isOwn: boolean): string {
  const { id, subject, location, ...flags } = detailsOf(one, mailbox, isOwn);
  const optional = (name: string, text: string | undefined) => (text === undefined ? '' : bare(name, text));
  const told = Object.entries(flags).map(([name, flag]) =>
    bare(`${name[0]?.toUpperCase()}${name.slice(1)}`, String(flag)),
  );
  return `<CalendarEventDetails>${bare('ID', id)}${optional('Subject', subject)}${optional('Location', location)}${told.join('')}</CalendarEventDetails>`;
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

function plain(name: string, wallMs: number): string {
  return bare(name, new Date(wallMs).toISOString().slice(0, 19));
}

/** An element without prefix, as this answer has them. */
function bare(name: string, text: string): string {
  return element(name, text).replace('<t:', '<').replace('</t:', '</');
}
