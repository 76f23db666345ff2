/** The content of items as plain data for JSON, and back: what snapshots and streams of items are made of. */
import type { Attachment, EmbeddedMessage, Item, Recipient } from './item.ts';
import { named, Properties, type PropertyKey, type PropertyType, type PropertyValue, tagged } from './properties.ts';
import type { Rule } from './recurrence.ts';
import type { Series, SeriesException } from './series.ts';
import { utc } from './zone.ts';
import { zoneBlob, zoneOfBlob } from './zone-blob.ts';

export type ItemContent = ReturnType<typeof itemContentOut>;

/** What an item holds, without its place and its numbers. */
export function itemContentOut({ properties, recipients, attachments, series }: Item) {
  return {
    properties: propertiesOut(properties),
    recipients,
    attachments: attachments.map(attachmentOut),
    series: series === undefined ? undefined : seriesOut(series),
  };
}

export function itemContentIn(kept: ItemContent): Pick<Item, 'properties' | 'recipients' | 'attachments' | 'series'> {
  return {
    properties: propertiesIn(kept.properties),
    recipients: kept.recipients,
    attachments: kept.attachments.map(attachmentIn),
    series: kept.series === undefined ? undefined : seriesIn(kept.series),
  };
}

type PropertyOut = readonly [key: string, type: PropertyType, value: unknown];

export function propertiesOut(properties: Properties): readonly PropertyOut[] {
  return [...properties.entries()].map(([key, value]) => [keyText(key), key.type, valueOut(value)]);
}

export function propertiesIn(kept: readonly PropertyOut[]): Properties {
  const properties = new Properties();
  for (const [text, type, value] of kept) properties.set(keyOf(text, type), valueIn(value));
  return properties;
}

/** `#` tag, `set#id` or `set/name`. */
function keyText(key: PropertyKey): string {
  if (key.tag !== undefined) return `#${key.tag}`;
  return key.id === undefined ? `${key.set}/${key.name}` : `${key.set}#${key.id}`;
}

function keyOf(text: string, type: PropertyType): PropertyKey {
  if (text.startsWith('#')) return tagged(Number(text.slice(1)), type);
  const set = text.slice(0, 36);
  const rest = text.slice(37);
  return named(set, text[36] === '#' ? Number(rest) : rest, type);
}

function valueOut(value: PropertyValue): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (typeof value === 'bigint') return { long: String(value) };
  return Array.isArray(value) ? value.map((one) => valueOut(one as PropertyValue)) : value;
}

function valueIn(value: unknown): PropertyValue {
  if (Array.isArray(value)) return value.map((one) => valueIn(one)) as unknown as PropertyValue;
  if (typeof value !== 'object' || value === null) return value as PropertyValue;
  if ('bytes' in value) return bytesOf(String(value.bytes));
  return BigInt('long' in value ? String(value.long) : 0);
}

interface AttachmentOut extends Omit<Attachment, 'content' | 'embedded'> {
  readonly content: string;
  readonly embedded: EmbeddedOut | undefined;
}

interface EmbeddedOut extends Omit<EmbeddedMessage, 'properties' | 'attachments' | 'series'> {
  readonly properties: readonly PropertyOut[];
  readonly attachments: readonly AttachmentOut[];
  readonly series: ReturnType<typeof seriesOut> | undefined;
}

function attachmentOut({ content, embedded, ...kept }: Attachment): AttachmentOut {
  return {
    ...kept,
    content: Buffer.from(content).toString('base64'),
    embedded: embedded && {
      ...embedded,
      properties: propertiesOut(embedded.properties),
      attachments: embedded.attachments.map(attachmentOut),
      series: embedded.series && seriesOut(embedded.series),
    },
  };
}

function attachmentIn({ content, embedded, ...kept }: AttachmentOut): Attachment {
  return {
    ...kept,
    content: bytesOf(content),
    embedded: embedded && {
      ...embedded,
      properties: propertiesIn(embedded.properties),
      attachments: embedded.attachments.map(attachmentIn),
      series: embedded.series && seriesIn(embedded.series),
    },
  };
}

function seriesOut(series: Series) {
  if (series.kind === 'task') return { kind: series.kind, rule: series.rule };
  return {
    ...series,
    zone: Buffer.from(zoneBlob(series.zone)).toString('base64'),
    deleted: [...series.deleted],
    exceptions: [...series.exceptions.values()].map(exceptionOut),
  };
}

function seriesIn(kept: ReturnType<typeof seriesOut>): Series {
  if (kept.kind === 'task') return { kind: 'task', rule: kept.rule as Rule };
  const exceptions = kept.exceptions.map(exceptionIn);
  return {
    ...kept,
    zone: zoneOfBlob(bytesOf(kept.zone)) ?? utc,
    deleted: new Set(kept.deleted),
    exceptions: new Map(exceptions.map((one) => [one.originalDay, one])),
  };
}

function exceptionOut(exception: SeriesException) {
  return {
    ...exception,
    properties: propertiesOut(exception.properties),
    removed: [...exception.removed].map((key) => [keyText(key as PropertyKey), (key as PropertyKey).type] as const),
    attachments: exception.attachments?.map(attachmentOut),
  };
}

function exceptionIn(kept: ReturnType<typeof exceptionOut>): SeriesException {
  return {
    ...kept,
    properties: propertiesIn(kept.properties),
    removed: new Set(kept.removed.map(([text, type]) => keyOf(text, type))),
    recipients: kept.recipients as readonly Recipient[] | undefined,
    attachments: kept.attachments?.map(attachmentIn),
  };
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
