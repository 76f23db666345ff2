/** All methods by name. */
import type { Method } from '../webdav-call.ts';
import { bdelete, remove } from './delete.ts';
import { get } from './get.ts';
import { mkcol } from './mkcol.ts';
import { batchTransfer, transfer } from './move.ts';
import { options } from './options.ts';
import { bpropfind, propfind } from './propfind.ts';
import { bproppatch, proppatch } from './proppatch.ts';
import { put } from './put.ts';
import { search } from './search.ts';
import { poll, subscribe, unsubscribe } from './subscribe.ts';

export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['OPTIONS', options],
  ['GET', get],
  ['HEAD', get],
  ['PUT', put],
  ['PROPFIND', propfind],
  ['BPROPFIND', bpropfind],
  ['PROPPATCH', proppatch],
  ['BPROPPATCH', bproppatch],
  ['SEARCH', search],
  ['DELETE', remove],
  ['BDELETE', bdelete],
  ['MOVE', transfer],
  ['COPY', transfer],
  ['BMOVE', batchTransfer],
  ['BCOPY', batchTransfer],
  ['MKCOL', mkcol],
  ['SUBSCRIBE', subscribe],
  ['UNSUBSCRIBE', unsubscribe],
  ['POLL', poll],
]);
