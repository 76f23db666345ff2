/**
 * The link key: one named property for all items (each distinct name uses up one of a mailbox's limited named-property
 * ids), in the set PS_PUBLIC_STRINGS, written in the same call that creates the item.
 */
import type { LinkKey } from '#contract/connector.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import type { ExtendedProperty } from './extended.ts';
import { hasName } from './extended.ts';

/** `t:ExtendedFieldURI` of the link key. */
export function linkKeyUri(linkKeyName: string): Markup {
  return xml`<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="${linkKeyName}" PropertyType="String"/>`;
}

/** The link key when the property is it and says something. */
export function linkKeyOf(property: ExtendedProperty, linkKeyName: string): LinkKey | undefined {
  if (!hasName(property, 'PublicStrings', linkKeyName)) return undefined;
  const key = property.value.trim().toLowerCase();
  return key === '' ? undefined : key;
}
