/** Table `link`: pairs of items that are the same thing, and the tombstones of those that were. */
import type { LinkKey } from '#contract/connector.ts';
import type { Prints } from '#model/fingerprint.ts';
import type { Kind } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import type { ItemRow, LinkRow, LinkView, PairId } from '../port.ts';
import { sides } from '../port.ts';
import { readItemsOfLinks } from './items.ts';
import { document, recordset } from './recordset.ts';

/** Column list of every statement that answers link rows; `linkOf` reads it. */
const columns = `link_key, kind, origin, crm_id, mailbox_id, base, crm_prints, mailbox_prints, quarantine, holds,
  ended_reason, ended_at, make`;

interface LinkColumns {
  readonly link_key: LinkKey;
  readonly kind: Kind;
  readonly origin: LinkRow['origin'];
  readonly crm_id: string | null;
  readonly mailbox_id: string | null;
  readonly base: LinkRow['base'];
  readonly crm_prints: Prints | null;
  readonly mailbox_prints: Prints | null;
  readonly quarantine: LinkRow['quarantine'];
  readonly holds: LinkRow['holds'] | null;
  readonly ended_reason: string | null;
  readonly ended_at: string | null;
  readonly make: NonNullable<LinkRow['make']> | null;
}

function linkOf(row: LinkColumns): LinkRow {
  const { crm_prints: crm, mailbox_prints: mailbox, ended_reason: reason, ended_at: at } = row;
  return {
    linkKey: row.link_key,
    kind: row.kind,
    origin: row.origin,
    ids: { crm: row.crm_id, mailbox: row.mailbox_id },
    base: row.base,
    prints: crm === null || mailbox === null ? null : { crm, mailbox },
    quarantine: row.quarantine,
    holds: row.holds ?? [],
    ended: reason === null || at === null ? null : { reason, at },
    ...(row.make !== null && { make: row.make }),
  };
}

export async function putLinks(queryable: Queryable, pairId: PairId, links: readonly LinkRow[]): Promise<void> {
  const rows = recordset(
    links,
    (link) => link.linkKey,
    (link) => ({
      link_key: link.linkKey,
      kind: link.kind,
      origin: link.origin,
      crm_id: link.ids.crm,
      mailbox_id: link.ids.mailbox,
      base: document(link.base),
      crm_prints: document(link.prints?.crm),
      mailbox_prints: document(link.prints?.mailbox),
      quarantine: document(link.quarantine),
      holds: link.holds.length === 0 ? null : document(link.holds),
      probe_at_ms: link.quarantine?.probeAtMs,
      ended_reason: link.ended?.reason,
      ended_at: link.ended?.at,
      make: document(link.make),
    }),
  );
  await queryable.query(
    'link.put',
    `insert into liaison.link (pair_id, ${columns}, probe_at_ms)
     select $1, link_key, kind, origin, crm_id, mailbox_id, base::json, crm_prints::json, mailbox_prints::json,
            quarantine::json, holds::json, ended_reason, ended_at, make::json, probe_at_ms
       from json_to_recordset($2::json) as row (link_key text, kind text, origin text, crm_id text, mailbox_id text,
              base text, crm_prints text, mailbox_prints text, quarantine text, holds text, probe_at_ms bigint,
              ended_reason text, ended_at text, make text)
     on conflict (pair_id, link_key) do update
       set kind = excluded.kind, origin = excluded.origin, crm_id = excluded.crm_id, mailbox_id = excluded.mailbox_id,
           base = excluded.base, crm_prints = excluded.crm_prints, mailbox_prints = excluded.mailbox_prints,
           quarantine = excluded.quarantine, holds = excluded.holds, probe_at_ms = excluded.probe_at_ms,
           ended_reason = excluded.ended_reason, ended_at = excluded.ended_at, make = excluded.make`,
    [pairId, rows],
  );
}

export async function readLinks(
  queryable: Queryable,
  pairId: PairId,
  keys: readonly LinkKey[],
): Promise<readonly LinkView[]> {
  if (keys.length === 0) return [];
  const rows = await queryable.query<LinkColumns>(
    'link.read',
    `select ${columns} from liaison.link where pair_id = $1 and link_key = any($2::text[]) order by link_key`,
    [pairId, keys],
  );
  return viewsOf(queryable, pairId, rows.map(linkOf));
}

export async function readAllLinks(
  queryable: Queryable,
  pairId: PairId,
  after: LinkKey | null,
  limit: number,
): Promise<readonly LinkView[]> {
  const rows = await queryable.query<LinkColumns>(
    'link.all',
    `select ${columns} from liaison.link where pair_id = $1 and link_key > $2 order by link_key limit $3`,
    [pairId, after ?? '', limit],
  );
  return viewsOf(queryable, pairId, rows.map(linkOf));
}

/** What a link must be, besides having something to decide, to be offered to the planner. */
const decidable = `link.active and (link.probe_at_ms is null or link.probe_at_ms <= $3)
  and not exists (select from liaison.intent where intent.pair_id = $1 and intent.link_key = link.link_key)`;

/**
 * Starts from the pending items and the links without base, in the order of their keys, and stops after one page: neither
 * a settled mailbox of ten thousand links nor one that is being filled is read whole. A link counts twice when both its
 * items are pending.
 */
export async function readPendingLinks(
  queryable: Queryable,
  pairId: PairId,
  kind: Kind,
  nowMs: number,
  after: LinkKey | null,
  limit: number,
): Promise<readonly LinkView[]> {
  const rows = await queryable.query<LinkColumns>(
    'link.pending',
    `with work as (
       (select link.link_key
          from liaison.item join liaison.link on link.pair_id = item.pair_id and link.link_key = item.link_key
         where item.pair_id = $1 and item.kind = $2 and item.pending and item.link_key > $4
           and link.kind = $2 and item.id = case item.side when 'crm' then link.crm_id else link.mailbox_id end
           and ${decidable}
         order by item.link_key limit 2 * $5)
       union
       (select link_key from liaison.link
         where pair_id = $1 and kind = $2 and base is null and link_key > $4 and ${decidable}
         order by link_key limit $5)
     )
     select ${columns} from work join liaison.link using (link_key)
      where pair_id = $1
      order by link_key limit $5`,
    [pairId, kind, nowMs, after ?? '', limit],
  );
  return viewsOf(queryable, pairId, rows.map(linkOf));
}

export async function readQuarantined(
  queryable: Queryable,
  pairId: PairId,
  limit: number,
): Promise<readonly LinkRow[]> {
  const rows = await queryable.query<LinkColumns>(
    'link.quarantined',
    `select ${columns} from liaison.link
      where pair_id = $1 and probe_at_ms is not null and active
      order by link_key limit $2`,
    [pairId, limit],
  );
  return rows.map(linkOf);
}

export async function readHeld(queryable: Queryable, pairId: PairId, limit: number): Promise<readonly LinkRow[]> {
  const rows = await queryable.query<LinkColumns>(
    'link.held',
    `select ${columns} from liaison.link
      where pair_id = $1 and holds is not null and active
      order by link_key limit $2`,
    [pairId, limit],
  );
  return rows.map(linkOf);
}

/** Adds both items to each link, in a second statement: a row of forty columns would cost more than the round trip. */
async function viewsOf(queryable: Queryable, pairId: PairId, links: readonly LinkRow[]): Promise<readonly LinkView[]> {
  const names = links.flatMap((link) =>
    sides.flatMap((side) => {
      const id = link.ids[side];
      return id === null ? [] : [{ side, kind: link.kind, id, linkKey: link.linkKey }];
    }),
  );
  const items = new Map<string, ItemRow>();
  for (const item of await readItemsOfLinks(queryable, pairId, names)) items.set(`${item.side} ${item.linkKey}`, item);
  return links.map((link) => ({
    link,
    crm: items.get(`crm ${link.linkKey}`) ?? null,
    mailbox: items.get(`mailbox ${link.linkKey}`) ?? null,
  }));
}
