/** Simple paged results (RFC 2696): what is left of the searches of one connection. */
import { element, elementsOf, integer, integerOf, octets, tags } from './ber.ts';
import type { Entry } from './entry.ts';

/** Searches of one connection that may be half read. */
const openMax = 16;

export interface PageRequest {
  readonly size: number;
  readonly cookie: string;
}

/** Reads the control's value; undefined when it is not one. */
export function readPageRequest(value: Buffer | undefined): PageRequest | undefined {
  const [outer] = value === undefined ? [] : (elementsOf(value) ?? []);
  const [size, cookie] = outer === undefined ? [] : (elementsOf(outer.content) ?? []);
  const count = integerOf(size);
  if (count === undefined || count < 0 || cookie?.tag !== tags.octets) return undefined;
  return { size: count, cookie: cookie.content.toString('latin1') };
}

export function pageAnswer(cookie: string): Buffer {
  return element(tags.sequence, integer(0), octets(Buffer.from(cookie, 'latin1')));
}

interface Open {
  /** The search it belongs to, to the letter. */
  readonly key: string;
  readonly rest: readonly Entry[];
}

export class PagedResults {
  readonly #open = new Map<string, Open>();
  #next = 1;

  /** The first page of a fresh search, and the cookie for the next; empty at the end. */
  begin(
    key: string,
    entries: readonly Entry[],
    size: number,
  ): { readonly page: readonly Entry[]; readonly cookie: string } {
    const page = entries.slice(0, size);
    if (page.length === entries.length) return { page, cookie: '' };
    const cookie = `page-${this.#next++}`;
    this.#open.set(cookie, { key, rest: entries.slice(size) });
    const [oldest] = this.#open.keys();
    if (this.#open.size > openMax && oldest !== undefined) this.#open.delete(oldest);
    return { page, cookie };
  }

  /** A further page; undefined for a cookie of another search or connection, or one that was used up. */
  next(key: string, cookie: string, size: number) {
    const open = this.#open.get(cookie);
    if (open === undefined || open.key !== key) return undefined;
    this.#open.delete(cookie);
    return this.begin(key, open.rest, size);
  }

  /** The client wants no more of it. */
  drop(cookie: string): void {
    this.#open.delete(cookie);
  }
}
