/**
 * The people of a meeting inside the server's own message of it (RFC 5322, RFC 2045) and its calendar part (RFC 5545). Only
 * the ATTENDEE lines change: everything else, from formatted texts to occurrences with a text of their own, goes back as it
 * came. A message we cannot read without loss is refused.
 */
import type { Attendee, AttendeeRole, CalendarEvent } from '#model/item.ts';

/** The message with these attendees; undefined: it has no calendar part, or one we cannot write back whole. */
export function withPeople(
  message: string,
  attendees: CalendarEvent['attendees'],
  mailbox: string,
): string | undefined {
  // A character that was not UTF-8 came out as this one: writing it back would lose what it was.
  if (message.includes('\ufffd')) return undefined;
  const part = calendarPart(message, 0, message.length, 0);
  const calendar = part && decoded(message.slice(part.bodyAt, part.end), part.encoding);
  if (part === undefined || calendar === undefined) return undefined;
  const changed = withAttendees(calendar, attendees ?? {}, mailbox);
  const head = part.head.filter((line) => !/^content-transfer-encoding:/i.test(line));
  const body = Buffer.from(changed, 'utf8').toString('base64').replace(/.{76}/g, '$&\r\n');
  const entity = [...head, 'Content-Transfer-Encoding: base64', '', body].join('\r\n');
  return message.slice(0, part.at) + entity + message.slice(part.end);
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

/** Every event of the calendar part, the series and its occurrences, gets the same people. */
function withAttendees(calendar: string, attendees: NonNullable<CalendarEvent['attendees']>, mailbox: string): string {
  const others = new Map(Object.entries(attendees).filter(([address]) => address !== mailbox));
  const lines: string[] = [];
  let kept = new Map(others);
  let hasOrganizer = false;
  let depth = 0;
  for (const line of calendar.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    if (/^BEGIN:VEVENT$/i.test(line)) {
      kept = new Map(others);
      hasOrganizer = false;
      depth = 1;
    } else if (depth > 0 && /^BEGIN:/i.test(line)) depth += 1;
    const isPerson = depth === 1 && /^ATTENDEE[;:]/i.test(line);
    if (isPerson && !staysAs(line, kept)) continue;
    hasOrganizer ||= depth === 1 && /^ORGANIZER[;:]/i.test(line);
    if (/^END:VEVENT$/i.test(line)) {
      if (!hasOrganizer && others.size > 0) lines.push(`ORGANIZER:MAILTO:${mailbox}`);
      for (const [address, attendee] of kept) lines.push(attendeeLine(address, attendee));
    }
    if (depth > 0 && /^END:/i.test(line)) depth -= 1;
    if (line !== '') lines.push(line);
  }
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** Who stays keeps the line, and with it the answer given; taken out of `kept`, which is then who is new. */
function staysAs(line: string, kept: Map<string, Attendee>): boolean {
  const address = /:(?:mailto:)?([^:]*)$/i.exec(line)?.[1]?.trim().toLowerCase() ?? '';
  const wanted = kept.get(address);
  if (wanted === undefined || roleOf(line) !== wanted.role) return false;
  const name = /;CN=(?:"([^"]*)"|([^;:]*))/i.exec(line);
  if (wanted.name !== undefined && sayable(wanted.name) !== (name?.[1] ?? name?.[2] ?? '')) return false;
  kept.delete(address);
  return true;
}

function roleOf(line: string): AttendeeRole {
  if (/;CUTYPE=(RESOURCE|ROOM)\b/i.test(line)) return 'resource';
  return /;ROLE=OPT-PARTICIPANT\b/i.test(line) ? 'optional' : 'required';
}

const roles: Readonly<Record<AttendeeRole, string>> = {
  required: 'ROLE=REQ-PARTICIPANT',
  optional: 'ROLE=OPT-PARTICIPANT',
  resource: 'CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT',
};

function attendeeLine(address: string, { name, role }: Attendee): string {
  const shown = name === undefined ? '' : `;CN="${sayable(name)}"`;
  return `ATTENDEE${shown};${roles[role]};PARTSTAT=NEEDS-ACTION:MAILTO:${address}`;
}

/** A parameter has no way to say a quotation mark. */
function sayable(name: string): string {
  return name.replaceAll('"', "'");
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
