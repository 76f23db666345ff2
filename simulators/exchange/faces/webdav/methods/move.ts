/** MOVE, COPY and their batches (reference on Exchange 2007, section 1.9). Whatever moves gets a new identity. */
import { isWithin } from '../../../truth/folder.ts';
import { conditionsHold } from '../conditions.ts';
import { placeHeaders } from '../item-headers.ts';
import { davNameOf, freeName, itemNamed, nameItem } from '../item-names.ts';
import { childNamed, type Location } from '../locate.ts';
import { multistatus, type ResponseRow } from '../multistatus.ts';
import { readBody, targetsMax, targetsOf } from '../request-xml.ts';
import { encodeSegment, type Resource, urlOf } from '../resource.ts';
import { strikeBefore } from '../strikes.ts';
import { listAnswer, locateUrl, pathOfUrl, plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

interface Moved {
  readonly status: number;
  readonly resource?: Resource | undefined;
}

/** One resource to `Destination`. */
export function transfer(call: WebdavCall): WebdavAnswer {
  const destination = call.headers.destination;
  if (destination === undefined) return plainAnswer(400);
  strikeBefore(call, call.location);
  if (!conditionsHold(call, call.location)) return plainAnswer(412);
  const { status, resource } = transferTo(call, call.location, destination.trim(), call.method === 'COPY');
  return resource === undefined ? plainAnswer(status) : { status, headers: placeHeaders(resource) };
}

/** Targets into the folder of `Destination`, or each to a destination of its own. Successes are listed when their name changed. */
export function batchTransfer(call: WebdavCall): WebdavAnswer {
  const root = readBody(call.body.toString('utf8'));
  const targets = root?.name === 'move' || root?.name === 'copy' ? targetsOf(root) : [];
  const folder = call.headers.destination?.trim().replace(/\/+$/, '');
  if (targets.length === 0 || targets.length > targetsMax) return plainAnswer(422);
  const rows: ResponseRow[] = [];
  for (const { href, dest } of targets) {
    const from = pathOfUrl(href, call.path) ?? '';
    const name = from.split('/').at(-1) ?? '';
    const wanted = dest ?? (folder === undefined ? undefined : `${folder}/${name}`);
    const moved =
      wanted === undefined ? { status: 400 } : transferTo(call, locateUrl(call, href), wanted, call.method === 'BCOPY');
    const shown = moved.resource === undefined ? undefined : urlOf(moved.resource);
    const keptName = shown?.endsWith(`/${encodeSegment(decodeURIComponent(name))}`) === true;
    if (moved.status < 300 && keptName) continue;
    rows.push({ href: `${call.origin}${from}`, status: moved.status, propStats: [] });
  }
  if (rows.length === 0) return plainAnswer(204);
  return listAnswer(multistatus(rows, { namespaces: [], hasValues: false }));
}

function transferTo(call: WebdavCall, from: Location, url: string, isCopy: boolean): Moved {
  if (from.kind !== 'found') return { status: 404 };
  const to = locateUrl(call, url);
  if (to.kind === 'nowhere' || to.kind === 'public' || to.kind === 'part') return { status: 409 };
  if (placeOf(to)?.mailbox !== from.resource.place.mailbox) return { status: 403 };
  return from.resource.kind === 'folder'
    ? transferFolder(call, from.resource, to, isCopy)
    : transferItem(call, from.resource, to, isCopy);
}

function placeOf(location: Location) {
  return location.kind === 'found' ? location.resource.place : 'place' in location ? location.place : undefined;
}

type Target = Extract<Location, { kind: 'found' | 'free' }>;

function transferItem(call: WebdavCall, from: Extract<Resource, { kind: 'item' }>, to: Target, isCopy: boolean): Moved {
  const { item } = from.view;
  const { mailbox } = from.place;
  const isIntoFolder = to.kind === 'found' && to.resource.kind === 'folder';
  const target =
    to.kind === 'free' ? to.parent : to.resource.kind === 'folder' ? to.resource.folder : to.resource.view.item.folder;
  if (!call.access.may(target, 'create')) return { status: 403 };
  if (!isCopy && !call.access.may(item.folder, 'edit')) return { status: 403 };
  let name = to.kind === 'free' ? to.name : isIntoFolder ? davNameOf(item) : davNameOf(existing(to) ?? item);
  const taken = itemNamed(target, name);
  const canRename = call.headers['allow-rename']?.toLowerCase() === 't';
  const mayOverwrite = call.headers.overwrite?.toLowerCase() !== 'f';
  let isReplaced = false;
  if (taken === item && !isCopy) return { status: 204, resource: from };
  if (taken !== undefined) {
    if (canRename) name = freeName(target, name);
    else if (!mayOverwrite || taken === item) return { status: 412 };
    else {
      mailbox.remove(taken, 'soft');
      isReplaced = true;
    }
  }
  const moved = isCopy ? mailbox.copy(item, target) : mailbox.move(item, target);
  nameItem(moved, name);
  const resource: Resource = { kind: 'item', place: from.place, view: { item: moved, occurrence: undefined } };
  return { status: isReplaced ? 204 : 201, resource };
}

function existing(to: Target) {
  return to.kind === 'found' && to.resource.kind === 'item' ? to.resource.view.item : undefined;
}

/** Folders are moved and renamed; copies of whole folders are not made here. */
function transferFolder(
  call: WebdavCall,
  from: Extract<Resource, { kind: 'folder' }>,
  to: Target,
  isCopy: boolean,
): Moved {
  const { folder, place } = from;
  if (isCopy) return { status: 501 };
  if (folder.wellKnown !== undefined || to.kind === 'found') return { status: to.kind === 'found' ? 412 : 403 };
  if (!call.access.may(to.parent, 'create') || isWithin(to.parent, folder)) return { status: 403 };
  if (childNamed(to.parent, to.name) !== undefined) return { status: 412 };
  folder.name = to.name;
  if (folder.parent === to.parent) place.mailbox.touchFolder(folder);
  else place.mailbox.moveFolder(folder, to.parent);
  return { status: 201, resource: from };
}
