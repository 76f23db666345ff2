/**
 * A snapshot of all mailboxes as one JSON text, and its way back. Numbers are kept, so ids, change keys and synchronisation
 * states that clients hold stay good across a restart. Accounts and server builds are the estate's, not the snapshot's.
 */
import type { DelegationsOut } from './delegates.ts';
import type { Folder } from './folder.ts';
import type { Attachment, EmbeddedMessage, Item, Recipient } from './item.ts';
import { noPast } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import { named, Properties, type PropertyKey, type PropertyType, type PropertyValue, tagged } from './properties.ts';
import type { Rule } from './recurrence.ts';
import type { Series, SeriesException } from './series.ts';
import type { Truth } from './truth.ts';
import { utc } from './zone.ts';
import { zoneBlob, zoneOfBlob } from './zone-blob.ts';

/** Raised when the format changes; older snapshots are refused. */
const formatVersion = 2;

export type SnapshotFault = { readonly kind: 'unreadable' | 'otherVersion'; readonly message: string };

/** The truth as text: the mailboxes that somebody looked at; the others are made again from the estate. */
export function writeSnapshot(truth: Truth): string {
  const mailboxes = [...truth.opened()].map((mailbox) => ({
    address: mailbox.address,
    change: mailbox.change,
    counter: mailbox.counter,
    sentCount: mailbox.sentCount,
    removedFolders: mailbox.removedFolders,
    folders: [...mailbox.folders.values()].map(folderOut),
    items: [...mailbox.folders.values()].flatMap((folder) =>
      [...folder.items.values(), ...folder.associated.values()].map(itemOut),
    ),
  }));
  return JSON.stringify({
    format: formatVersion,
    beganMs: truth.beganMs,
    delegations: truth.delegations.out(),
    mailboxes,
  });
}

/** Puts a snapshot into mailboxes nobody looked at yet; those it does not know are as they began when it was taken. */
export function readSnapshot(text: string, truth: Truth): SnapshotFault | undefined {
  const whole = parse(text);
  if (whole === undefined) return { kind: 'unreadable', message: 'the snapshot is not JSON' };
  if (whole.format !== formatVersion) return { kind: 'otherVersion', message: `snapshot format ${whole.format}` };
  truth.beganMs = whole.beganMs;
  truth.delegations.restore(whole.delegations);
  for (const kept of whole.mailboxes) {
    const mailbox = truth.unfilled(kept.address);
    if (mailbox === undefined) continue;
    for (const { parent, properties, ...folder } of kept.folders) {
      mailbox.restoreFolder({ ...folder, properties: properties && propertiesIn(properties) }, parent);
    }
    for (const item of kept.items) mailbox.restoreItem(itemIn(item, mailbox));
    mailbox.restoreCounters(kept.change, kept.counter, kept.removedFolders, kept.sentCount);
  }
  return undefined;
}

type FolderOut = ReturnType<typeof folderOut>;
type ItemOut = ReturnType<typeof itemOut>;

interface Whole {
  readonly format: number;
  readonly beganMs: number;
  readonly delegations: DelegationsOut;
  readonly mailboxes: readonly {
    readonly address: string;
    readonly change: number;
    readonly counter: number;
    readonly sentCount: number;
    readonly removedFolders: Mailbox['removedFolders'];
    readonly folders: readonly FolderOut[];
    readonly items: readonly ItemOut[];
  }[];
}

function parse(text: string): Whole | undefined {
  try {
    return JSON.parse(text) as Whole;
  } catch {
    return undefined;
  }
}

function folderOut(folder: Folder) {
  const { items, associated, children, parent, properties, ...kept } = folder;
  return { ...kept, parent: parent?.counter, properties: properties && propertiesOut(properties) };
}

function itemOut(item: Item) {
  const { folder, properties, attachments, series, past, ...kept } = item;
  return {
    ...kept,
    folder: folder.counter,
    properties: propertiesOut(properties),
    attachments: attachments.map(attachmentOut),
    series: series === undefined ? undefined : seriesOut(series),
  };
}

function itemIn(kept: ItemOut, mailbox: Mailbox): Item {
  const folder = mailbox.folders.get(kept.folder);
  if (folder === undefined) throw new Error(`snapshot: an item in folder ${kept.folder}, which does not exist`);
  return {
    ...kept,
    folder,
    properties: propertiesIn(kept.properties),
    attachments: kept.attachments.map(attachmentIn),
    series: kept.series === undefined ? undefined : seriesIn(kept.series),
    past: noPast,
  };
}

type PropertyOut = readonly [key: string, type: PropertyType, value: unknown];

function propertiesOut(properties: Properties): readonly PropertyOut[] {
  return [...properties.entries()].map(([key, value]) => [keyText(key), key.type, valueOut(value)]);
}

function propertiesIn(kept: readonly PropertyOut[]): Properties {
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
