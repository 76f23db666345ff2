/** Rows PostgreSQL has inserted, updated and deleted, as its statistics count them. */
import type { Database } from '#postgres/database.ts';

/** By table, e.g. `liaison.item`. */
export type RowsWritten = Readonly<Record<string, number>>;

/** Statistics of an idle connection are handed in by PostgreSQL only after 10 s. */
export const statisticsDelayMs = 11_000;

export async function rowsWritten(database: Database): Promise<RowsWritten> {
  const rows = await database.query<{ name: string; written: string }>(
    'bench_rows_written',
    `select schemaname || '.' || relname as name, n_tup_ins + n_tup_upd + n_tup_del as written
       from pg_stat_user_tables where schemaname in ('liaison', 'crm') order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, written }) => [name, Number(written)]));
}

/** What was written in between, tables without any left out. */
export function rowsBetween(before: RowsWritten, after: RowsWritten): RowsWritten {
  const found = Object.entries(after).map(([name, written]) => [name, written - (before[name] ?? 0)] as const);
  return Object.fromEntries(found.filter(([, written]) => written > 0));
}

export function sumOf(rows: RowsWritten, schema = ''): number {
  return Object.entries(rows).reduce((sum, [name, written]) => (name.startsWith(schema) ? sum + written : sum), 0);
}
