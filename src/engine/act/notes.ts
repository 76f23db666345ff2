/** What people are told of conflicts: what was overruled, and what waits for their word. Pure: rows in, rows out. */
import { sameJson } from '#model/same-json.ts';
import type { HeldValue, Hold, LinkRow } from '#store/port.ts';
import type { Loser } from '../plan/merge.ts';
import type { Domain } from '../task.ts';
import type { Rows } from './settle.ts';

/**
 * What waits for a person from now on, and in the journal whatever waits for the first time.
 * @returns the link with its holds
 */
export function noteHolds(
  rows: Pick<Rows, 'journal'>,
  link: LinkRow,
  holds: readonly HeldValue[],
  at: string,
): LinkRow {
  if (holds.length === 0 && link.holds.length === 0) return link;
  const known = new Map(link.holds.map((hold) => [hold.path, hold]));
  const renewed = holds.map((held): Hold => ({ ...held, since: at }));
  const kept = renewed.map((hold) => {
    const before = known.get(hold.path);
    return before !== undefined && sameHeld(before, hold) ? before : hold;
  });
  const fresh = kept.filter((hold) => known.get(hold.path) !== hold);
  if (fresh.length > 0) {
    rows.journal.push({
      at,
      kind: link.kind,
      linkKey: link.linkKey,
      event: 'held',
      side: null,
      detail: { held: fresh.map(({ path, base, crm, mailbox }) => ({ path, base, crm, mailbox })) },
    });
  }
  return { ...link, holds: kept };
}

function sameHeld(one: Hold, two: Hold): boolean {
  return sameJson([one.crm, one.mailbox], [two.crm, two.mailbox]);
}

/** What was overruled stays in the journal (I1): before the write that overrules it, for the process may die after that. */
export function noteLosers(
  rows: Pick<Rows, 'journal'>,
  domain: Domain,
  linkKey: string,
  losers: readonly Loser[],
  at: string,
): void {
  if (losers.length === 0) return;
  const rule = losers[0]?.rule ?? '';
  const event = rule.startsWith('firstSync') ? 'difference' : rule.startsWith('orphan') ? 'orphaned' : 'conflict';
  rows.journal.push({ at, kind: domain.kind, linkKey, event, side: null, detail: { overruled: losers } });
}
