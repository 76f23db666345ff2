/**
 * Reading items: GetItem in batches, changed occurrences of series in a second one, addresses of colleagues looked up. An
 * item is handed on whole or as failed, never with a part missing: the missing part would read as cleared by the user.
 */
import type { ReadOutcome, RemoteId, Reply, Snapshot } from '#contract/connector.ts';
import { type Fault, fault, scopeOf } from '#contract/fault.ts';
import type { Instant, Kind } from '#model/item.ts';
import { childText, type XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { type BatchSize, concernsAll, type Outcome, runBatch } from './batch.ts';
import type { Found, Mailbox } from './mailbox.ts';
import { withExceptions } from './mapping/exceptions.ts';
import type { KindMapping, MappingContext, ReadItem } from './mapping/mapping.ts';
import { buildGetFolder } from './operations/get-folder.ts';
import { buildGetItem, readGetItem } from './operations/get-item.ts';
import { itemKeyOf } from './operations/item-id.ts';
import type { Trouble } from './transport/classify.ts';

/** An item with the element it was read from. */
export interface Stored {
  readonly snapshot: Snapshot;
  readonly element: XmlElement;
}

/** Items mapped at a time, to bound memory. */
const chunkItemsMax = 200;

/** One outcome per id, in order. */
export async function readItems(
  mailbox: Mailbox,
  kind: Kind,
  ids: readonly RemoteId[],
): Promise<Reply<readonly ReadOutcome[]>> {
  const outcomes: ReadOutcome[] = [];
  for (let from = 0; from < ids.length; from += chunkItemsMax) {
    const part = ids.slice(from, from + chunkItemsMax);
    const stored = await readStored(mailbox, kind, part);
    if (!stored.ok) return { ok: false, fault: stored.trouble.fault };
    stored.value.forEach((outcome, index) => {
      outcomes.push(readOutcome(part[index] as RemoteId, outcome));
    });
  }
  return { ok: true, value: outcomes };
}

function readOutcome(id: RemoteId, outcome: Outcome<Stored>): ReadOutcome {
  if (outcome.kind === 'value') return { kind: 'present', snapshot: outcome.value.snapshot };
  const { fault } = outcome.trouble;
  return fault.code === 'item.gone' ? { kind: 'gone', id } : { kind: 'failed', id, fault };
}

/** The items with their elements. Trouble that is not about single items is the answer for all. */
export async function readStored(
  mailbox: Mailbox,
  kind: Kind,
  ids: readonly RemoteId[],
): Promise<Found<readonly Outcome<Stored>[]>> {
  const mapping = mailbox.mappings[kind];
  const found = await mailbox.context();
  if (!found.ok) return found;
  const elements = await readElements(mailbox, mapping.shape, ids, mailbox.readSize(kind));
  if (!elements.ok) return elements;
  const read = await mapped(mailbox, mapping, found.value, elements.value);
  if (!read.ok) return read;
  const exceptions = await readExceptions(mailbox, kind, read.value);
  if (!exceptions.ok) return exceptions;
  const clockOffsetMs = mailbox.session.clockOffsetMs ?? 0;
  return {
    ok: true,
    value: read.value.map((one, index) =>
      whole(one, ids[index] as RemoteId, exceptions.value, found.value, clockOffsetMs),
    ),
  };
}

/** Elements by id in any shape, one outcome per id. */
export async function readElements(
  mailbox: Mailbox,
  shape: Markup,
  ids: readonly RemoteId[],
  size: BatchSize,
): Promise<Found<readonly Outcome<XmlElement>[]>> {
  if (ids.length === 0) return { ok: true, value: [] };
  const answered = await runBatch(mailbox.session, () => mailbox.now(), ids, {
    build: (part) => buildGetItem(shape, part),
    read: readGetItem,
    size,
    splits: mayBeOneItem,
  });
  const outcomes = answered.map(unlessForeign);
  const trouble = await commonTrouble(mailbox, outcomes);
  if (trouble !== undefined) return { ok: false, trouble };
  const asked = new Set(ids);
  return { ok: true, value: outcomes.map((outcome, index) => checked(outcome, ids[index] as RemoteId, asked)) };
}

/**
 * Ids are made by the server and hold the mailbox they are for. After a move to another server the old ones are of another
 * mailbox, or no ids at all there: no item of this mailbox has them.
 */
function unlessForeign<T>(outcome: Outcome<T>): Outcome<T> {
  if (outcome.kind === 'value') return outcome;
  const { code, details, fault: found } = outcome.trouble;
  const isOther = code === 'ErrorNonExistentMailbox' && details?.values.MailboxGuid !== undefined;
  if (!isOther && code !== 'ErrorInvalidIdMalformed' && code !== 'ErrorInvalidId') return outcome;
  const more = found.source === undefined ? {} : { source: found.source };
  return {
    kind: 'trouble',
    trouble: { ...outcome.trouble, fault: fault('item.gone', 'The id is of another mailbox.', more) },
  };
}

/** A whole GetItem may fail because of one item in it: the server crashes on it, times out or writes what is no XML. */
function mayBeOneItem(trouble: Trouble): boolean {
  switch (trouble.fault.code) {
    case 'server.failure':
    case 'server.garbled':
    case 'server.timeout':
    case 'defect.request':
      return true;
    default:
      return scopeOf(trouble.fault.code) === 'item';
  }
}

/** More items than this do not break by themselves at once: then it is the server. */
const suspectsMax = 8;

/**
 * Trouble of the mailbox or server among the outcomes. What may be a few items' own trouble is theirs when others were
 * read, or when the server answers a harmless question.
 */
async function commonTrouble(mailbox: Mailbox, outcomes: readonly Outcome<XmlElement>[]): Promise<Trouble | undefined> {
  const suspects: Trouble[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'value' || !concernsAll(outcome.trouble)) continue;
    // Certainly without effect: the request was not even sent, so nothing can be said about its items.
    if (outcome.trouble.certain || !mayBeOneItem(outcome.trouble)) return outcome.trouble;
    suspects.push(outcome.trouble);
  }
  if (suspects.length === 0) return undefined;
  if (suspects.length > suspectsMax) return suspects[0];
  if (outcomes.some((outcome) => outcome.kind === 'value')) return undefined;
  const answer = await mailbox.session.call(buildGetFolder(['contacts'], mailbox.owner));
  return answer.ok ? undefined : suspects[0];
}

/** Trouble left here is this item's own. An answer with another one's id means the batch got out of step. */
function checked(outcome: Outcome<XmlElement>, id: RemoteId, asked: ReadonlySet<string>): Outcome<XmlElement> {
  if (outcome.kind === 'trouble') return concernsAll(outcome.trouble) ? unreadable(outcome.trouble.fault) : outcome;
  const key = itemKeyOf(outcome.value);
  if (key !== undefined && (key.id === id || !asked.has(key.id))) return outcome;
  return unreadable(fault('server.garbled', 'The server answered with another item than asked for.'));
}

function unreadable({ source }: Fault): Outcome<never> {
  const more = source === undefined ? {} : { source };
  return {
    kind: 'trouble',
    trouble: { fault: fault('item.unreadable', 'The server cannot hand out this item.', more), certain: true },
  };
}

/** An item as far as one element says it. */
interface Read {
  readonly element: XmlElement;
  readonly item: ReadItem;
}

async function mapped(
  mailbox: Mailbox,
  mapping: KindMapping,
  context: MappingContext,
  elements: readonly Outcome<XmlElement>[],
): Promise<Found<readonly Outcome<Read>[]>> {
  const read = elements.map((outcome) =>
    outcome.kind === 'value' ? mappedOne(mapping, context, outcome.value) : outcome,
  );
  const unresolved = read.flatMap((one) => (one.kind === 'value' ? one.value.item.unresolved : []));
  if (unresolved.length === 0) return { ok: true, value: read };
  const trouble = await mailbox.addresses.learn(unresolved, () => mailbox.now());
  if (trouble !== undefined) return { ok: false, trouble };
  return { ok: true, value: read.map((one) => withAddresses(mapping, context, one)) };
}

/** The item again, now that its addresses were asked for; one that still lacks any is not handed on. */
function withAddresses(mapping: KindMapping, context: MappingContext, read: Outcome<Read>): Outcome<Read> {
  if (read.kind === 'trouble' || read.value.item.unresolved.length === 0) return read;
  const again = mappedOne(mapping, context, read.value.element);
  if (again.kind === 'trouble' || again.value.item.unresolved.length === 0) return again;
  return unreadable(fault('item.unreadable', '', { source: 'ResolveNames' }));
}

function mappedOne(mapping: KindMapping, context: MappingContext, element: XmlElement): Outcome<Read> {
  const itemClass = childText(element, 'ItemClass')?.trim();
  if (itemClass !== undefined && itemClass !== '' && !mapping.accepts(itemClass)) {
    const trouble = {
      fault: fault('item.unsupported', `Items of class ${itemClass} are not kept the same.`),
      certain: true,
    };
    return { kind: 'trouble', trouble };
  }
  const result = mapping.read(element, context);
  if (!result.ok) return { kind: 'trouble', trouble: { fault: result.fault, certain: true } };
  return { kind: 'value', value: { element, item: result.value } };
}

type Exceptions = ReadonlyMap<string, Outcome<XmlElement>>;

async function readExceptions(
  mailbox: Mailbox,
  kind: Kind,
  read: readonly Outcome<Read>[],
): Promise<Found<Exceptions>> {
  const { exceptionShape } = mailbox.mappings[kind];
  const ids = read.flatMap((one) => (one.kind === 'value' ? one.value.item.exceptionIds : []));
  if (ids.length === 0 || exceptionShape === undefined) return { ok: true, value: new Map() };
  const elements = await readElements(mailbox, exceptionShape, ids, mailbox.readSize(kind));
  if (!elements.ok) return elements;
  return { ok: true, value: new Map(elements.value.map((outcome, index) => [ids[index] as string, outcome])) };
}

/** A server tells its clock with every answer. */
function byOurClock(instant: Instant, clockOffsetMs: number): Instant {
  if (clockOffsetMs === 0) return instant;
  return `${new Date(Date.parse(instant) - clockOffsetMs).toISOString().slice(0, 19)}Z`;
}

function whole(
  read: Outcome<Read>,
  id: RemoteId,
  exceptions: Exceptions,
  context: MappingContext,
  clockOffsetMs: number,
): Outcome<Stored> {
  if (read.kind === 'trouble') return read;
  const { element, item } = read.value;
  const elements: XmlElement[] = [];
  for (const exceptionId of item.exceptionIds) {
    const exception = exceptions.get(exceptionId);
    // Gone already: the series changed between the two requests. The next change of it brings it again.
    if (exception?.kind !== 'value') return unreadable(exception?.trouble.fault ?? fault('item.unreadable', ''));
    elements.push(exception.value);
  }
  const complete =
    item.item.kind === 'event' && elements.length > 0
      ? withExceptions(item.item, element, elements, context)
      : item.item;
  const snapshot: Snapshot = {
    id,
    version: item.changeKey,
    item: complete,
    ...(item.linkKey !== undefined && { linkKey: item.linkKey }),
    ...(item.modifiedAt !== undefined && { modifiedAt: byOurClock(item.modifiedAt, clockOffsetMs) }),
  };
  return { kind: 'value', value: { snapshot, element } };
}
