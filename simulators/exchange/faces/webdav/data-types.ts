/** Values on the wire: the `dt` attribute beside the MAPI type, and the text of each ([MS-OXCDATA] 2.11.1.6). */
import type { XmlElement } from '#xml/reader.ts';
import { escapeXml } from '#xml/writer.ts';
import type { PropertyType, PropertyValue, Scalar } from '../../truth/properties.ts';

const names = {
  String: 'string',
  Boolean: 'boolean',
  Short: 'i2',
  Integer: 'int',
  Long: 'i8',
  Double: 'float',
  Float: 'r4',
  Currency: 'fixed.14.4',
  ApplicationTime: 'date',
  SystemTime: 'dateTime.tz',
  CLSID: 'uuid',
  Binary: 'bin.base64',
} as const satisfies Partial<Record<PropertyType, string>>;

type ScalarType = keyof typeof names;

const byName: ReadonlyMap<string, ScalarType> = new Map([
  ...Object.entries(names).map(([type, name]) => [name, type as ScalarType] as const),
  ['i4', 'Integer'],
  ['ui4', 'Integer'],
  ['bin.hex', 'Binary'],
  ['datetime', 'SystemTime'],
  ['dateTime', 'SystemTime'],
  ['number', 'Double'],
]);

/** The MAPI type that a `dt` value names; undefined for one that does not exist. */
export function typeOfName(name: string): PropertyType | undefined {
  const isMany = name.startsWith('mv.');
  const scalar = byName.get(isMany ? name.slice(3) : name);
  if (scalar === undefined) return undefined;
  return isMany ? (`${scalar}Array` as PropertyType) : scalar;
}

export function isArray(type: PropertyType): boolean {
  return type.endsWith('Array');
}

function scalarOf(type: PropertyType): ScalarType {
  return (isArray(type) ? type.slice(0, -5) : type) as ScalarType;
}

/** The `dt` value of a type; undefined for text, which has none. */
export function nameOfType(type: PropertyType): string | undefined {
  const name = names[scalarOf(type)];
  if (isArray(type)) return `mv.${name}`;
  return type === 'String' ? undefined : name;
}

/** The content of a property element; `v` is the prefix of the namespace `xml:`. */
export function valueMarkup(type: PropertyType, value: PropertyValue, v: string): string {
  const scalar = scalarOf(type);
  if (!isArray(type)) return escapedContent(scalarText(scalar, value as Scalar));
  const all = Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar];
  return all.map((one) => `<${v}:v>${escapedContent(scalarText(scalar, one))}</${v}:v>`).join('');
}

/** Quotes inside elements are not escaped by this server. */
function escapedContent(text: string): string {
  return escapeXml(text).replace(/&(?:quot|apos|#39|#x27);/g, (one) => (one === '&quot;' ? '"' : "'"));
}

function scalarText(type: ScalarType, value: Scalar): string {
  switch (type) {
    case 'Boolean':
      return value === true ? '1' : '0';
    case 'SystemTime':
      return timeText(Number(value));
    case 'Binary':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'Currency':
      return (Number(value) / 10_000).toFixed(4);
    default:
      return String(value);
  }
}

/** Always UTC, always with milliseconds. */
export function timeText(utcMs: number): string {
  return new Date(utcMs).toISOString();
}

/** Reads the content of a property element; undefined when it is not a value of this type. */
export function readValue(type: PropertyType, element: XmlElement): PropertyValue | undefined {
  if (!isArray(type)) return readScalar(scalarOf(type), element.text);
  const values = element.children.filter((one) => one.name === 'v').map(({ text }) => readScalar(scalarOf(type), text));
  return values.includes(undefined) ? undefined : (values as readonly Scalar[]);
}

const integerRanges: Readonly<Record<'Short' | 'Integer', number>> = { Short: 0x8000, Integer: 0x8000_0000 };

/** Reads the text of one value; undefined when it is not one. */
export function readScalar(type: PropertyType, text: string): Scalar | undefined {
  const plain = text.trim();
  switch (type) {
    case 'String':
      return text;
    case 'Boolean':
      return { 1: true, true: true, 0: false, false: false }[plain.toLowerCase()];
    case 'Short':
    case 'Integer': {
      const value = Number(plain);
      const limit = integerRanges[type];
      return /^[+-]?\d+$/.test(plain) && value >= -limit && value < limit ? value : undefined;
    }
    case 'Long':
      return /^[+-]?\d{1,19}$/.test(plain) ? BigInt(plain.replace('+', '')) : undefined;
    case 'Double':
    case 'Float':
    case 'ApplicationTime':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
    case 'Currency':
      return /^[+-]?\d+(\.\d{1,4})?$/.test(plain) ? BigInt(Math.round(Number(plain) * 10_000)) : undefined;
    case 'SystemTime':
      return readTime(plain);
    case 'CLSID':
      return /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i.test(plain)
        ? plain.replace(/[{}]/g, '').toLowerCase()
        : undefined;
    case 'Binary':
      return /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(plain) ? new Uint8Array(Buffer.from(plain, 'base64')) : undefined;
    default:
      return undefined;
  }
}

/** An ISO time with or without milliseconds and zone (UTC), or the `2009/01/01 00:00:00` that some clients write in SQL. */
export function readTime(text: string): number | undefined {
  const slashed = /^(\d{4})\/(\d\d)\/(\d\d)(?: (\d\d:\d\d:\d\d))?$/.exec(text);
  const iso = slashed === null ? text : `${slashed[1]}-${slashed[2]}-${slashed[3]}T${slashed[4] ?? '00:00:00'}Z`;
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(iso)) return undefined;
  const utcMs = Date.parse(/T[^Z+-]*$/.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(utcMs) ? undefined : utcMs;
}
