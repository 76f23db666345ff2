/**
 * A connector that runs at a host, as the engine sees it: the same contract as in its own process. What must hold: a write
 * that was not certainly kept from leaving, and has no outcome, is unknown; a list with anything missing is a fault, never a
 * shorter list.
 */
import type { Capabilities, Change, ChangePage, Connector, Reply, WriteOutcome } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import { connectorService, methodOf, protocolLimits } from '../protocol.ts';
import { faultOf } from '../wire/fault.ts';
import { isTooLarge } from '../wire/item.ts';
import {
  type WireChanges,
  type WireFault,
  type WireFound,
  type WireProbed,
  type WireRead,
  type WireWriteOutcome,
  type WireWritten,
  wireKind,
} from '../wire/messages.ts';
import { portions } from '../wire/portions.ts';
import { changeOf, probeOf, readOutcomeOf } from '../wire/reading.ts';
import { removedOf, wireCreation, wireRemoval, wireUpdate, writtenOf } from '../wire/writing.ts';
import { protocolBroken } from './host-faults.ts';
import type { Called, VisitCalls } from './visit-calls.ts';

const closeMs = 5_000;
const requestLimits = { bytesTarget: protocolLimits.requestBytesTarget, entriesMax: protocolLimits.requestEntriesMax };
const entryBytes = 256;
const method = (name: string) => methodOf(connectorService, name);

export function hostedConnector(capabilities: Capabilities, calls: VisitCalls): Connector {
  let closed: Promise<void> | undefined;
  return {
    capabilities,
    async probe() {
      const called = await calls.ask<WireProbed>(method('Probe'));
      if (called.kind !== 'answered') return failed(called.fault);
      const [{ probe, fault: trouble } = {}] = called.frames;
      if (trouble !== undefined) return failed(faultOf(trouble));
      return probe === undefined ? failed(protocolBroken) : { ok: true, value: probeOf(probe) };
    },
    async changes(kind, cursor) {
      const ask = { kind: wireKind(kind), ...(cursor !== null && { cursor }) };
      return pageOf(await calls.stream<WireChanges>(method('Changes'), ask));
    },
    async read(kind, ids) {
      const outcomes = [];
      for (const some of portions(ids, (id) => id.length + 8, requestLimits)) {
        const called = await calls.stream<WireRead>(method('Read'), { kind: wireKind(kind), ids: some });
        const reply = listOf(called, ({ outcomes: found }) => found, readOutcomeOf);
        if (!reply.ok) return reply;
        const isComplete = reply.value.every((outcome, at) => idOf(outcome) === some[at]);
        if (!isComplete || reply.value.length !== some.length) return failed(protocolBroken);
        outcomes.push(...reply.value);
      }
      return { ok: true, value: outcomes };
    },
    async findByLinkKey(kind, key) {
      const called = await calls.stream<WireFound>(method('FindByLinkKey'), { kind: wireKind(kind), linkKey: key });
      return listOf(
        called,
        ({ ids }) => ids,
        (id) => id,
      );
    },
    create: (kind, creates) =>
      write(calls, kind, creates.map(wireCreation), {
        name: 'Create',
        field: 'creations',
        jsonOf: ({ itemJson }) => itemJson,
        outcomeOf: writtenOf,
      }),
    update: (kind, updates) =>
      write(calls, kind, updates.map(wireUpdate), {
        name: 'Update',
        field: 'updates',
        jsonOf: ({ targetJson }) => targetJson,
        outcomeOf: writtenOf,
      }),
    remove: (kind, removes) =>
      write(calls, kind, removes.map(wireRemoval), {
        name: 'Remove',
        field: 'removals',
        jsonOf: () => undefined,
        outcomeOf: removedOf,
      }),
    close() {
      closed ??= calls.end(method('Close'), closeMs);
      return closed;
    },
  };
}

function failed(trouble: Fault): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: trouble };
}

function idOf(outcome: NonNullable<ReturnType<typeof readOutcomeOf>>): string {
  return outcome.kind === 'present' ? outcome.snapshot.id : outcome.id;
}

function pageOf(called: Called<WireChanges>): Reply<ChangePage> {
  const listed = listOf<WireChanges, NonNullable<WireChanges['changes']>[number], Change>(
    called,
    ({ changes }) => changes,
    changeOf,
  );
  if (!listed.ok || called.kind !== 'answered') return listed.ok ? failed(protocolBroken) : listed;
  const { end } = called.frames.at(-1) ?? {};
  if (end?.cursor === undefined) return failed(protocolBroken);
  return { ok: true, value: { changes: listed.value, cursor: end.cursor, complete: end.complete ?? false } };
}

/** All entries of all frames, or a fault: the one that was sent, that of the loss, or that an entry is not understood. */
function listOf<F extends { readonly fault?: WireFault }, W, T>(
  called: Called<F>,
  entriesOf: (frame: F) => readonly W[] | undefined,
  read: (wire: W) => T | undefined,
): Reply<readonly T[]> {
  if (called.kind !== 'answered') return failed(called.fault);
  const found: T[] = [];
  for (const frame of called.frames) {
    if (frame.fault !== undefined) return failed(faultOf(frame.fault));
    for (const wire of entriesOf(frame) ?? []) {
      const entry = read(wire);
      if (entry === undefined) return failed(protocolBroken);
      found.push(entry);
    }
  }
  return { ok: true, value: found };
}

interface Writing<W, T> {
  readonly name: string;
  /** The field of the request that holds the entries. */
  readonly field: string;
  readonly jsonOf: (entry: W) => string | undefined;
  readonly outcomeOf: (wire: WireWriteOutcome) => WriteOutcome<T> | undefined;
}

const tooLarge = fault('item.tooLarge', 'the item is larger than the connector protocol carries');

/** One outcome per entry, in order. Entries no message can hold are rejected; the others go in one call or several. */
async function write<W, T>(
  calls: VisitCalls,
  kind: Kind,
  entries: readonly W[],
  writing: Writing<W, T>,
): Promise<readonly WriteOutcome<T>[]> {
  const sendable = entries.filter((entry) => !isTooLarge(writing.jsonOf(entry)));
  const outcomes: WriteOutcome<T>[] = [];
  const size = (entry: W): number => (writing.jsonOf(entry)?.length ?? 0) + entryBytes;
  for (const some of portions(sendable, size, requestLimits)) {
    const called = await calls.stream<WireWritten>(method(writing.name), {
      kind: wireKind(kind),
      [writing.field]: some,
    });
    outcomes.push(...outcomesOf(called, some.length, writing, calls));
  }
  if (sendable.length === entries.length) return outcomes;
  const next = outcomes.values();
  return entries.map((entry) =>
    isTooLarge(writing.jsonOf(entry))
      ? { kind: 'rejected', fault: tooLarge }
      : (next.next().value ?? { kind: 'unknown', fault: protocolBroken }),
  );
}

function outcomesOf<W, T>(
  called: Called<WireWritten>,
  count: number,
  { outcomeOf }: Writing<W, T>,
  calls: VisitCalls,
): readonly WriteOutcome<T>[] {
  const all = (kind: 'rejected' | 'unknown', trouble: Fault): readonly WriteOutcome<T>[] =>
    Array.from({ length: count }, () => ({ kind, fault: trouble }));
  if (called.kind === 'refused') return all('rejected', called.fault);
  const said = called.frames.flatMap(({ outcomes = [] }) => outcomes);
  if (said.length > count) {
    calls.violated();
    return all('unknown', protocolBroken);
  }
  const missing = called.kind === 'lost' ? called.fault : protocolBroken;
  return Array.from({ length: count }, (_, at): WriteOutcome<T> => {
    const wire = said[at];
    return (wire && outcomeOf(wire)) ?? { kind: 'unknown', fault: missing };
  });
}
