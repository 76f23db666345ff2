/** Table `request`: what people asked for; the next cycle answers it. */
import type { Queryable } from '#postgres/database.ts';
import { type PairId, type Request, type RequestRow, subjectOf } from '../port.ts';
import { document } from './recordset.ts';

/** A pair that is not there is asked for nothing. */
export async function putRequest(queryable: Queryable, pairId: PairId, request: Request): Promise<void> {
  await queryable.query(
    'request.put',
    `insert into liaison.request (pair_id, kind, subject, request)
     select pair_id, $2, $3, $4::json from liaison.pair where pair_id = $1
     on conflict (pair_id, kind, subject) do update set number = default, request = excluded.request
       where request.request::text <> excluded.request::text`,
    [pairId, request.kind, subjectOf(request), document(request)],
  );
}

export async function readRequests(
  queryable: Queryable,
  pairId: PairId,
  limit: number,
): Promise<readonly RequestRow[]> {
  return queryable.query<RequestRow>(
    'request.read',
    'select number, request from liaison.request where pair_id = $1 order by number limit $2',
    [pairId, limit],
  );
}

export async function answerRequests(queryable: Queryable, pairId: PairId, numbers: readonly number[]): Promise<void> {
  const text = 'delete from liaison.request where pair_id = $1 and number = any($2::bigint[])';
  await queryable.query('request.answer', text, [pairId, numbers]);
}
