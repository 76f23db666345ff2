/** PUT: an item as MIME with its iCalendar, or the picture of a contact (reference on Exchange 2007, section 1.8). */
import { Draft } from '../../../truth/draft.ts';
import { conditionsHold } from '../conditions.ts';
import { itemHeaders } from '../item-headers.ts';
import type { Location } from '../locate.ts';
import { readMimeItem } from '../mime/read-item.ts';
import { PendingWrite } from '../pending-write.ts';
import type { ItemResource } from '../resource.ts';
import { saveNew, saveOld } from '../save-write.ts';
import { strikeAfter, strikeBefore } from '../strikes.ts';
import { plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

export function put(call: WebdavCall): WebdavAnswer {
  const { location } = call;
  if (location.kind === 'part') return putPart(call, location);
  if (location.kind === 'nowhere') return plainAnswer(location.place === undefined ? 404 : 409);
  if (location.kind === 'public') return plainAnswer(403);
  if (location.kind === 'found' && location.resource.kind === 'folder') return plainAnswer(405);
  strikeBefore(call, location);
  if (!conditionsHold(call, location)) return plainAnswer(412);
  return location.kind === 'free' ? putNew(call, location) : putOld(call, location.resource as ItemResource);
}

function putNew(call: WebdavCall, { place, parent, name }: Extract<Location, { kind: 'free' }>): WebdavAnswer {
  if (!call.access.may(parent, 'create')) return plainAnswer(403);
  const pending = new PendingWrite(place.mailbox);
  if (!readMimeItem(pending, call.body, parent.folderClass)) return plainAnswer(422);
  const item = saveNew(pending, parent, name, call.writer);
  strikeAfter(call, item);
  const resource: ItemResource = { kind: 'item', place, view: { item, occurrence: undefined } };
  return { status: 201, headers: itemHeaders(resource) };
}

function putOld(call: WebdavCall, resource: ItemResource): WebdavAnswer {
  const { item } = resource.view;
  if (call.headers.overwrite?.toLowerCase() === 't' && call.headers['if-none-match'] === '*') return plainAnswer(412);
  if (!call.access.may(item.folder, 'edit')) return plainAnswer(403);
  const pending = new PendingWrite(resource.place.mailbox, resource.view);
  if (!readMimeItem(pending, call.body, item.folder.folderClass)) return plainAnswer(422);
  saveOld(pending, call.writer);
  strikeAfter(call, item);
  return { status: 200, headers: itemHeaders(resource) };
}

/** Attachments of one item at most. */
const attachmentsMax = 1000;

function putPart(call: WebdavCall, location: Extract<Location, { kind: 'part' }>): WebdavAnswer {
  const { resource, name, attachment } = location;
  const { mailbox } = resource.place;
  if (!call.access.may(resource.view.item.folder, 'edit')) return plainAnswer(403);
  if (attachment !== undefined && call.headers.overwrite?.toLowerCase() === 'f') return plainAnswer(412);
  const draft = new Draft(resource.view);
  const others = draft.attachments.filter((one) => one !== attachment);
  if (others.length >= attachmentsMax) return plainAnswer(507);
  const number = Math.max(-1, ...draft.attachments.map((one) => one.number)) + 1;
  draft.attachments = [
    ...others,
    {
      number,
      name,
      contentType: call.headers['content-type'] ?? 'application/octet-stream',
      content: new Uint8Array(call.body),
      isInline: false,
      isContactPhoto: name.toLowerCase() === 'contactpicture.jpg',
      modifiedMs: mailbox.nowMs,
    },
  ];
  mailbox.update(draft, call.writer);
  return { status: attachment === undefined ? 201 : 200 };
}
