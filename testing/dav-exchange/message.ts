/** The message (MIME) of an imitated appointment: its people are kept as lines of its calendar part. */
import type { Answer } from './listener.ts';
import type { StoredItem } from './store.ts';

const mailheader = 'urn:schemas:mailheader:';
const attendeeLines = 'attendee-lines';

export function shownMessage(item: StoredItem): Answer {
  const people = item.values.get(attendeeLines)?.values ?? [];
  const calendar = [
    'BEGIN:VCALENDAR',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    'UID:1',
    'SUMMARY:Größe',
    ...people,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  const part = Buffer.from(`${calendar.join('\r\n')}\r\n`).toString('base64');
  const lines = [
    'Subject: x',
    'Content-Type: multipart/alternative;',
    '\tboundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain; charset="utf-8"',
    '',
    'Agenda – unchanged',
    '--b1',
    'Content-Type: text/calendar; charset="utf-8"; method=PUBLISH',
    'Content-Transfer-Encoding: base64',
    '',
    part,
    '--b1--',
    '',
  ];
  return { status: 200, headers: { 'Content-Type': 'message/rfc822' }, body: lines.join('\r\n') };
}

/** False: it is none of ours. */
export function takeMessage(item: StoredItem, message: string): boolean {
  const part = /Content-Transfer-Encoding: base64\r\n\r\n([A-Za-z0-9+/=\r\n]+?)\r\n--b1--/.exec(message)?.[1];
  if (part === undefined || !message.includes('Agenda – unchanged')) return false;
  const calendar = Buffer.from(part, 'base64').toString().replace(/\r\n /g, '');
  if (!calendar.includes('SUMMARY:Größe')) return false;
  const people = calendar.split('\r\n').filter((line) => line.startsWith('ATTENDEE'));
  item.values.set(attendeeLines, { ns: '', name: attendeeLines, type: undefined, text: '', values: people });
  for (const [header, pattern] of headers) {
    const entries = people.filter((line) => pattern.test(line)).map(entryOf);
    const value = { ns: mailheader, name: header, type: undefined, text: entries.join(', ') };
    item.values.set(mailheader + header, value);
  }
  return true;
}

const headers = [
  ['to', /ROLE=REQ-PARTICIPANT/],
  ['cc', /ROLE=OPT-PARTICIPANT/],
  ['bcc', /CUTYPE=RESOURCE/],
] as const;

function entryOf(line: string): string {
  const address = line.slice(line.lastIndexOf(':') + 1);
  const name = /;CN="([^"]*)"/.exec(line)?.[1];
  return name === undefined ? `<${address}>` : `"${name}" <${address}>`;
}
