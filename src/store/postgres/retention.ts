/** What is forgotten in time: old journal entries, tombstones that can serve nobody any more. */
import type { Database, Queryable } from '#postgres/database.ts';
import { overruledEvents, type PairId, type Retention, type Trimmed, tombstonePassedMs } from '../port.ts';

interface TrimColumns {
  readonly read: number;
  readonly forgotten: number;
  readonly last: number | null;
  readonly young: boolean;
}

/** One page in the order of writing: what is too young ends the work, whatever the length of the journal. */
export async function trimJournal(
  queryable: Queryable,
  pairId: PairId,
  { ordinaryBefore, overruledBefore }: Retention,
  after: number,
  limit: number,
): Promise<Trimmed> {
  const [row] = await queryable.query<TrimColumns>(
    'retention.trim',
    `with page as materialized (
       select sequence, at, event from liaison.journal
        where pair_id = $1 and sequence > $2 order by sequence limit $3
     ), trimmed as (
       delete from liaison.journal using page
        where journal.pair_id = $1 and journal.sequence = page.sequence
          and page.at < case when page.event = any($6::text[]) then $5 else $4 end
       returning 1
     )
     select (select count(*) from page) as read, (select count(*) from trimmed) as forgotten,
            (select max(sequence) from page) as last,
            coalesce((select bool_or(at >= greatest($4, $5)) from page), false) as young`,
    [pairId, after, limit, ordinaryBefore, overruledBefore, overruledEvents],
  );
  const { read = 0, forgotten = 0, last = null, young = true } = row ?? {};
  return { forgotten, next: young || read < limit ? null : last };
}

/** The schedule's row is locked, so that no cycle commits meanwhile; a pair that is leased is left for another day. */
export async function retireTombstones(
  database: Database,
  pairId: PairId,
  endedBefore: string,
  limit: number,
): Promise<number> {
  return await database.transaction(async (queryable) => {
    const [idle] = await queryable.query<{ last_good_at: string }>(
      'retention.hold',
      `select last_good_at from liaison.pair_schedule
        where pair_id = $1 and owner is null and last_good_at is not null for update skip locked`,
      [pairId],
    );
    if (idle === undefined) return 0;
    const passed = `${new Date(Date.parse(idle.last_good_at) - tombstonePassedMs).toISOString().slice(0, 19)}Z`;
    const rows = await queryable.query(
      'retention.retire',
      `delete from liaison.link
        where pair_id = $1 and link_key in (
          select link_key from liaison.link as ended
           where pair_id = $1 and not active and ended_at < $2 and ended_at < $3
             and (select count(*) from liaison.feed
                   where feed.pair_id = $1 and feed.kind = ended.kind and listed and verified) = 2
             and not exists (select from liaison.item where item.pair_id = $1 and side = 'crm'
                   and item.kind = ended.kind and id = ended.crm_id)
             and not exists (select from liaison.item where item.pair_id = $1 and side = 'mailbox'
                   and item.kind = ended.kind and id = ended.mailbox_id)
             and not exists (select from liaison.intent where intent.pair_id = $1 and intent.link_key = ended.link_key)
           order by link_key limit $4)
       returning link_key`,
      [pairId, endedBefore, passed, limit],
    );
    return rows.length;
  });
}
