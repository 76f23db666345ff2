/** What creating, updating and removing have in common: the batch, its certainty, and zones a server does not know. */
import type { WriteOutcome, Written } from '#contract/connector.ts';
import { type Fault, scopeOf } from '#contract/fault.ts';
import type { Item } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import { type Outcome, runBatch } from './batch.ts';
import type { Mailbox } from './mailbox.ts';
import { buildGetItem, idShape, readGetItem } from './operations/get-item.ts';
import { itemKeyOf } from './operations/item-id.ts';
import type { Entry } from './operations/response.ts';
import { classify, type Trouble } from './transport/classify.ts';
import type { EwsRequest } from './transport/session.ts';

export function rejected(fault: Fault): WriteOutcome<never> {
  return { kind: 'rejected', fault };
}

export function unknown(fault: Fault): WriteOutcome<never> {
  return { kind: 'unknown', fault };
}

/** Trouble with a write that may have happened is unknown. */
export function failedWrite(trouble: Trouble): WriteOutcome<never> {
  return trouble.certain ? rejected(trouble.fault) : unknown(trouble.fault);
}

/**
 * Writes in batches. A request is halved only when it was certainly refused for its content: one bad entry makes the
 * server refuse all of it, and nothing of it was done.
 */
export function writeBatch<I, O>(
  mailbox: Mailbox,
  inputs: readonly I[],
  build: (inputs: readonly I[]) => EwsRequest,
  read: (response: XmlElement, inputs: number) => readonly Entry<O>[],
): Promise<readonly Outcome<O>[]> {
  return runBatch(mailbox.session, () => mailbox.now(), inputs, {
    build,
    read: (response, part) => read(response, part.length),
    size: mailbox.writeSize,
    splits: isContent,
  });
}

function isContent(trouble: Trouble): boolean {
  const { code } = trouble.fault;
  return trouble.certain && (code === 'defect.request' || scopeOf(code) === 'item');
}

/** The server does not know or not accept the zone named; ews.md 14: definitions, then times in UTC, are tried instead. */
export function refusesZone(trouble: Trouble): boolean {
  if (trouble.code === 'ErrorTimeZone' || trouble.code === 'ErrorCalendarInvalidTimeZone') return true;
  return /^calendar:(Start|End|Meeting)TimeZone$/.test(trouble.details?.property ?? '');
}

/** The latest zone is 14 hours ahead of UTC; a server's clock may be a little behind. */
const todayEverywhereMs = 15 * 60 * 60 * 1000;

/**
 * The server calls the day a task was completed the future, although somewhere it is today: it takes the completion without
 * a day and sets its own. A day that is really in the future stays refused.
 */
export function refusesToday(trouble: Trouble, item: Item, now: number): boolean {
  if (trouble.code !== 'ErrorInvalidCompleteDate' || item.kind !== 'task') return false;
  const latest = new Date(now + todayEverywhereMs).toISOString().slice(0, 10);
  return item.progress.completed !== undefined && item.progress.completed <= latest;
}

/** Present change keys, one outcome per id; undefined where the server gives none. */
export async function readKeys(
  mailbox: Mailbox,
  ids: readonly string[],
): Promise<readonly Outcome<string | undefined>[]> {
  if (ids.length === 0) return [];
  const outcomes = await runBatch(mailbox.session, () => mailbox.now(), ids, {
    build: (part) => buildGetItem(idShape, part),
    read: readGetItem,
    size: mailbox.writeSize,
    splits: () => false,
  });
  return outcomes.map((outcome, index) => {
    if (outcome.kind === 'trouble') return outcome;
    const key = itemKeyOf(outcome.value);
    if (key?.id !== ids[index]) {
      return { kind: 'trouble', trouble: classify({ kind: 'missing', operation: 'GetItem' }, mailbox.now()) };
    }
    return { kind: 'value', value: key?.changeKey };
  });
}

/** A write that happened, waiting for its version; `version` undefined: the answer gave no usable one. */
export interface Done {
  readonly id: string;
  readonly version: string | undefined;
}

/** Completes writes that happened with their present version. One that cannot be read is unknown, never guessed. */
export async function withVersions(mailbox: Mailbox, done: readonly Done[]): Promise<readonly WriteOutcome<Written>[]> {
  const unversioned = done.filter((one) => one.version === undefined).map((one) => one.id);
  const keys = await readKeys(mailbox, unversioned);
  const byId = new Map(unversioned.map((id, index) => [id, keys[index]]));
  return done.map(({ id, version }) => {
    if (version !== undefined) return { kind: 'applied', value: { id, version } };
    const key = byId.get(id);
    if (key?.kind === 'value' && key.value !== undefined) return { kind: 'applied', value: { id, version: key.value } };
    const trouble =
      key?.kind === 'trouble' ? key.trouble : classify({ kind: 'missing', operation: 'GetItem' }, mailbox.now());
    return unknown(trouble.fault);
  });
}
