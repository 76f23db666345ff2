/**
 * Versions are entity tags: the server takes them back in If-Match. Replication tags hold the same numbers: `rt:`, the item's
 * own 44 digits, then the 44 of the entity tag (replica and change number).
 */

import type { Properties } from './operations/multistatus.ts';
import { dav, repl } from './operations/property.ts';

export const entityTagProperty = dav('getetag');
export const resourceTagProperty = repl('resourcetag');

/** The version among an item's properties; undefined when the server told none. */
export function versionIn(found: Properties): string | undefined {
  return found.text(entityTagProperty) ?? versionOfResourceTag(found.text(resourceTagProperty));
}

/** The version an answered write left; undefined when its headers tell none. */
export function versionAfter(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): string | undefined {
  const { etag, resourcetag } = headers;
  if (typeof etag === 'string' && etag.trim() !== '') return etag.trim();
  return typeof resourcetag === 'string' ? versionOfResourceTag(resourcetag) : undefined;
}

function versionOfResourceTag(text: string | undefined): string | undefined {
  const digits = /rt:[0-9a-f]{44}([0-9a-f]{44})/i.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : `"${digits.toLowerCase()}"`;
}

/** A change number: grows with every change in one replica of a store. */
export interface ChangeNumber {
  readonly replica: string;
  readonly counter: number;
}

export function changeNumberOf(version: string): ChangeNumber | undefined {
  const [, replica, counter] = /^(?:W\/)?"?([0-9a-f]{32})([0-9a-f]{12})"?$/i.exec(version) ?? [];
  if (replica === undefined || counter === undefined) return undefined;
  return { replica: replica.toLowerCase(), counter: Number.parseInt(counter, 16) };
}
