/** Table `location`: where mailboxes were found. */
import type { Queryable } from '#postgres/database.ts';
import type { LocationRow, PairId } from '../port.ts';
import { document } from './recordset.ts';

export async function readLocation(queryable: Queryable, pairId: PairId): Promise<LocationRow | undefined> {
  const [row] = await queryable.query<LocationRow>(
    'location.read',
    `select location, checked_at_ms as "checkedAtMs", doubted as "isDoubted" from liaison.location where pair_id = $1`,
    [pairId],
  );
  return row;
}

/** The lock on the pair's row keeps a drop from passing by, so that no location outlives its pair. */
export async function putLocation(queryable: Queryable, pairId: PairId, row: LocationRow): Promise<void> {
  await queryable.query(
    'location.put',
    `with held as (select pair_id from liaison.pair where pair_id = $1 for key share)
     insert into liaison.location (pair_id, location, checked_at_ms, doubted)
     select pair_id, $2::json, $3, $4 from held
     on conflict (pair_id) do update
       set location = excluded.location, checked_at_ms = excluded.checked_at_ms, doubted = excluded.doubted`,
    [pairId, document(row.location), row.checkedAtMs, row.isDoubted],
  );
}
