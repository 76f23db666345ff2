/**
 * The canonical form of an item: two items that say the same are deeply equal once normalised, and nothing a user can see
 * is lost but white space at the ends, characters XML cannot carry and spelling variants of one category.
 *
 * Laws (tested): normalise(normalise(x)) equals normalise(x); the order of keys is that of `groups.ts`, maps are in the
 * order of their slots or by code point, so that equal items are also equal as JSON text.
 */
import type {
  Attendee,
  CalendarEvent,
  Contact,
  Item,
  Meeting,
  PostalAddress,
  Relations,
  ResponseStatus,
  Task,
  TaskProgress,
} from './item.ts';
import { addressSlots, emailSlots, phoneSlots } from './item.ts';
import { normaliseBody } from './normalise-body.ts';
import { normaliseOverrides } from './normalise-overrides.ts';
import { normaliseRule, normaliseTaskRule } from './normalise-rule.ts';
import { normaliseWhen } from './normalise-when.ts';
import { addressKey, byCodePoint, line, lines } from './text.ts';

/** One function per field group: its canonical value, undefined when it says nothing. */
type Rules<T extends Item> = {
  readonly [G in Exclude<keyof T, 'kind'>]-?: (value: NonNullable<T[G]>, item: T) => T[G] | undefined;
};

/** The item in canonical form; keys that are no field group are dropped. */
export function normalise<T extends Item>(item: T): T {
  switch (item.kind) {
    case 'contact':
      return apply<Contact>(contactRules, item) as T;
    case 'event':
      return apply<CalendarEvent>(eventRules, item) as T;
    case 'task':
      return apply<Task>(taskRules, item) as T;
  }
}

function apply<T extends Item>(rules: Rules<T>, item: T): T {
  // Untyped inside: the compiler cannot follow that the rule and the value belong to the same group.
  const canonical = rules as Readonly<Record<string, (value: unknown, item: T) => unknown>>;
  const values = item as unknown as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = { kind: item.kind };
  for (const name in canonical) {
    const given = values[name];
    if (given === undefined || given === null) continue;
    const value = canonical[name]!(given, item);
    if (value !== undefined) result[name] = value;
  }
  return result as unknown as T;
}

const contactRules: Rules<Contact> = {
  name: (name) => record(name, ['prefix', 'given', 'middle', 'surname', 'suffix', 'nickname'], line),
  organization: (value) => record(value, ['company', 'department', 'jobTitle', 'office', 'profession'], line),
  emails: (emails) => record(emails, emailSlots, line),
  phones: (phones) => record(phones, phoneSlots, line),
  addresses: (addresses) => record(addresses, addressSlots, address),
  mailingAddress: (slot) => slot,
  ims: (ims) => record(ims, emailSlots, line),
  webPage: line,
  birthday: line,
  anniversary: line,
  relations,
  categories,
  sensitivity: (sensitivity) => sensitivity,
  body: normaliseBody,
};

const eventRules: Rules<CalendarEvent> = {
  title: line,
  location: line,
  when: normaliseWhen,
  recurrence: normaliseRule,
  overrides: normaliseOverrides,
  showAs: (showAs) => showAs,
  reminder: ({ minutesBefore }) => ({ minutesBefore }),
  importance: (importance) => importance,
  sensitivity: (sensitivity) => sensitivity,
  categories,
  attendees,
  responses,
  meeting,
  body: normaliseBody,
};

const taskRules: Rules<Task> = {
  title: line,
  dates: (dates) => record(dates, ['start', 'due'], line),
  progress,
  recurrence: normaliseTaskRule,
  reminder: ({ at }) => ({ at }),
  importance: (importance) => importance,
  sensitivity: (sensitivity) => sensitivity,
  categories,
  body: normaliseBody,
};

/** Canonical values of the named keys, in that order; undefined when none has one. */
function record<T extends object, K extends keyof T & string>(
  value: T,
  keys: readonly K[],
  canonical: (value: NonNullable<T[K]>) => T[K] | undefined,
): T | undefined {
  let result: { [key in K]?: T[K] } | undefined;
  for (const key of keys) {
    const given = value[key];
    if (given === undefined || given === null) continue;
    const kept = canonical(given);
    if (kept === undefined) continue;
    result ??= {};
    result[key] = kept;
  }
  return result as T | undefined;
}

function address(value: PostalAddress): PostalAddress | undefined {
  const street = lines(value.street)?.trimStart();
  const rest = record(value, ['city', 'region', 'postcode', 'country'], line);
  return street === undefined ? rest : { street, ...rest };
}

function relations(value: Relations): Relations | undefined {
  const people = record(value, ['manager', 'assistant', 'spouse'], line);
  const children = (value.children ?? []).map(line).filter((child) => child !== undefined);
  return children.length === 0 ? people : { ...people, children };
}

function categories(names: readonly string[]): readonly string[] | undefined {
  const seen = new Map<string, string>();
  for (const name of names) {
    const clean = line(name);
    if (clean === undefined) continue;
    const key = clean.toLowerCase();
    if (!seen.has(key)) seen.set(key, clean);
  }
  return seen.size === 0 ? undefined : [...seen.values()].sort(byCodePoint);
}

function attendees(
  value: NonNullable<CalendarEvent['attendees']>,
  event: CalendarEvent,
): CalendarEvent['attendees'] | undefined {
  const organizer = event.meeting?.organizer === undefined ? '' : addressKey(event.meeting.organizer);
  const found = new Map<string, Attendee>();
  for (const [address, attendee] of Object.entries(value)) {
    const key = addressKey(address);
    if (key === '' || key === organizer || found.has(key)) continue;
    const name = line(attendee.name);
    found.set(key, name === undefined ? { role: attendee.role } : { name, role: attendee.role });
  }
  return sortedMap(found);
}

function responses(value: NonNullable<CalendarEvent['responses']>): CalendarEvent['responses'] | undefined {
  const found = new Map<string, ResponseStatus>();
  for (const [address, response] of Object.entries(value)) {
    const key = addressKey(address);
    if (key !== '' && !found.has(key)) found.set(key, response);
  }
  return sortedMap(found);
}

function sortedMap<V>(found: ReadonlyMap<string, V>): Record<string, V> | undefined {
  if (found.size === 0) return undefined;
  return Object.fromEntries([...found].sort(([one], [two]) => byCodePoint(one, two)));
}

function meeting(value: Meeting): Meeting {
  const organizer = value.organizer === undefined ? '' : addressKey(value.organizer);
  return {
    organizing: value.organizing,
    ...(organizer === '' ? {} : { organizer }),
    ...(value.myResponse === undefined ? {} : { myResponse: value.myResponse }),
    ...(value.cancelled === true ? { cancelled: true } : {}),
  };
}

/** Status, percent and completion day agree. Percent in whole numbers: some servers keep a fraction, some do not. */
function progress({ status, percent, completed }: TaskProgress): TaskProgress {
  if (status === 'notStarted') return { status, percent: 0 };
  if (status !== 'completed') return { status, percent: Math.round(percent) };
  return completed === undefined ? { status, percent: 100 } : { status, percent: 100, completed };
}
