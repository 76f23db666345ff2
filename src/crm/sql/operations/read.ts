/** Reading records of one employee: one statement per call. */
import type { LinkKey, ReadOutcome, RemoteId, Snapshot } from '#contract/connector.ts';
import type { Item } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import type { KindTable, Stored } from './kind-table.ts';

/** The number behind a remote id; undefined for a text that was never one. */
export function recordId(id: RemoteId): number | undefined {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined;
}

/** Records by id; ids that do not exist have no entry. */
export async function readStored<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  ids: readonly RemoteId[],
): Promise<ReadonlyMap<RemoteId, Stored<Rec>>> {
  const numbers = ids.map(recordId).filter((id) => id !== undefined);
  const found = numbers.length === 0 ? [] : await table.read(queryable, employeeId, numbers);
  return new Map(found.map((stored) => [`${stored.id}`, stored]));
}

/** A record outside the employee's scope is told apart from one that does not exist. */
export async function readAll<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  ids: readonly RemoteId[],
  nowMs: number,
): Promise<readonly ReadOutcome[]> {
  const found = await readStored(queryable, table, employeeId, ids);
  return ids.map((id) => {
    const stored = found.get(id);
    if (stored === undefined) return { kind: 'gone', id };
    if (!stored.mine) return { kind: 'out', id, reason: stored.outReason };
    return { kind: 'present', snapshot: snapshotOf(table, stored, nowMs) };
  });
}

/** Records in the employee's scope that carry the key: at most one. */
export async function findByKey<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  key: LinkKey,
): Promise<readonly RemoteId[]> {
  const rows = await queryable.query<{ record_id: number }>(
    'crm.find',
    'select record_id from crm.link_key where key = $1 and kind = $2 and employee_id = $3',
    [key, table.kind, employeeId],
  );
  const found = await readStored(
    queryable,
    table,
    employeeId,
    rows.map((row) => `${row.record_id}`),
  );
  return [...found.values()].filter((stored) => stored.mine).map((stored) => `${stored.id}`);
}

function snapshotOf<Rec, I extends Item>(table: KindTable<Rec, I>, stored: Stored<Rec>, nowMs: number): Snapshot {
  return {
    id: `${stored.id}`,
    version: `${stored.version}`,
    ...(stored.linkKey === null ? {} : { linkKey: stored.linkKey }),
    item: table.itemOf(stored.record),
    // Counted back from now, the database's clock does not matter.
    modifiedAt: `${new Date(nowMs - stored.ageMs).toISOString().slice(0, 19)}Z`,
    ...(stored.owned === undefined ? {} : { owned: stored.owned }),
  };
}
