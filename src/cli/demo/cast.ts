/** Who and what the demo begins with: people at example.test, and content that both sides partly share. Pure. */
import type { Random } from '#ports/ports.ts';
import {
  type CompanyRecord,
  type MeetingRecord,
  makeCompany,
  makeMeeting,
  makePerson,
  makeTask,
  type PersonRecord,
  type TaskRecord,
} from '#simulators/exchange/people/fixtures.ts';
import { pick } from '#simulators/exchange/people/seeded-random.ts';

export interface Member {
  readonly login: string;
  readonly given: string;
  readonly surname: string;
  readonly mailbox: string;
  readonly password: string;
  readonly zone: string;
  /** The mailbox is on a server of 2007. */
  readonly old: boolean;
}

/** Plain records for one user: a part for each side alone, a part for both. */
export interface Content {
  readonly companies: readonly CompanyRecord[];
  readonly people: Parts<PersonRecord>;
  readonly meetings: Parts<MeetingRecord>;
  readonly tasks: Parts<TaskRecord>;
}

export interface Parts<T> {
  readonly both: readonly T[];
  readonly crm: readonly T[];
  readonly mailbox: readonly T[];
}

/** Items of each mailbox; the CRM knows some of them and has others of its own. */
export const mailboxItems = { contacts: 200, appointments: 260, series: 40, tasks: 100 } as const;
const sharedShare = 0.4;
const crmOnlyShare = 0.25;
const companies = 30;
const oldOfFive = 2;

const ofCrm = (items: number): number => Math.round(items * (sharedShare + crmOnlyShare));

/** What the CRM holds for each user. */
export const crmItems = {
  contacts: ofCrm(mailboxItems.contacts),
  appointments: ofCrm(mailboxItems.appointments),
  series: 10,
  tasks: ofCrm(mailboxItems.tasks),
} as const;

const names = [
  ['Alice', 'Archer', 'Europe/Berlin'],
  ['Bob', 'Baker', 'Europe/London'],
  ['Carol', 'Carter', 'America/New_York'],
  ['Dave', 'Dyer', 'America/Los_Angeles'],
  ['Erin', 'Ebner', 'Asia/Tokyo'],
] as const;

/** As many users as wanted; beyond five they are numbered. In a mixed estate two of five are on the old server. */
export function makeCast(count: number, estate: 'one' | 'mixed'): readonly Member[] {
  return Array.from({ length: count }, (_, index) => {
    const [given, surname, zone] = names[index % names.length] ?? names[0];
    const number = index < names.length ? '' : String(Math.floor(index / names.length) + 1);
    const local = `${given.toLowerCase()}${number}`;
    return {
      login: local.toUpperCase(),
      given,
      surname: `${surname}${number}`,
      mailbox: `${local}@example.test`,
      password: `${local}-pw1`,
      zone,
      old: estate === 'mixed' && index % names.length < oldOfFive,
    };
  });
}

export function makeContent(random: Random, today: number): Content {
  const firms = distinct(
    companies,
    () => makeCompany(random),
    (company) => [company.name],
  );
  const person = (): PersonRecord => makePerson(random, pick(random, firms));
  const people = parts(mailboxItems.contacts, person, (one) => [...one.emails, `${one.given} ${one.surname}`]);
  const known = [...people.both, ...people.mailbox];
  const meeting = (): MeetingRecord => makeMeeting(random, known, today);
  return {
    companies: firms,
    people,
    meetings: parts(mailboxItems.appointments, meeting, (one) => [`${one.subject} ${one.day} ${one.startMinute}`]),
    tasks: parts(
      mailboxItems.tasks,
      () => makeTask(random, known, today),
      (one) => [`${one.subject} ${one.dueDay ?? ''}`],
    ),
  };
}

/** In a simulated mailbox every eighth task recurs; those are tasks that the CRM does not know. */
const recurringEvery = 8;

export function tasksOfMailbox({ both, mailbox }: Parts<TaskRecord>): readonly TaskRecord[] {
  const shared = [...both];
  const own = [...mailbox];
  const ordered: TaskRecord[] = [];
  while (shared.length + own.length > 0) {
    const recurs = ordered.length % recurringEvery === recurringEvery - 1;
    const next = (recurs ? own.shift() : shared.shift()) ?? own.shift() ?? shared.shift();
    if (next !== undefined) ordered.push(next);
  }
  return ordered;
}

/** `count` for the mailbox, a share of them for the CRM too, and some for the CRM alone. */
function parts<T>(count: number, make: () => T, keysOf: (record: T) => readonly string[]): Parts<T> {
  const shared = Math.round(count * sharedShare);
  const all = distinct(count + Math.round(count * crmOnlyShare), make, keysOf);
  return { both: all.slice(0, shared), mailbox: all.slice(shared, count), crm: all.slice(count) };
}

/** Made-up records may repeat; two that nobody could tell apart would only fill the review list. */
function distinct<T>(count: number, make: () => T, keysOf: (record: T) => readonly string[]): readonly T[] {
  const found: T[] = [];
  const taken = new Set<string>();
  for (let tries = 0; found.length < count && tries < count * 50; tries += 1) {
    const record = make();
    const keys = keysOf(record);
    if (keys.some((key) => taken.has(key))) continue;
    for (const key of keys) taken.add(key);
    found.push(record);
  }
  return found;
}
