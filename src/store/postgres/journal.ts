/** Table `journal`: the append-only account of decisions. */
import type { Queryable } from '#postgres/database.ts';
import type { JournalEntry, JournalQuery, JournalRow, PairId } from '../port.ts';
import { document } from './recordset.ts';

export async function appendJournal(
  queryable: Queryable,
  pairId: PairId,
  entries: readonly JournalEntry[],
): Promise<void> {
  const rows = entries.map((entry, position) => ({ ...entry, detail: document(entry.detail), position }));
  await queryable.query(
    'journal.append',
    `insert into liaison.journal (pair_id, at, kind, link_key, event, side, detail)
     select $1, at, kind, "linkKey", event, side, detail::json
       from json_to_recordset($2::json) as row (position integer, at text, kind text, "linkKey" text, event text,
              side text, detail text)
      order by position`,
    [pairId, JSON.stringify(rows)],
  );
}

export async function readJournal(
  queryable: Queryable,
  pairId: PairId,
  query: JournalQuery,
): Promise<readonly JournalRow[]> {
  const { linkKey, event = null, after = 0, limit } = query;
  const select = `select sequence, at, kind, link_key as "linkKey", event, side, detail from liaison.journal
    where pair_id = $1 and sequence > $2 and ($3::text is null or event = $3)`;
  if (linkKey === undefined) {
    const text = `${select} order by sequence limit $4`;
    return queryable.query<JournalRow>('journal.read', text, [pairId, after, event, limit]);
  }
  const text = `${select} and link_key = $5 order by sequence limit $4`;
  return queryable.query<JournalRow>('journal.readLink', text, [pairId, after, event, limit, linkKey]);
}
