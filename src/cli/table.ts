/** Plain-text tables. Pure. */

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const gap = '  ';

/** One line per row under a line of titles; the last left-aligned column is not padded. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? '')), widthOf(column.title)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, at) => padded(cells[at] ?? '', widths[at] ?? 0, column.align ?? 'left'))
      .join(gap)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\n');
}

function padded(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? blanks + text : text + blanks;
}

/** Characters as people count them. */
function widthOf(text: string): number {
  return [...text].length;
}
