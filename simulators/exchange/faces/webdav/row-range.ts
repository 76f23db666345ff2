/** `Range: rows=…` (reference on Exchange 2007, section 1.7). */

/** Rows that one header may pick in so many parts. */
const partsMax = 100;

/**
 * Indexes of the rows a header asks for, ascending; all of them without one. `outside` when a part begins after the end, which
 * an empty result does not count as.
 */
export function rowsOf(header: string | undefined, total: number): readonly number[] | 'outside' | 'malformed' {
  if (header === undefined || !/^\s*rows\s*=/i.test(header)) return Array.from({ length: total }, (_, index) => index);
  const parts = header.replace(/^\s*rows\s*=/i, '').split(',');
  if (parts.length > partsMax) return 'malformed';
  const picked = new Set<number>();
  for (const part of parts) {
    const match = /^\s*(\d{0,9})\s*-\s*(\d{0,9})\s*$/.exec(part);
    const [, from = '', to = ''] = match ?? [];
    if (match === null || (from === '' && to === '')) return 'malformed';
    const first = from === '' ? Math.max(total - Number(to), 0) : Number(from);
    const last = from === '' || to === '' ? total - 1 : Math.min(Number(to), total - 1);
    if (from !== '' && first >= total && first > 0) return 'outside';
    for (let index = first; index <= last; index += 1) picked.add(index);
  }
  return [...picked].sort((a, b) => a - b);
}

/** The answer's `Content-Range`; undefined when no range was asked for. */
export function contentRange(header: string | undefined, rows: readonly number[], total: number): string | undefined {
  if (header === undefined || !/^\s*rows\s*=/i.test(header)) return undefined;
  const spans: string[] = [];
  for (let at = 0; at < rows.length; ) {
    let end = at;
    while (end + 1 < rows.length && rows[end + 1] === (rows[end] ?? 0) + 1) end += 1;
    spans.push(`${rows[at]}-${rows[end]}`);
    at = end + 1;
  }
  return `rows ${spans.length === 0 ? '0-0' : spans.join(',')}; total=${total}`;
}
