/** Table `undo`: decisions that a person wants undone; the next cycle answers them. */
import type { Queryable } from '#postgres/database.ts';
import type { PairId } from '../port.ts';

export async function askUndo(queryable: Queryable, pairId: PairId, decision: number): Promise<void> {
  await queryable.query(
    'undo.ask',
    `insert into liaison.undo (pair_id, decision)
     select pair_id, $2 from liaison.pair where pair_id = $1 on conflict do nothing`,
    [pairId, decision],
  );
}

export async function readUndo(queryable: Queryable, pairId: PairId, limit: number): Promise<readonly number[]> {
  const rows = await queryable.query<{ readonly decision: number }>(
    'undo.read',
    'select decision from liaison.undo where pair_id = $1 order by decision limit $2',
    [pairId, limit],
  );
  return rows.map(({ decision }) => decision);
}

export async function answerUndo(queryable: Queryable, pairId: PairId, decisions: readonly number[]): Promise<void> {
  await queryable.query('undo.answer', 'delete from liaison.undo where pair_id = $1 and decision = any($2::bigint[])', [
    pairId,
    decisions,
  ]);
}
