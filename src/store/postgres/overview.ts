/** What the status page asks about many pairs: a fixed number of statements for a page of them, one for all. */
import type { Database, Queryable } from '#postgres/database.ts';
import type { Brake, Feed, PairDetails, PairId, Summary, Troubled } from '../port.ts';
import { readTotals } from './totals.ts';

interface OfPair {
  readonly pair_id: PairId;
}

/** Ids that are no pair's have no entry. */
export async function readDetails(
  database: Database,
  pairIds: readonly PairId[],
): Promise<ReadonlyMap<PairId, PairDetails>> {
  const [existing, feeds, brakes, totals] = await Promise.all([
    database.query<OfPair>('overview.pairs', 'select pair_id from liaison.pair where pair_id = any($1::text[])', [
      pairIds,
    ]),
    database.query<Feed & OfPair>(
      'overview.feeds',
      `select pair_id, side, kind, epoch, cursor, listed, verified, mapping, mapped_epoch as "mappedEpoch"
         from liaison.feed where pair_id = any($1::text[]) order by pair_id, side, kind`,
      [pairIds],
    ),
    database.query<Brake & OfPair>(
      'overview.brakes',
      `select pair_id, side, kind, work, count, links, plan, sample, since, state
         from liaison.brake where pair_id = any($1::text[]) order by pair_id, side, kind, work`,
      [pairIds],
    ),
    readTotals(database, pairIds),
  ]);
  const feedsOf = Map.groupBy(feeds, (row) => row.pair_id);
  const brakesOf = Map.groupBy(brakes, (row) => row.pair_id);
  return new Map(
    existing.map(({ pair_id: pairId }) => [
      pairId,
      {
        feeds: (feedsOf.get(pairId) ?? []).map(({ pair_id: _, ...feed }) => feed),
        brakes: (brakesOf.get(pairId) ?? []).map(({ pair_id: _, ...brake }) => brake),
        ...totals(pairId),
      },
    ]),
  );
}

interface SummaryColumns extends Omit<Summary, 'setAside'> {
  readonly set_aside: number;
}

export async function readSummary(queryable: Queryable, { overdueBeforeMs }: Troubled): Promise<Summary> {
  const [row] = await queryable.query<SummaryColumns>(
    'overview.summary',
    `select count(*) as users,
            count(*) filter (where not enabled) as disabled,
            count(*) filter (where enabled and last_outcome->'fault'->>'code' not like 'budget.%') as failing,
            count(*) filter (where enabled and last_good_at is not null and next_at_ms < $1) as overdue,
            count(*) filter (where enabled and last_good_at is null) as initial,
            (select count(distinct pair_id) from liaison.brake where state = 'held') as held,
            (select count(distinct pair_id) from liaison.link where probe_at_ms is not null and active) as set_aside
       from liaison.pair_schedule`,
    [overdueBeforeMs],
  );
  const { set_aside: setAside, ...counts } = row as SummaryColumns;
  return { ...counts, setAside };
}
