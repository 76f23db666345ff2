/** SEARCH (reference on Exchange 2007, sections 1.6, 1.7 and 1.10). */
import { child } from '#xml/reader.ts';
import { allColumns, allNamespaces, type Column, columnOf, propStats } from '../answer-properties.ts';
import { manifestAnswer } from '../manifest-answer.ts';
import { multistatus } from '../multistatus.ts';
import { manifestRequest, propertiesMax, readBody } from '../request-xml.ts';
import { type FolderResource, type ItemResource, type Resource, urlOf } from '../resource.ts';
import { contentRange, rowsOf } from '../row-range.ts';
import { compileCondition, sorted } from '../sql/evaluate.ts';
import { parseStatement } from '../sql/parse.ts';
import { rowsInScope } from '../sql/scope.ts';
import type { Statement } from '../sql/statement.ts';
import { isBrief, listAnswer, locateUrl, plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

export function search(call: WebdavCall): WebdavAnswer {
  const type = call.headers['content-type'];
  if (type !== undefined && !/xml/i.test(type)) return plainAnswer(415);
  const root = readBody(call.body.toString('utf8'));
  const text = root?.name === 'searchrequest' ? child(root, 'sql')?.text : undefined;
  if (root === undefined || text === undefined) return plainAnswer(422);
  const parsed = parseStatement(text);
  if (!parsed.ok) return plainAnswer(422);
  const { statement } = parsed;
  if ((statement.columns?.length ?? 0) > propertiesMax) return plainAnswer(422);
  const condition = compileCondition(statement.where);
  if (!condition.ok) return plainAnswer(422);
  const folders = foldersOf(call, statement);
  if (typeof folders === 'number') return plainAnswer(folders);
  const [first] = folders;
  if (first === undefined) return plainAnswer(404);
  const manifest = manifestRequest(root);
  const columns = columnsOf(statement);
  const rows = [...rowsInScope(call, folders, statement, manifest === undefined)].filter(condition.test);
  if (manifest !== undefined) {
    const items = rows.filter((one): one is ItemResource => one.kind === 'item');
    const query = { rows: items, columns, key: statement.source, folder: first.folder };
    return manifestAnswer(call, first.place, query, manifest);
  }
  return rowsAnswer(call, sorted(struck(call, first, rows), statement.orders), columns, statement);
}

function columnsOf({ columns }: Statement): readonly Column[] {
  return columns === undefined ? allColumns() : columns.map(({ name, type, alias }) => columnOf({ name, type }, alias));
}

/** The folders to look in; a status when one cannot be. */
function foldersOf(call: WebdavCall, { scope }: Statement): readonly FolderResource[] | number {
  const locations = scope.places.length === 0 ? [call.location] : scope.places.map((one) => locateUrl(call, one));
  const folders: FolderResource[] = [];
  for (const location of locations) {
    if (location.kind !== 'found' || location.resource.kind !== 'folder') return 404;
    if (!call.access.may(location.resource.folder, 'read')) return 403;
    folders.push(location.resource);
  }
  return folders;
}

/** Faults of a search index. */
function struck(call: WebdavCall, { place }: FolderResource, rows: readonly Resource[]): readonly Resource[] {
  const { control } = call.server;
  const site = { operation: call.method, mailbox: place.mailbox.address };
  const fault = control.strike(site, undefined, 'emptyListing', 'staleSearch', 'partialSearch', 'reorderRows');
  switch (fault?.kind) {
    case 'emptyListing':
    case 'staleSearch':
      return [];
    case 'partialSearch':
      return rows.filter((_, index) => index % 2 === 1);
    case 'reorderRows':
      return rows.toReversed();
    default:
      return rows;
  }
}

function rowsAnswer(
  call: WebdavCall,
  all: readonly Resource[],
  columns: readonly Column[],
  statement: Statement,
): WebdavAnswer {
  const { range } = call.headers;
  const picked = rowsOf(range, all.length);
  if (picked === 'malformed') return plainAnswer(400);
  if (picked === 'outside') return plainAnswer(416);
  const rows = picked
    .flatMap((index) => all[index] ?? [])
    .map((one) => ({ href: urlOf(one), propStats: propStats(one, columns, isBrief(call)) }));
  const wanted =
    statement.columns === undefined
      ? allNamespaces
      : columns.filter((one) => one.alias === undefined).map(({ name }) => name.ns);
  const shown = contentRange(range, picked, all.length);
  const headers = shown === undefined ? [] : [['Content-Range', shown] as const];
  return listAnswer(multistatus(rows, { namespaces: wanted, hasValues: true }), headers);
}
