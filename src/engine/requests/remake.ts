/**
 * Makes an item anew on both sides. Only a link is stored here, with a key of its own and what is to be made: the planner
 * then creates it in the mailbox and in the CRM like any other item, and whatever is lost or dies on the way is found by
 * that key. The link is stored together with the answer to who asked, so it is stored once.
 */
import type { LinkKey } from '#contract/connector.ts';
import type { Item } from '#model/item.ts';
import { type LinkRow, type Side, sides } from '#store/port.ts';
import { newLinkKey } from '../link-key.ts';
import { readAll } from '../observe/read-all.ts';
import type { Domain, Task } from '../task.ts';

export function linkToMake(linkKey: LinkKey, item: Item): LinkRow {
  return {
    linkKey,
    kind: item.kind,
    origin: 'match',
    ids: { crm: null, mailbox: null },
    base: null,
    prints: null,
    quarantine: null,
    holds: [],
    ended: null,
    make: item,
  };
}

export function freshLinkToMake(task: Task, item: Item): LinkRow {
  return linkToMake(newLinkKey(task.pair.pairId, task.ports.random), item);
}

/** no: a side has it still, or again. wait: a side cannot be asked now. */
export type Whereabouts =
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'no'; readonly reason: string };

/** Asks both sides for the items of an ended link, by their ids and by its key: they may have been brought back. */
export async function whereabouts(task: Task, domain: Domain, link: LinkRow): Promise<Whereabouts> {
  for (const side of sides) {
    const found = await task.connectors[side].findByLinkKey(domain.kind, link.linkKey);
    if (!found.ok) return { kind: 'wait' };
    const id = link.ids[side];
    const reply = await readAll(task, domain, side, [...new Set([...found.value, ...(id === null ? [] : [id])])]);
    if (!reply.ok || reply.outcomes.some(({ kind }) => kind === 'failed')) return { kind: 'wait' };
    const there = reply.outcomes.find(({ kind }) => kind === 'present' || (kind === 'out' && side === 'crm'));
    if (there !== undefined) return { kind: 'no', reason: thereText(side, there.kind === 'out') };
  }
  return { kind: 'nowhere' };
}

function thereText(side: Side, isOut: boolean): string {
  if (isOut) return 'the record is in the CRM still, only no longer for this user: give it back to the user there';
  return side === 'crm' ? 'the record is in the CRM' : 'the item is in the mailbox';
}
