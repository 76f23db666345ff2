/** GET and PUT of an item as a message (MIME), the only way in which WebDAV takes the people of a meeting. */
import type { DavRequest, DavResponse } from '../transport/session.ts';

/** Without Translate the server would draw a page for people. */
export function buildGetMessage(path: string): DavRequest {
  return { method: 'GET', path, headers: ['translate', 'f'], effect: 'read', subject: 'item' };
}

/** Undefined: the server shows something else. */
export function readMessage({ headers, body }: DavResponse): string | undefined {
  return /^message\/rfc822\b/i.test(headers['content-type'] ?? '') && body !== '' ? body : undefined;
}

/** `version`: the entity tag the item must have. */
export function buildPutMessage(path: string, message: string, version: string): DavRequest {
  return {
    method: 'PUT',
    path,
    headers: ['translate', 'f', 'if-match', version],
    contentType: 'message/rfc822',
    body: message,
    effect: 'write',
    subject: 'item',
  };
}
