/** PROPPATCH and BPROPPATCH: one verb creates and changes items (reference on Exchange 2007, section 1.8). */
import type { XmlElement } from '#xml/reader.ts';
import { conditionsHold } from '../conditions.ts';
import { itemHeaders } from '../item-headers.ts';
import type { Location } from '../locate.ts';
import { multistatus, type ResponseRow } from '../multistatus.ts';
import { PendingWrite } from '../pending-write.ts';
import { readBody, targetsMax, targetsOf } from '../request-xml.ts';
import { type ItemResource, urlInside, urlOf } from '../resource.ts';
import { type Applied, applyUpdate, completed, isGood, saveNew, saveOld, updateStats } from '../save-write.ts';
import { strikeAfter, strikeBefore } from '../strikes.ts';
import {
  isBrief,
  listAnswer,
  locateUrl,
  pathOfUrl,
  plainAnswer,
  type WebdavAnswer,
  type WebdavCall,
} from '../webdav-call.ts';

export function proppatch(call: WebdavCall): WebdavAnswer {
  const update = updateOf(call);
  if (update === undefined) return plainAnswer(422);
  const { location } = call;
  if (location.kind === 'nowhere') return plainAnswer(location.place === undefined ? 404 : 409);
  if (location.kind === 'part') return partAnswer(call, update);
  if (location.kind === 'public') return plainAnswer(403);
  strikeBefore(call, location);
  if (!conditionsHold(call, location)) return plainAnswer(412);
  if (location.kind === 'found' && location.resource.kind === 'folder') return folderAnswer(call, update);
  const done = write(call, location, update);
  if (typeof done === 'number') return plainAnswer(done);
  return answerOf(call, [done.row], done.applied, done.resource);
}

/** The same values for all targets, each with a row of its own. */
export function bproppatch(call: WebdavCall): WebdavAnswer {
  const update = updateOf(call);
  const targets = update === undefined ? [] : targetsOf(update);
  if (update === undefined || targets.length === 0 || targets.length > targetsMax) return plainAnswer(422);
  const rows: ResponseRow[] = [];
  const applied: Applied[] = [];
  for (const { href } of targets) {
    const location = locateUrl(call, href);
    const done = conditionsHold(call, location) ? write(call, location, update) : 412;
    if (typeof done === 'number') {
      rows.push({ href: `${call.origin}${pathOfUrl(href, call.path) ?? ''}`, status: done, propStats: [] });
    } else {
      rows.push(done.row);
      applied.push(...done.applied);
    }
  }
  return answerOf(call, rows, applied, undefined);
}

function updateOf(call: WebdavCall): XmlElement | undefined {
  const root = readBody(call.body.toString('utf8'));
  return root?.name === 'propertyupdate' ? root : undefined;
}

interface Done {
  readonly row: ResponseRow;
  readonly applied: readonly Applied[];
  readonly resource: ItemResource | undefined;
}

/** A status when nothing of it can be done. */
function write(call: WebdavCall, location: Location, update: XmlElement): Done | number {
  if (location.kind === 'free') return create(call, location, update);
  if (location.kind !== 'found' || location.resource.kind !== 'item') return location.kind === 'found' ? 403 : 404;
  const { resource } = location;
  const { folder } = resource.view.item;
  if (!call.access.may(folder, 'edit')) return 403;
  const pending = new PendingWrite(resource.place.mailbox, resource.view);
  const applied = completed(pending, applyUpdate(pending, update));
  if (isGood(applied)) saveOld(pending, call.writer);
  strikeAfter(call, resource.view.item);
  const row = { href: urlOf(resource), propStats: updateStats(applied, isBrief(call)) };
  return { row, applied, resource };
}

function create(call: WebdavCall, location: Extract<Location, { kind: 'free' }>, update: XmlElement): Done | number {
  const { place, parent, name } = location;
  if (!call.access.may(parent, 'create')) return 403;
  const pending = new PendingWrite(place.mailbox);
  const applied = completed(pending, applyUpdate(pending, update));
  const href = urlInside(place, parent, name);
  if (!isGood(applied))
    return { row: { href, propStats: updateStats(applied, isBrief(call)) }, applied, resource: undefined };
  const item = saveNew(pending, parent, name, call.writer);
  strikeAfter(call, item);
  const resource: ItemResource = { kind: 'item', place, view: { item, occurrence: undefined } };
  return { row: { href, propStats: updateStats(applied, isBrief(call)) }, applied, resource };
}

/** Folders keep their properties; nothing of them can be written but what a folder has. */
function folderAnswer(call: WebdavCall, update: XmlElement): WebdavAnswer {
  const { location } = call;
  if (location.kind !== 'found' || location.resource.kind !== 'folder') return plainAnswer(404);
  const { resource } = location;
  const pending = new PendingWrite(resource.place.mailbox);
  const applied = applyUpdate(pending, update).map(({ name }) => ({ name, status: 403 }));
  const row = { href: urlOf(resource), propStats: updateStats(applied, isBrief(call)) };
  return answerOf(call, [row], applied, undefined);
}

/** Properties of a picture say what the file itself says: they are taken and need not be kept. */
function partAnswer(call: WebdavCall, update: XmlElement): WebdavAnswer {
  const { location } = call;
  if (location.kind !== 'part' || location.attachment === undefined) return plainAnswer(404);
  if (!call.access.may(location.resource.view.item.folder, 'edit')) return plainAnswer(403);
  const pending = new PendingWrite(location.resource.place.mailbox);
  const applied = applyUpdate(pending, update).map(({ name }) => ({ name, status: 200 }));
  const row = { href: `${call.origin}${call.path}`, propStats: updateStats(applied, isBrief(call)) };
  return answerOf(call, [row], applied, undefined);
}

/** Briefly, and when everything went well: 200 without a body. */
function answerOf(
  call: WebdavCall,
  rows: readonly ResponseRow[],
  applied: readonly Applied[],
  resource: ItemResource | undefined,
): WebdavAnswer {
  const headers = resource === undefined ? [] : itemHeaders(resource);
  const isWhole = isGood(applied) && rows.every(({ status }) => status === undefined);
  if (isBrief(call) && isWhole) return { status: 200, headers };
  const wanted = applied.map(({ name }) => name.ns);
  return listAnswer(multistatus(rows, { namespaces: wanted, hasValues: false }), headers);
}
