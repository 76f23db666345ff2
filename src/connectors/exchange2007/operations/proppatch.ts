/** PROPPATCH: makes an item, or changes one. */
import type { DavRequest, DavResponse } from '../transport/session.ts';
import { propertyUpdateDocument } from './document.ts';
import { type RefusedProperty, readMultistatus } from './multistatus.ts';
import type { PropertyChange } from './property.ts';

/** `version`: the entity tag the item must have; undefined: there must be no such item yet. */
export function buildProppatch(
  path: string,
  changes: readonly PropertyChange[],
  version: string | undefined,
): DavRequest {
  const condition = version === undefined ? ['if-none-match', '*'] : ['if-match', version];
  return {
    method: 'PROPPATCH',
    path,
    headers: ['translate', 'f', 'brief', 't', ...condition],
    body: propertyUpdateDocument(changes),
    effect: 'write',
    subject: 'item',
  };
}

export interface Patched {
  /** The properties the server did not take; those that only failed with them (424) are left out. */
  readonly refused: readonly RefusedProperty[];
  /** Nothing at all was taken. */
  readonly nothing: boolean;
}

/** Status of what failed because something else did. */
const dependent = 424;

/** What of the changes was taken. Under Brief a success may come without a body. */
export function readProppatch({ multistatus }: DavResponse): Patched {
  const [response] = multistatus === undefined ? [] : readMultistatus(multistatus);
  const all = response?.refused ?? [];
  const status = response?.status ?? 200;
  const whole = status >= 300 ? [{ key: '', status }] : [];
  const refused = [...whole, ...all.filter((one) => one.status !== dependent)];
  // A dependent failure says that the request was one transaction and nothing of it stays.
  return { refused, nothing: status >= 300 || all.some((one) => one.status === dependent) };
}
