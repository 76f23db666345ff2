/**
 * Which findings of an audit are known and on purpose: items on the review list, pairs in quarantine, conflicts that wait for
 * a person, items that a one-way level keeps from crossing. What is left is not in sync.
 */
import type { AuditResult, KindAudit } from '#audit/compare.ts';
import type { RemoteId } from '#contract/connector.ts';
import { schedule } from '#engine/plan/merge.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { Kind } from '#model/item.ts';
import type { Pair, Side, Store } from '#store/port.ts';

export interface Explained {
  readonly kind: Kind;
  readonly side: Side;
  readonly id: RemoteId;
  /** `review: ambiguous`, `quarantine: item.invalid`, `conflict: webPage`, `level: export`, … */
  readonly reason: string;
}

const rowsMax = 100_000;

export async function explain(
  store: Store,
  pair: Pair,
  result: AuditResult,
): Promise<{ readonly explained: readonly Explained[]; readonly inSync: boolean }> {
  if (result.inSync) return { explained: [], inSync: true };
  const reasons = await knownReasons(store, pair);
  const held = await heldPaths(store, pair);
  const explained: Explained[] = [];
  let open = 0;
  for (const audit of result.kinds) {
    for (const finding of findingsOf(audit)) {
      const { items, paths } = finding;
      const [side, id] = items[0] as (typeof items)[number];
      const names = items.map(([one, name]) => `${audit.kind} ${one} ${name}`);
      const reason = names.map((name) => reasons.get(name)).find((known) => known !== undefined);
      const waiting = names.map((name) => conflictReason(held.get(name) ?? [], paths)).find((one) => one !== undefined);
      const level = items.length === 1 ? levelReason(pair, audit.kind, side) : undefined;
      const known = reason ?? waiting ?? level;
      if (known === undefined) open += 1;
      else explained.push({ kind: audit.kind, side, id, reason: known });
    }
  }
  return { explained, inSync: open === 0 };
}

interface Finding {
  readonly items: readonly (readonly [Side, RemoteId])[];
  /** Where they differ; empty for an item that the other side has not. */
  readonly paths: readonly Path[];
}

/** Each finding with the items it is about; `unreadable` items are the side's own matter and count like the others. */
function findingsOf(audit: KindAudit): readonly Finding[] {
  return [
    ...audit.different.map(
      ({ crm, mailbox, paths }): Finding => ({
        items: [
          ['crm', crm],
          ['mailbox', mailbox],
        ],
        paths,
      }),
    ),
    ...audit.onlyInCrm.map((id) => alone('crm', id)),
    ...audit.onlyInMailbox.map((id) => alone('mailbox', id)),
    ...audit.unreadable.map(({ side, id }) => alone(side, id)),
  ];
}

function alone(side: Side, id: RemoteId): Finding {
  return { items: [[side, id]], paths: [] };
}

/** By kind, side and id: where a conflict waits for a person. */
async function heldPaths(store: Store, pair: Pair): Promise<ReadonlyMap<string, readonly Path[]>> {
  const held = new Map<string, readonly Path[]>();
  for (const { kind, ids, holds } of await store.held(pair.pairId, rowsMax)) {
    const paths = holds.map(({ path }) => path);
    for (const side of ['crm', 'mailbox'] as const) held.set(`${kind} ${side} ${ids[side]}`, paths);
  }
  return held;
}

/** A conflict that waits explains differences where it waits, and no others; one about the whole item explains its absence. */
function conflictReason(held: readonly Path[], paths: readonly Path[]): string | undefined {
  if (paths.length === 0) return held.includes('') ? 'conflict: the whole record' : undefined;
  const isSchedule = (path: Path): boolean => schedule.includes(groupOf(path));
  const isHeld = (path: Path): boolean =>
    held.some((one) => one === path || one === groupOf(path) || (one !== '' && isSchedule(one) && isSchedule(path)));
  return paths.every(isHeld) ? `conflict: ${held.join(', ')}` : undefined;
}

async function knownReasons(store: Store, pair: Pair): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  for (const { kind, side, id, parked } of await store.review(pair.pairId, rowsMax)) {
    reasons.set(`${kind} ${side} ${id}`, `review: ${parked ?? ''}`);
  }
  for (const { kind, ids, quarantine } of await store.quarantined(pair.pairId, rowsMax)) {
    for (const side of ['crm', 'mailbox'] as const) {
      const id = ids[side];
      if (id !== null) reasons.set(`${kind} ${side} ${id}`, `quarantine: ${quarantine?.fault.code ?? ''}`);
    }
  }
  return reasons;
}

/** One side's own items stay there when the level does not carry them. */
function levelReason(pair: Pair, kind: Kind, side: Side): string | undefined {
  const level = pair.levels[kind];
  const stays = (level === 'export' && side === 'mailbox') || (level === 'import' && side === 'crm');
  return stays ? `level: ${level}` : undefined;
}
