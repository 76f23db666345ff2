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

const names = [
  ['Alice', 'Archer', 'Europe/Berlin'],
  ['Bob', 'Baker', 'Europe/London'],
  ['Carol', 'Carter', 'America/New_York'],
  ['Dave', 'Dyer', 'America/Los_Angeles'],
  ['Erin', 'Ebner', 'Asia/Tokyo'],
] as const;

/** As many users as wanted; beyond five they are numbered. */
export function makeCast(count: number): readonly Member[] {
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
    };
  });
}

export function makeContent(random: Random, today: number): Content {
  const firms = distinct(
    companies,
    () => makeCompany(random),
    (company) => company.name,
  );
  const everybody: PersonRecord[] = [];
  const person = (): PersonRecord => makePerson(random, pick(random, firms));
  const people = parts(mailboxItems.contacts, person, (one) => one.emails[0] ?? '');
  everybody.push(...people.both, ...people.mailbox);
  const meeting = (): MeetingRecord => makeMeeting(random, everybody, today);
  const task = (): TaskRecord => makeTask(random, everybody, today);
  return {
    companies: firms,
    people,
    meetings: parts(mailboxItems.appointments, meeting, (one) => `${one.subject} ${one.day} ${one.startMinute}`),
    tasks: parts(mailboxItems.tasks, task, (one) => `${one.subject} ${one.dueDay ?? ''}`),
  };
}

/** `count` for the mailbox, a share of them for the CRM too, and some for the CRM alone; no two alike. */
function parts<T>(count: number, make: () => T, keyOf: (record: T) => string): Parts<T> {
  const shared = Math.round(count * sharedShare);
  const all = distinct(count + Math.round(count * crmOnlyShare), make, keyOf);
  return { both: all.slice(0, shared), mailbox: all.slice(shared, count), crm: all.slice(count) };
}

/** Made-up records may repeat; two that nobody could tell apart would only fill the review list. */
function distinct<T>(count: number, make: () => T, keyOf: (record: T) => string): readonly T[] {
  const found = new Map<string, T>();
  for (let tries = 0; found.size < count && tries < count * 50; tries += 1) {
    const record = make();
    if (!found.has(keyOf(record))) found.set(keyOf(record), record);
  }
  return [...found.values()];
}
