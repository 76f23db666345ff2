/** PROPFIND and BPROPFIND. */
import type { Subject } from '../transport/classify.ts';
import type { DavRequest } from '../transport/session.ts';
import { propfindDocument } from './document.ts';
import type { Property } from './property.ts';

/** Brief leaves out the properties that are not there. */
const headers = ['depth', '0', 'brief', 't', 'translate', 'f'];

/** Properties of one resource. */
export function buildPropfind(path: string, subject: Subject, properties: readonly Property[]): DavRequest {
  return {
    method: 'PROPFIND',
    path,
    headers,
    body: propfindDocument(properties),
    effect: 'read',
    subject,
    answersMultistatus: true,
  };
}

/** The same properties of several resources below one collection; `urls` are absolute. */
export function buildBatchPropfind(
  collection: string,
  urls: readonly string[],
  properties: readonly Property[],
): DavRequest {
  return {
    method: 'BPROPFIND',
    path: collection,
    headers,
    body: propfindDocument(properties, urls),
    effect: 'read',
    subject: 'folder',
    answersMultistatus: true,
  };
}
