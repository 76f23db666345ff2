/** Extended properties: MAPI properties named directly ([MS-OXWSXPROP]). */
import type { XmlElement } from '#xml/reader.ts';
import { storeProperty } from '../../truth/computed.ts';
import type { View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import {
  named,
  type PropertyKey,
  type PropertyType,
  type PropertyValue,
  type Scalar,
  tagged,
} from '../../truth/properties.ts';
import { message, propertySets } from '../../truth/property-keys.ts';
import type { Zone } from '../../truth/zone.ts';
import { EwsError } from './ews-error.ts';
import type { Pending } from './pending.ts';
import { attributeText, dateTimeText, escapeText, readBoolean, readDateTime } from './text.ts';

/** A property asked for, with the spelling that answers repeat. */
export interface ExtendedPath {
  readonly key: PropertyKey;
  /** `<t:ExtendedFieldURI …/>` in the servers' own spelling: hexadecimal tags, decimal ids. */
  readonly markup: string;
}

/** Ids from here on belong to named properties and cannot be named by tag. */
const firstNamedTag = 0x8000;

/** Reads an ExtendedFieldURI; contradictory or incomplete attributes are refused. */
export function readExtendedPath(path: XmlElement): ExtendedPath {
  const { PropertyTag, DistinguishedPropertySetId, PropertySetId, PropertyName, PropertyId, PropertyType } =
    path.attributes;
  const type = PropertyType as PropertyType | undefined;
  if (type === undefined) throw new EwsError('ErrorInvalidExtendedProperty');
  if (/^(?:Object|Error|Null)/.test(type)) throw new EwsError('ErrorUnsupportedMapiPropertyType');
  const hasSet = DistinguishedPropertySetId !== undefined || PropertySetId !== undefined;
  if (PropertyTag !== undefined) {
    if (hasSet || PropertyName !== undefined || PropertyId !== undefined)
      throw new EwsError('ErrorInvalidExtendedProperty');
    const tag = Number(PropertyTag);
    if (!Number.isInteger(tag)) throw new EwsError('ErrorInvalidExtendedProperty');
    if (tag >= firstNamedTag) throw new EwsError('ErrorNoPropertyTagForCustomProperties');
    return {
      key: tagged(tag, type),
      markup: `<t:ExtendedFieldURI PropertyTag="0x${tag.toString(16)}" PropertyType="${type}"/>`,
    };
  }
  const bothSets = DistinguishedPropertySetId !== undefined && PropertySetId !== undefined;
  if (!hasSet || bothSets || (PropertyName === undefined) === (PropertyId === undefined)) {
    throw new EwsError('ErrorInvalidExtendedProperty');
  }
  const set = propertySets[DistinguishedPropertySetId as keyof typeof propertySets] ?? PropertySetId;
  if (set === undefined) throw new EwsError('ErrorInvalidExtendedProperty');
  const setText =
    DistinguishedPropertySetId === undefined
      ? `PropertySetId="${attributeText(set.toLowerCase())}"`
      : `DistinguishedPropertySetId="${DistinguishedPropertySetId}"`;
  const name = PropertyName ?? Number(PropertyId);
  const nameText =
    PropertyName === undefined ? `PropertyId="${name}"` : `PropertyName="${attributeText(PropertyName)}"`;
  return {
    key: named(set, name, type),
    markup: `<t:ExtendedFieldURI ${setText} ${nameText} PropertyType="${type}"/>`,
  };
}

/** The ExtendedProperty element of a message; empty when it does not have the property. */
export function extendedMarkup(path: ExtendedPath, view: View, mailbox: Mailbox, zone: Zone | undefined): string {
  return extendedValueMarkup(path, storeProperty(view, path.key, mailbox), zone);
}

/** The ExtendedProperty element around a value. */
export function extendedValueMarkup(
  path: ExtendedPath,
  value: PropertyValue | undefined,
  zone: Zone | undefined,
): string {
  if (value === undefined) return '';
  const { type } = path.key;
  const content =
    Array.isArray(value) && type.endsWith('Array')
      ? `<t:Values>${(value as readonly Scalar[]).map((one) => `<t:Value>${scalarText(one, type, zone)}</t:Value>`).join('')}</t:Values>`
      : valueMarkup(scalarText(value as Scalar, type, zone));
  return `<t:ExtendedProperty>${path.markup}${content}</t:ExtendedProperty>`;
}

/** Reads Value or Values of an ExtendedProperty element as the type its path names. */
export function readExtendedValue(property: XmlElement, type: PropertyType): PropertyValue {
  const content = property.children[1];
  if (content === undefined) throw new EwsError('ErrorInvalidExtendedPropertyValue');
  const isArray = type.endsWith('Array');
  if (isArray !== (content.name === 'Values')) throw new EwsError('ErrorInvalidExtendedPropertyValue');
  if (!isArray) return readScalar(content.text, type);
  return content.children.map((one) => readScalar(one.text, type));
}

/** Sets an extended property from its element. */
export function setExtended(pending: Pending, property: XmlElement): void {
  const { key, value } = readExtended(property);
  pending.draft.set(key, value);
}

/** The key and the value of an ExtendedProperty element; what only the store sets is refused. */
export function readExtended(property: XmlElement): { readonly key: PropertyKey; readonly value: PropertyValue } {
  const path = property.children[0];
  if (path === undefined) throw new EwsError('ErrorInvalidExtendedProperty');
  const { key, markup } = readExtendedPath(path);
  if (readOnlyKeys.has(key)) throw new EwsError('ErrorInvalidPropertySet', { details: markup });
  return { key, value: readExtendedValue(property, key.type) };
}

/** Text of one value for comparisons in restrictions. */
export function readScalar(text: string, type: PropertyType): Scalar {
  const base = type.replace(/Array$/, '');
  switch (base) {
    case 'Boolean':
      if (!/^(?:true|false|1|0)$/.test(text.trim())) throw new EwsError('ErrorInvalidExtendedPropertyValue');
      return readBoolean(text);
    case 'Integer':
    case 'Short':
      return readInteger(text, base === 'Short' ? 16 : 32);
    case 'Long':
    case 'Currency':
      if (!/^[+-]?\d+$/.test(text.trim())) throw new EwsError('ErrorInvalidExtendedPropertyValue');
      return BigInt(text.trim());
    case 'Double':
    case 'Float':
    case 'ApplicationTime': {
      const value = Number(text);
      if (text.trim() === '' || Number.isNaN(value)) throw new EwsError('ErrorInvalidExtendedPropertyValue');
      return value;
    }
    case 'SystemTime': {
      const moment = readDateTime(text);
      if (moment === undefined) throw new EwsError('ErrorInvalidExtendedPropertyValue');
      return moment.kind === 'instant' ? moment.utcMs : moment.wallMs;
    }
    case 'Binary': {
      const plain = text.replace(/\s+/g, '');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) throw new EwsError('ErrorInvalidExtendedPropertyValue');
      return new Uint8Array(Buffer.from(plain, 'base64'));
    }
    case 'CLSID':
      return text.trim().toLowerCase();
    default:
      return text;
  }
}

const readOnlyKeys: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  message.searchKey,
  message.entryId,
  message.parentEntryId,
  message.sourceKey,
  message.changeKey,
  message.predecessorChangeList,
  message.size,
  message.modified,
]);

function readInteger(text: string, bits: number): number {
  const plain = text.trim();
  const value = Number(plain);
  const limit = 2 ** (bits - 1);
  if (!/^[+-]?\d+$/.test(plain) || value < -limit || value >= limit) {
    throw new EwsError('ErrorInvalidExtendedPropertyValue');
  }
  return value;
}

function scalarText(value: Scalar, type: PropertyType, zone: Zone | undefined): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (type.startsWith('SystemTime') && typeof value === 'number') return dateTimeText(value, zone);
  return escapeText(String(value));
}

function valueMarkup(text: string): string {
  return text === '' ? '<t:Value/>' : `<t:Value>${text}</t:Value>`;
}
