/** DELETE and BDELETE: for good, without a stop in Deleted Items (reference on Exchange 2007, section 1.9). */
import { Draft } from '../../../truth/draft.ts';
import { conditionsHold } from '../conditions.ts';
import type { Location } from '../locate.ts';
import { multistatus, type ResponseRow } from '../multistatus.ts';
import { readBody, targetsMax, targetsOf } from '../request-xml.ts';
import { strikeBefore } from '../strikes.ts';
import { listAnswer, locateUrl, pathOfUrl, plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

export function remove(call: WebdavCall): WebdavAnswer {
  strikeBefore(call, call.location);
  if (call.location.kind === 'found' && !conditionsHold(call, call.location)) return plainAnswer(412);
  const status = removeAt(call, call.location);
  return plainAnswer(status);
}

/** All good is 204; otherwise only what went wrong is listed. */
export function bdelete(call: WebdavCall): WebdavAnswer {
  const root = readBody(call.body.toString('utf8'));
  const targets = root?.name === 'delete' ? targetsOf(root) : [];
  if (targets.length === 0 || targets.length > targetsMax) return plainAnswer(422);
  const failed: ResponseRow[] = [];
  for (const { href } of targets) {
    const status = removeAt(call, locateUrl(call, href));
    const shown = `${call.origin}${pathOfUrl(href, call.path) ?? ''}`;
    if (status >= 300) failed.push({ href: shown, status, propStats: [] });
  }
  if (failed.length === 0) return plainAnswer(204);
  return listAnswer(multistatus(failed, { namespaces: [], hasValues: false }));
}

function removeAt(call: WebdavCall, location: Location): number {
  if (location.kind === 'part') return removePart(call, location);
  if (location.kind !== 'found') return 404;
  const { resource } = location;
  const { mailbox } = resource.place;
  if (resource.kind === 'item') {
    const { item } = resource.view;
    if (!call.access.may(item.folder, 'edit')) return 403;
    mailbox.remove(item, 'soft');
    return 204;
  }
  const { folder } = resource;
  if (folder.wellKnown !== undefined || !call.access.may(folder, 'edit')) return 403;
  mailbox.removeFolder(folder);
  return 204;
}

function removePart(call: WebdavCall, location: Extract<Location, { kind: 'part' }>): number {
  const { resource, attachment } = location;
  if (attachment === undefined) return 404;
  if (!call.access.may(resource.view.item.folder, 'edit')) return 403;
  const draft = new Draft(resource.view);
  draft.attachments = draft.attachments.filter((one) => one !== attachment);
  resource.place.mailbox.update(draft, call.writer);
  return 204;
}
