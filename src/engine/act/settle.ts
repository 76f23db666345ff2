/**
 * What a finished write leaves behind. Pure: rows in, rows out. The base moves only here and in `adopt`, and only to a
 * value that both sides acknowledged (I5); each side's own prints come from what it shows after the write, so that the
 * server's rewriting is never mistaken for an edit.
 */
import type { Snapshot, Written } from '#contract/connector.ts';
import { type Prints, prints, samePrints } from '#model/fingerprint.ts';
import type { Item } from '#model/item.ts';
import {
  type ItemRow,
  type JournalEntry,
  type LinkRow,
  type LinkView,
  otherSide,
  type Side,
  type StateBatch,
} from '#store/port.ts';
import type { Loser } from '../plan/merge.ts';
import { type Domain, sharedForm } from '../task.ts';
import type { Errand } from './act.ts';

/** A batch under construction. */
export interface Rows {
  readonly items: ItemRow[];
  readonly links: LinkRow[];
  readonly forget: NonNullable<StateBatch['forget']>[number][];
  readonly settled: string[];
  readonly journal: JournalEntry[];
}

export function emptyRows(): Rows {
  return { items: [], links: [], forget: [], settled: [], journal: [] };
}

/** A side's prints of the link's value: what it shows, what it showed at the base, or the base itself. */
export function printsOf(view: LinkView, side: Side, base: Item): Prints {
  const row = view[side];
  if (row !== null && row.item !== null) return prints(row.item);
  return view.link.prints?.[side] ?? prints(base);
}

/** What the side holds after a write: read back when possible. */
export interface Landed {
  readonly written: Written;
  readonly readBack: Snapshot | undefined;
}

/**
 * Settles an applied create or update.
 * @returns the link as both sides now stand: the input of a second write or of stamping
 */
export function settleWritten(
  rows: Rows,
  domain: Domain,
  errand: Errand,
  landed: Landed,
  context: { readonly at: string; readonly epoch: number; readonly intentId: string; readonly op: 'create' | 'update' },
): LinkView {
  const { view, write } = errand;
  const { side } = write;
  const target = write.target as Item;
  const { linkKey } = view.link;
  const { item, pending, version } = landedItem(domain, target, landed);
  const before = view.link.ids[side];
  const id = landed.written.id;
  const row: ItemRow = {
    side,
    kind: domain.kind,
    id,
    version,
    presence: 'present',
    item,
    linkKey,
    claimedKey: linkKey,
    epoch: context.epoch,
    pending: true,
    matchKeys: [],
    parked: null,
  };
  if (before !== null && before !== id) rows.forget.push({ side, kind: domain.kind, id: before });
  rows.journal.push({
    at: context.at,
    kind: domain.kind,
    linkKey,
    event: context.op === 'create' ? 'created' : 'updated',
    side,
    detail: { intent: context.intentId, cell: errand.cell.id, id },
  });
  const link: LinkRow = { ...view.link, ids: { ...view.link.ids, [side]: id }, quarantine: null };
  const now: LinkView = { ...view, link, [side]: row };
  if (errand.second !== undefined) {
    rows.items.push(row);
    rows.links.push(link);
    return now;
  }
  const shown = pending ? prints(target) : prints(item);
  const other = otherSide(side);
  const settledLink: LinkRow = {
    ...link,
    base: target,
    prints: { crm: shown, mailbox: shown, [other]: printsOf(view, other, target) },
  };
  const settledRow: ItemRow = pending ? row : { ...row, item: null, pending: false };
  const otherRow = view[other];
  const counterpart: ItemRow | null = otherRow === null ? null : { ...otherRow, item: null, pending: false };
  rows.items.push(settledRow);
  if (counterpart !== null) rows.items.push(counterpart);
  rows.links.push(settledLink);
  noteLosers(rows, domain, linkKey, errand.losers, context.at);
  return {
    link: settledLink,
    crm: side === 'crm' ? settledRow : counterpart,
    mailbox: side === 'mailbox' ? settledRow : counterpart,
  };
}

/**
 * The content to remember. When the version moved between the write and the read-back and the content is not what we
 * wrote, somebody may have edited meanwhile: then it stays pending, to be compared like any other edit.
 */
function landedItem(
  domain: Domain,
  target: Item,
  landed: Landed,
): { readonly item: Item; readonly pending: boolean; readonly version: string } {
  const { written, readBack } = landed;
  if (readBack === undefined) {
    const item = written.item === undefined ? target : sharedForm(written.item, domain);
    return { item, pending: false, version: written.version };
  }
  const item = sharedForm(readBack.item, domain);
  const sure = readBack.version === written.version || samePrints(prints(item), prints(target));
  return { item, pending: !sure, version: readBack.version };
}

/** A removal took effect: the link becomes its tombstone. */
export function settleRemoved(
  rows: Rows,
  domain: Domain,
  view: LinkView,
  side: Side,
  context: { readonly at: string; readonly intentId: string; readonly cell: string },
): void {
  const { link } = view;
  rows.links.push({
    ...link,
    base: null,
    prints: null,
    quarantine: null,
    ended: { reason: context.cell, at: context.at },
  });
  for (const one of ['crm', 'mailbox'] as const) {
    const id = link.ids[one];
    if (id !== null) rows.forget.push({ side: one, kind: domain.kind, id });
  }
  rows.journal.push({
    at: context.at,
    kind: domain.kind,
    linkKey: link.linkKey,
    event: 'removed',
    side,
    detail: { intent: context.intentId, cell: context.cell, id: link.ids[side], was: link.base },
  });
}

function noteLosers(rows: Rows, domain: Domain, linkKey: string, losers: readonly Loser[], at: string): void {
  if (losers.length === 0) return;
  const rule = losers[0]?.rule ?? '';
  const event = rule.startsWith('firstSync') ? 'difference' : rule === 'orphan' ? 'orphaned' : 'conflict';
  rows.journal.push({ at, kind: domain.kind, linkKey, event, side: null, detail: { overruled: losers } });
}
