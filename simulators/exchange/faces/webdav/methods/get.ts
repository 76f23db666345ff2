/** GET and HEAD: items as MIME with `Translate: f`; without it, the pages people see. */
import { entityTag } from '../identity.ts';
import { itemHeaders } from '../item-headers.ts';
import { mimeBytes } from '../mime/item-mime.ts';
import { namespaces } from '../names.ts';
import { propertyOfName } from '../properties/registry.ts';
import { plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

export function get(call: WebdavCall): WebdavAnswer {
  const { location } = call;
  if (location.kind === 'part') return partAnswer(call);
  if (location.kind !== 'found') return plainAnswer(404);
  const { resource } = location;
  if (resource.kind === 'folder') {
    // The page of 2007 does not say where the mailbox is; only that of 2003 had a base.
    return { status: 200, body: '<html><head></head><body></body></html>', contentType: 'text/html; charset=utf-8' };
  }
  const known = call.headers['if-none-match'];
  if (known === entityTag(resource)) return { status: 304, headers: [['ETag', known]] };
  if (call.headers.translate?.toLowerCase() !== 'f') {
    return { status: 200, body: '<html><body></body></html>', contentType: 'text/html; charset=utf-8' };
  }
  const stored = propertyOfName({ ns: namespaces.proptag, name: 'x66590102' }).read(resource);
  const body = stored instanceof Uint8Array ? Buffer.from(stored) : mimeBytes(resource.view);
  return { status: 200, headers: itemHeaders(resource), body, contentType: 'message/rfc822' };
}

function partAnswer(call: WebdavCall): WebdavAnswer {
  const { location } = call;
  if (location.kind !== 'part' || location.attachment === undefined) return plainAnswer(404);
  const { content, contentType } = location.attachment;
  return { status: 200, body: Buffer.from(content), contentType };
}
