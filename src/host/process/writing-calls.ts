/** The writing calls of a connector process. */
import type { WriteOutcome, Written } from '#contract/connector.ts';
import type { Ports } from '#ports/ports.ts';
import { isTooLarge } from '../wire/item.ts';
import type { WireCreateAsk, WireRemoveAsk, WireUpdateAsk, WireWriteOutcome } from '../wire/messages.ts';
import { portions } from '../wire/portions.ts';
import { creationOf, removalOf, updateOf, wireWriteOutcome } from '../wire/writing.ts';
import { frameLimits } from './reading-calls.ts';
import type { Sessions } from './serve-connector.ts';
import { type Frames, Malformed, streaming } from './stream.ts';

const entryBytes = 256;

export function writingCalls(sessions: Sessions, ports: Ports) {
  return {
    Create: streaming(sessions, create, ports),
    Update: streaming(sessions, update, ports),
    Remove: streaming(sessions, remove, ports),
  };
}

const create: Frames<WireCreateAsk> = async function* (connector, kind, { creations = [] }) {
  yield* framesOf(await connector.create(kind, creations.map(strictly(creationOf))));
};

const update: Frames<WireUpdateAsk> = async function* (connector, kind, { updates = [] }) {
  yield* framesOf(await connector.update(kind, updates.map(strictly(updateOf))));
};

const remove: Frames<WireRemoveAsk> = async function* (connector, kind, { removals = [] }) {
  yield* framesOf(await connector.remove(kind, removals.map(strictly(removalOf))));
};

/** Throws before anything is written. */
function strictly<W, T>(read: (wire: W) => T | undefined): (wire: W) => T {
  return (wire) => {
    const value = read(wire);
    if (value === undefined) throw new Malformed();
    return value;
  };
}

function* framesOf(outcomes: readonly WriteOutcome<Written | null>[]): Generator<object> {
  const size = ({ applied }: WireWriteOutcome): number => (applied?.itemJson?.length ?? 0) + entryBytes;
  for (const some of portions(outcomes.map(fitting), size, frameLimits)) yield { outcomes: some };
}

/** The write happened; only its answer is too large to carry. The engine reads the item when it is missing here. */
function fitting(outcome: WriteOutcome<Written | null>): WireWriteOutcome {
  const wire = wireWriteOutcome(outcome);
  if (!isTooLarge(wire.applied?.itemJson)) return wire;
  const { id = '', version = '' } = wire.applied ?? {};
  return { applied: { id, version } };
}
