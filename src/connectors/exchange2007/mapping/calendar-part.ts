/**
 * The calendar part (RFC 5545) inside a message (RFC 5322, RFC 2045) as its lines, to be changed and put back. Everything
 * around it goes back as it came. A message we cannot read without loss is refused.
 */

export interface CalendarPart {
  /** Content lines, unfolded. */
  readonly lines: readonly string[];
  /** The whole message with these lines instead. */
  with(lines: readonly string[]): string;
}

/** Undefined: no calendar part, or one we cannot write back whole. */
export function calendarPartOf(message: string): CalendarPart | undefined {
  // A character that was not UTF-8 came out as this one: writing it back would lose what it was.
  if (message.includes('\ufffd')) return undefined;
  const part = calendarPart(message, 0, message.length, 0);
  const calendar = part && decoded(message.slice(part.bodyAt, part.end), part.encoding);
  if (part === undefined || calendar === undefined) return undefined;
  const head = part.head.filter((line) => !/^content-transfer-encoding:/i.test(line));
  return {
    lines: calendar
      .replace(/\r?\n[ \t]/g, '')
      .split(/\r?\n/)
      .filter((line) => line !== ''),
    with(lines) {
      const text = lines.map((line) => `${folded(line)}\r\n`).join('');
      const body = Buffer.from(text, 'utf8').toString('base64').replace(/.{76}/g, '$&\r\n');
      const entity = [...head, 'Content-Transfer-Encoding: base64', '', body].join('\r\n');
      return message.slice(0, part.at) + entity + message.slice(part.end);
    },
  };
}

/** One entity of a message, by places in its text. */
interface Part {
  readonly at: number;
  /** Header lines, continued ones joined. */
  readonly head: readonly string[];
  readonly bodyAt: number;
  readonly end: number;
  readonly encoding: string;
}

/** Parts nested deeper, or more of them in one, are not looked at. */
const depthMax = 8;
const partsMax = 200;

function calendarPart(text: string, at: number, end: number, depth: number): Part | undefined {
  const part = partAt(text, at, end);
  if (part === undefined || depth > depthMax) return undefined;
  const type = headerOf(part, 'content-type') ?? 'text/plain';
  if (/^text\/calendar\b/i.test(type)) return isUnicode(type) ? part : undefined;
  const boundary = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  if (!/^multipart\//i.test(type) || boundary === null) return undefined;
  const mark = `--${boundary[1] ?? boundary[2]}`;
  let from = text.indexOf(mark, part.bodyAt);
  for (let count = 0; from >= 0 && from < end && count < partsMax; count += 1) {
    const begin = text.indexOf('\n', from) + 1;
    const next = text.indexOf(`\n${mark}`, from);
    if (begin === 0 || next < 0 || next > end) return undefined;
    const inner = calendarPart(text, begin, text[next - 1] === '\r' ? next - 1 : next, depth + 1);
    if (inner !== undefined) return inner;
    from = next + 1;
  }
  return undefined;
}

function isUnicode(type: string): boolean {
  const charset = /charset=(?:"([^"]*)"|([^\s;]+))/i.exec(type);
  return /^(utf-8|us-ascii)$/i.test(charset?.[1] ?? charset?.[2] ?? 'utf-8');
}

function partAt(text: string, at: number, end: number): Part | undefined {
  const blank = /\r?\n\r?\n/g;
  blank.lastIndex = at;
  const found = blank.exec(text);
  if (found === null || found.index >= end) return undefined;
  const head = text
    .slice(at, found.index)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  const part = { at, head, bodyAt: found.index + found[0].length, end, encoding: '' };
  return { ...part, encoding: (headerOf(part, 'content-transfer-encoding') ?? '7bit').toLowerCase() };
}

function headerOf({ head }: Pick<Part, 'head'>, name: string): string | undefined {
  return head
    .find((line) => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();
}

function decoded(body: string, encoding: string): string | undefined {
  switch (encoding) {
    case '7bit':
    case '8bit':
    case 'binary':
      return body;
    case 'base64':
      return utf8(Buffer.from(body, 'base64'));
    case 'quoted-printable': {
      const bytes = body
        .replace(/[ \t]*=\r?\n/g, '')
        .replace(/=([0-9A-Fa-f]{2})|[\u0080-\u{10ffff}]/gu, (one, hex?: string) =>
          hex === undefined
            ? Buffer.from(one, 'utf8').toString('latin1')
            : String.fromCharCode(Number.parseInt(hex, 16)),
        );
      return utf8(Buffer.from(bytes, 'latin1'));
    }
    default:
      return undefined;
  }
}

function utf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? undefined : text;
}

const octetsMax = 75;

/** RFC 5545 3.1. */
function folded(line: string): string {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > octetsMax) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}
