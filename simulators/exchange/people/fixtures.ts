/**
 * Made-up people, companies, meetings and tasks as plain records, the same for every system: a mailbox and a CRM seeded
 * from one list overlap as much as the caller wants. No address leaves example domains (RFC 2606).
 */
import type { Random } from '#ports/ports.ts';
import { below, chance, pick } from './seeded-random.ts';

export interface CompanyRecord {
  readonly name: string;
  readonly domain: string;
  readonly street: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
  readonly phone: string;
}

export interface PersonRecord {
  readonly prefix?: string | undefined;
  readonly given: string;
  readonly middle?: string | undefined;
  readonly surname: string;
  readonly suffix?: string | undefined;
  readonly nickname?: string | undefined;
  readonly company: CompanyRecord;
  readonly jobTitle: string;
  readonly department: string;
  /** One to three. */
  readonly emails: readonly string[];
  readonly businessPhone?: string | undefined;
  readonly mobilePhone?: string | undefined;
  readonly homePhone?: string | undefined;
  readonly homeStreet?: string | undefined;
  readonly homeCity?: string | undefined;
  readonly homePostalCode?: string | undefined;
  readonly birthday?: PlainDate | undefined;
  readonly spouse?: string | undefined;
  readonly notes?: string | undefined;
  readonly categories: readonly string[];
}

export interface PlainDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface MeetingRecord {
  readonly subject: string;
  readonly location?: string | undefined;
  readonly notes?: string | undefined;
  /** Local date as days since 1970. */
  readonly day: number;
  /** Minutes after local midnight; 0 for all-day events. */
  readonly startMinute: number;
  readonly durationMinutes: number;
  readonly allDay: boolean;
  readonly reminderMinutes?: number | undefined;
  readonly attendees: readonly PersonRecord[];
  readonly categories: readonly string[];
  readonly isPrivate: boolean;
}

export interface TaskRecord {
  readonly subject: string;
  readonly notes?: string | undefined;
  readonly startDay?: number | undefined;
  readonly dueDay?: number | undefined;
  readonly status: 'notStarted' | 'inProgress' | 'completed' | 'waiting' | 'deferred';
  /** 0 to 100. */
  readonly percent: number;
  readonly importance: 'low' | 'normal' | 'high';
  readonly categories: readonly string[];
}

export function makeCompany(random: Random): CompanyRecord {
  const stem = pick(random, companyStems);
  const name = `${stem} ${pick(random, companyForms)}`;
  const place = pick(random, places);
  const domain = `${stem.toLowerCase().replace(/[^a-z]/g, '')}.example.com`;
  return {
    name,
    domain,
    street: `${pick(random, streets)} ${1 + below(random, 180)}`,
    city: place.city,
    postalCode: place.postalCode,
    country: place.country,
    phone: phoneNumber(random, place.prefix),
  };
}

export function makePerson(random: Random, company: CompanyRecord): PersonRecord {
  const given = pick(random, givenNames);
  const surname = pick(random, surnames);
  const place = pick(random, places);
  const local = `${plain(given)}.${plain(surname)}`;
  const emails = [`${local}@${company.domain}`];
  if (chance(random, 0.4)) emails.push(`${local}${below(random, 90) + 10}@mail.example.org`);
  if (chance(random, 0.15)) emails.push(`${plain(surname)}@home.example.net`);
  const hasHome = chance(random, 0.3);
  return {
    prefix: chance(random, 0.12) ? 'Dr.' : undefined,
    given,
    middle: chance(random, 0.15) ? pick(random, givenNames) : undefined,
    surname,
    suffix: chance(random, 0.04) ? 'Jr.' : undefined,
    nickname: chance(random, 0.08) ? given.slice(0, 3) : undefined,
    company,
    jobTitle: pick(random, jobTitles),
    department: pick(random, departments),
    emails,
    businessPhone: chance(random, 0.8) ? phoneNumber(random, place.prefix) : undefined,
    mobilePhone: chance(random, 0.7) ? phoneNumber(random, place.prefix) : undefined,
    homePhone: chance(random, 0.2) ? phoneNumber(random, place.prefix) : undefined,
    homeStreet: hasHome ? `${pick(random, streets)} ${1 + below(random, 90)}` : undefined,
    homeCity: hasHome ? place.city : undefined,
    homePostalCode: hasHome ? place.postalCode : undefined,
    birthday: chance(random, 0.35) ? birthday(random) : undefined,
    spouse: chance(random, 0.1) ? pick(random, givenNames) : undefined,
    notes: chance(random, 0.4) ? pick(random, contactNotes) : undefined,
    categories: chance(random, 0.3) ? [pick(random, categories)] : [],
  };
}

/** A meeting within half a year around `aroundDay`, with some of the people. */
export function makeMeeting(random: Random, people: readonly PersonRecord[], aroundDay: number): MeetingRecord {
  const day = aroundDay - 90 + below(random, 180);
  const allDay = chance(random, 0.1);
  const attendees: PersonRecord[] = [];
  if (!allDay && people.length > 0 && chance(random, 0.35)) {
    for (let n = 1 + below(random, 3); n > 0; n -= 1) {
      const one = pick(random, people);
      if (!attendees.includes(one)) attendees.push(one);
    }
  }
  const first = attendees[0];
  const topic = pick(random, topics);
  return {
    subject: first === undefined ? topic : `${topic}: ${first.company.name}`,
    location: chance(random, 0.7) ? pick(random, rooms) : undefined,
    notes: chance(random, 0.4) ? pick(random, meetingNotes) : undefined,
    day,
    startMinute: allDay ? 0 : 7 * 60 + 30 * below(random, 22),
    durationMinutes: allDay ? 1440 * (1 + below(random, 3)) : pick(random, [15, 30, 30, 45, 60, 60, 90, 120]),
    allDay,
    reminderMinutes: allDay ? undefined : pick(random, [undefined, 5, 15, 15, 15, 30, 60]),
    attendees,
    categories: chance(random, 0.25) ? [pick(random, categories)] : [],
    isPrivate: chance(random, 0.07),
  };
}

export function makeTask(random: Random, people: readonly PersonRecord[], aroundDay: number): TaskRecord {
  const status = pick(random, ['notStarted', 'notStarted', 'inProgress', 'completed', 'waiting', 'deferred'] as const);
  const startDay = chance(random, 0.5) ? aroundDay - 30 + below(random, 60) : undefined;
  const person = people.length > 0 && chance(random, 0.6) ? pick(random, people) : undefined;
  const verb = pick(random, taskVerbs);
  return {
    subject: person === undefined ? `${verb} ${pick(random, taskThings)}` : `${verb} ${person.given} ${person.surname}`,
    notes: chance(random, 0.3) ? pick(random, meetingNotes) : undefined,
    startDay,
    dueDay: chance(random, 0.8) ? (startDay ?? aroundDay) + below(random, 21) : undefined,
    status,
    percent: status === 'completed' ? 100 : status === 'inProgress' ? pick(random, [10, 25, 50, 75]) : 0,
    importance: pick(random, ['low', 'normal', 'normal', 'normal', 'high'] as const),
    categories: chance(random, 0.2) ? [pick(random, categories)] : [],
  };
}

function birthday(random: Random): PlainDate {
  return { year: 1945 + below(random, 60), month: 1 + below(random, 12), day: 1 + below(random, 28) };
}

function phoneNumber(random: Random, prefix: string): string {
  return `${prefix} ${100 + below(random, 900)} 555 ${String(below(random, 10_000)).padStart(4, '0')}`;
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
}

export const categories = ['Red Category', 'Blue Category', 'Customers', 'Personal', 'Follow-up'];
const givenNames = [
  'Anna',
  'Benoît',
  'Chloë',
  'David',
  'Elif',
  'Fatima',
  'Giorgos',
  'Hannah',
  'Iñigo',
  'Jürgen',
  'Katarzyna',
  'Liam',
  'Mei',
  'Noor',
  'Olga',
  'Priya',
  'Quentin',
  'Rosa',
  'Søren',
  'Thandi',
  'Ulrike',
  'Viktor',
  'Wanjiru',
  'Ximena',
  'Yuki',
  'Zoltán',
];
const surnames = [
  'Ångström',
  'Bauer',
  'Chen',
  "D'Angelo",
  'Eriksen',
  'Fernández',
  'García Márquez',
  'Hofmann',
  'Ibrahim',
  'Jansen',
  'Kowalska',
  'Lefèvre',
  'Müller',
  'Nakamura',
  'O’Brien',
  'Petrović',
  'Quist',
  'Rossi',
  'Šimůnek',
  'Takahashi',
  'Usman',
  'van der Berg',
  'Weiß',
  'Xu',
  'Yılmaz',
  'Zhang',
];
const companyStems = [
  'Northwind',
  'Aurora',
  'Bluewater',
  'Cedar',
  'Delta',
  'Evergreen',
  'Falcon',
  'Granite',
  'Harbour',
  'Iris',
  'Juniper',
  'Kestrel',
  'Lumen',
  'Meridian',
  'Nimbus',
  'Orchard',
  'Pioneer',
  'Quartz',
];
const companyForms = ['GmbH', 'AG', 'Ltd', 'Inc.', 'S.A.', 'B.V.', '& Sons', 'Kft.'];
const departments = ['Sales', 'Engineering', 'Finance', 'Operations', 'Marketing', 'Legal', 'Purchasing'];
const jobTitles = [
  'Account Manager',
  'Buyer',
  'Chief Executive',
  'Consultant',
  'Head of Purchasing',
  'Plant Manager',
  'Project Lead',
  'Software Engineer',
];
const streets = [
  'High Street',
  'Hauptstraße',
  'Rue de la Paix',
  'Via Roma',
  'Calle Mayor',
  'Station Road',
  'Lange Gasse',
];
const places = [
  { city: 'Berlin', postalCode: '10115', country: 'Germany', prefix: '+49 30' },
  { city: 'Wien', postalCode: '1010', country: 'Austria', prefix: '+43 1' },
  { city: 'Paris', postalCode: '75002', country: 'France', prefix: '+33 1' },
  { city: 'London', postalCode: 'EC1A 1BB', country: 'United Kingdom', prefix: '+44 20' },
  { city: 'Chicago', postalCode: '60601', country: 'United States', prefix: '+1 312' },
  { city: 'Tokyo', postalCode: '100-0001', country: 'Japan', prefix: '+81 3' },
] as const;
const rooms = [
  'Room 1',
  'Conference Room B',
  'Café on the corner',
  'Video call',
  'Head office, 3rd floor',
  'Customer site',
];
const topics = [
  'Quarterly review',
  'Contract talks',
  'Kick-off',
  'Product demo',
  'Lunch',
  'Interview',
  'Budget planning',
  'Site visit',
  'Service call',
];
const taskVerbs = ['Call', 'Write to', 'Prepare offer for', 'Send invoice to', 'Follow up with', 'Visit'];
const taskThings = ['the auditors', 'the print shop', 'all partners', 'the travel agency'];
const contactNotes = [
  'Met at the trade fair.',
  'Prefers e-mail.\r\nSpeaks French & German.',
  'Key decision maker <budget owner>.',
  'Allergic to nuts; vegetarian.',
];
const meetingNotes = [
  'Bring the samples.',
  'Agenda:\r\n1. Status\r\n2. Risks\r\n3. Next steps',
  'See last year’s minutes.',
  'Ask about "Plan B".',
];
