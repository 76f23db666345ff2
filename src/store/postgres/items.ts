/** Table `item`: what a side last said about its items. */
import type { RemoteId } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import type { ItemRow, Known, PairId, Side, StateBatch } from '../port.ts';
import { document, recordset } from './recordset.ts';

type ItemName = { readonly side: Side; readonly kind: Kind; readonly id: RemoteId };

const nameOf = (item: ItemName) => `${item.side} ${item.kind} ${item.id}`;

/** Column list of every statement that answers item rows; `itemOf` reads it. */
const columns = `side, kind, id, version, presence, evidence, out_reason, item, facts, link_key, claimed_key, epoch,
  pending, match_keys, parked`;

interface ItemColumns extends ItemName {
  readonly version: string;
  readonly presence: ItemRow['presence'];
  readonly evidence: NonNullable<ItemRow['evidence']> | null;
  readonly out_reason: NonNullable<ItemRow['outReason']> | null;
  readonly item: ItemRow['item'];
  readonly facts: ItemRow['facts'];
  readonly link_key: string | null;
  readonly claimed_key: string | null;
  readonly epoch: number;
  readonly pending: boolean;
  readonly match_keys: readonly string[];
  readonly parked: string | null;
}

function itemOf(pairId: PairId, row: ItemColumns): ItemRow {
  const scope = matchScope(pairId, row.kind, row.side).length;
  return {
    side: row.side,
    kind: row.kind,
    id: row.id,
    version: row.version,
    presence: row.presence,
    ...(row.evidence === null ? {} : { evidence: row.evidence }),
    ...(row.out_reason === null ? {} : { outReason: row.out_reason }),
    item: row.item,
    facts: row.facts,
    linkKey: row.link_key,
    claimedKey: row.claimed_key,
    epoch: row.epoch,
    pending: row.pending,
    matchKeys: row.match_keys.map((key) => key.slice(scope)),
    parked: row.parked,
  };
}

function matchScope(pairId: PairId, kind: Kind, side: Side): string {
  return `${pairId} ${kind} ${side} `;
}

export async function putItems(queryable: Queryable, pairId: PairId, items: readonly ItemRow[]): Promise<void> {
  const rows = recordset(items, nameOf, (item) => ({
    ...item,
    item: document(item.item),
    facts: document(item.facts),
    matchKeys: item.matchKeys.map((key) => matchScope(pairId, item.kind, item.side) + key),
  }));
  await queryable.query(
    'item.put',
    `insert into liaison.item (pair_id, ${columns})
     select $1, side, kind, id, version, presence, evidence, "outReason", item::json, facts::json, "linkKey", "claimedKey",
            epoch, pending, "matchKeys", parked
       from json_to_recordset($2::json) as row (side text, kind text, id text, version text, presence text,
              evidence text, "outReason" text, item text, facts text, "linkKey" text, "claimedKey" text, epoch integer,
              pending boolean, "matchKeys" text[], parked text)
     on conflict (pair_id, side, kind, id) do update
       set version = excluded.version, presence = excluded.presence, evidence = excluded.evidence,
           out_reason = excluded.out_reason, item = excluded.item, facts = excluded.facts,
           link_key = excluded.link_key, claimed_key = excluded.claimed_key, epoch = excluded.epoch, pending = excluded.pending,
           match_keys = excluded.match_keys, parked = excluded.parked`,
    [pairId, rows],
  );
}

/** Moves items to another epoch; those that are there already, or unknown, are not written. */
export async function markSeen(
  queryable: Queryable,
  pairId: PairId,
  seen: NonNullable<StateBatch['seen']>,
): Promise<void> {
  const latest = new Map(seen.map((each) => [nameOf(each), each]));
  for (const group of Map.groupBy(latest.values(), (each) => `${each.side} ${each.kind} ${each.epoch}`).values()) {
    const { side, kind, epoch } = group[0]!;
    await queryable.query(
      'item.seen',
      `update liaison.item set epoch = $5
        where pair_id = $1 and side = $2 and kind = $3 and id = any($4::text[]) and epoch <> $5`,
      [pairId, side, kind, group.map((each) => each.id), epoch],
    );
  }
}

export async function forgetItems(queryable: Queryable, pairId: PairId, forget: readonly ItemName[]): Promise<void> {
  for (const group of Map.groupBy(forget, (each) => `${each.side} ${each.kind}`).values()) {
    const { side, kind } = group[0]!;
    await queryable.query(
      'item.forget',
      `delete from liaison.item where pair_id = $1 and side = $2 and kind = $3 and id = any($4::text[])`,
      [pairId, side, kind, group.map((each) => each.id)],
    );
  }
}

interface KnownColumns {
  readonly id: RemoteId;
  readonly version: string;
  readonly presence: ItemRow['presence'];
  readonly epoch: number;
  readonly pending: boolean;
  readonly link_key: string | null;
  readonly prints: Known['prints'];
  readonly quarantined: boolean;
}

export async function readKnown(
  queryable: Queryable,
  pairId: PairId,
  side: Side,
  kind: Kind,
  ids: readonly RemoteId[],
): Promise<ReadonlyMap<RemoteId, Known>> {
  if (ids.length === 0) return new Map();
  const rows = await queryable.query<KnownColumns>(
    `item.known.${side}`,
    // `offset 0` makes it one search per id whatever the planner knows; a plan made for empty tables reads all items else.
    `select item.id, item.version, item.presence, item.epoch, item.pending, item.link_key,
            link.prints, coalesce(link.quarantined, false) as quarantined
       from unnest($4::text[]) as named (id)
      cross join lateral (
        select id, version, presence, epoch, pending, link_key from liaison.item
         where pair_id = $1 and side = $2 and kind = $3 and id = named.id
        offset 0
      ) as item
       left join lateral (
        select ${side}_prints as prints, probe_at_ms is not null as quarantined from liaison.link
         where pair_id = $1 and link_key = item.link_key
        offset 0
      ) as link on true`,
    [pairId, side, kind, ids],
  );
  return new Map(rows.map(({ id, link_key, ...rest }) => [id, { ...rest, linkKey: link_key }]));
}

/** The items that these links name, when the item names the link too. */
export async function readItemsOfLinks(
  queryable: Queryable,
  pairId: PairId,
  names: readonly (ItemName & { readonly linkKey: string })[],
): Promise<readonly ItemRow[]> {
  if (names.length === 0) return [];
  const rows = await queryable.query<ItemColumns>(
    'item.ofLinks',
    // `offset 0` makes it one search per name; joined freely, all items of the pair would be read.
    `select found.*
       from json_to_recordset($2::json) as row (side text, kind text, id text, "linkKey" text)
      cross join lateral (
        select ${columns} from liaison.item
         where pair_id = $1 and side = row.side and kind = row.kind and id = row.id and link_key = row."linkKey"
        offset 0
      ) as found`,
    [pairId, JSON.stringify(names)],
  );
  return rows.map((row) => itemOf(pairId, row));
}

export async function readUnlinked(
  queryable: Queryable,
  pairId: PairId,
  kind: Kind,
  side: Side,
  after: RemoteId | null,
  limit: number,
): Promise<readonly ItemRow[]> {
  const rows = await queryable.query<ItemColumns>(
    'item.unlinked',
    `select ${columns} from liaison.item
      where pair_id = $1 and kind = $2 and side = $3 and id > $4 and pending
        and presence = 'present' and link_key is null and parked is null
      order by id limit $5`,
    [pairId, kind, side, after ?? '', limit],
  );
  return rows.map((row) => itemOf(pairId, row));
}

export async function readWithMatchKeys(
  queryable: Queryable,
  pairId: PairId,
  kind: Kind,
  side: Side,
  keys: readonly string[],
  limit: number,
): Promise<readonly ItemRow[]> {
  if (keys.length === 0) return [];
  const scope = matchScope(pairId, kind, side);
  const rows = await queryable.query<ItemColumns>(
    'item.withMatchKeys',
    // One index search per key. `offset 0` keeps the planner from joining both sides, and asking for all keys at once
    // with `&&` reads the whole table as long as it is small: two hundred times slower at ten thousand items.
    `select distinct on (found.id) found.*
       from unnest($1::text[]) as wanted (match_key)
      cross join lateral (
        select ${columns} from liaison.item
         where match_keys @> array[wanted.match_key] and match_keys <> '{}' and link_key is null
           and presence = 'present'
        offset 0
      ) as found
      order by found.id limit $2`,
    [keys.map((key) => scope + key), limit],
  );
  return rows.map((row) => itemOf(pairId, row));
}

export async function readNotSeen(
  queryable: Queryable,
  pairId: PairId,
  side: Side,
  kind: Kind,
  epoch: number,
  after: RemoteId | null,
  limit: number,
): Promise<readonly ItemRow[]> {
  const rows = await queryable.query<ItemColumns>(
    'item.notSeen',
    `select ${columns} from liaison.item
      where pair_id = $1 and side = $2 and kind = $3 and id > $5 and presence in ('present', 'unreadable') and epoch < $4
      order by id limit $6`,
    [pairId, side, kind, epoch, after ?? '', limit],
  );
  return rows.map((row) => itemOf(pairId, row));
}

export async function readReview(queryable: Queryable, pairId: PairId, limit: number): Promise<readonly ItemRow[]> {
  const rows = await queryable.query<ItemColumns>(
    'item.review',
    `select ${columns} from liaison.item
      where pair_id = $1 and parked is not null
      order by side, kind, id limit $2`,
    [pairId, limit],
  );
  return rows.map((row) => itemOf(pairId, row));
}
