/**
 * Rows of a batch as one parameter: a JSON array that the statement reads with `json_to_recordset`. Measured on 500 items
 * this costs the client less than one PostgreSQL array per column, and the server the same.
 */

/**
 * The rows as JSON text. Of rows with the same key the last one stays: a statement cannot write a row twice.
 */
export function recordset<T>(rows: readonly T[], key: (row: T) => string, columns: (row: T) => object): string {
  const latest = new Map<string, T>();
  for (const row of rows) latest.set(key(row), row);
  return JSON.stringify(Array.from(latest.values(), columns));
}

/**
 * A document inside a record travels as a text of its own: `json` columns may hold what a database text cannot (U+0000,
 * lone surrogates), and the server need not take it apart.
 */
export function document(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
