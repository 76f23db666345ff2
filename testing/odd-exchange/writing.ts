/** CreateItem, UpdateItem and DeleteItem, one input at a time. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Kind, OddMailbox, OwnOccurrence, Stored } from './mailbox.ts';
import { t, textOf } from './node.ts';
import { type Bag, keyOfPath, put } from './properties.ts';
import { Refused } from './refused.ts';
import { firstDate, planned, settleTimes } from './times.ts';
import type { Traits } from './traits.ts';

const kinds: readonly string[] = ['Contact', 'CalendarItem', 'Task'] satisfies readonly Kind[];

/** What a write left: the id, and the number its change key is made of. */
export interface Left {
  readonly kind: Kind;
  readonly id: string;
  readonly serial: number;
}

export function created(mailbox: OddMailbox, folder: Kind, element: XmlElement): Left {
  if (!kinds.includes(element.name) || element.name !== folder)
    throw new Refused('ErrorCannotCreateContactInNonContactFolder');
  const bag: Bag = new Map();
  for (const property of element.children) {
    refuseZone(property, mailbox.traits);
    put(bag, property);
  }
  settleTimes(bag);
  settleRule(bag);
  settleTask(bag, mailbox.traits);
  const { id, serial } = mailbox.add(folder, bag);
  return { kind: folder, id, serial };
}

/** The traits that do not like zones. */
function refuseZone(property: XmlElement, traits: Traits): void {
  if (!/^(Start|End)TimeZone$/.test(property.name)) return;
  const uri = `calendar:${property.name}`;
  if (traits.refusesZones === true) throw new Refused('ErrorInvalidPropertySet', uri);
  if (traits.refusesZoneNames === true && property.children.length === 0) throw new Refused('ErrorTimeZone', uri);
}

function settleRule(bag: Bag): void {
  const rule = bag.get('Recurrence');
  if (rule !== undefined && bag.has('Start')) firstDate(rule);
}

/** Status, percentage and completion day of a task hang together, on servers that know about it. */
function settleTask(bag: Bag, traits: Traits): void {
  const status = textOf(bag.get('Status'));
  if (traits.untiedTasks === true || status === '') return;
  if (status === 'Completed') {
    bag.set('PercentComplete', t('PercentComplete', '100'));
    if (!bag.has('CompleteDate')) bag.set('CompleteDate', t('CompleteDate', '2026-01-01T00:00:00Z'));
    return;
  }
  bag.delete('CompleteDate');
  if (status === 'NotStarted' || textOf(bag.get('PercentComplete')) === '100') bag.delete('PercentComplete');
}

/** One `t:ItemChange`. */
export function updated(mailbox: OddMailbox, change: XmlElement, resolution: string | undefined): Left {
  const [target] = change.children;
  const updates = child(change, 'Updates')?.children ?? [];
  if (target === undefined || updates.length === 0) throw new Refused('ErrorInvalidRequest');
  const { item, index } = targetOf(mailbox, target);
  const own = index === undefined ? undefined : occurrenceAt(mailbox, item, index);
  refuseStale(mailbox, item, own, target, resolution);
  const bag: Bag = new Map(own?.bag ?? item.bag);
  for (const update of updates) apply(bag, update, item.kind, mailbox.traits);
  settleTimes(own === undefined ? bag : withZone(bag, item.bag));
  if (own === undefined) settleRule(bag);
  const wasCompleted = textOf(item.bag.get('Status')) === 'Completed';
  if (item.kind === 'Task' && (wasCompleted || bag.has('Status'))) settleTask(bag, mailbox.traits);
  return own === undefined || index === undefined
    ? kept(mailbox, item, bag, updates)
    : keptOccurrence(mailbox, item, index, own, bag);
}

/** The item or occurrence a write is about. */
function targetOf(mailbox: OddMailbox, target: XmlElement): { readonly item: Stored; readonly index?: number } {
  if (target.name === 'ItemId') return mailbox.named(target.attributes.Id ?? '');
  if (target.name !== 'OccurrenceItemId' || mailbox.traits.refusesOccurrenceIds === true) {
    throw new Refused('ErrorInvalidRequest');
  }
  const { item } = mailbox.named(target.attributes.RecurringMasterId ?? '');
  const index = Number(target.attributes.InstanceIndex);
  if (item.excluded.has(index)) throw new Refused('ErrorCalendarOccurrenceIsDeletedFromRecurrence');
  if (planned(item, index) === undefined) throw new Refused('ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
  return { item, index };
}

function occurrenceAt(mailbox: OddMailbox, item: Stored, index: number): OwnOccurrence {
  const found = item.occurrences.get(index);
  if (found !== undefined) return found;
  const { start, end } = planned(item, index) ?? { start: '', end: '' };
  const bag: Bag = new Map([
    ['Start', t('Start', start)],
    ['End', t('End', end)],
  ]);
  return { id: mailbox.newId(), bag, serial: item.serial };
}

function refuseStale(
  mailbox: OddMailbox,
  item: Stored,
  own: OwnOccurrence | undefined,
  target: XmlElement,
  resolution: string | undefined,
): void {
  if (mailbox.traits.ignoresConflicts === true || resolution === 'AlwaysOverwrite') return;
  const current = target.name === 'ItemId' && own !== undefined ? own : item;
  const given = target.attributes.ChangeKey;
  if (given === undefined) throw new Refused('ErrorChangeKeyRequired');
  if (given !== mailbox.keyOf(current)) throw new Refused('ErrorIrresolvableConflict');
}

function apply(bag: Bag, update: XmlElement, kind: Kind, traits: Traits): void {
  const [path, holder] = update.children;
  if (path === undefined) throw new Refused('ErrorInvalidRequest');
  const key = keyOfPath(path);
  if (update.name === 'DeleteItemField') {
    bag.delete(key);
    return;
  }
  const [property, ...more] = holder?.children ?? [];
  if (update.name !== 'SetItemField' || holder?.name !== kind) throw new Refused('ErrorInvalidRequest');
  if (property === undefined || more.length > 0) throw new Refused('ErrorIncorrectUpdatePropertyCount');
  if (path.name === 'FieldURI' && property.name !== key) throw new Refused('ErrorUpdatePropertyMismatch');
  refuseZone(property, traits);
  put(bag, property);
}

/** Times of an occurrence without offset are of the series' zone. */
function withZone(bag: Bag, series: Bag): Bag {
  const zone = series.get('StartTimeZone');
  if (zone !== undefined) bag.set('StartTimeZone', zone);
  return bag;
}

const dropping = /:(Start|End|StartTimeZone|EndTimeZone|IsAllDayEvent|Recurrence)$/;

function kept(mailbox: OddMailbox, item: Stored, bag: Bag, updates: readonly XmlElement[]): Left {
  item.bag.clear();
  for (const [key, value] of bag) item.bag.set(key, value);
  if (updates.some((update) => dropping.test(update.children[0]?.attributes.FieldURI ?? ''))) {
    item.occurrences.clear();
    item.excluded.clear();
  }
  mailbox.changed(item);
  return item;
}

function keptOccurrence(mailbox: OddMailbox, item: Stored, index: number, own: OwnOccurrence, bag: Bag): Left {
  bag.delete('StartTimeZone');
  mailbox.changed(item);
  const serial = mailbox.traits.ownOccurrenceKeys === true ? mailbox.next() : item.serial;
  item.occurrences.set(index, { id: own.id, bag, serial });
  return { kind: item.kind, id: own.id, serial };
}

/** One id of DeleteItem. */
export function removed(mailbox: OddMailbox, target: XmlElement): void {
  const { item, index } = targetOf(mailbox, target);
  if (index === undefined) {
    mailbox.removed(item);
    if (mailbox.traits.deletesAsNotFound === true) throw new Refused('ErrorItemNotFound');
    return;
  }
  item.occurrences.delete(index);
  item.excluded.add(index);
  mailbox.changed(item);
}
