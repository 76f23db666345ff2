/** One item as a stream of bytes that only this server understands, and back: what is exported can be uploaded anywhere. */
import { crc32 } from 'node:zlib';
import { Draft } from './draft.ts';
import { type Item, noAttachments, type View } from './item.ts';
import { type ItemContent, itemContentIn, itemContentOut } from './item-text.ts';

/** A sign that this is a stream, then a checksum of the rest. */
const sign = 0x0110_2e40;
const headBytes = 8;

export function itemStream(item: Item): Buffer {
  const content = Buffer.from(JSON.stringify(itemContentOut(item)), 'utf8');
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(sign, 0);
  head.writeUInt32LE(crc32(content), 4);
  return Buffer.concat([head, content]);
}

/** A draft that makes an item, or replaces all of an existing one; undefined when the bytes are no whole stream. */
export function draftOfStream(bytes: Buffer, view?: View): Draft | undefined {
  if (bytes.length < headBytes || bytes.readUInt32LE(0) !== sign) return undefined;
  const text = bytes.subarray(headBytes);
  if (crc32(text) !== bytes.readUInt32LE(4)) return undefined;
  const content = contentOf(text);
  if (content === undefined) return undefined;
  const draft = new Draft(view);
  for (const [key] of [...(view?.item.properties.entries() ?? [])]) {
    if (!content.properties.has(key)) draft.delete(key);
  }
  for (const [key, value] of content.properties.entries()) draft.set(key, value);
  draft.recipients = content.recipients;
  draft.attachments = content.attachments ?? noAttachments;
  draft.series = content.series;
  return draft;
}

function contentOf(text: Buffer): ReturnType<typeof itemContentIn> | undefined {
  try {
    return itemContentIn(JSON.parse(text.toString('utf8')) as ItemContent);
  } catch {
    return undefined;
  }
}
