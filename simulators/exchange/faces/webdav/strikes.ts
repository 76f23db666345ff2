/** Faults around a write: somebody else is faster, or the server touches the item once more. */
import type { Item } from '../../truth/item.ts';
import type { Location } from './locate.ts';
import type { WebdavCall } from './webdav-call.ts';

/** Somebody else saves the item just before. */
export function strikeBefore(call: WebdavCall, location: Location): void {
  if (location.kind !== 'found' || location.resource.kind !== 'item') return;
  const { place, view } = location.resource;
  const site = { operation: call.method, mailbox: place.mailbox.address };
  if (call.server.control.strike(site, undefined, 'conflict') !== undefined) place.mailbox.touch(view.item);
}

/** The server, or its user, does something to an item right after a write. */
export function strikeAfter(call: WebdavCall, item: Item): void {
  const { location, server, method } = call;
  const mailbox =
    'place' in location
      ? location.place?.mailbox
      : 'resource' in location
        ? location.resource.place.mailbox
        : undefined;
  if (mailbox === undefined) return;
  const site = { operation: method, mailbox: mailbox.address };
  const fault = server.control.strike(site, undefined, 'rewriteAfterWrite', 'userCopy');
  if (fault?.kind === 'rewriteAfterWrite') mailbox.touch(item);
  if (fault?.kind === 'userCopy') mailbox.copy(item, item.folder);
}
