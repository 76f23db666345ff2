/** Table `brake`: destructive work held back until a person decides. */
import type { Kind } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import type { Brake, PairId, Side } from '../port.ts';
import { recordset } from './recordset.ts';

export async function putBrakes(queryable: Queryable, pairId: PairId, brakes: readonly Brake[]): Promise<void> {
  const rows = recordset(
    brakes,
    (brake) => `${brake.side} ${brake.kind} ${brake.work}`,
    (brake) => brake,
  );
  await queryable.query(
    'brake.put',
    `insert into liaison.brake (pair_id, side, kind, work, count, links, plan, sample, since, state)
     select $1, side, kind, work, count, links, plan, sample, since, state
       from json_to_recordset($2::json) as row (side text, kind text, work text, count integer, links integer,
              plan text, sample text[], since text, state text)
     on conflict (pair_id, side, kind, work) do update
       set count = excluded.count, links = excluded.links, plan = excluded.plan, sample = excluded.sample,
           since = excluded.since, state = excluded.state`,
    [pairId, rows],
  );
}

export async function readBrakes(queryable: Queryable, pairId: PairId): Promise<readonly Brake[]> {
  return queryable.query<Brake>(
    'brake.read',
    `select side, kind, work, count, links, plan, sample, since, state
       from liaison.brake where pair_id = $1 order by side, kind, work`,
    [pairId],
  );
}

export async function countBrakedPairs(queryable: Queryable, except: PairId, limit: number): Promise<number> {
  const [row] = await queryable.query<{ count: number }>(
    'brake.pairs',
    `select count(*)::integer as count from (
       select distinct pair_id from liaison.brake where state = 'held' and pair_id <> $1 limit $2
     ) as held`,
    [except, limit],
  );
  return row?.count ?? 0;
}

/** True when a brake on exactly this plan was held. */
export async function releaseBrake(
  queryable: Queryable,
  pairId: PairId,
  side: Side,
  kind: Kind,
  plan: string,
): Promise<boolean> {
  const released = await queryable.query(
    'brake.release',
    `update liaison.brake set state = 'released'
      where pair_id = $1 and side = $2 and kind = $3 and plan = $4 and state = 'held'
      returning work`,
    [pairId, side, kind, plan],
  );
  return released.length > 0;
}
