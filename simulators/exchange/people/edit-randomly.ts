/** One thing a person does in Outlook: edit a field, move a meeting, add, remove, complete, touch one occurrence. */
import type { Random } from '#ports/ports.ts';
import { completeAppointment } from '../truth/appointment-rules.ts';
import { completeContact } from '../truth/contact-rules.ts';
import { Draft } from '../truth/draft.ts';
import { familyOf, type Item, itemClassOf } from '../truth/item.ts';
import type { Mailbox } from '../truth/mailbox.ts';
import type { PropertyKey } from '../truth/properties.ts';
import { contact, event, message, phone, postal, todo } from '../truth/property-keys.ts';
import { occurrenceOn, occurrences } from '../truth/series.ts';
import { completeTask, splitCompleted, taskStatus } from '../truth/task-rules.ts';
import type { Truth } from '../truth/truth.ts';
import { categories, makeCompany, makeMeeting, makePerson, makeTask } from './fixtures.ts';
import { addAppointment, addContact, addTask } from './outlook-items.ts';
import { below, chance, pick } from './seeded-random.ts';

export type EditKind =
  | 'add'
  | 'remove'
  | 'editField'
  | 'moveMeeting'
  | 'changeCategory'
  | 'completeTask'
  | 'moveOccurrence'
  | 'renameOccurrence'
  | 'removeOccurrence';

/** What was done, for a ledger. */
export interface EditRecord {
  readonly kind: EditKind;
  readonly family: 'contact' | 'appointment' | 'task';
  /** Number of the item in its store after the edit; of the removed one before it. */
  readonly item: number;
  /** Name of the field and the value written, where one was. */
  readonly field?: string | undefined;
  readonly value?: string | undefined;
}

/** Occurrences from which one is chosen. */
const occurrencesSeen = 20;

/** Does one edit; `witness`, when given, becomes part of any text written. */
export function editRandomly(truth: Truth, mailbox: Mailbox, random: Random, witness?: string): EditRecord {
  const items = [
    ...mailbox.wellKnown('contacts').items.values(),
    ...mailbox.wellKnown('calendar').items.values(),
    ...mailbox.wellKnown('tasks').items.values(),
  ].filter((one) => familyName(one) !== undefined);
  if (items.length === 0 || chance(random, 0.15)) return add(truth, mailbox, random);
  const item = pick(random, items);
  const family = familyName(item) ?? 'contact';
  if (chance(random, 0.1)) {
    mailbox.remove(item, 'trash');
    return { kind: 'remove', family, item: item.counter };
  }
  if (chance(random, 0.12)) return changeCategory(mailbox, random, item, family);
  switch (family) {
    case 'contact':
      return editContact(mailbox, random, item, witness);
    case 'appointment':
      return editAppointment(mailbox, random, item, witness);
    case 'task':
      return editTask(mailbox, random, item, witness);
  }
}

/** Changes one occurrence: moved by half an hour, renamed, or taken out. */
export function changeOccurrence(
  mailbox: Mailbox,
  item: Item,
  day: number,
  how: 'move' | 'rename' | 'remove',
  random: Random,
  witness?: string,
): void {
  const { series } = item;
  if (series?.kind !== 'appointment') return;
  const by = mailbox.description.displayName;
  if (how === 'remove') {
    mailbox.removeOccurrence(item, series, day, by);
    return;
  }
  const occurrence = occurrenceOn(series, day);
  const draft = new Draft({ item, occurrence });
  if (how === 'rename') {
    draft.set(message.subject, `${draft.get(message.subject) ?? ''} ${witness ?? `(special ${below(random, 1000)})`}`);
  }
  const shiftMs = how === 'move' ? pick(random, [-30, 30, 60]) * 60_000 : 0;
  const times = {
    start: { kind: 'instant' as const, utcMs: occurrence.startMs + shiftMs },
    end: { kind: 'instant' as const, utcMs: occurrence.endMs + shiftMs },
  };
  if (completeAppointment(draft, times, mailbox) === undefined) mailbox.update(draft, by);
}

function familyName(item: Item): EditRecord['family'] | undefined {
  const family = familyOf(itemClassOf({ item, occurrence: undefined }));
  return family === 'contact' || family === 'appointment' || family === 'task' ? family : undefined;
}

function add(truth: Truth, mailbox: Mailbox, random: Random): EditRecord {
  const today = Math.floor(truth.ports.clock.now() / 86_400_000);
  const person = makePerson(random, makeCompany(random));
  switch (below(random, 3)) {
    case 0:
      return { kind: 'add', family: 'contact', item: addContact(mailbox, person).counter };
    case 1:
      return {
        kind: 'add',
        family: 'appointment',
        item: addAppointment(mailbox, makeMeeting(random, [person], today)).counter,
      };
    default:
      return { kind: 'add', family: 'task', item: addTask(mailbox, makeTask(random, [person], today)).counter };
  }
}

function changeCategory(mailbox: Mailbox, random: Random, item: Item, family: EditRecord['family']): EditRecord {
  const draft = new Draft({ item, occurrence: undefined });
  const value = pick(random, categories);
  const current = draft.get(message.categories) ?? [];
  const next = current.includes(value) ? current.filter((one) => one !== value) : [...current, value];
  draft.put(message.categories, next.length === 0 ? undefined : next);
  mailbox.update(draft, mailbox.description.displayName);
  return { kind: 'changeCategory', family, item: item.counter, field: 'categories', value };
}

const contactFields: readonly (readonly [string, PropertyKey<string>])[] = [
  ['jobTitle', contact.jobTitle],
  ['department', contact.department],
  ['companyName', contact.companyName],
  ['notes', message.body],
  ['givenName', contact.givenName],
  ['surname', contact.surname],
  ['businessCity', postal.Business.City],
  ...(['BusinessPhone', 'MobilePhone', 'HomePhone'] as const).flatMap((name) => {
    const key = phone[name];
    return key === undefined ? [] : [[name, key] as const];
  }),
];

function editContact(mailbox: Mailbox, random: Random, item: Item, witness: string | undefined): EditRecord {
  const [field, key] = pick(random, contactFields);
  const isPhone = field.endsWith('Phone');
  const value = witness ?? (isPhone ? `+49 30 ${below(random, 1_000_000)}` : `${field} ${below(random, 1_000_000)}`);
  const draft = new Draft({ item, occurrence: undefined });
  draft.set(key, value);
  completeContact(draft);
  mailbox.update(draft, mailbox.description.displayName);
  return { kind: 'editField', family: 'contact', item: item.counter, field, value };
}

function editAppointment(mailbox: Mailbox, random: Random, item: Item, witness: string | undefined): EditRecord {
  const record = { family: 'appointment' as const, item: item.counter };
  if (item.series?.kind === 'appointment' && chance(random, 0.5)) {
    const how = pick(random, ['move', 'rename', 'remove'] as const);
    const day = someDay(item, random);
    if (day !== undefined) {
      changeOccurrence(mailbox, item, day, how, random, witness);
      return { ...record, kind: `${how}Occurrence`, value: witness };
    }
  }
  const draft = new Draft({ item, occurrence: undefined });
  if (item.series === undefined && chance(random, 0.4)) {
    const shiftMs = (below(random, 14) - 7) * 86_400_000 + below(random, 8) * 1_800_000;
    const moved = (key: typeof event.start) => ({ kind: 'instant' as const, utcMs: (draft.get(key) ?? 0) + shiftMs });
    completeAppointment(draft, { start: moved(event.start), end: moved(event.end) }, mailbox);
    mailbox.update(draft, mailbox.description.displayName);
    return { ...record, kind: 'moveMeeting' };
  }
  const [field, key] = pick(random, [
    ['subject', message.subject],
    ['location', event.location],
    ['notes', message.body],
  ] as const);
  const value = witness ?? `${field} ${below(random, 1_000_000)}`;
  draft.set(key, value);
  completeAppointment(draft, {}, mailbox);
  mailbox.update(draft, mailbox.description.displayName);
  return { ...record, kind: 'editField', field, value };
}

function someDay(item: Item, random: Random): number | undefined {
  const days: number[] = [];
  if (item.series?.kind === 'appointment') {
    for (const one of occurrences(item.series)) {
      days.push(one.day);
      if (days.length >= occurrencesSeen) break;
    }
  }
  return days.length < 2 ? undefined : pick(random, days);
}

function editTask(mailbox: Mailbox, random: Random, item: Item, witness: string | undefined): EditRecord {
  const by = mailbox.description.displayName;
  const record = { family: 'task' as const, item: item.counter };
  const draft = new Draft({ item, occurrence: undefined });
  const { zone } = mailbox.description;
  if (draft.get(todo.complete) !== true && chance(random, 0.3)) {
    draft.set(todo.status, taskStatus.completed);
    completeTask(draft, { zone }, mailbox);
    const done = splitCompleted(draft, item, mailbox);
    mailbox.update(draft, by);
    if (done !== undefined) mailbox.create(item.folder, done, by);
    return { ...record, kind: 'completeTask' };
  }
  const [field, key] = pick(random, [
    ['subject', message.subject],
    ['notes', message.body],
  ] as const);
  const value = witness ?? `${field} ${below(random, 1_000_000)}`;
  draft.set(key, value);
  completeTask(draft, { zone }, mailbox);
  mailbox.update(draft, by);
  return { ...record, kind: 'editField', field, value };
}
