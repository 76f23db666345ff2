/** Messages taken apart (RFC 2045 to 2047), as far as items need it. */

export interface MimeLeaf {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly charset: string;
  readonly content: Buffer;
}

export interface MimeMessage {
  /** Decoded, names in lower case; the first of each. */
  readonly headers: ReadonlyMap<string, string>;
  readonly leaves: readonly MimeLeaf[];
}

/** Parts nested deeper, or more than this, are not looked at. */
const depthMax = 10;
const leavesMax = 200;

/** Reads a message, or a bare iCalendar; undefined for neither. */
export function readMime(body: Buffer): MimeMessage | undefined {
  const text = body.toString('latin1');
  if (/^\s*BEGIN:VCALENDAR/i.test(text)) {
    return { headers: new Map(), leaves: [{ type: 'text/calendar', charset: 'utf-8', content: body }] };
  }
  if (!/^[\x21-\x39\x3b-\x7e]+:/.test(text)) return undefined;
  const leaves: MimeLeaf[] = [];
  const headers = readPart(text, leaves, 0);
  return { headers: new Map([...headers].map(([name, value]) => [name, decodedWords(value)])), leaves };
}

function readPart(text: string, leaves: MimeLeaf[], depth: number): ReadonlyMap<string, string> {
  const split = /\r?\n\r?\n/.exec(text);
  const head = split === null ? text : text.slice(0, split.index);
  const content = split === null ? '' : text.slice(split.index + split[0].length);
  const headers = readHeaders(head);
  const typeLine = headers.get('content-type') ?? 'text/plain';
  const type = (typeLine.split(';')[0] ?? '').trim().toLowerCase();
  const boundary = parameter(typeLine, 'boundary');
  if (type.startsWith('multipart/') && boundary !== undefined) {
    if (depth >= depthMax) return headers;
    for (const part of partsOf(content, boundary)) {
      if (leaves.length < leavesMax) readPart(part, leaves, depth + 1);
    }
    return headers;
  }
  const encoding = headers.get('content-transfer-encoding')?.trim().toLowerCase() ?? '7bit';
  leaves.push({ type, charset: parameter(typeLine, 'charset') ?? 'utf-8', content: decodedContent(content, encoding) });
  return headers;
}

function readHeaders(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return headers;
}

function parameter(line: string, name: string): string | undefined {
  return new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i')
    .exec(line)
    ?.slice(1)
    .find((one) => one !== undefined);
}

function partsOf(content: string, boundary: string): readonly string[] {
  const mark = `--${boundary}`;
  const pieces = `\n${content}`.split(`\n${mark}`).slice(1);
  return pieces.filter((one) => !one.startsWith('--')).map((one) => one.replace(/^[^\n]*\r?\n/, '').replace(/\r$/, ''));
}

function decodedContent(content: string, encoding: string): Buffer {
  switch (encoding) {
    case 'base64':
      return Buffer.from(content, 'base64');
    case 'quoted-printable':
      return Buffer.from(
        content
          .replace(/[ \t]*=\r?\n/g, '')
          .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      );
    default:
      return Buffer.from(content, 'latin1');
  }
}

export function decodedText({ content, charset }: MimeLeaf): string {
  return decode(content, charset);
}

function decode(content: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(content);
  } catch {
    return content.toString('latin1');
  }
}

/** `=?utf-8?B?…?=` words of a header. */
function decodedWords(text: string): string {
  const joined = text.replace(/(\?=)\s+(=\?)/g, '$1$2');
  return joined.replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, word: string) =>
    decode(
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64')
        : decodedContent(word.replaceAll('_', ' '), 'quoted-printable'),
      charset,
    ),
  );
}
