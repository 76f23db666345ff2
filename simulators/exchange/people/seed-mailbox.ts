/** Fills a mailbox with believable content: the same seed gives the same content. */
import type { Random } from '#ports/ports.ts';
import type { Item } from '../truth/item.ts';
import type { Mailbox } from '../truth/mailbox.ts';
import { type NthIndex, type Pattern, type Rule, type Weekday, weekdayOf } from '../truth/recurrence.ts';
import { occurrences } from '../truth/series.ts';
import { changeOccurrence } from './edit-randomly.ts';
import {
  type CompanyRecord,
  type MeetingRecord,
  makeCompany,
  makeMeeting,
  makePerson,
  makeTask,
  type PersonRecord,
  type TaskRecord,
} from './fixtures.ts';
import { addAppointment, addContact, addTask } from './outlook-items.ts';
import { below, chance, pick } from './seeded-random.ts';

export interface SeedOptions {
  readonly contacts: number;
  readonly appointments: number;
  readonly series: number;
  readonly tasks: number;
  readonly random: Random;
  /** People who become contacts first; made up when too few. Give the same list to a CRM for overlap. */
  readonly people?: readonly PersonRecord[] | undefined;
  readonly companies?: readonly CompanyRecord[] | undefined;
  readonly meetings?: readonly MeetingRecord[] | undefined;
  readonly todos?: readonly TaskRecord[] | undefined;
}

export interface Seeded {
  readonly people: readonly PersonRecord[];
  readonly meetings: readonly MeetingRecord[];
  readonly tasks: readonly TaskRecord[];
  readonly items: readonly Item[];
}

/** Occurrences looked at when some of a series are to be changed. */
const occurrencesSeen = 12;

export function seedMailbox(mailbox: Mailbox, options: SeedOptions): Seeded {
  const { random } = options;
  const today = Math.floor(mailbox.nowMs / 86_400_000);
  const companies = [...(options.companies ?? [])];
  while (companies.length < Math.max(1, options.contacts / 6)) companies.push(makeCompany(random));
  const people = filled(options.people, options.contacts, () => makePerson(random, pick(random, companies)));
  const meetings = filled(options.meetings, options.appointments, () => makeMeeting(random, people, today));
  const tasks = filled(options.todos, options.tasks, () => makeTask(random, people, today));
  const items: Item[] = [];
  for (const person of people) items.push(addContact(mailbox, person));
  for (const meeting of meetings) items.push(addAppointment(mailbox, meeting));
  for (let n = 0; n < options.series; n += 1) items.push(seedSeries(mailbox, random, people, today, n));
  for (const [index, task] of tasks.entries()) {
    items.push(addTask(mailbox, task, index % 8 === 7 ? taskRule(random, task, today) : undefined));
  }
  return { people, meetings, tasks, items };
}

function filled<T>(given: readonly T[] | undefined, count: number, make: () => T): readonly T[] {
  const list = (given ?? []).slice(0, Math.max(count, given?.length ?? 0));
  return [...list, ...Array.from({ length: Math.max(count - list.length, 0) }, make)];
}

/** Adds one series; `n` chooses pattern and end. */
export function seedSeries(
  mailbox: Mailbox,
  random: Random,
  people: readonly PersonRecord[],
  today: number,
  n: number,
): Item {
  const meeting = { ...makeMeeting(random, people, today), allDay: n % 9 === 8 };
  const record = meeting.allDay ? { ...meeting, startMinute: 0, durationMinutes: 1440 } : meeting;
  const item = addAppointment(
    mailbox,
    { ...record, durationMinutes: Math.min(record.durationMinutes, 1440) },
    eventRule(random, record.day, n),
  );
  if (chance(random, 0.6)) changeSome(mailbox, random, item);
  return item;
}

/** Moves one occurrence, takes out another, renames a third. */
function changeSome(mailbox: Mailbox, random: Random, item: Item): void {
  const { series } = item;
  if (series?.kind !== 'appointment') return;
  const days: number[] = [];
  for (const one of occurrences(series)) {
    days.push(one.day);
    if (days.length >= occurrencesSeen) break;
  }
  if (days.length < 4) return;
  changeOccurrence(mailbox, item, days[1] ?? 0, 'move', random);
  changeOccurrence(mailbox, item, days[2] ?? 0, 'remove', random);
  if (chance(random, 0.5)) changeOccurrence(mailbox, item, days[3] ?? 0, 'rename', random);
}

function eventRule(random: Random, day: number, n: number): Rule {
  return { pattern: eventPattern(random, day, n % 6), startDay: day, end: ruleEnd(random, day, Math.floor(n / 6) % 3) };
}

function eventPattern(random: Random, day: number, which: number): Pattern {
  const weekday = weekdayOf(day);
  const date = new Date(day * 86_400_000);
  const dayOfMonth = date.getUTCDate();
  const month = date.getUTCMonth() + 1;
  const index = Math.min(Math.ceil(dayOfMonth / 7), 5) as NthIndex;
  switch (which) {
    case 0:
      return { kind: 'weekly', interval: pick(random, [1, 1, 2]), days: weekdays(random, weekday), firstDayOfWeek: 1 };
    case 1:
      return { kind: 'daily', interval: 1 + below(random, 3) };
    case 2:
      return { kind: 'monthly', interval: pick(random, [1, 1, 3]), dayOfMonth };
    case 3:
      return { kind: 'monthlyNth', interval: 1, day: weekday, index };
    case 4:
      return { kind: 'yearly', month, dayOfMonth };
    default:
      return { kind: 'yearlyNth', month, day: weekday, index };
  }
}

function weekdays(random: Random, first: Weekday): readonly Weekday[] {
  const other = ((first + 2) % 7) as Weekday;
  return chance(random, 0.3) ? [first, other] : [first];
}

function ruleEnd(random: Random, day: number, which: number): Rule['end'] {
  switch (which) {
    case 0:
      return { kind: 'count', count: 5 + below(random, 20) };
    case 1:
      return { kind: 'none' };
    default:
      return { kind: 'date', day: day + 60 + below(random, 300) };
  }
}

function taskRule(random: Random, task: TaskRecord, today: number): Rule {
  const startDay = task.startDay ?? task.dueDay ?? today;
  const pattern: Pattern = chance(random, 0.5)
    ? { kind: 'regenerate', unit: 'week', interval: 1 + below(random, 3) }
    : { kind: 'weekly', interval: 1, days: [weekdayOf(startDay)], firstDayOfWeek: 1 };
  return { pattern, startDay, end: { kind: 'none' } };
}
