/** Times at which a meeting would suit ([MS-OXWAVLS] 2.2.4.20): half hour by half hour, best first within a day. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { utcOf, type Zone } from '../../truth/zone.ts';
import { busyTimes, wallMsOf } from './busy-times.ts';
import { typesNs } from './envelope.ts';

const dayMs = 86_400_000;
const stepMs = 30 * 60_000;
/** Working hours as minutes of the day, Monday to Friday. */
const workMinutes = { from: 480, until: 1020 };
const qualities = ['Excellent', 'Good', 'Fair', 'Poor'] as const;

interface Suggestion {
  readonly wallMs: number;
  readonly isWorkTime: boolean;
  readonly quality: (typeof qualities)[number];
  /** Busy type of every attendee, in the order of the request. */
  readonly busy: readonly string[];
}

/** The contents of `SuggestionsResponse`, without prefixes; `bare` writes an element of the types namespace. */
export function suggestionsMarkup(
  options: XmlElement,
  attendees: readonly (Mailbox | undefined)[],
  zone: Zone,
  bare: (name: string, text: string) => string,
): string {
  const window = child(options, 'DetailedSuggestionsWindow');
  const from = Math.floor((wallMsOf(childText(window, 'StartTime')) ?? 0) / dayMs) * dayMs;
  const until = wallMsOf(childText(window, 'EndTime')) ?? from;
  const number = (name: string, fallback: number) => Number(childText(options, name) ?? fallback);
  const worst = qualities.indexOf((childText(options, 'MinimumSuggestionQuality')?.trim() ?? 'Fair') as never);
  const durationMs = number('MeetingDurationInMinutes', 30) * 60_000;
  const days: string[] = [];
  for (let day = from; day < until; day += dayMs) {
    const all = suggestionsOn(day, durationMs, number('GoodThreshold', 25), attendees, zone);
    const fit = all.filter((one) => qualities.indexOf(one.quality) <= worst);
    const inHours = fit.filter((one) => one.isWorkTime).slice(0, number('MaximumResultsByDay', 10));
    const beyond = fit.filter((one) => !one.isWorkTime).slice(0, number('MaximumNonWorkHourResultsByDay', 0));
    const shown = [...inHours, ...beyond].sort((left, right) => left.wallMs - right.wallMs);
    const best = Math.min(3, ...shown.map((one) => qualities.indexOf(one.quality)));
    const list = shown.map((one) => suggestionMarkup(one, bare)).join('');
    const array = list === '' ? '<SuggestionArray/>' : `<SuggestionArray>${list}</SuggestionArray>`;
    days.push(
      `<SuggestionDayResult xmlns="${typesNs}">${bare('Date', timeText(day))}${bare('DayQuality', qualities[best] ?? 'Poor')}${array}</SuggestionDayResult>`,
    );
  }
  return days.join('');
}

function suggestionsOn(
  day: number,
  durationMs: number,
  goodPercent: number,
  attendees: readonly (Mailbox | undefined)[],
  zone: Zone,
): readonly Suggestion[] {
  const weekday = new Date(day).getUTCDay();
  const isWorkDay = weekday > 0 && weekday < 6;
  const calendars = attendees.map((one) =>
    one === undefined ? undefined : busyTimes(one, utcOf(zone, day), utcOf(zone, day + dayMs) + durationMs),
  );
  const found: Suggestion[] = [];
  for (let wallMs = day; wallMs < day + dayMs; wallMs += stepMs) {
    const [startMs, endMs] = [utcOf(zone, wallMs), utcOf(zone, wallMs) + durationMs];
    const busy = calendars.map((times) => {
      if (times === undefined) return 'NoData';
      return times.find((one) => one.startMs < endMs && one.endMs > startMs)?.status ?? 'Free';
    });
    const taken = busy.filter((one) => one !== 'Free' && one !== 'NoData').length;
    const percent = busy.length === 0 ? 0 : (100 * taken) / busy.length;
    const quality = percent === 0 ? 'Excellent' : percent <= goodPercent ? 'Good' : percent < 50 ? 'Fair' : 'Poor';
    const minute = (wallMs - day) / 60_000;
    const isWorkTime = isWorkDay && minute >= workMinutes.from && minute + durationMs / 60_000 <= workMinutes.until;
    found.push({ wallMs, isWorkTime, quality, busy });
  }
  return found.sort((left, right) => qualities.indexOf(left.quality) - qualities.indexOf(right.quality));
}

function suggestionMarkup(one: Suggestion, bare: (name: string, text: string) => string): string {
  const conflicts = one.busy.map((type) =>
    type === 'NoData'
      ? '<UnknownAttendeeConflictData/>'
      : `<IndividualAttendeeConflictData>${bare('BusyType', type)}</IndividualAttendeeConflictData>`,
  );
  return `<Suggestion>${bare('MeetingTime', timeText(one.wallMs))}${bare('IsWorkTime', String(one.isWorkTime))}${bare('SuggestionQuality', one.quality)}<AttendeeConflictDataArray>${conflicts.join('')}</AttendeeConflictDataArray></Suggestion>`;
}

function timeText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19);
}
