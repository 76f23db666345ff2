/**
 * A link key found in an item is a claim, not proof: users copy items, and copies carry the key. This decides, for items
 * whose id is not known yet, whom the key really belongs to.
 *
 * - The link has no item on this side: it is our own create coming back, or an item that lost its row: it belongs.
 * - The link's known item is gone: this is the same item under a new id (moved, migrated, restored): it belongs, remap.
 * - The link's known item still exists: a user's copy; it is a new item and gets a key of its own later. Or a late twin
 *   of our own create (`twins.ts`).
 * - The link is not remembered (state lost): the key becomes the strongest match key.
 * - The link has ended and left this item alone (out of scope, deletion not carried): so it stays, under its new id too.
 * - The link has ended with this item: a restored item; it is new.
 */
import type { LinkKey } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { IntentRow, ItemRow, JournalEntry, LinkRow, LinkView, Side } from '#store/port.ts';
import { isKeyOf } from '../link-key.ts';
import { type Domain, instantNow, type Task } from '../task.ts';
import { readAll } from './read-all.ts';
import type { Sighting } from './sight.ts';
import { type Suspect, twinsOf } from './twins.ts';

export type Claim =
  | { readonly kind: 'belongs'; readonly linkKey: LinkKey }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'copy' }
  /** Its link ended and left it alone; it goes on being left alone. */
  | { readonly kind: 'left' }
  /** A late second effect of our own create; recovery removes it. */
  | { readonly kind: 'twin' }
  /** Such a twin, while its link has another unsettled write: to be asked for again. */
  | { readonly kind: 'later' };

/** The claims of one page by item id, and the rows that change because of them. */
export interface Claims {
  readonly of: ReadonlyMap<string, Claim>;
  readonly links: readonly LinkRow[];
  readonly forget: readonly { readonly side: Side; readonly kind: ItemRow['kind']; readonly id: string }[];
  readonly journal: readonly JournalEntry[];
  readonly intents: readonly IntentRow[];
}

const nothing: Claims = { of: new Map(), links: [], forget: [], journal: [], intents: [] };

type ClaimsReply = { readonly ok: true; readonly value: Claims } | { readonly ok: false; readonly fault: Fault };

export async function claimsOf(
  task: Task,
  domain: Domain,
  side: Side,
  sightings: readonly Sighting[],
): Promise<ClaimsReply> {
  const claimants = new Map<string, LinkKey>();
  const woken = new Set<LinkKey>();
  for (const sighting of sightings) {
    if (sighting.known?.quarantined === true && sighting.kind !== 'unchanged' && sighting.known.linkKey !== null) {
      woken.add(sighting.known.linkKey);
    }
    // Known without a link: a restored state store may have seen the item before it got its key.
    if (sighting.kind !== 'read' || (sighting.known !== undefined && sighting.known.linkKey !== null)) continue;
    const key = sighting.snapshot.linkKey;
    if (key !== undefined && isKeyOf(task.pair.pairId, key)) claimants.set(sighting.id, key);
  }
  if (claimants.size === 0 && woken.size === 0) return { ok: true, value: nothing };
  const views = await task.store.links(task.pair.pairId, [...new Set([...claimants.values(), ...woken])]);
  const byKey = new Map(views.map((view) => [view.link.linkKey, view]));
  const alive = await stillThere(task, domain, side, claimants, byKey, sightings);
  if (!alive.ok) return alive;
  const claims = settleClaims(task, domain, side, claimants, byKey, alive.ids, woken);
  const suspects = sightings.flatMap((sighting): readonly Suspect[] => {
    const view = byKey.get(claimants.get(sighting.id) ?? '');
    if (sighting.kind !== 'read' || (sighting.known !== undefined && sighting.known.presence !== 'unreadable'))
      return [];
    // Of a link that ended before its create arrived, the late item is one too many as well.
    if (view === undefined || (view.link.ended !== null && view.link.ids[side] !== null)) return [];
    return claims.of.get(sighting.id)?.kind === 'copy' ? [{ sighting, view }] : [];
  });
  const twins = await twinsOf(task, domain, side, suspects);
  const of = new Map(claims.of);
  const intents: IntentRow[] = [];
  for (const [id, intent] of twins) {
    of.set(id, { kind: intent === 'later' ? 'later' : 'twin' });
    if (intent !== 'later') intents.push(intent);
  }
  for (const id of await leftAlone(task, domain, side, claimants, byKey, alive.ids)) of.set(id, { kind: 'left' });
  return { ok: true, value: { ...claims, of, intents } };
}

/** Items of ended links whose earlier id is remembered, because the link left them where they are. */
async function leftAlone(
  task: Task,
  domain: Domain,
  side: Side,
  claimants: ReadonlyMap<string, LinkKey>,
  byKey: ReadonlyMap<LinkKey, LinkView>,
  alive: ReadonlySet<string>,
): Promise<readonly string[]> {
  const holders = new Map<string, string>();
  for (const [id, key] of claimants) {
    const link = byKey.get(key)?.link;
    const holder = link?.ids[side] ?? null;
    if (link?.ended && holder !== null && holder !== id && !alive.has(holder)) holders.set(id, holder);
  }
  if (holders.size === 0) return [];
  const known = await task.store.known(task.pair.pairId, side, domain.kind, [...new Set(holders.values())]);
  return [...holders].filter(([, holder]) => known.get(holder)?.linkKey === null).map(([id]) => id);
}

/** Which known ids of claimed links still exist, asked directly; ids of this very page are answered by the page. */
async function stillThere(
  task: Task,
  domain: Domain,
  side: Side,
  claimants: ReadonlyMap<string, LinkKey>,
  byKey: ReadonlyMap<LinkKey, LinkView>,
  sightings: readonly Sighting[],
): Promise<{ readonly ok: true; readonly ids: ReadonlySet<string> } | { readonly ok: false; readonly fault: Fault }> {
  const present = new Set<string>();
  const gone = new Set<string>();
  for (const sighting of sightings) {
    if (sighting.kind === 'gone' || sighting.kind === 'vanished') gone.add(sighting.id);
    else present.add(sighting.id);
  }
  const ask = new Set<string>();
  for (const key of claimants.values()) {
    const id = byKey.get(key)?.link.ids[side];
    const row = byKey.get(key)?.[side];
    if (id === null || id === undefined || present.has(id) || gone.has(id) || row?.presence === 'gone') continue;
    ask.add(id);
  }
  if (ask.size === 0) return { ok: true, ids: present };
  const reply = await readAll(task, domain, side, [...ask]);
  if (!reply.ok) return reply;
  for (const outcome of reply.outcomes) {
    // A failed read never means gone: the claim then counts as a copy, which loses nothing.
    if (outcome.kind === 'present') present.add(outcome.snapshot.id);
    else if (outcome.kind === 'failed') present.add(outcome.id);
  }
  return { ok: true, ids: present };
}

function settleClaims(
  task: Task,
  domain: Domain,
  side: Side,
  claimants: ReadonlyMap<string, LinkKey>,
  byKey: ReadonlyMap<LinkKey, LinkView>,
  alive: ReadonlySet<string>,
  woken: ReadonlySet<LinkKey>,
): Claims {
  const of = new Map<string, Claim>();
  const links = new Map<LinkKey, LinkRow>();
  const forget: { side: Side; kind: ItemRow['kind']; id: string }[] = [];
  const journal: JournalEntry[] = [];
  for (const key of woken) {
    const view = byKey.get(key);
    if (view !== undefined && view.link.ended === null) links.set(key, { ...view.link, quarantine: null });
  }
  for (const [id, key] of claimants) {
    const link = links.get(key) ?? byKey.get(key)?.link;
    if (link === undefined) {
      of.set(id, { kind: 'orphan' });
      continue;
    }
    const holder = link.ids[side];
    if (link.ended !== null || link.kind !== domain.kind || (holder !== null && holder !== id && alive.has(holder))) {
      of.set(id, { kind: 'copy' });
      continue;
    }
    of.set(id, { kind: 'belongs', linkKey: key });
    links.set(key, { ...link, ids: { ...link.ids, [side]: id } });
    if (holder !== null && holder !== id) forget.push({ side, kind: domain.kind, id: holder });
    const event = holder === null ? 'recognised' : 'remapped';
    journal.push({
      at: instantNow(task.ports),
      kind: domain.kind,
      linkKey: key,
      event,
      side,
      detail: { from: holder },
    });
  }
  return { of, links: [...links.values()], forget, journal, intents: [] };
}
