/**
 * The people of a meeting. WebDAV shows recipients as mail headers: To are required, Cc optional, Bcc resources (MS-OXOCAL
 * 2.2.4.10.7 by way of iCalendar), to be read only; `calendar-people.ts` writes them. What each of them answered is not shown.
 */
import type { Attendee, AttendeeRole, CalendarEvent } from '#model/item.ts';
import type { Properties } from '../operations/multistatus.ts';
import { calendar, mailheader, type Property, tag } from '../operations/property.ts';

const lists: readonly (readonly [AttendeeRole, Property])[] = [
  ['required', mailheader('to')],
  ['optional', mailheader('cc')],
  ['resource', mailheader('bcc')],
];
/** Where the organizer's SMTP address may be found, best first. */
const organizerProperties = [calendar('organizer'), tag(0x5d02_001f, 'string'), tag(0x0065_001f, 'string')];

export const recipientProperties: readonly Property[] = [
  ...lists.map(([, property]) => property),
  ...organizerProperties,
];

/** Attendees by address in lower case; the first role an address is met in counts. Entries without address are no one. */
export function attendeesOf(found: Properties): CalendarEvent['attendees'] {
  const attendees: Record<string, Attendee> = {};
  for (const [role, property] of lists) {
    for (const { address, name } of entriesOf(found.text(property) ?? '')) {
      const key = address.toLowerCase();
      if (attendees[key] !== undefined) continue;
      attendees[key] = name === '' || name.toLowerCase() === key ? { role } : { name, role };
    }
  }
  return Object.keys(attendees).length === 0 ? undefined : attendees;
}

/** The organizer's address in lower case; undefined when no property has an SMTP address. */
export function organizerOf(found: Properties): string | undefined {
  for (const property of organizerProperties) {
    const [entry] = entriesOf((found.text(property) ?? '').replace(/^\s*mailto:/i, ''));
    if (entry !== undefined) return entry.address.toLowerCase();
  }
  return undefined;
}

interface Entry {
  readonly address: string;
  readonly name: string;
}

/** More recipients than this are not read. */
const entriesMax = 2000;

/** `"Lee, Ann" <ann@example.test>; bob@example.test` and the like. */
function entriesOf(header: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const text of split(header)) {
    const bracket = text.lastIndexOf('<');
    const address = (bracket < 0 ? text : text.slice(bracket + 1).replace(/>\s*$/, '')).trim();
    if (!/^[^\s<>"]+@[^\s<>"]+$/.test(address)) continue;
    const quoted = bracket < 0 ? '' : text.slice(0, bracket).trim();
    const name = /^".*"$/s.test(quoted) ? quoted.slice(1, -1).replace(/\\(.)/gs, '$1') : quoted;
    entries.push({ address, name });
    if (entries.length === entriesMax) break;
  }
  return entries;
}

/** At commas and semicolons outside quotes and angle brackets. */
function split(header: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < header.length; at += 1) {
    const character = header[at];
    if (character === '\\' && isQuoted) at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if ((character === ',' || character === ';') && !isQuoted) {
      parts.push(header.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, header.slice(from)];
}
