/** What people do in one go: an ordinary edit, a day of meetings, work on a series, an import, a look at the phone. */
import type { Random } from '#ports/ports.ts';
import { completeAppointment } from '../truth/appointment-rules.ts';
import { Draft } from '../truth/draft.ts';
import type { Item } from '../truth/item.ts';
import type { Mailbox } from '../truth/mailbox.ts';
import { contact, message, phone, todo } from '../truth/property-keys.ts';
import { occurrences } from '../truth/series.ts';
import { completeTask, splitCompleted, taskStatus } from '../truth/task-rules.ts';
import type { Truth } from '../truth/truth.ts';
import { changeOccurrence, editRandomly } from './edit-randomly.ts';
import { makeCompany, makeMeeting, makePerson } from './fixtures.ts';
import { addAppointment, addContact } from './outlook-items.ts';
import { seedSeries } from './seed-mailbox.ts';
import { below, chance, pick } from './seeded-random.ts';

export type Activity = 'edit' | 'calendarDay' | 'series' | 'import' | 'phone';

/** How often each is chosen, in percent. A day of meetings is some ten edits, an import some thirty. */
const shares: readonly (readonly [Activity, number])[] = [
  ['edit', 55],
  ['phone', 28],
  ['series', 10],
  ['calendarDay', 6],
  ['import', 1],
];

export interface Done {
  readonly activity: Activity;
  /** Changes saved; at least 1. */
  readonly edits: number;
}

/** One person does one thing. The same randomness on the same content does the same. */
export function live(truth: Truth, mailbox: Mailbox, random: Random): Done {
  const activity = chosen(random);
  return { activity, edits: Math.max(1, act(activity, truth, mailbox, random)) };
}

function chosen(random: Random): Activity {
  let rest = random.fraction() * 100;
  for (const [activity, share] of shares) {
    rest -= share;
    if (rest < 0) return activity;
  }
  return 'edit';
}

function act(activity: Activity, truth: Truth, mailbox: Mailbox, random: Random): number {
  switch (activity) {
    case 'edit':
      editRandomly(truth, mailbox, random);
      return 1;
    case 'calendarDay':
      return planDay(mailbox, random);
    case 'series':
      return workOnSeries(mailbox, random);
    case 'import':
      return importPeople(mailbox, random);
    case 'phone':
      return lookAtPhone(mailbox, random);
  }
}

/** Fills one of the next twenty days with meetings back to back, then moves one of them. */
function planDay(mailbox: Mailbox, random: Random): number {
  const today = Math.floor(mailbox.nowMs / 86_400_000);
  const people = [makePerson(random, makeCompany(random)), makePerson(random, makeCompany(random))];
  const day = today + 1 + below(random, 20);
  const made: Item[] = [];
  for (let minute = 8 * 60; minute < 17 * 60; minute += 30 * (1 + below(random, 4))) {
    const meeting = {
      ...makeMeeting(random, people, today),
      allDay: false,
      day,
      startMinute: minute,
      durationMinutes: 30,
    };
    made.push(addAppointment(mailbox, meeting));
  }
  moveBy(mailbox, pick(random, made), 30 * 60_000);
  return made.length + 1;
}

function moveBy(mailbox: Mailbox, item: Item, shiftMs: number): void {
  const draft = new Draft({ item, occurrence: undefined });
  const moved = (ms: number | undefined) => ({ kind: 'instant' as const, utcMs: (ms ?? 0) + shiftMs });
  const times = { start: moved(draft.get(message.commonStart)), end: moved(draft.get(message.commonEnd)) };
  if (completeAppointment(draft, times, mailbox) === undefined) mailbox.update(draft, mailbox.description.displayName);
}

/** Occurrences from which some are chosen. */
const occurrencesSeen = 30;

/** Changes some occurrences of a series, or the series itself; begins one when there is none. */
function workOnSeries(mailbox: Mailbox, random: Random): number {
  const series = [...mailbox.wellKnown('calendar').items.values()].filter((one) => one.series?.kind === 'appointment');
  if (series.length === 0 || chance(random, 0.1)) {
    const today = Math.floor(mailbox.nowMs / 86_400_000);
    seedSeries(mailbox, random, [makePerson(random, makeCompany(random))], today, below(random, 18));
    return 1;
  }
  const item = pick(random, series);
  if (chance(random, 0.2)) {
    moveBy(mailbox, item, pick(random, [-60, -30, 30, 60]) * 60_000);
    return 1;
  }
  const days: number[] = [];
  if (item.series?.kind === 'appointment') {
    for (const { day } of occurrences(item.series)) {
      if (days.push(day) >= occurrencesSeen) break;
    }
  }
  // A series always keeps an occurrence.
  const edits = Math.min(days.length - 1, 1 + below(random, 3));
  for (let n = 0; n < edits; n += 1) {
    const [day = 0] = days.splice(below(random, days.length), 1);
    changeOccurrence(mailbox, item, day, pick(random, ['move', 'rename', 'remove'] as const), random);
  }
  return edits;
}

/** Brings in the people of two companies, as from a file. */
function importPeople(mailbox: Mailbox, random: Random): number {
  const companies = [makeCompany(random), makeCompany(random)];
  const count = 20 + below(random, 21);
  for (let n = 0; n < count; n += 1) addContact(mailbox, makePerson(random, pick(random, companies)));
  return count;
}

/** Reads what is new, and does what fingers can: tick off a task, correct a number, silence a reminder. */
function lookAtPhone(mailbox: Mailbox, random: Random): number {
  let edits = 0;
  for (const item of [...mailbox.wellKnown('inbox').items.values()].slice(-3)) {
    if (item.isRead) continue;
    mailbox.setRead(item, true);
    edits += 1;
  }
  const name = pick(random, ['tasks', 'contacts', 'calendar'] as const);
  const items = [...mailbox.wellKnown(name).items.values()];
  if (items.length === 0) return edits;
  const item = pick(random, items);
  const draft = new Draft({ item, occurrence: undefined });
  if (name === 'tasks') return edits + tickOff(mailbox, item, draft);
  const mobile = phone.MobilePhone;
  if (name === 'contacts' && mobile !== undefined && item.properties.has(contact.surname)) {
    draft.set(mobile, `+49 170 ${1_000_000 + below(random, 9_000_000)}`);
  } else if (name === 'calendar') draft.set(message.reminderIsSet, draft.get(message.reminderIsSet) !== true);
  if (name === 'calendar' && completeAppointment(draft, {}, mailbox) !== undefined) return edits;
  mailbox.update(draft, mailbox.description.displayName);
  return edits + 1;
}

function tickOff(mailbox: Mailbox, item: Item, draft: Draft): number {
  if (draft.get(todo.complete) === true) return 0;
  draft.set(todo.status, taskStatus.completed);
  if (completeTask(draft, { zone: mailbox.description.zone }, mailbox) !== undefined) return 0;
  const by = mailbox.description.displayName;
  const done = splitCompleted(draft, item, mailbox);
  mailbox.update(draft, by);
  if (done !== undefined) mailbox.create(item.folder, done, by);
  return 1;
}
