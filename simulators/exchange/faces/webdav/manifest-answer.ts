/** The answer that carries a manifest. */
import type { Folder } from '../../truth/folder.ts';
import { type Column, propStats } from './answer-properties.ts';
import { replUidOf } from './identity.ts';
import { manifestOf } from './manifest.ts';
import { emptyToken, type ManifestToken, readToken, writeToken } from './manifest-token.ts';
import { multistatus, type ResponseRow } from './multistatus.ts';
import { namespaces } from './names.ts';
import { folderUrl, type ItemResource, type Place, urlOf } from './resource.ts';
import { contentRange, rowsOf } from './row-range.ts';
import { isBrief, listAnswer, plainAnswer, type WebdavAnswer, type WebdavCall } from './webdav-call.ts';

/** A query whose result is followed. */
export interface FollowedQuery {
  readonly rows: readonly ItemResource[];
  readonly columns: readonly Column[];
  /** What must stay the same as long as the token is used. */
  readonly key: string;
  readonly folder: Folder;
}

export function manifestAnswer(
  call: WebdavCall,
  place: Place,
  query: FollowedQuery,
  request: { readonly collblob: string; readonly seen: readonly string[] },
): WebdavAnswer {
  const { mailbox } = place;
  const key = `${query.folder.counter} ${query.key}`;
  const before = tokenOf(call, place, key, request.collblob);
  if (before === undefined) return plainAnswer(400);
  let picked: readonly number[] = [];
  const { range } = call.headers;
  const manifest = manifestOf(place, query.rows, before, request.seen, (total) => {
    const rows = rowsOf(range, total);
    picked = typeof rows === 'string' ? [] : rows;
    return typeof rows === 'string' ? undefined : rows;
  });
  if (manifest === undefined) return plainAnswer(416);
  const { changes, token, total } = manifest;
  const rows = changes.map((one): ResponseRow => {
    if (one.kind === 'delete') return deletedRow(place, query.folder, one.counter);
    const stats = propStats(one.resource, query.columns, isBrief(call));
    return { href: urlOf(one.resource), changeType: 'change', propStats: stats };
  });
  const collblob = token === undefined ? 'unchanged' : writeToken(mailbox, key, token);
  const shown = contentRange(range, picked, total);
  const wanted = [...query.columns.map(({ name }) => name.ns), namespaces.repl];
  const body = multistatus(rows, { namespaces: wanted, hasValues: true, collblob });
  return listAnswer(body, shown === undefined ? [] : [['Content-Range', shown]]);
}

/** Undefined when the token is refused. A query that changed under its token is refused whatever the settings. */
function tokenOf(call: WebdavCall, place: Place, key: string, collblob: string): ManifestToken | undefined {
  const { control, settings } = call.server;
  const site = { operation: call.method, mailbox: place.mailbox.address };
  const isSpoiled = collblob !== '' && control.strike(site, undefined, 'invalidSyncState') !== undefined;
  const read = isSpoiled ? ({ kind: 'invalid' } as const) : readToken(place.mailbox, key, collblob);
  switch (read.kind) {
    case 'token':
      return read.token;
    case 'otherQuery':
      return undefined;
    case 'invalid':
      return settings.invalidCollblob === 'startOver' ? emptyToken : undefined;
  }
}

/** What is gone has no name any more; it is called by its identity. */
function deletedRow(place: Place, folder: Folder, counter: number): ResponseRow {
  const uid = replUidOf(place.mailbox, counter);
  const name = { ns: namespaces.repl, name: 'repl-uid' };
  return {
    href: `${folderUrl(place, folder)}/${uid.slice('rid:'.length)}.EML`,
    changeType: 'delete',
    propStats: [{ status: 200, properties: [{ name, type: 'String', value: uid }] }],
  };
}
