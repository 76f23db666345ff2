/** The rows a search looks at, before its condition. */
import { namespaces } from '../names.ts';
import { type FolderResource, type ItemResource, type Resource, visibleChildren } from '../resource.ts';
import type { WebdavCall } from '../webdav-call.ts';
import { expandedRows } from './expand.ts';
import type { Condition, Statement } from './statement.ts';

/**
 * Items and folders directly inside, items of everything below, or folders below. A calendar is looked at with its series
 * expanded, unless the condition itself only wants the items as they are, or `mayExpand` says no.
 */
export function* rowsInScope(
  call: WebdavCall,
  folders: readonly FolderResource[],
  statement: Statement,
  mayExpand: boolean,
): Generator<Resource> {
  const { depth } = statement.scope;
  const isExpanded = mayExpand && wantsInstances(statement.where);
  for (const resource of folders) {
    if (depth === 'hierarchical') yield* foldersBelow(call, resource);
    else {
      yield* itemsIn(call, resource, isExpanded, statement.where);
      if (depth === 'shallow') yield* foldersIn(call, resource);
      else {
        for (const below of foldersBelow(call, resource)) {
          yield below;
          yield* itemsIn(call, below, isExpanded, statement.where);
        }
      }
    }
  }
}

function* itemsIn(
  call: WebdavCall,
  { place, folder }: FolderResource,
  isExpanded: boolean,
  where: Condition | undefined,
): Generator<ItemResource> {
  for (const item of [...folder.items.values(), ...folder.associated.values()]) {
    const resource: ItemResource = { kind: 'item', place, view: { item, occurrence: undefined } };
    yield resource;
    if (isExpanded) yield* expandedRows(resource, where, call.server.ports.clock.now());
  }
}

function foldersIn(call: WebdavCall, { place, folder }: FolderResource): readonly FolderResource[] {
  return visibleChildren(folder)
    .filter((below) => call.access.may(below, 'read'))
    .map((below) => ({ kind: 'folder', place, folder: below }));
}

function* foldersBelow(call: WebdavCall, resource: FolderResource): Generator<FolderResource> {
  for (const below of foldersIn(call, resource)) {
    yield below;
    yield* foldersBelow(call, below);
  }
}

/** False when the condition can only be met by items as they are: instance type 0 or 1, nothing else. */
function wantsInstances(where: Condition | undefined): boolean {
  switch (where?.kind) {
    case 'and':
      return where.parts.every(wantsInstances);
    case 'or':
      return where.parts.some(wantsInstances);
    case 'compare': {
      const { left, right, sign } = where;
      const isInstanceType =
        left.kind === 'property' && left.name.ns === namespaces.calendar && left.name.name === 'instancetype';
      return !(isInstanceType && sign === '=' && right.kind === 'number' && ['0', '1'].includes(right.text));
    }
    default:
      return true;
  }
}
