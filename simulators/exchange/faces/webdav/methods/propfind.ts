/** PROPFIND and BPROPFIND (RFC 2518 8.1; reference on Exchange 2007, sections 1.5 and 1.8). */
import { child, type XmlElement } from '#xml/reader.ts';
import { allColumns, allNamespaces, type Column, columnOf, propStats, shownByAll } from '../answer-properties.ts';
import { manifestAnswer } from '../manifest-answer.ts';
import { multistatus, type ResponseRow } from '../multistatus.ts';
import { manifestRequest, propertiesMax, readBody, targetsMax, targetsOf, wantedProperties } from '../request-xml.ts';
import { type FolderResource, type Resource, urlOf, visibleChildren } from '../resource.ts';
import { contentRange, rowsOf } from '../row-range.ts';
import {
  folderOf,
  isBrief,
  listAnswer,
  locateUrl,
  pathOfUrl,
  plainAnswer,
  type WebdavAnswer,
  type WebdavCall,
} from '../webdav-call.ts';

/** What is asked of every resource. */
interface Question {
  readonly kind: 'all' | 'names' | 'some';
  readonly columns: readonly Column[];
  readonly namespaces: readonly string[];
}

export function propfind(call: WebdavCall): WebdavAnswer {
  const root = bodyOf(call);
  if (root === 'bad') return plainAnswer(call.body.length > 0 ? 422 : 400);
  const { location } = call;
  if (location.kind !== 'found') return plainAnswer(404);
  const question = questionOf(root);
  if (question.columns.length > propertiesMax) return plainAnswer(422);
  const { resource } = location;
  const manifest = root === undefined ? undefined : manifestRequest(root);
  if (manifest !== undefined && resource.kind === 'folder') {
    const query = { rows: itemsOf(resource), columns: question.columns, key: 'propfind', folder: resource.folder };
    return manifestAnswer(call, resource.place, query, manifest);
  }
  const all = [...resourcesAt(call, resource)];
  const picked = rowsOf(call.headers.range, all.length);
  if (picked === 'malformed') return plainAnswer(400);
  if (picked === 'outside') return plainAnswer(416);
  const rows = picked.flatMap((index) => all[index] ?? []).map((one) => rowOf(one, question, isBrief(call)));
  const range = contentRange(call.headers.range, picked, all.length);
  const headers = range === undefined ? [] : [['Content-Range', range] as const];
  return listAnswer(multistatus(rows, { namespaces: question.namespaces, hasValues: true }), headers);
}

/** Targets that are not there are rows with a status of their own. */
export function bpropfind(call: WebdavCall): WebdavAnswer {
  const root = bodyOf(call);
  if (root === undefined || root === 'bad') return plainAnswer(422);
  const targets = targetsOf(root);
  if (targets.length === 0 || targets.length > targetsMax) return plainAnswer(422);
  const question = questionOf(root);
  const rows = targets.flatMap(({ href }): readonly ResponseRow[] => {
    const found = locateUrl(call, href);
    const folder = folderOf(found);
    const shown = found.kind === 'found' ? urlOf(found.resource) : `${call.origin}${pathOfUrl(href, call.path) ?? ''}`;
    if (found.kind !== 'found') return [{ href: shown, status: 404, propStats: [] }];
    if (folder === undefined || !call.access.may(folder, 'read')) return [{ href: shown, status: 403, propStats: [] }];
    return [...resourcesAt(call, found.resource)].map((one) => rowOf(one, question, isBrief(call)));
  });
  return listAnswer(multistatus(rows, { namespaces: question.namespaces, hasValues: true }));
}

/** No body asks for everything. */
function bodyOf(call: WebdavCall): XmlElement | undefined | 'bad' {
  if (call.body.length === 0) return undefined;
  const root = readBody(call.body.toString('utf8'));
  return root === undefined || root.name !== 'propfind' ? 'bad' : root;
}

function questionOf(root: XmlElement | undefined): Question {
  if (root === undefined || child(root, 'allprop') !== undefined) {
    return { kind: 'all', columns: allColumns(), namespaces: allNamespaces };
  }
  if (child(root, 'propname') !== undefined) {
    return { kind: 'names', columns: allColumns(), namespaces: allNamespaces };
  }
  const columns = wantedProperties(child(root, 'prop')).map((one) => columnOf(one));
  return { kind: 'some', columns, namespaces: columns.map(({ name }) => name.ns) };
}

function rowOf(resource: Resource, question: Question, brief: boolean): ResponseRow {
  const href = urlOf(resource);
  if (question.kind === 'some') return { href, propStats: propStats(resource, question.columns, brief) };
  const columns = question.columns.filter((one) => shownByAll(resource, one));
  const [found] = propStats(resource, columns, true);
  if (question.kind === 'all') return { href, propStats: found === undefined ? [] : [found] };
  return { href, propStats: [{ status: 200, properties: (found?.properties ?? []).map(({ name }) => ({ name })) }] };
}

/** The resource itself, what is directly inside, or everything below, as `Depth` says; everything when it says nothing. */
function* resourcesAt(call: WebdavCall, resource: Resource): Generator<Resource> {
  const depth = call.headers.depth?.toLowerCase().replace(/\s/g, '') ?? 'infinity';
  if (!depth.endsWith(',noroot')) yield resource;
  if (resource.kind === 'item' || depth.startsWith('0')) return;
  yield* inside(call, resource, depth.startsWith('infinity'));
}

function* inside(call: WebdavCall, resource: FolderResource, isDeep: boolean): Generator<Resource> {
  for (const folder of visibleChildren(resource.folder)) {
    if (!call.access.may(folder, 'read')) continue;
    const below: FolderResource = { kind: 'folder', place: resource.place, folder };
    yield below;
    if (isDeep) yield* inside(call, below, true);
  }
  yield* itemsOf(resource);
}

function itemsOf({ place, folder }: FolderResource) {
  return [...folder.items.values(), ...folder.associated.values()].map((item) => ({
    kind: 'item' as const,
    place,
    view: { item, occurrence: undefined },
  }));
}
