/** Times of appointments and tasks: kept as instants, told in the server's own fashion. */

import { localOf, secondsOf } from '#model/local-time.ts';
import { ianaZoneOf, offsetMinutesAt, toInstant, toLocal } from '#model/zones.ts';
import type { Stored } from './mailbox.ts';
import { type Node, t, textOf } from './node.ts';
import type { Bag } from './properties.ts';
import { datesOf } from './recurrence.ts';
import { Refused } from './refused.ts';
import type { Traits } from './traits.ts';

/** Where this server stands. */
export const serverZone = 'Europe/Berlin';

/** The zone of an item, UTC where none was given. */
export function zoneOf(bag: Bag): string {
  const zone = bag.get('StartTimeZone');
  if (zone === undefined) return 'Etc/UTC';
  const known = ianaZoneOf(zone.attributes.Id ?? '');
  if (known === undefined) throw new Refused('ErrorTimeZone', 'calendar:StartTimeZone');
  return known;
}

/** The canonical instant of an `xs:dateTime`; one without zone is of this zone. */
export function instantOf(text: string, zone: string): string {
  const [, local, rest = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(.*)$/.exec(text.trim()) ?? [];
  if (local === undefined) throw new Refused('ErrorInvalidValueForProperty');
  if (rest === '') return toInstant(local, zone);
  if (rest === 'Z') return `${local}Z`;
  const minutes = Number(rest.slice(1, 3)) * 60 + Number(rest.slice(4, 6));
  return `${localOf(secondsOf(local) - (rest[0] === '-' ? -60 : 60) * minutes)}Z`;
}

/** An instant as this server writes it. */
export function told(instant: string, traits: Traits): string {
  const fraction = traits.fractionalTimes === true ? '.0000000' : '';
  const minutes = offsetMinutesAt(instant, serverZone);
  // Before zones had whole hours the server does not bother.
  if (traits.localTimes === true && minutes % 60 === 0) {
    return `${toLocal(instant, serverZone)}${fraction}+${String(minutes / 60).padStart(2, '0')}:00`;
  }
  return `${instant.slice(0, 19)}${fraction}${traits.plusZeroTimes === true ? '+00:00' : 'Z'}`;
}

const timeNames = [
  'Start',
  'End',
  'ReminderDueBy',
  'StartDate',
  'DueDate',
  'CompleteDate',
  'Birthday',
  'WeddingAnniversary',
];

/** Makes instants of all times among the properties. */
export function settleTimes(bag: Bag): void {
  const zone = zoneOf(bag);
  for (const name of timeNames) {
    const found = bag.get(name);
    if (found !== undefined) bag.set(name, t(name, instantOf(textOf(found), zone)));
  }
  const [start, end] = [textOf(bag.get('Start')), textOf(bag.get('End'))];
  if (end < start) throw new Refused('ErrorCalendarEndDateIsEarlierThanStartDate');
}

/** Start and end of the occurrence at a place of the pattern; undefined beyond its end. */
export function planned(item: Stored, index: number): { readonly start: string; readonly end: string } | undefined {
  const rule = item.bag.get('Recurrence');
  if (rule === undefined) return undefined;
  const zone = zoneOf(item.bag);
  const [first, last] = ['Start', 'End'].map((name) => toLocal(textOf(item.bag.get(name)), zone)) as [string, string];
  const lengthSeconds = secondsOf(last) - secondsOf(first);
  let place = 0;
  for (const date of datesOf(rule)) {
    place += 1;
    if (place < index) continue;
    const start = `${date}${first.slice(10)}`;
    return { start: toInstant(start, zone), end: toInstant(localOf(secondsOf(start) + lengthSeconds), zone) };
  }
  return undefined;
}

/** The first date of a rule. */
export function firstDate(rule: Node): string {
  for (const date of datesOf(rule)) return date;
  throw new Refused('ErrorRecurrenceHasNoOccurrence');
}
