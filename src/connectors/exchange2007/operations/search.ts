/** SEARCH with a statement of Exchange's SQL: rows of a folder, a page of them, or its replication manifest. */
import type { DavRequest } from '../transport/session.ts';
import { searchDocument } from './document.ts';
import { fullName, type Property } from './property.ts';

export interface Query {
  /** Path of the folder, with a slash at its end. */
  readonly folder: string;
  readonly select: readonly Property[];
  /** A condition built with the functions below. */
  readonly where: string;
  readonly orderBy?: Property;
}

/** One page of rows, counted from 0. Each page runs the statement anew. */
export function buildSearch(query: Query, firstRow: number, rows: number): DavRequest {
  return {
    ...search(query.folder, searchDocument(statement(query))),
    headers: ['brief', 't', 'range', `rows=${firstRow}-${firstRow + rows - 1}`],
  };
}

/** What changed after a position; an empty one lists everything. The statement must stay the same for a position's life. */
export function buildManifest(query: Query, collblob: string): DavRequest {
  return search(query.folder, searchDocument(statement(query), { collblob }));
}

function search(path: string, body: string): DavRequest {
  return {
    method: 'SEARCH',
    path,
    headers: ['brief', 't'],
    body,
    effect: 'read',
    subject: 'folder',
    answersMultistatus: true,
  };
}

function statement({ folder, select, where, orderBy }: Query): string {
  const columns = select.map(quotedName).join(', ');
  const order = orderBy === undefined ? '' : ` ORDER BY ${quotedName(orderBy)}`;
  return `SELECT ${columns} FROM SCOPE('SHALLOW TRAVERSAL OF "${scopeOf(folder)}"') WHERE ${where}${order}`;
}

/** Inside the single quotes of SCOPE and the double quotes of the address. */
function scopeOf(folder: string): string {
  return folder.replace(/\/$/, '').replaceAll("'", "''").replaceAll('"', '%22');
}

function quotedName(property: Property): string {
  return `"${fullName(property)}"`;
}

/** `"name" = 'text'`. */
export function isText(property: Property, text: string): string {
  return `${quotedName(property)} = '${text.replaceAll("'", "''")}'`;
}

export function isNumber(property: Property, number: number): string {
  return `${quotedName(property)} = ${Math.trunc(number)}`;
}

export function isFlag(property: Property, flag: boolean): string {
  return `${quotedName(property)} = ${flag}`;
}

export function allOf(...conditions: readonly string[]): string {
  return conditions.join(' AND ');
}

export function anyOf(...conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

/** Of `Content-Range: rows 0-99; total=253`; undefined when the server tells no total. */
export function totalRows(header: string | readonly string[] | undefined): number | undefined {
  const total = /total=(\d+)/i.exec(String(header ?? ''))?.[1];
  return total === undefined ? undefined : Number(total);
}

/** Whether more rows follow the `seen` ones; without a total a short page is the last. */
export function rowsFollow(total: number | undefined, seen: number, isShort: boolean): boolean {
  return total === undefined ? !isShort : seen < total;
}
