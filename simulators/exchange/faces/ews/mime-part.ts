/** Parts of a MIME entity (RFC 2045, 2046, 2047): headers unfolded and decoded, contents decoded, nested parts in order. */

export interface MimePart {
  /** By lower-case name; the first of several. */
  readonly headers: ReadonlyMap<string, string>;
  /** `text/plain`, lower case. */
  readonly type: string;
  readonly charset: string;
  /** Name of an attached file. */
  readonly fileName: string | undefined;
  readonly isAttachment: boolean;
  readonly content: Buffer;
  readonly parts: readonly MimePart[];
}

/** Entities nested deeper, or with more parts, are read as far as this. */
const depthMax = 8;
const partsMax = 200;

/** Reads an entity; anything at all can be read, because text without headers is a body. */
export function readMime(bytes: Buffer, depth = 0): MimePart {
  // One character for each byte, so that contents come back as they were.
  const text = bytes.toString('latin1');
  const blank = /\r?\n\r?\n/.exec(text);
  const head = blank === null ? text : text.slice(0, blank.index);
  const body = blank === null ? '' : text.slice(blank.index + blank[0].length);
  const headers = readHeaders(head);
  const [type = '', ...rest] = (headers.get('content-type') ?? 'text/plain').split(';');
  const parameters = readParameters(rest.join(';'));
  const disposition = headers.get('content-disposition') ?? '';
  const fileName = readParameters(disposition).get('filename') ?? parameters.get('name');
  const kind = type.trim().toLowerCase();
  const boundary = parameters.get('boundary');
  const isMultipart = kind.startsWith('multipart/') && boundary !== undefined && depth < depthMax;
  return {
    headers,
    type: kind,
    charset: (parameters.get('charset') ?? 'utf-8').toLowerCase(),
    fileName: fileName === undefined ? undefined : decodedWords(fileName),
    isAttachment: /^\s*attachment/i.test(disposition),
    content: decoded(body, (headers.get('content-transfer-encoding') ?? '').trim().toLowerCase()),
    parts: isMultipart ? split(body, boundary).map((one) => readMime(Buffer.from(one, 'latin1'), depth + 1)) : [],
  };
}

/** The content of a text part; unknown character sets are read as UTF-8. */
export function textOfPart({ content, charset }: MimePart): string {
  return textOf(content, charset);
}

/** A header with its encoded words, RFC 2047. */
export function decodedWords(text: string): string {
  return text
    .replace(/(=\?[^?\s]+\?[BQ]\?[^?\s]*\?=)\s+(?==\?)/gi, '$1')
    .replace(/=\?([^?\s]+)\?([BQ])\?([^?\s]*)\?=/gi, (_, charset: string, kind: string, word: string) =>
      textOf(
        kind.toUpperCase() === 'B' ? Buffer.from(word, 'base64') : quoted(word.replaceAll('_', ' ')),
        charset.toLowerCase(),
      ),
    );
}

function readHeaders(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name))
      headers.set(name, Buffer.from(line.slice(colon + 1).trim(), 'latin1').toString('utf8'));
  }
  return headers;
}

/** `; name=value` and `; name="value"`. */
function readParameters(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', inQuotes, plain] of text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]+))/g)) {
    found.set(name.toLowerCase(), inQuotes ?? plain ?? '');
  }
  return found;
}

/** What stands between the lines of a boundary, up to the closing one. */
function split(body: string, boundary: string): readonly string[] {
  const parts: string[] = [];
  const mark = `--${boundary}`;
  let start = -1;
  for (let at = 0; at <= body.length && parts.length < partsMax; ) {
    const end = body.indexOf('\n', at);
    const line = body.slice(at, end < 0 ? body.length : end).trimEnd();
    if (line === mark || line === `${mark}--`) {
      if (start >= 0) parts.push(body.slice(start, Math.max(start, at - (body[at - 2] === '\r' ? 2 : 1))));
      if (line !== mark) return parts;
      start = end < 0 ? body.length : end + 1;
    }
    if (end < 0) break;
    at = end + 1;
  }
  return parts;
}

function decoded(body: string, encoding: string): Buffer {
  switch (encoding) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return quoted(body.replace(/=[ \t]*\r?\n/g, ''));
    default:
      return Buffer.from(body, 'latin1');
  }
}

function quoted(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

function textOf(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}
