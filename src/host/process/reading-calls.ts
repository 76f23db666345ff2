/** The reading calls of a connector process. */
import type { ReadOutcome } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import { protocolLimits } from '../protocol.ts';
import { wireFault } from '../wire/fault.ts';
import { isTooLarge } from '../wire/item.ts';
import type { WireChangesAsk, WireFindAsk, WireReadAsk, WireReadOutcome } from '../wire/messages.ts';
import { type PortionLimits, portions } from '../wire/portions.ts';
import { wireChange, wireReadOutcome } from '../wire/reading.ts';
import type { Sessions } from './serve-connector.ts';
import { type Frames, streaming } from './stream.ts';

export const frameLimits: PortionLimits = {
  bytesTarget: protocolLimits.frameBytesTarget,
  entriesMax: Number.POSITIVE_INFINITY,
};
/** What an id or a version adds to a frame besides its characters. */
const entryBytes = 32;

export function readingCalls(sessions: Sessions, ports: Ports) {
  return {
    Changes: streaming(sessions, changes, ports),
    Read: streaming(sessions, read, ports),
    FindByLinkKey: streaming(sessions, find, ports),
  };
}

const changes: Frames<WireChangesAsk> = async function* (connector, kind, { cursor }) {
  const reply = await connector.changes(kind, cursor ?? null);
  if (!reply.ok) return yield { fault: wireFault(reply.fault) };
  const { changes: all, cursor: next, complete } = reply.value;
  const end = { cursor: next, complete };
  const sized = portions(
    all.map(wireChange),
    ({ id = '', version = '' }) => id.length + version.length + entryBytes,
    frameLimits,
  );
  for (const some of sized) yield { changes: some };
  yield { end };
};

const read: Frames<WireReadAsk> = async function* (connector, kind, { ids = [] }) {
  const reply = await connector.read(kind, ids);
  if (!reply.ok) return yield { fault: wireFault(reply.fault) };
  for (const outcomes of portions(reply.value.map(fitting), sizeOf, frameLimits)) yield { outcomes };
};

/** An item that no frame can hold is not readable here; the others are. */
function fitting(outcome: ReadOutcome): WireReadOutcome {
  const wire = wireReadOutcome(outcome);
  if (!isTooLarge(wire.present?.itemJson)) return wire;
  const trouble = fault('item.tooLarge', 'the item is larger than the connector protocol carries');
  return wireReadOutcome({ kind: 'failed', id: wire.id ?? '', fault: trouble });
}

function sizeOf({ id = '', present }: WireReadOutcome): number {
  return id.length + (present?.itemJson?.length ?? 0) + (present?.version?.length ?? 0) + entryBytes;
}

const find: Frames<WireFindAsk> = async function* (connector, kind, { linkKey = '' }) {
  const reply = await connector.findByLinkKey(kind, linkKey);
  if (!reply.ok) return yield { fault: wireFault(reply.fault) };
  for (const ids of portions(reply.value, (id) => id.length + entryBytes, frameLimits)) yield { ids };
};
