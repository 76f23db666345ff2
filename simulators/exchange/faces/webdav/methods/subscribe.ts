/** SUBSCRIBE, UNSUBSCRIBE and POLL (reference on Exchange 2007, section 1.11). */
import { escapeXml } from '#xml/writer.ts';
import { namespaces } from '../names.ts';
import { urlOf } from '../resource.ts';
import { statusLine } from '../status.ts';
import type { NotificationType, Subscription } from '../subscriptions.ts';
import { plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

/** Life of a subscription whose client names none. */
const lifeMsDefault = 3_600_000;

/** Ids in one header at most. */
const idsMax = 1000;

const types: ReadonlyMap<string, NotificationType> = new Map([
  ['update', 'update'],
  ['update/newmember', 'update/newmember'],
  ['delete', 'delete'],
  ['move', 'move'],
  ['pragma/<http://schemas.microsoft.com/exchange/newmail>', 'newmail'],
]);

export function subscribe(call: WebdavCall): WebdavAnswer {
  const { location, server } = call;
  const ids = idsOf(call);
  if (ids !== undefined) return renew(call, ids);
  if (location.kind !== 'found') return plainAnswer(404);
  if (location.isPermanent) return plainAnswer(403);
  const type = types.get(call.headers['notification-type']?.trim().toLowerCase() ?? '');
  if (type === undefined) return plainAnswer(400);
  const callback = callbackOf(call);
  if (callback === 'malformed') return plainAnswer(400);
  const { resource } = location;
  const isDeep = call.headers.depth?.toLowerCase() === 'infinity';
  const watched = resource.kind === 'folder' ? { folder: resource.folder, isDeep } : { item: resource.view.item };
  const lifeMs = lifeOf(call);
  const delayMs = 1000 * (Number(call.headers['notification-delay']) || 0);
  const { mailbox } = resource.place;
  const wanted = { mailbox, path: pathOf(call), type, callback, delayMs };
  const subscription = server.subscriptions.add(wanted, watched, lifeMs);
  return {
    status: 200,
    headers: [
      ['Subscription-id', String(subscription.id)],
      ['Subscription-lifetime', String(Math.round(lifeMs / 1000))],
      ['Content-Location', urlOf(resource)],
    ],
  };
}

function renew(call: WebdavCall, ids: readonly number[]): WebdavAnswer {
  const { subscriptions } = call.server;
  const found = ids.map((id) => subscriptions.find(id, pathOf(call)));
  if (found.includes(undefined)) return plainAnswer(412);
  const lifeMs = lifeOf(call);
  for (const one of found) if (one !== undefined) subscriptions.renew(one, lifeMs);
  return {
    status: 200,
    headers: [
      ['Subscription-id', ids.join(',')],
      ['Subscription-lifetime', String(Math.round(lifeMs / 1000))],
    ],
  };
}

export function unsubscribe(call: WebdavCall): WebdavAnswer {
  const ids = idsOf(call);
  if (ids === undefined) return plainAnswer(400);
  const { subscriptions } = call.server;
  if (ids.some((id) => subscriptions.find(id, pathOf(call)) === undefined)) return plainAnswer(412);
  for (const id of ids) subscriptions.remove(id);
  return plainAnswer(200);
}

/** One row for those with events, one for those without, one for those that are not known here. */
export function poll(call: WebdavCall): WebdavAnswer {
  const ids = idsOf(call);
  if (ids === undefined) return plainAnswer(406);
  const { subscriptions } = call.server;
  const groups = new Map<number, number[]>();
  for (const id of ids) {
    const one: Subscription | undefined = subscriptions.find(id, pathOf(call));
    const status = one === undefined ? 412 : subscriptions.poll(one, lifeMsDefault) ? 200 : 204;
    groups.set(status, [...(groups.get(status) ?? []), id]);
  }
  const href = escapeXml(`${call.origin}${call.path}`);
  const rows = [200, 204, 412].flatMap((status) => {
    const members = groups.get(status);
    if (members === undefined) return [];
    const list = members.map((id) => `<li>${id}</li>`).join('');
    return [
      `<a:response><a:href>${href}</a:href><a:status>${statusLine(status)}</a:status><b:subscriptionID>${list}</b:subscriptionID></a:response>`,
    ];
  });
  const body = `<?xml version="1.0"?><a:multistatus xmlns:b="${namespaces.notification}" xmlns:a="DAV:">${rows.join('')}</a:multistatus>`;
  return { status: 207, body, contentType: 'text/xml' };
}

/** Places are the same with and without a slash at the end. */
function pathOf(call: WebdavCall): string {
  return call.path.replace(/\/+$/, '').toLowerCase();
}

function idsOf(call: WebdavCall): readonly number[] | undefined {
  const header = call.headers['subscription-id'];
  if (header === undefined) return undefined;
  const ids = header.split(',').map((one) => Number(one.trim()));
  return ids.length <= idsMax && ids.every((id) => Number.isInteger(id) && id > 0) ? ids : undefined;
}

function lifeOf(call: WebdavCall): number {
  const seconds = Number(call.headers['subscription-lifetime']);
  const wanted = seconds > 0 ? 1000 * seconds : lifeMsDefault;
  return Math.min(wanted, call.server.settings.subscriptionMsMax);
}

function callbackOf(call: WebdavCall): Subscription['callback'] | 'malformed' {
  const url = call.headers['call-back'];
  if (url === undefined) return undefined;
  const match = /^httpu:\/\/([^/:]+|\[[^\]]+\]):(\d{1,5})(?:\/.*)?$/i.exec(url.trim());
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) return 'malformed';
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port, url: url.trim() };
}
