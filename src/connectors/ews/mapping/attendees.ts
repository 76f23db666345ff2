/**
 * The people of an event (EWS `AttendeeType`, `SingleRecipientType`) and what the server alone decides about a meeting.
 * The three lists are replaced whole when written and are never written empty.
 */
import type { Attendee, AttendeeRole, CalendarEvent, Meeting, ResponseStatus } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import { child, childText } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { smtpAddress } from './address.ts';
import { setOrDelete } from './field.ts';
import type { MappingContext } from './mapping.ts';

/** Attendees and answers while an event is read, keyed by address in lower case. */
export interface People {
  readonly attendees: Record<string, Attendee>;
  readonly responses: Record<string, ResponseStatus>;
  readonly unresolved: string[];
}

/** Adds one of the three lists. The first role an address is met in counts. */
export function readAttendees(people: People, list: XmlElement, role: AttendeeRole, context: MappingContext): void {
  for (const element of list.children) {
    const mailbox = child(element, 'Mailbox');
    const address = mailboxAddress(mailbox, context, people.unresolved);
    if (address === undefined || people.attendees[address] !== undefined) continue;
    const name = childText(mailbox, 'Name')?.trim() ?? '';
    people.attendees[address] = name === '' || name.toLowerCase() === address ? { role } : { name, role };
    const response = responseOf(childText(element, 'ResponseType'));
    if (response !== undefined) people.responses[address] = response;
  }
}

/** The address of a `t:Mailbox` in lower case. */
export function mailboxAddress(
  mailbox: XmlElement | undefined,
  context: MappingContext,
  unresolved: string[],
): string | undefined {
  const text = childText(mailbox, 'EmailAddress') ?? '';
  return smtpAddress(text, childText(mailbox, 'RoutingType'), context, unresolved)?.toLowerCase();
}

/** `ResponseTypeType`; Unknown, Organizer and NoResponseReceived are no answers. */
export function responseOf(text: string | undefined): ResponseStatus | undefined {
  switch (text) {
    case 'Accept':
      return 'accepted';
    case 'Tentative':
      return 'tentative';
    case 'Decline':
      return 'declined';
    default:
      return undefined;
  }
}

/** What an event element says about being a meeting. */
interface MeetingSigns {
  readonly isCancelled: boolean;
  readonly myResponse: string;
  /** PidLidAppointmentStateFlags: 1 meeting, 2 received, 4 cancelled; undefined when the server did not say. */
  readonly state: number | undefined;
  readonly hasAttendees: boolean;
}

const meetingBit = 1;
const receivedBit = 2;

/**
 * Whether there is a meeting. Every own appointment names its owner as organizer, and IsMeeting is set without reason by
 * some clients, so neither is enough.
 */
export function isMeeting(signs: MeetingSigns): boolean {
  const isMarked = signs.state !== undefined && (signs.state & meetingBit) !== 0;
  return signs.hasAttendees || signs.isCancelled || isMarked || isReceived(signs);
}

/** The server-owned facts of a meeting. `organizer` as in `mailboxAddress`. */
export function meetingOf(signs: MeetingSigns, organizer: string | undefined, mailbox: string): Meeting {
  const response = responseOf(signs.myResponse);
  return {
    organizing: organizer === undefined ? !isReceived(signs) : organizer === mailbox,
    ...(organizer === undefined ? {} : { organizer }),
    ...(response === undefined ? {} : { myResponse: response }),
    ...(signs.isCancelled ? { cancelled: true } : {}),
  };
}

/** Somebody else sent it. */
function isReceived({ state, myResponse }: MeetingSigns): boolean {
  return state === undefined ? invitedResponses.has(myResponse) : (state & receivedBit) !== 0;
}

const invitedResponses: ReadonlySet<string> = new Set(['Accept', 'Tentative', 'Decline', 'NoResponseReceived']);

const lists: readonly (readonly [AttendeeRole, string])[] = [
  ['required', 'RequiredAttendees'],
  ['optional', 'OptionalAttendees'],
  ['resource', 'Resources'],
];

/** The lists of a new event in schema order. The mailbox is its organizer, not an attendee. */
export function attendeeElements(attendees: CalendarEvent['attendees'], mailbox: string): readonly Markup[] {
  if (attendees === undefined) return [];
  return lists.flatMap(([role, name]) => listElement(name, role, attendees, mailbox) ?? []);
}

/** All three lists, because who left one may be in another now. */
export function attendeeChanges(attendees: CalendarEvent['attendees'], mailbox: string): readonly Markup[] {
  return lists.map(([role, name]) =>
    setOrDelete('CalendarItem', `calendar:${name}`, listElement(name, role, attendees ?? {}, mailbox)),
  );
}

function listElement(
  name: string,
  role: AttendeeRole,
  attendees: NonNullable<CalendarEvent['attendees']>,
  mailbox: string,
): Markup | undefined {
  const entries = Object.entries(attendees).filter(
    ([address, attendee]) => attendee.role === role && address !== mailbox,
  );
  if (entries.length === 0) return undefined;
  return xml`<t:${name}>${entries.map(([address, attendee]) => attendeeElement(address, attendee))}</t:${name}>`;
}

function attendeeElement(address: string, { name }: Attendee): Markup {
  return xml`<t:Attendee><t:Mailbox>${name && xml`<t:Name>${name}</t:Name>`}<t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:Attendee>`;
}
