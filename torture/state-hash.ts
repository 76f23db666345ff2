/** Tells states of the store apart by their kind, to see how much of what can happen has happened. */
import { createHash } from 'node:crypto';
import type { PairState } from '#store/memory/pair-state.ts';

/** What is remembered, apart from names, times and values. */
export function stateHash({ links, items, intents, brakes }: PairState): number {
  const open = new Map([...intents.values()].map((intent) => [intent.linkKey, `${intent.side}${intent.op}`]));
  const words: string[] = [...brakes.values()].map(({ work, side, state }) => `${work}${side}${state}`);
  for (const row of items.values()) {
    const link = row.linkKey === null ? undefined : links.get(row.linkKey);
    const tie = link === undefined ? 'alone' : `${link.base === null}${link.quarantine?.side}${open.get(link.linkKey)}`;
    words.push(`${row.side}${row.kind}${row.presence}${row.evidence}${row.outReason}${row.pending}${row.parked}${tie}`);
  }
  for (const link of links.values()) if (link.ended !== null) words.push(link.ended.reason);
  return createHash('sha256').update(words.sort().join()).digest().readUInt32LE();
}
