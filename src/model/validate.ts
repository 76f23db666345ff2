/**
 * What is wrong with an item: things that no mailbox takes and that a merge of two right edits can produce. An item with
 * problems is parked with their sentences; nothing is repaired or cut here.
 */
import type { Path } from './groups.ts';
import type { Body, CalendarEvent, Contact, Item, Task, When } from './item.ts';
import { limits } from './limits.ts';
import { daySeconds, daysOf, secondsOf } from './local-time.ts';
import { seriesProblems, taskRuleProblems } from './validate-series.ts';
import { isZone } from './zones.ts';

export const problemCodes = [
  'dateInvalid',
  'endBeforeStart',
  'durationTooLong',
  'zoneUnknown',
  'reminderOutOfRange',
  'percentOutOfRange',
  'textTooLong',
  'listTooLong',
  'intervalOutOfRange',
  'weekdaysEmpty',
  'dayOutOfRange',
  'monthOutOfRange',
  'countOutOfRange',
  'ruleWithoutOccurrence',
  'overrideNotInRule',
  'overrideCrossesNeighbour',
] as const;

export type ProblemCode = (typeof problemCodes)[number];

export interface Problem {
  readonly code: ProblemCode;
  /** The value at fault. */
  readonly path: Path;
  /** One sentence without personal data. */
  readonly message: string;
}

/** Everything that is wrong with a normalised item; empty when it can be written. */
export function problems(item: Item): readonly Problem[] {
  const found: Problem[] = [];
  switch (item.kind) {
    case 'contact':
      contactProblems(item, found);
      break;
    case 'event':
      eventProblems(item, found);
      break;
    case 'task':
      taskProblems(item, found);
      break;
  }
  checkCount(item.categories, 'categories', limits.categoriesMax, found);
  for (const name of item.categories ?? []) checkText(name, 'categories', limits.categoryCharsMax, found);
  checkBody(item.body, 'body', found);
  return found;
}

function contactProblems(contact: Contact, found: Problem[]): void {
  checkTexts(contact.name, 'name', limits.lineCharsMax, found);
  checkTexts(contact.organization, 'organization', limits.lineCharsMax, found);
  checkTexts(contact.emails, 'emails', limits.emailCharsMax, found);
  checkTexts(contact.phones, 'phones', limits.lineCharsMax, found);
  checkTexts(contact.ims, 'ims', limits.emailCharsMax, found);
  for (const [slot, address] of Object.entries(contact.addresses ?? {})) {
    const { street, ...rest } = address;
    checkText(street, `addresses.${slot}`, limits.streetCharsMax, found);
    for (const text of Object.values(rest)) checkText(text, `addresses.${slot}`, limits.lineCharsMax, found);
  }
  checkText(contact.webPage, 'webPage', limits.urlCharsMax, found);
  checkDate(contact.birthday, 'birthday', found);
  checkDate(contact.anniversary, 'anniversary', found);
  const { children, ...people } = contact.relations ?? {};
  checkTexts(people, 'relations', limits.lineCharsMax, found);
  checkCount(children, 'relations.children', limits.childrenMax, found);
  for (const child of children ?? []) checkText(child, 'relations.children', limits.lineCharsMax, found);
}

function eventProblems(event: CalendarEvent, found: Problem[]): void {
  checkText(event.title, 'title', limits.titleCharsMax, found);
  checkText(event.location, 'location', limits.locationCharsMax, found);
  checkMinutes(event.reminder?.minutesBefore, 'reminder', found);
  checkCount(Object.keys(event.attendees ?? {}), 'attendees', limits.attendeesMax, found);
  for (const [address, { name }] of Object.entries(event.attendees ?? {})) {
    checkText(address, `attendees.${address}`, limits.emailCharsMax, found);
    checkText(name, `attendees.${address}`, limits.lineCharsMax, found);
  }
  checkOverrides(event, found);
  const isTimeRight = checkWhen(event.when, 'when', found);
  checkZone(event.when, found);
  if (isTimeRight && event.recurrence !== undefined) found.push(...seriesProblems(event, event.recurrence));
}

function taskProblems(task: Task, found: Problem[]): void {
  checkText(task.title, 'title', limits.titleCharsMax, found);
  const { start, due } = task.dates ?? {};
  const areDatesRight = checkDate(start, 'dates.start', found) && checkDate(due, 'dates.due', found);
  if (areDatesRight && start !== undefined && due !== undefined && due < start) {
    found.push({ code: 'endBeforeStart', path: 'dates.due', message: 'The task is due before it starts.' });
  }
  const { percent, completed } = task.progress;
  checkDate(completed, 'progress', found);
  if (!(percent >= 0 && percent <= 100)) {
    found.push({ code: 'percentOutOfRange', path: 'progress', message: 'The percentage is not between 0 and 100.' });
  }
  if (task.reminder !== undefined) checkLocal(task.reminder.at.replace(/Z$/, ''), 'reminder', found);
  if (task.recurrence !== undefined) found.push(...taskRuleProblems(task.recurrence));
}

/** The patches' own values; how they stand in the series is for `validate-series.ts`. */
function checkOverrides({ overrides }: CalendarEvent, found: Problem[]): void {
  if (overrides === undefined) return;
  checkCount(Object.keys(overrides), 'overrides', limits.overridesMax, found);
  for (const [originalStart, override] of Object.entries(overrides)) {
    if ('excluded' in override) continue;
    const path = `overrides.${originalStart}`;
    const { title, location, when, reminder, body } = override.patch;
    checkText(title, path, limits.titleCharsMax, found);
    checkText(location, path, limits.locationCharsMax, found);
    checkMinutes(reminder?.minutesBefore, path, found);
    checkBody(body, path, found);
    if (when !== undefined) checkWhen(when, path, found);
  }
}

/** Whether both ends are times in the right order. */
function checkWhen({ start, end, allDay }: Omit<When, 'zone'>, path: Path, found: Problem[]): boolean {
  if (!checkLocal(start, path, found) || !checkLocal(end, path, found)) return false;
  const durationSeconds = secondsOf(end) - secondsOf(start);
  if (durationSeconds < 0 || (allDay && durationSeconds === 0)) {
    found.push({ code: 'endBeforeStart', path, message: 'The event ends before it starts.' });
    return false;
  }
  if (durationSeconds > limits.durationDaysMax * daySeconds) {
    found.push({ code: 'durationTooLong', path, message: 'The event lasts longer than five years.' });
  }
  return true;
}

function checkZone({ allDay, zone }: When, found: Problem[]): void {
  if (allDay || (zone !== undefined && isZone(zone))) return;
  const message = zone === undefined ? 'The event has no time zone.' : 'The time zone of the event is not known.';
  found.push({ code: 'zoneUnknown', path: 'when', message });
}

function checkLocal(local: string, path: Path, found: Problem[]): boolean {
  if (!Number.isNaN(secondsOf(local)) && isWithinEra(local)) return true;
  found.push({ code: 'dateInvalid', path, message: 'The time does not exist or is out of range.' });
  return false;
}

function checkDate(date: string | undefined, path: Path, found: Problem[]): boolean {
  if (date === undefined || (!Number.isNaN(daysOf(date)) && isWithinEra(date))) return true;
  found.push({ code: 'dateInvalid', path, message: 'The date does not exist or is out of range.' });
  return false;
}

function isWithinEra(date: string): boolean {
  const day = date.slice(0, 10);
  return day >= limits.firstDate && day <= limits.lastDate;
}

function checkMinutes(minutes: number | undefined, path: Path, found: Problem[]): void {
  if (minutes === undefined) return;
  if (Number.isInteger(minutes) && minutes >= 0 && minutes <= limits.reminderMinutesMax) return;
  found.push({ code: 'reminderOutOfRange', path, message: 'The reminder is not a whole number of minutes in range.' });
}

function checkBody(body: Body | null | undefined, path: Path, found: Problem[]): void {
  checkText(body?.text, path, limits.bodyCharsMax, found);
  checkText(body?.html, path, limits.htmlCharsMax, found);
}

function checkTexts(
  texts: Readonly<Record<string, string>> | object | undefined,
  group: string,
  charsMax: number,
  found: Problem[],
): void {
  for (const [leaf, text] of Object.entries(texts ?? {})) checkText(text, `${group}.${leaf}`, charsMax, found);
}

function checkText(text: string | null | undefined, path: Path, charsMax: number, found: Problem[]): void {
  if (text === undefined || text === null || text.length <= charsMax) return;
  found.push({ code: 'textTooLong', path, message: `The text is longer than ${charsMax} characters.` });
}

function checkCount(list: readonly unknown[] | undefined, path: Path, countMax: number, found: Problem[]): void {
  if (list === undefined || list.length <= countMax) return;
  found.push({ code: 'listTooLong', path, message: `There are more than ${countMax} entries.` });
}
