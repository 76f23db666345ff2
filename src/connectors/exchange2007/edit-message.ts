/**
 * What only the server's own message of an item holds: it is read, its calendar is changed, and it goes back on condition
 * that nobody else wrote meanwhile. Nothing of this sends mail: the message is stored in the calendar, not sent.
 */
import { type Fault, fault } from '#contract/fault.ts';
import type { Mailbox } from './mailbox.ts';
import { type CalendarPart, calendarPartOf } from './mapping/calendar-part.ts';
import type { ItemWrite } from './mapping/mapping.ts';
import { buildGetMessage, buildPutMessage, readMessage } from './operations/message.ts';
import { readMultistatus } from './operations/multistatus.ts';
import { buildPropfind } from './operations/propfind.ts';
import type { Found } from './outcome.ts';
import { classify } from './transport/classify.ts';
import type { DavResponse } from './transport/session.ts';
import { entityTagProperty, resourceTagProperty, versionAfter, versionIn } from './version.ts';
import { patch } from './write.ts';

const notShown: Fault = fault(
  'item.unsupported',
  'The server does not show this appointment in a form that can be changed.',
);

/** The calendar of an item. */
export async function readCalendarPart(mailbox: Mailbox, path: string): Promise<Found<CalendarPart>> {
  const shown = await mailbox.session.call(buildGetMessage(path));
  if (!shown.ok) return { ok: false, trouble: { ...shown.trouble, certain: true } };
  const message = readMessage(shown.value);
  const part = message === undefined ? undefined : calendarPartOf(message);
  return part === undefined ? { ok: false, trouble: { fault: notShown, certain: true } } : { ok: true, value: part };
}

/**
 * The rest of a write whose properties were taken: the calendar, then the properties once more. Answers the version the item
 * has then; any trouble leaves it half written.
 */
export async function finishWrite(
  mailbox: Mailbox,
  path: string,
  first: DavResponse,
  { changes, editCalendar }: ItemWrite,
): Promise<Found<string>> {
  const version = await versionOf(mailbox, path, first);
  if (!version.ok || editCalendar === undefined) return version;
  const part = await readCalendarPart(mailbox, path);
  if (!part.ok) return part;
  const lines = editCalendar(part.value.lines);
  if (lines === undefined) return { ok: false, trouble: { fault: notShown, certain: false } };
  const answer = await mailbox.session.call(buildPutMessage(path, part.value.with(lines), version.value));
  if (!answer.ok) return answer;
  const put = await versionOf(mailbox, path, answer.value);
  if (!put.ok) return put;
  const again = await patch(mailbox, path, changes, put.value);
  return again.kind === 'failed' ? { ok: false, trouble: again.trouble } : versionOf(mailbox, path, again.response);
}

/** The version an answered write left, by its headers or by asking. */
async function versionOf(mailbox: Mailbox, path: string, { headers }: DavResponse): Promise<Found<string>> {
  const told = versionAfter(headers);
  if (told !== undefined) return { ok: true, value: told };
  const answer = await mailbox.session.call(buildPropfind(path, 'item', [entityTagProperty, resourceTagProperty]));
  if (!answer.ok) return answer;
  const [response] = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
  const version = response && versionIn(response.found);
  if (version !== undefined) return { ok: true, value: version };
  return { ok: false, trouble: classify({ kind: 'missing', operation: 'PROPFIND' }, mailbox.now()) };
}
