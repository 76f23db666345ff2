/** Table `feed`: positions in the change feeds. */
import type { Queryable } from '#postgres/database.ts';
import type { Feed, PairId } from '../port.ts';
import { FenceLost } from '../port.ts';
import { recordset } from './recordset.ts';

/** Throws `FenceLost` when the stored feed is of a later epoch. A feed that did not move is not written. */
export async function putFeeds(queryable: Queryable, pairId: PairId, feeds: readonly Feed[]): Promise<void> {
  const rows = recordset(
    feeds,
    (feed) => `${feed.side} ${feed.kind}`,
    (feed) => feed,
  );
  const late = await queryable.query<{ side: string; kind: string; epoch: number }>(
    'feed.put',
    `with given as materialized (
       select * from json_to_recordset($2::json)
         as row (side text, kind text, epoch integer, cursor text, listed boolean, verified boolean, mapping text,
                 "mappedEpoch" integer)
     ), written as (
       insert into liaison.feed (pair_id, side, kind, epoch, cursor, listed, verified, mapping, mapped_epoch)
       select $1, side, kind, epoch, cursor, listed, verified, mapping, "mappedEpoch" from given
       on conflict (pair_id, side, kind) do update
         set epoch = excluded.epoch, cursor = excluded.cursor, listed = excluded.listed, verified = excluded.verified,
             mapping = excluded.mapping, mapped_epoch = excluded.mapped_epoch
         where feed.epoch <= excluded.epoch
           and (feed.epoch, feed.cursor, feed.listed, feed.verified, feed.mapping, feed.mapped_epoch)
             is distinct from (excluded.epoch, excluded.cursor, excluded.listed, excluded.verified, excluded.mapping,
                               excluded.mapped_epoch)
     )
     select feed.side, feed.kind, feed.epoch
       from given join liaison.feed on feed.side = given.side and feed.kind = given.kind
      where feed.pair_id = $1 and feed.epoch > given.epoch`,
    [pairId, rows],
  );
  const [first] = late;
  if (first !== undefined)
    throw new FenceLost(`the feed ${first.side} ${first.kind} is at epoch ${first.epoch} already`);
}

export async function readFeeds(queryable: Queryable, pairId: PairId): Promise<readonly Feed[]> {
  return queryable.query<Feed>(
    'feed.read',
    `select side, kind, epoch, cursor, listed, verified, mapping, mapped_epoch as "mappedEpoch"
       from liaison.feed where pair_id = $1 order by side, kind`,
    [pairId],
  );
}
