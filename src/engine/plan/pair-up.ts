/**
 * Gives every new item a link: with its counterpart on the other side when there is one for certain, alone when there is
 * none, and a place on the review list when nobody can be sure. Only local rows change here; writing follows from the
 * links like any other work, so a crash anywhere in a first sync just continues.
 *
 * Must not run before both listings are complete: half a listing would make known items look new.
 */
import { type ItemRow, type JournalEntry, type LinkRow, otherSide, type Side, type StateBatch } from '#store/port.ts';
import { isKeyOf, newLinkKey } from '../link-key.ts';
import { type Domain, instantNow, keepLease, mayWrite, type Task } from '../task.ts';
import { type Matched, match } from './match.ts';

/** More rows than this sharing keys with one page: certainty is off the table for that page. */
const rivalsMax = 5_000;

/** @param unreadable some items cannot be read now: whoever was linked once may have its partner among them */
export async function pairUp(task: Task, domain: Domain, unreadable: boolean): Promise<void> {
  for (const side of ['mailbox', 'crm'] as const) {
    let after: string | null = null;
    for (;;) {
      await keepLease(task);
      const page: readonly ItemRow[] = await task.store.unlinked(
        task.pair.pairId,
        domain.kind,
        side,
        after,
        task.tunables.pageLinks,
      );
      const last = page[page.length - 1];
      if (last === undefined) break;
      const placed = await place(task, domain, side, page);
      const matched = unreadable ? { ...placed, fresh: placed.fresh.filter((row) => !wasLinked(row)) } : placed;
      task.ports.crashPoint?.('pairUp.page.beforeCommit');
      await task.store.commit(task.lease, pairBatch(task, domain, side, matched));
      task.ports.crashPoint?.('pairUp.page.afterCommit');
      task.progress({ kind: domain.kind, stage: 'match', side, items: page.length });
      after = last.id;
    }
  }
}

/** It carries a key of ours whose link is forgotten. */
function wasLinked(row: ItemRow): boolean {
  return row.matchKeys.some((key) => key === `0:link:${row.claimedKey}`);
}

async function place(task: Task, domain: Domain, side: Side, page: readonly ItemRow[]): Promise<Matched> {
  const { pairId } = task.pair;
  const keys = [...new Set(page.flatMap((row) => row.matchKeys))];
  if (keys.length === 0) return { pairs: [], ambiguous: [], fresh: page };
  const others = await task.store.withMatchKeys(pairId, domain.kind, otherSide(side), keys, rivalsMax);
  if (others.length === 0) return { pairs: [], ambiguous: [], fresh: page };
  const rivals = await task.store.withMatchKeys(pairId, domain.kind, side, keys, rivalsMax);
  if (others.length >= rivalsMax || rivals.length >= rivalsMax) return { pairs: [], ambiguous: page, fresh: [] };
  return match(page, rivals, others);
}

function pairBatch(task: Task, domain: Domain, side: Side, matched: Matched): StateBatch {
  const links: LinkRow[] = [];
  const items: ItemRow[] = [];
  const journal: JournalEntry[] = [];
  const at = instantNow(task.ports);
  const other = otherSide(side);
  const add = (origin: LinkRow['origin'], one: ItemRow, two: ItemRow | undefined): string => {
    const linkKey = keyFor(task, one, two);
    links.push({
      linkKey,
      kind: domain.kind,
      origin,
      ids: { crm: null, mailbox: null, [side]: one.id, [other]: two?.id ?? null },
      base: null,
      prints: null,
      quarantine: null,
      holds: [],
      ended: null,
    });
    for (const row of two === undefined ? [one] : [one, two])
      items.push({ ...row, linkKey, matchKeys: [], parked: null });
    return linkKey;
  };
  for (const [one, two] of matched.pairs) {
    const linkKey = add('match', one, two);
    journal.push({ at, kind: domain.kind, linkKey, event: 'matched', side: null, detail: { ids: [one.id, two.id] } });
  }
  for (const one of matched.fresh) {
    if (mayWrite(task.pair, domain.kind, other)) add(side, one, undefined);
    else items.push({ ...one, pending: false, parked: 'oneWay' });
  }
  for (const one of matched.ambiguous) {
    items.push({ ...one, pending: false, parked: 'ambiguous' });
    journal.push({ at, kind: domain.kind, linkKey: null, event: 'ambiguous', side, detail: { id: one.id } });
  }
  return { links, items, journal };
}

/** Two items that carry the same forgotten key of ours keep it; everybody else gets a fresh one. */
function keyFor(task: Task, one: ItemRow, two: ItemRow | undefined): string {
  const claimed = one.claimedKey;
  if (
    two !== undefined &&
    claimed !== null &&
    wasLinked(one) &&
    two.claimedKey === claimed &&
    isKeyOf(task.pair.pairId, claimed)
  ) {
    return claimed;
  }
  return newLinkKey(task.pair.pairId, task.ports.random);
}
