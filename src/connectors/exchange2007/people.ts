/**
 * The people of a meeting: the server's own message of the item is read, its attendees are changed, and it goes back on
 * condition that nobody else wrote meanwhile. Nothing of this sends mail: the message is stored in the calendar, not sent.
 */
import { fault } from '#contract/fault.ts';
import type { CalendarEvent } from '#model/item.ts';
import type { Mailbox } from './mailbox.ts';
import { withPeople } from './mapping/calendar-people.ts';
import { buildGetMessage, buildPutMessage, readMessage } from './operations/message.ts';
import { readMultistatus } from './operations/multistatus.ts';
import { buildPropfind } from './operations/propfind.ts';
import type { Found } from './outcome.ts';
import { classify } from './transport/classify.ts';
import { entityTagProperty, resourceTagProperty, versionAfter, versionIn } from './version.ts';

/** The version the item has then. */
export async function writePeople(
  mailbox: Mailbox,
  path: string,
  version: string,
  people: CalendarEvent['attendees'],
): Promise<Found<string>> {
  const shown = await mailbox.session.call(buildGetMessage(path));
  if (!shown.ok) return { ok: false, trouble: { ...shown.trouble, certain: true } };
  const message = readMessage(shown.value);
  const changed = message === undefined ? undefined : withPeople(message, people, mailbox.settings.mailbox);
  if (changed === undefined) {
    const reason = 'The server does not show this appointment in a form whose attendees can be changed.';
    return { ok: false, trouble: { fault: fault('item.unsupported', reason, { path: 'attendees' }), certain: true } };
  }
  if (changed === message) return { ok: true, value: version };
  const answer = await mailbox.session.call(buildPutMessage(path, changed, version));
  if (!answer.ok) return answer;
  const told = versionAfter(answer.value.headers);
  return told === undefined ? presentVersion(mailbox, path) : { ok: true, value: told };
}

/** The version of an item that was just written; trouble with it leaves the write in doubt. */
export async function presentVersion(mailbox: Mailbox, path: string): Promise<Found<string>> {
  const answer = await mailbox.session.call(buildPropfind(path, 'item', [entityTagProperty, resourceTagProperty]));
  if (!answer.ok) return { ok: false, trouble: { ...answer.trouble, certain: false } };
  const [response] = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
  const version = response && versionIn(response.found);
  if (version !== undefined) return { ok: true, value: version };
  return { ok: false, trouble: classify({ kind: 'missing', operation: 'PROPFIND' }, mailbox.now()) };
}
