/** Pieces of SQL made from lists of columns: statements stay fixed texts, and each column is named once. */

/** Column → type, in the order of the statement. */
export type Columns = Readonly<Record<string, string>>;

/** `a, b, c`, each behind `prefix`. */
export function listed(columns: Columns, prefix = ''): string {
  return Object.keys(columns)
    .map((name) => `${prefix}${name}`)
    .join(', ');
}

/** `a type, b type` of a record definition. */
export function typed(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
}

/** `a = source.a, b = source.b` */
export function assigned(columns: Columns, source: string): string {
  return Object.keys(columns)
    .map((name) => `${name} = ${source}.${name}`)
    .join(', ');
}

/** The data-modifying part that stamps link keys of `input (id, link_key)`. `$1` is the employee. */
export function linkKeyPart(kind: string): string {
  return `link as (
    insert into crm.link_key (kind, record_id, employee_id, key)
    select '${kind}', id, $1, link_key from input where link_key is not null
    on conflict (employee_id, kind, record_id) do update set key = excluded.key
  )`;
}

/** Milliseconds since a record of this table alias was last changed. */
export function age(alias: string): string {
  return `floor(extract(epoch from clock_timestamp() - ${alias}.updated_at) * 1000)::bigint`;
}

/** A flat row that came from a read carries more than the columns to write. */
export function onlyColumns(row: object, columns: Columns): Readonly<Record<string, unknown>> {
  const values = row as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(columns).map((name) => [name, values[name]]));
}
