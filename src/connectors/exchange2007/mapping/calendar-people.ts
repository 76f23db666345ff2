/**
 * The people of a meeting inside its calendar (RFC 5545 3.8.4.1). Only the ATTENDEE lines change: everything else, from
 * alarms to occurrences with a text of their own, stays as it came.
 */
import type { Attendee, AttendeeRole, CalendarEvent } from '#model/item.ts';

/** Every event of the calendar part, the series and its occurrences, gets the same people. */
export function withPeople(
  calendar: readonly string[],
  attendees: NonNullable<CalendarEvent['attendees']>,
  mailbox: string,
): readonly string[] {
  const others = new Map(Object.entries(attendees).filter(([address]) => address !== mailbox));
  const lines: string[] = [];
  let kept = new Map(others);
  let hasOrganizer = false;
  let depth = 0;
  for (const line of calendar) {
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
    lines.push(line);
  }
  return lines;
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
