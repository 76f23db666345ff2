/** Table `intent`: remote writes that are not settled yet. */
import type { Queryable } from '#postgres/database.ts';
import type { IntentRow, PairId } from '../port.ts';
import { document, recordset } from './recordset.ts';

/** A second unsettled intent of one link violates `intent_once_per_link`. */
export async function putIntents(queryable: Queryable, pairId: PairId, intents: readonly IntentRow[]): Promise<void> {
  const rows = recordset(
    intents,
    (intent) => intent.intentId,
    (intent) => ({ ...intent, target: document(intent.target) }),
  );
  await queryable.query(
    'intent.put',
    `insert into liaison.intent (pair_id, intent_id, link_key, kind, side, op, state, remote_id, expected_version, target,
            paths, first_sent_at_ms, attempts, cell)
     select $1, "intentId", "linkKey", kind, side, op, state, "remoteId", "expectedVersion", target::json, paths,
            "firstSentAtMs", attempts, cell
       from json_to_recordset($2::json) as row ("intentId" text, "linkKey" text, kind text, side text, op text,
              state text, "remoteId" text, "expectedVersion" text, target text, paths text[], "firstSentAtMs" bigint,
              attempts integer, cell text)
     on conflict (pair_id, intent_id) do update
       set link_key = excluded.link_key, kind = excluded.kind, side = excluded.side, op = excluded.op,
           state = excluded.state, remote_id = excluded.remote_id, expected_version = excluded.expected_version,
           target = excluded.target, paths = excluded.paths, first_sent_at_ms = excluded.first_sent_at_ms,
           attempts = excluded.attempts, cell = excluded.cell`,
    [pairId, rows],
  );
}

export async function settleIntents(queryable: Queryable, pairId: PairId, settled: readonly string[]): Promise<void> {
  await queryable.query(
    'intent.settle',
    `delete from liaison.intent where pair_id = $1 and intent_id = any($2::text[])`,
    [pairId, settled],
  );
}

export async function readIntents(
  queryable: Queryable,
  pairId: PairId,
  after: string | null,
  limit: number,
): Promise<readonly IntentRow[]> {
  return queryable.query<IntentRow>(
    'intent.read',
    `select intent_id as "intentId", link_key as "linkKey", kind, side, op, state, remote_id as "remoteId",
            expected_version as "expectedVersion", target, paths, first_sent_at_ms as "firstSentAtMs", attempts, cell
       from liaison.intent where pair_id = $1 and intent_id > $2
      order by intent_id limit $3`,
    [pairId, after ?? '', limit],
  );
}
