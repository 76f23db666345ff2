/**
 * GetUserAvailability (messages.xsd GetUserAvailabilityRequestType): the time zone of a mailbox's working hours, which
 * Outlook keeps. It comes as rules without a name (types.xsd SerializableTimeZone).
 */

import { type Weekday, weekdays } from '#model/recurrence.ts';
import type { ZoneRules, ZoneTransition } from '#model/zone-rules.ts';
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type Entry, entryOf } from './response.ts';

/** Asks for one day, in UTC; the appointments of it are of no interest. `day` is `YYYY-MM-DD`. */
export function buildGetUserAvailability(mailbox: string, day: string): EwsRequest {
  const never = xml`<t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>`;
  return {
    operation: 'GetUserAvailability',
    effect: 'read',
    body: xml`<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>0</t:Bias><t:StandardTime>${never}</t:StandardTime><t:DaylightTime>${never}</t:DaylightTime></t:TimeZone><m:MailboxDataArray><t:MailboxData><t:Email><t:Address>${mailbox}</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>${day}T00:00:00</t:StartTime><t:EndTime>${day}T23:59:59</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>FreeBusy</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>`,
  };
}

/** The rules; null when the mailbox has no working hours or its rules are not yearly ones. */
export function readGetUserAvailability(response: XmlElement): Entry<ZoneRules | null> {
  const missing: Entry<ZoneRules | null> = { kind: 'missing', operation: 'GetUserAvailability' };
  const answer = child(child(response, 'FreeBusyResponseArray'), 'FreeBusyResponse');
  const message = child(answer, 'ResponseMessage');
  if (message === undefined) return missing;
  const zone = child(child(child(answer, 'FreeBusyView'), 'WorkingHours'), 'TimeZone');
  return entryOf(message, missing, () => (zone === undefined ? null : rulesOf(zone)));
}

function rulesOf(zone: XmlElement): ZoneRules | null {
  const standard = child(zone, 'StandardTime');
  const daylight = child(zone, 'DaylightTime');
  const bias = numberIn(zone, 'Bias');
  const standardBiasMinutes = bias + numberIn(standard, 'Bias');
  if (!Number.isInteger(standardBiasMinutes)) return null;
  if (numberIn(daylight, 'Month') === 0) return { standardBiasMinutes };
  const begins = transitionOf(daylight);
  const ends = transitionOf(standard);
  const biasMinutes = bias + numberIn(daylight, 'Bias');
  if (begins === undefined || ends === undefined || !Number.isInteger(biasMinutes)) return null;
  return { standardBiasMinutes, daylight: { biasMinutes, begins, ends } };
}

/** A yearly transition; undefined for one of a single year. */
function transitionOf(element: XmlElement | undefined): ZoneTransition | undefined {
  const month = numberIn(element, 'Month');
  const week = numberIn(element, 'DayOrder');
  const name = childText(element, 'DayOfWeek')?.trim().toLowerCase();
  const weekday = weekdays.find((one): one is Weekday => one === name);
  const time = /^(\d\d):(\d\d):(\d\d)/.exec(childText(element, 'Time')?.trim() ?? '');
  if (weekday === undefined || time === null || !(month >= 1 && month <= 12 && week >= 1 && week <= 5))
    return undefined;
  if ((childText(element, 'Year')?.trim() || '0') !== '0') return undefined;
  return { month, week, weekday, timeSeconds: Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]) };
}

/** NaN when there is no such number. */
function numberIn(element: XmlElement | undefined, name: string): number {
  const text = childText(element, name)?.trim();
  return text === undefined || text === '' ? Number.NaN : Number(text);
}
