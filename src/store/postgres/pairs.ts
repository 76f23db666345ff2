/** Tables `pair` and `pair_schedule` as the user map shows them. */
import type { Database, Queryable } from '#postgres/database.ts';
import { sqlState } from '#postgres/database.ts';
import type { Pair, PairId, PairStatus, Troubled } from '../port.ts';
import { document, recordset } from './recordset.ts';

const uniqueViolation = '23505';

/** Columns of a pair, read by `pairOf`; the tables are joined. */
export const pairColumns = 'pair.pair_id, crm_user, mailbox, enabled, server, levels, zone';

export interface PairColumns {
  readonly pair_id: PairId;
  readonly crm_user: string;
  readonly mailbox: string;
  readonly enabled: boolean;
  readonly server: string;
  readonly levels: Pair['levels'];
  readonly zone: string | null;
}

export function pairOf(row: PairColumns): Pair {
  return {
    pairId: row.pair_id,
    crmUser: row.crm_user,
    mailbox: row.mailbox,
    enabled: row.enabled,
    server: row.server,
    levels: row.levels,
    ...(row.zone === null ? {} : { zone: row.zone }),
  };
}

interface StatusColumns extends PairColumns {
  readonly next_at_ms: number;
  readonly attempts: number;
  readonly owner: string | null;
  readonly lease_until_ms: number;
  readonly last_outcome: PairStatus['lastOutcome'];
  readonly last_good_at: string | null;
}

const selectStatus = `select ${pairColumns}, next_at_ms, attempts, owner, lease_until_ms, last_outcome, last_good_at
  from liaison.pair join liaison.pair_schedule using (pair_id)`;

function statusOf(row: StatusColumns): PairStatus {
  return {
    pair: pairOf(row),
    nextAtMs: row.next_at_ms,
    attempts: row.attempts,
    owner: row.owner,
    leaseUntilMs: row.lease_until_ms,
    lastOutcome: row.last_outcome,
    lastGoodAt: row.last_good_at,
  };
}

/** Writes the map and, for new pairs, a schedule that is due. The schedule of a known pair goes on. */
export async function putPairs(database: Database, pairs: readonly Pair[]): Promise<void> {
  const rows = recordset(
    pairs,
    (pair) => pair.pairId,
    (pair) => ({ ...pair, levels: document(pair.levels) }),
  );
  try {
    await database.transaction(async (queryable) => {
      await queryable.query(
        'pair.put',
        `insert into liaison.pair (pair_id, crm_user, mailbox, server, levels, zone)
         select "pairId", "crmUser", mailbox, server, levels::json, zone
           from json_to_recordset($1::json) as row ("pairId" text, "crmUser" text, mailbox text, server text,
                  levels text, zone text)
         on conflict (pair_id) do update
           set crm_user = excluded.crm_user, mailbox = excluded.mailbox, server = excluded.server,
               levels = excluded.levels, zone = excluded.zone`,
        [rows],
      );
      await queryable.query(
        'schedule.put',
        `insert into liaison.pair_schedule (pair_id, enabled)
         select "pairId", enabled from json_to_recordset($1::json) as row ("pairId" text, enabled boolean)
          order by "pairId"
         on conflict (pair_id) do update set enabled = excluded.enabled
           where pair_schedule.enabled <> excluded.enabled`,
        [rows],
      );
    });
  } catch (error) {
    if (sqlState(error) !== uniqueViolation) throw error;
    const detail = (error as { detail?: string }).detail ?? '';
    throw new Error(`a mailbox or CRM login belongs to another pair: ${detail}`, { cause: error });
  }
}

export async function readPairs(
  queryable: Queryable,
  after: string | null,
  limit: number,
  troubled?: Troubled,
): Promise<readonly PairStatus[]> {
  const [name, text, values] =
    troubled === undefined
      ? ['pair.read', '', []]
      : ['pair.readTroubled', ` and ${isTroubled}`, [troubled.overdueBeforeMs]];
  const rows = await queryable.query<StatusColumns>(
    name,
    `${selectStatus} where mailbox > $1${text} order by mailbox limit $2`,
    [after ?? '', limit, ...values],
  );
  return rows.map(statusOf);
}

/** In the words of `Troubled`; the third value is its time. */
const isTroubled = `(enabled and (last_outcome->'fault' is not null or last_good_at is not null and next_at_ms < $3)
    or exists (select from liaison.brake where brake.pair_id = pair.pair_id and state = 'held')
    or exists (select from liaison.link where link.pair_id = pair.pair_id and probe_at_ms is not null and active))`;

export async function findPair(queryable: Queryable, name: string): Promise<PairStatus | undefined> {
  const [row] = await queryable.query<StatusColumns>(
    'pair.find',
    `${selectStatus} where mailbox = $1 or crm_user = $2 order by mailbox = $1 desc limit 1`,
    [name.toLowerCase(), name],
  );
  return row === undefined ? undefined : statusOf(row);
}

/** The schedule goes first: its row lock waits for a commit under way, and no later commit finds its fence. */
export async function dropPair(database: Database, pairId: PairId): Promise<void> {
  await database.transaction(async (queryable) => {
    const state = ['feed', 'item', 'link', 'intent', 'journal', 'brake', 'request'];
    for (const table of ['pair_schedule', 'pair', 'location', ...state]) {
      await queryable.query(`${table}.drop`, `delete from liaison.${table} where pair_id = $1`, [pairId]);
    }
  });
}
