/** MKCOL: a folder, with the class that its parent's content suggests. */
import { placeHeaders } from '../item-headers.ts';
import { plainAnswer, type WebdavAnswer, type WebdavCall } from '../webdav-call.ts';

export function mkcol(call: WebdavCall): WebdavAnswer {
  const { location } = call;
  if (location.kind === 'found') return plainAnswer(405);
  if (location.kind === 'nowhere') return plainAnswer(409);
  if (location.kind !== 'free') return plainAnswer(403);
  const { place, parent, name } = location;
  if (!call.access.may(parent, 'create')) return plainAnswer(403);
  const folderClass = parent.folderClass === '' ? 'IPF.Note' : parent.folderClass;
  const folder = place.mailbox.createFolder(parent, name, folderClass);
  return { status: 201, headers: placeHeaders({ kind: 'folder', place, folder }) };
}
