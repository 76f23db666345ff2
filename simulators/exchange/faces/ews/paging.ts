/** Views of FindItem and FindFolder: which rows an answer holds and what it says about the rest. */
import { child, type XmlElement } from '#xml/reader.ts';

export type Paging =
  | { readonly kind: 'none' }
  | { readonly kind: 'indexed'; readonly offset: number; readonly max: number; readonly fromEnd: boolean }
  | { readonly kind: 'fractional'; readonly numerator: number; readonly denominator: number; readonly max: number };

export interface Page<T> {
  readonly rows: readonly T[];
  /** Attributes of m:RootFolder in their order. */
  readonly attributes: string;
}

export function readPaging(request: XmlElement): Paging {
  const indexed = child(request, 'IndexedPageItemView') ?? child(request, 'IndexedPageFolderView');
  if (indexed !== undefined) {
    const { MaxEntriesReturned, Offset, BasePoint } = indexed.attributes;
    return {
      kind: 'indexed',
      offset: Number(Offset ?? 0),
      max: MaxEntriesReturned === undefined ? Number.POSITIVE_INFINITY : Number(MaxEntriesReturned),
      fromEnd: BasePoint === 'End',
    };
  }
  const fractional = child(request, 'FractionalPageItemView') ?? child(request, 'FractionalPageFolderView');
  if (fractional !== undefined) {
    const { MaxEntriesReturned, Numerator, Denominator } = fractional.attributes;
    return {
      kind: 'fractional',
      numerator: Number(Numerator ?? 0),
      denominator: Number(Denominator ?? 1),
      max: MaxEntriesReturned === undefined ? Number.POSITIVE_INFINITY : Number(MaxEntriesReturned),
    };
  }
  return { kind: 'none' };
}

/** The rows of a page; a server limit makes it smaller than asked, which the answer then says. */
export function page<T>(all: readonly T[], paging: Paging, rowsMax: number): Page<T> {
  const total = all.length;
  switch (paging.kind) {
    case 'none': {
      const rows = all.slice(0, rowsMax);
      const isLast = rows.length === total;
      const offset = isLast ? '' : `IndexedPagingOffset="${rows.length}" `;
      return { rows, attributes: `${offset}TotalItemsInView="${total}" IncludesLastItemInRange="${isLast}"` };
    }
    case 'indexed': {
      const count = Math.min(paging.max, rowsMax);
      if (paging.fromEnd) {
        const end = Math.max(total - paging.offset, 0);
        const start = Math.max(end - count, 0);
        const next = total - start;
        return { rows: all.slice(start, end), attributes: indexedAttributes(next, total, start === 0) };
      }
      const end = Math.min(paging.offset + count, total);
      return { rows: all.slice(paging.offset, end), attributes: indexedAttributes(end, total, end >= total) };
    }
    case 'fractional': {
      const start = Math.floor((total * paging.numerator) / Math.max(paging.denominator, 1));
      const end = Math.min(start + Math.min(paging.max, rowsMax), total);
      const attributes = `NumeratorOffset="${end}" AbsoluteDenominator="${total}" TotalItemsInView="${total}" IncludesLastItemInRange="${end >= total}"`;
      return { rows: all.slice(start, end), attributes };
    }
  }
}

function indexedAttributes(next: number, total: number, isLast: boolean): string {
  return `IndexedPagingOffset="${next}" TotalItemsInView="${total}" IncludesLastItemInRange="${isLast}"`;
}
