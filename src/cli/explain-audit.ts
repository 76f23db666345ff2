/**
 * Which findings of an audit are known and on purpose: items on the review list, pairs in quarantine, items that a one-way
 * level keeps from crossing. What is left is not in sync.
 */
import type { AuditResult, KindAudit } from '#audit/compare.ts';
import type { RemoteId } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import type { Pair, Side, Store } from '#store/port.ts';

export interface Explained {
  readonly kind: Kind;
  readonly side: Side;
  readonly id: RemoteId;
  /** `review: ambiguous`, `quarantine: item.invalid`, `level: export`, … */
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
  const explained: Explained[] = [];
  let open = 0;
  for (const audit of result.kinds) {
    for (const finding of findingsOf(audit)) {
      const [side, id] = finding[0] as (typeof finding)[number];
      const reason = finding
        .map(([one, name]) => reasons.get(`${audit.kind} ${one} ${name}`))
        .find((known) => known !== undefined);
      const known = reason ?? (finding.length === 1 ? levelReason(pair, audit.kind, side) : undefined);
      if (known === undefined) open += 1;
      else explained.push({ kind: audit.kind, side, id, reason: known });
    }
  }
  return { explained, inSync: open === 0 };
}

type Finding = readonly (readonly [Side, RemoteId])[];

/** Each finding with the items it is about; `unreadable` items are the side's own matter and count like the others. */
function findingsOf(audit: KindAudit): readonly Finding[] {
  return [
    ...audit.different.map(
      ({ crm, mailbox }): Finding => [
        ['crm', crm],
        ['mailbox', mailbox],
      ],
    ),
    ...audit.onlyInCrm.map((id): Finding => [['crm', id]]),
    ...audit.onlyInMailbox.map((id): Finding => [['mailbox', id]]),
    ...audit.unreadable.map(({ side, id }): Finding => [[side, id]]),
  ];
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
  for (const { kind, ids, holds } of await store.held(pair.pairId, rowsMax)) {
    for (const side of ['crm', 'mailbox'] as const) {
      const id = ids[side];
      if (id !== null)
        reasons.set(`${kind} ${side} ${id}`, `held: ${holds.map(({ path }) => path || 'deletion').join()}`);
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
