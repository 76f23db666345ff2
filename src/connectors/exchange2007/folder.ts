/**
 * One folder and the addresses of its items. An item is known by its replication id, which it keeps for life; a request needs
 * an address. The permanent one is made of the same numbers (`rid:` + replica + counter, `…/<replica>-<counter>`), so that
 * it is computed; on a server where it is not so, the folder is listed instead.
 */

import type { RemoteId } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import { lastSegment, parentPath, pathOfHref } from './operations/href.ts';
import { type Properties, type ResourceStatus, readMultistatus } from './operations/multistatus.ts';
import { dav, exchange, repl } from './operations/property.ts';
import { buildSearch, isFlag, type Query, rowsFollow, totalRows } from './operations/search.ts';
import type { Exchange2007Settings } from './options.ts';
import type { Found } from './outcome.ts';
import type { DavSession } from './transport/session.ts';

export const idProperty = repl('repl-uid');
export const permanentProperty = exchange('permanenturl');
const creationProperty = dav('creationdate', 'dateTime.tz');

/** Pages of one listing. */
const pagesMax = 2_000;
/** Listings of a folder that changes meanwhile. */
const listingsMax = 5;
const requestedRangeNotSatisfiable = 416;

export class Folder {
  /** Percent-encoded, with a slash at its end. */
  readonly path: string;
  readonly #session: DavSession;
  readonly #settings: Exchange2007Settings;
  /** What stands before the numbers in permanent addresses; undefined: not seen yet; null: they are not to be computed. */
  #prefix: string | null | undefined;
  readonly #listed = new Map<RemoteId, string>();

  constructor(path: string, session: DavSession, settings: Exchange2007Settings) {
    this.path = path;
    this.#session = session;
    this.#settings = settings;
  }

  /** Takes note of how this server makes addresses. Id and address as one row has them. */
  learn(found: Properties): void {
    const id = found.text(idProperty)?.trim();
    const path = pathOfHref(found.text(permanentProperty)?.trim() ?? '');
    if (id === undefined || path === undefined) return;
    if (this.#prefix === undefined) {
      this.#prefix = lastSegment(path).toLowerCase() === permanentName(id) ? parentPath(path) : null;
    }
    if (this.#prefix === null) this.#listed.set(id, path);
  }

  /** Paths of items, undefined for one that is no longer there. */
  async pathsOf(ids: readonly RemoteId[]): Promise<Found<readonly (string | undefined)[]>> {
    if (this.#prefix === undefined || (this.#prefix === null && ids.some((id) => !this.#listed.has(id)))) {
      const listed = await this.#list();
      if (!listed.ok) return listed;
    }
    return { ok: true, value: ids.map((id) => this.#pathOf(id)) };
  }

  #pathOf(id: RemoteId): string | undefined {
    if (this.#prefix === null) return this.#listed.get(id);
    const name = permanentName(id);
    return this.#prefix === undefined || name === undefined ? undefined : this.#prefix + name;
  }

  /** Rows until the first tells how addresses are made; all of them where they are not to be computed. */
  async #list(): Promise<Found<null>> {
    if (this.#prefix === null) this.#listed.clear();
    const query: Query = {
      folder: this.path,
      select: [idProperty, permanentProperty],
      where: isFlag(dav('isfolder', 'boolean'), false),
      orderBy: creationProperty,
    };
    const rows = await this.rows(query, (row) => {
      this.learn(row.found);
      return typeof this.#prefix !== 'string';
    });
    return rows.ok ? { ok: true, value: null } : rows;
  }

  /**
   * All rows of a statement, page by page, while `wants` says so. Each page runs the statement anew, so a folder whose number
   * of rows changes between two of them is listed again: a row that slipped away would pass for deleted. Rows may come twice.
   */
  async rows(query: Query, wants: (row: ResourceStatus) => boolean): Promise<Found<null>> {
    for (let listing = 0; listing < listingsMax; listing += 1) {
      const found = await this.#rowsOnce(query, wants);
      if (!found.ok) return found;
      if (found.value === 'whole') return { ok: true, value: null };
    }
    return {
      ok: false,
      trouble: { fault: fault('mailbox.unavailable', 'The folder does not keep still.'), certain: true },
    };
  }

  async #rowsOnce(query: Query, wants: (row: ResourceStatus) => boolean): Promise<Found<'whole' | 'changed'>> {
    const { pageRows } = this.#settings;
    let total: number | undefined;
    for (let page = 0, first = 0; page < pagesMax; page += 1) {
      const answer = await this.#session.call(buildSearch(query, first, pageRows));
      if (!answer.ok) {
        if (answer.trouble.status !== requestedRangeNotSatisfiable) return answer;
        // The page begins behind the last row, which is where a listing without a total ends.
        return { ok: true, value: total === undefined || total <= first ? 'whole' : 'changed' };
      }
      const { headers, multistatus } = answer.value;
      const rows = multistatus === undefined ? [] : readMultistatus(multistatus);
      for (const row of rows) if (!wants(row)) return { ok: true, value: 'whole' };
      const told = totalRows(headers['content-range']);
      if (total !== undefined && told !== total) return { ok: true, value: 'changed' };
      total = told;
      if (!rowsFollow(total, first + rows.length, rows.length < pageRows)) return { ok: true, value: 'whole' };
      if (rows.length === 0) break;
      first += rows.length;
    }
    return {
      ok: false,
      trouble: { fault: fault('server.garbled', 'The search does not come to an end.'), certain: true },
    };
  }
}

/** The last segment of the permanent address: the counter stands without leading zeros. */
function permanentName(id: RemoteId): string | undefined {
  const [, replica, counter] = /^rid:([0-9a-f]{32})([0-9a-f]{12})$/i.exec(id) ?? [];
  if (replica === undefined || counter === undefined) return undefined;
  return `${replica}-${counter.replace(/^0+(?=.)/, '')}`.toLowerCase();
}
