/** What of an appointment only its calendar can say: people, and texts of single occurrences. */
import type { CalendarEvent, PlainDate, ZoneId } from '#model/item.ts';
import { type Bodies, withBodies } from './calendar-bodies.ts';
import { withPeople } from './calendar-people.ts';
import type { ItemWrite, MappingContext } from './mapping.ts';

/** The change for these groups; undefined when they need none. `zone`: of the series. */
export function calendarEdit(
  event: CalendarEvent,
  groups: readonly string[],
  zone: ZoneId,
  context: MappingContext,
): ItemWrite['editCalendar'] {
  const rewrites = groups.some((group) => group === 'overrides' || group === 'when' || group === 'recurrence');
  const bodies: Bodies = rewrites ? bodiesOf(event) : new Map();
  const isPeopled = groups.includes('attendees');
  if (!isPeopled && bodies.size === 0) return undefined;
  return (lines) => {
    const peopled = isPeopled ? withPeople(lines, event.attendees ?? {}, context.mailbox) : lines;
    return withBodies(peopled, bodies, zone);
  };
}

/** Texts that occurrences have of their own. */
function bodiesOf({ overrides = {} }: CalendarEvent): Bodies {
  const bodies = new Map<PlainDate, string | null>();
  for (const [original, override] of Object.entries(overrides)) {
    const body = 'patch' in override ? override.patch.body : undefined;
    if (body !== undefined) bodies.set(original.slice(0, 10), body?.text ?? null);
  }
  return bodies;
}

/** Somebody but the mailbox itself, which is the organizer. */
export function hasOthers({ attendees = {} }: CalendarEvent, { mailbox }: MappingContext): boolean {
  return Object.keys(attendees).some((address) => address !== mailbox);
}
