/**
 * Act: carries out decisions page by page. Nothing remote happens before its intent is stored, nothing local is concluded
 * before the side answered:
 *
 *   T1  store intents, state `sent`               (dies here: recovery looks by link key, version and content)
 *       remote writes, in batches per side and operation
 *       read back what was written, where the side normalises
 *   T2  store what is now known, settle the intents (dies before: recovery finds the write; after: the feed's echo is known)
 *
 * Recording and sending are not two transactions: an intent that was stored but never sent costs one look-up after a
 * crash, which is cheaper than a second commit for every batch of every day.
 *
 * A link gets at most one write at a time. A merge that changes both sides writes the mailbox first, then the CRM; its base
 * moves after the second. If only the first happened, the next pass decides anew from what both sides then hold.
 */
import type { LinkKey } from '#contract/connector.ts';
import type { Item } from '#model/item.ts';
import type { HeldValue, ItemRow, LinkView, Side } from '#store/port.ts';
import type { Held } from '../brake/brake.ts';
import { newLinkKey } from '../link-key.ts';
import { served } from '../observe/sight.ts';
import type { Cell } from '../plan/cells.ts';
import { type DecideContext, type Decision, decide, type Write } from '../plan/decide.ts';
import type { Loser } from '../plan/merge.ts';
import type { Single } from '../plan/orphans.ts';
import { type Domain, instantNow, keepLease, type Task, type Trouble } from '../task.ts';
import { noteHolds, noteLosers } from './notes.ts';
import { performBatch, stampsFor } from './perform.ts';
import { quarantineOf } from './quarantine.ts';
import { emptyRows, printsOf, type Rows } from './settle.ts';
import { type SinglesOf, singleLinks } from './singles.ts';

/** A decided write on its way, with what was learned by earlier writes of the same link. */
export interface Errand {
  readonly view: LinkView;
  readonly write: Write;
  /** The write that must follow; undefined when both sides hold the target after this one. */
  readonly second: Write | undefined;
  /** The first write of a merge did not fully pass: what that side shows stays to be compared. */
  readonly otherUnsure: boolean;
  readonly cell: Cell;
  readonly losers: readonly Loser[];
  /** Groups that wait for a person while the rest of the item goes on. */
  readonly holds: readonly HeldValue[];
  /** Occurrences that become events of their own; absent: none. */
  readonly singles?: readonly Single[];
}

export interface Acted {
  readonly trouble: Trouble;
  /** Links whose turn ended on a version conflict: they are decided again from fresh observations. */
  readonly conflicts: number;
  readonly writes: number;
}

/** Goes through the waiting links of one kind until nothing moves, at most `passesMax` times. */
export async function act(task: Task, domain: Domain, context: DecideContext, held: Held): Promise<Acted> {
  let writes = 0;
  for (let pass = 0; ; pass += 1) {
    const passed = await onePass(task, domain, context, held);
    writes += passed.writes;
    const again = passed.trouble === undefined && passed.conflicts > 0 && pass + 1 < task.tunables.passesMax;
    if (!again) return { ...passed, writes };
  }
}

async function onePass(task: Task, domain: Domain, context: DecideContext, held: Held): Promise<Acted> {
  let after: LinkKey | null = null;
  let conflicts = 0;
  let writes = 0;
  for (;;) {
    await keepLease(task);
    const views: readonly LinkView[] = await task.store.pendingLinks(
      task.pair.pairId,
      domain.kind,
      task.ports.clock.now(),
      after,
      task.tunables.pageLinks,
    );
    const last = views[views.length - 1];
    if (last === undefined) return { trouble: undefined, conflicts, writes };
    const page = sortOut(task, domain, views, context, held);
    if (page.hasRows) {
      const { links, journal } = await singleLinks(task, page.singles);
      page.batch.links.push(...links);
      page.batch.journal.push(...journal);
      task.ports.crashPoint?.('act.local.beforeCommit');
      await task.store.commit(task.lease, page.batch);
      task.ports.crashPoint?.('act.local.afterCommit');
    }
    const done = await perform(task, domain, page.errands);
    conflicts += done.conflicts;
    writes += done.writes;
    if (done.trouble !== undefined) return { trouble: done.trouble, conflicts, writes };
    after = last.link.linkKey;
  }
}

interface Page {
  readonly batch: Rows;
  readonly hasRows: boolean;
  readonly errands: readonly Errand[];
  readonly singles: readonly SinglesOf[];
}

/** Local consequences into one batch, remote writes into errands. */
function sortOut(task: Task, domain: Domain, views: readonly LinkView[], context: DecideContext, held: Held): Page {
  const batch = emptyRows();
  const errands: Errand[] = [];
  const singles: SinglesOf[] = [];
  for (const view of views) {
    const decision = decide(view, context);
    if (decision.kind === 'write') {
      const [write, second] = decision.writes;
      if (isHeld(write, view, held) || (second !== undefined && isHeld(second, view, held))) continue;
      const { cell, losers, holds, singles: found } = decision;
      errands.push({ view, write, second, otherUnsure: false, cell, losers, holds, singles: found });
    } else {
      errands.push(...concludeLocally(task, domain, view, decision, batch));
      if (decision.kind === 'adopt') singles.push({ linkKey: view.link.linkKey, singles: decision.singles });
    }
  }
  const hasRows = batch.links.length + batch.items.length + batch.forget.length + batch.journal.length > 0;
  return { batch, hasRows, errands, singles };
}

function isHeld(write: Write, view: LinkView, held: Held): boolean {
  if (write.op === 'remove') return held.has(`removals.${write.side}`);
  if (write.op === 'create') return view.link.base !== null && held.has(`recreations.${write.side}`);
  return write.op === 'update' && view.link.base !== null && held.has(`overwrites.${write.side}`);
}

/** Rows for a decision that writes nothing remote; answers the keys that are still to be stamped. */
function concludeLocally(
  task: Task,
  domain: Domain,
  view: LinkView,
  decision: Exclude<Decision, { kind: 'write' }>,
  batch: Rows,
): readonly Errand[] {
  const { link } = view;
  const at = instantNow(task.ports);
  const note = (event: string, side: Side | null, detail: Readonly<Record<string, unknown>>): void => {
    batch.journal.push({ at, kind: domain.kind, linkKey: link.linkKey, event, side, detail });
  };
  switch (decision.kind) {
    case 'wait':
      return [];
    case 'nothing':
      for (const row of rowsOf(view)) if (row.pending) batch.items.push({ ...row, ...served });
      return link.base === null ? [] : stampsFor(asServed(view), decision.cell);
    case 'adopt': {
      const held = noteHolds(batch, link, decision.holds, at);
      const adopted = adopt({ ...view, link: held }, decision.base);
      batch.links.push(adopted.link);
      batch.items.push(...rowsOf(adopted));
      note('adopted', null, { cell: decision.cell.id });
      noteLosers(batch, domain, link.linkKey, decision.losers, at);
      return stampsFor(adopted, decision.cell);
    }
    case 'end':
      batch.links.push({ ...link, base: null, prints: null, holds: [], ended: { reason: decision.reason, at } });
      for (const row of rowsOf(view)) {
        const leftAlone = { ...row, ...served, linkKey: null, matchKeys: [], parked: 'linkEnded' };
        if (row.presence === 'present') batch.items.push(leftAlone);
        else batch.forget.push({ side: row.side, kind: row.kind, id: row.id });
      }
      note('ended', null, { cell: decision.cell.id, reason: decision.reason });
      return [];
    case 'quarantine':
      batch.links.push({ ...link, quarantine: quarantineOf(task, link, decision.side, decision.fault) });
      note('quarantined', decision.side, { code: decision.fault.code, message: decision.fault.message });
      return [];
    case 'hold': {
      const { edited, item } = decision;
      const both = { crm: null, mailbox: null, [edited]: item };
      const held = noteHolds(batch, link, [{ path: '', base: link.base, ...both }], at);
      if (held.holds[0] !== link.holds[0]) batch.links.push(held);
      return [];
    }
    case 'split':
      split(task, domain, view, batch);
      noteLosers(batch, domain, link.linkKey, decision.losers, at);
      note('keptBoth', null, { cell: decision.cell.id, ids: link.ids });
      return [];
  }
}

/**
 * Two versions become two items: each gets a link with a key of its own, so that the copies to be made of them can never be
 * taken for the old pair.
 */
function split(task: Task, domain: Domain, view: LinkView, batch: Rows): void {
  const { link } = view;
  const at = instantNow(task.ports);
  batch.links.push({ ...link, base: null, prints: null, holds: [], ended: { reason: 'keptBoth', at } });
  for (const row of rowsOf(view)) {
    const linkKey = newLinkKey(task.pair.pairId, task.ports.random);
    const nobody = { crm: null, mailbox: null };
    batch.links.push({
      linkKey,
      kind: domain.kind,
      origin: row.side,
      ids: { ...nobody, [row.side]: row.id },
      base: null,
      prints: null,
      quarantine: null,
      holds: [],
      ended: null,
    });
    batch.items.push({ ...row, linkKey, pending: true });
  }
}

function rowsOf(view: LinkView): readonly ItemRow[] {
  return [view.crm, view.mailbox].filter((row) => row !== null);
}

function asServed(view: LinkView): LinkView {
  const { crm, mailbox } = view;
  return {
    ...view,
    crm: crm === null ? null : { ...crm, ...served },
    mailbox: mailbox === null ? null : { ...mailbox, ...served },
  };
}

/** Both sides are known to hold this: the base moves, the observations have served. */
function adopt(view: LinkView, base: Item): LinkView {
  const prints = { crm: printsOf(view, 'crm', base), mailbox: printsOf(view, 'mailbox', base) };
  return {
    link: { ...view.link, base, prints, quarantine: null },
    crm: view.crm === null ? null : { ...view.crm, ...served },
    mailbox: view.mailbox === null ? null : { ...view.mailbox, ...served },
  };
}

/** Performs page after page of errands, in an order that frees names before they are used again: removals last. */
async function perform(task: Task, domain: Domain, errands: readonly Errand[]): Promise<Acted> {
  let conflicts = 0;
  let writes = 0;
  // What a stage calls for is done in the next one: content, second halves of merges, stamps.
  for (let stage = errands; stage.length > 0; ) {
    const following: Errand[] = [];
    for (const side of ['mailbox', 'crm'] as const) {
      for (const op of ['create', 'update', 'remove'] as const) {
        const group = stage.filter((errand) => errand.write.side === side && errand.write.op === op);
        const size = task.connectors[side].capabilities.batch.write;
        for (let start = 0; start < group.length; start += size) {
          await keepLease(task);
          const done = await performBatch(task, domain, side, op, group.slice(start, start + size));
          conflicts += done.conflicts;
          writes += done.applied;
          following.push(...done.next);
          task.progress({ kind: domain.kind, stage: 'write', side, items: done.applied });
          if (done.trouble !== undefined) return { trouble: done.trouble, conflicts, writes };
        }
      }
    }
    stage = following;
  }
  return { trouble: undefined, conflicts, writes };
}
