/** Views of FindItem and FindFolder: which rows an answer holds and what it says about the rest. */
import { child, type XmlElement } from '#xml/reader.ts';
import { EwsError } from './ews-error.ts';

export type Paging =
  | { readonly kind: 'none' }
  | { readonly kind: 'indexed'; readonly offset: number; readonly max: number; readonly fromEnd: boolean }
  | { readonly kind: 'fractional'; readonly numerator: number; readonly denominator: number; readonly max: number }
  | { readonly kind: 'seek'; readonly condition: XmlElement; readonly max: number; readonly fromEnd: boolean };

export interface Page<T> {
  readonly rows: readonly T[];
  /** Attributes of m:RootFolder in their order. */
  readonly attributes: string;
}

/** Reads the view of a request; numbers that make no sense are refused. */
export function readPaging(request: XmlElement): Paging {
  const indexed = child(request, 'IndexedPageItemView') ?? child(request, 'IndexedPageFolderView');
  if (indexed !== undefined) {
    const { Offset, BasePoint } = indexed.attributes;
    if (Number(Offset ?? 0) < 0) throw new EwsError('ErrorInvalidIndexedPagingParameters');
    return {
      kind: 'indexed',
      offset: Number(Offset ?? 0),
      max: maxOf(indexed),
      fromEnd: BasePoint === 'End',
    };
  }
  const fractional = child(request, 'FractionalPageItemView') ?? child(request, 'FractionalPageFolderView');
  if (fractional !== undefined) {
    const numerator = Number(fractional.attributes.Numerator ?? 0);
    const denominator = Number(fractional.attributes.Denominator ?? 1);
    if (numerator < 0 || denominator <= 0 || numerator > denominator) {
      throw new EwsError('ErrorInvalidFractionalPagingParameters');
    }
    return { kind: 'fractional', numerator, denominator, max: maxOf(fractional) };
  }
  const seek = child(request, 'SeekToConditionPageItemView');
  const condition = child(seek, 'Condition')?.children[0];
  if (seek !== undefined && condition !== undefined) {
    return { kind: 'seek', condition, max: maxOf(seek), fromEnd: seek.attributes.BasePoint === 'End' };
  }
  return { kind: 'none' };
}

/** Rows that a view asks for at most; without a number all of them. */
export function maxOf(view: XmlElement): number {
  const { MaxEntriesReturned } = view.attributes;
  if (MaxEntriesReturned === undefined) return Number.POSITIVE_INFINITY;
  if (Number(MaxEntriesReturned) <= 0) throw new EwsError('ErrorInvalidPagingMaxRows');
  return Number(MaxEntriesReturned);
}

/** The rows of a page; a server limit makes it smaller than asked, which the answer then says. */
export function page<T>(
  all: readonly T[],
  paging: Paging,
  rowsMax: number,
  meets: (condition: XmlElement, row: T) => boolean = () => false,
): Page<T> {
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
    case 'seek': {
      const isHit = (row: T): boolean => meets(paging.condition, row);
      const hit = paging.fromEnd ? all.findLastIndex(isHit) : all.findIndex(isHit);
      const count = Math.min(paging.max, rowsMax);
      if (paging.fromEnd) {
        const start = Math.max(hit + 1 - count, 0);
        return { rows: all.slice(start, hit + 1), attributes: indexedAttributes(start, total, start === 0) };
      }
      const start = hit < 0 ? total : hit;
      const end = Math.min(start + count, total);
      return { rows: all.slice(start, end), attributes: indexedAttributes(end, total, end >= total) };
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
