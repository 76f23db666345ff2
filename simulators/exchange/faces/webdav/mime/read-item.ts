/** Items out of MIME. */
import { message } from '../../../truth/property-keys.ts';
import type { PendingWrite } from '../pending-write.ts';
import { internetContent } from './internet-content.ts';
import { readCalendarInto } from './read-calendar.ts';
import { decodedText, readMime } from './read-mime.ts';

/** Reads a message into a write; the iCalendar in it makes an appointment. Answers false for what cannot be read. */
export function readMimeItem(pending: PendingWrite, body: Buffer, folderClass: string): boolean {
  const parts = readMime(body);
  if (parts === undefined) return false;
  const calendar = parts.leaves.find(({ type }) => type === 'text/calendar');
  if (calendar === undefined && folderClass === 'IPF.Appointment') return false;
  const { draft } = pending;
  const subject = parts.headers.get('subject');
  if (subject !== undefined) draft.set(message.subject, subject);
  const text = parts.leaves.find(({ type }) => type === 'text/plain');
  const html = parts.leaves.find(({ type }) => type === 'text/html');
  if (html !== undefined) {
    draft.set(message.html, new Uint8Array(Buffer.from(decodedText(html), 'utf8')));
    draft.delete(message.body);
  } else if (text !== undefined) {
    draft.set(message.body, decodedText(text));
    draft.delete(message.html);
  }
  if (calendar !== undefined && !readCalendarInto(pending, decodedText(calendar))) return false;
  if (draft.get(message.itemClass) === undefined) draft.set(message.itemClass, 'IPM.Note');
  draft.set(internetContent, new Uint8Array(body));
  draft.touched.add(internetContent);
  return true;
}
