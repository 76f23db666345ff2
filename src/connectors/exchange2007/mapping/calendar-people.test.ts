import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Attendee } from '#model/item.ts';
import { calendarPartOf } from './calendar-part.ts';
import { withPeople as peopled } from './calendar-people.ts';

function withPeople(message: string, people: Readonly<Record<string, Attendee>>, owner: string): string | undefined {
  const part = calendarPartOf(message);
  return part?.with(peopled(part.lines, people, owner));
}

const mailbox = 'ada@example.test';
const bob: Attendee = { name: 'Bob', role: 'required' };

const calendar = [
  'BEGIN:VCALENDAR',
  'METHOD:REQUEST',
  'BEGIN:VTIMEZONE',
  'TZID:Berlin',
  'END:VTIMEZONE',
  'BEGIN:VEVENT',
  'UID:1',
  'ATTENDEE;CN="Bob";ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:MAILTO:Bob@example.test',
  'ATTENDEE;CN="Eve, a very long name that makes the server fold its line";ROLE=',
  ' OPT-PARTICIPANT:MAILTO:eve@example.test',
  'SUMMARY:Größe\\, Maß',
  'BEGIN:VALARM',
  'ATTENDEE:MAILTO:alarm@example.test',
  'END:VALARM',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'RECURRENCE-ID:20260305T110000Z',
  'DESCRIPTION:a text of its own',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

type Encoding = 'base64' | 'quoted-printable' | '8bit';

function encoded(text: string, encoding: Encoding): string {
  if (encoding === '8bit') return text;
  const bytes = Buffer.from(text, 'utf8');
  if (encoding === 'base64') return bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
  return bytes
    .toString('latin1')
    .replace(/[=\u0080-\u00ff]/g, (one) => `=${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/SUMMARY/, 'SUMM=\r\nARY');
}

function message(encoding: Encoding, charset = 'utf-8'): string {
  return [
    'Subject: Review',
    'Content-Type: multipart/mixed; boundary="outer"',
    '',
    'preamble',
    '--outer',
    'Content-Type: multipart/alternative;',
    '\tboundary=inner',
    '',
    '--inner',
    'Content-Type: text/html',
    '',
    '<b>bold</b>',
    '--inner',
    `Content-Type: text/calendar; charset="${charset}"; method=REQUEST`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    encoded(calendar, encoding),
    '--inner--',
    '--outer',
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    '',
    'QUJD',
    '--outer--',
    '',
  ].join('\r\n');
}

/** The calendar part of an answer, which is base64 always. */
function calendarIn(text: string | undefined): string {
  const body = /text\/calendar.*?base64\r\n\r\n(.*?)\r\n--inner--/s.exec(text ?? '')?.[1] ?? '';
  return Buffer.from(body, 'base64').toString().replace(/\r\n /g, '');
}

test('people come and go, and everything else goes back as it came, however it is encoded', () => {
  for (const encoding of ['base64', 'quoted-printable', '8bit'] as const) {
    const changed = withPeople(
      message(encoding),
      { 'carl@example.test': { role: 'resource' }, 'bob@example.test': bob },
      mailbox,
    );
    const lines = calendarIn(changed).split('\r\n');
    const people = lines.filter((line) => line.startsWith('ATTENDEE'));
    assert.deepEqual(people, [
      'ATTENDEE;CN="Bob";ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:MAILTO:Bob@example.test',
      'ATTENDEE:MAILTO:alarm@example.test',
      'ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION:MAILTO:carl@example.test',
      'ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION:MAILTO:carl@example.test',
      'ATTENDEE;CN="Bob";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:MAILTO:bob@example.test',
    ]);
    assert.ok(lines.includes('SUMMARY:Größe\\, Maß') && lines.includes('DESCRIPTION:a text of its own'));
    assert.ok(lines.includes(`ORGANIZER:MAILTO:${mailbox}`));
    assert.ok(changed?.includes('<b>bold</b>') && changed.includes('QUJD\r\n--outer--'));
  }
});

test('who changes role or name is invited anew, who stays keeps the answer', () => {
  const lines = (attendee: Attendee) =>
    calendarIn(withPeople(message('base64'), { 'bob@example.test': attendee }, mailbox));
  assert.match(lines(bob), /PARTSTAT=ACCEPTED:MAILTO:Bob@example\.test/);
  assert.doesNotMatch(lines({ ...bob, role: 'optional' }), /ACCEPTED/);
  assert.match(lines({ name: 'Robert "Bob" Ross', role: 'required' }), /CN="Robert 'Bob' Ross"/);
});

test('the same people twice give the same message', () => {
  const people = { 'bob@example.test': bob, 'carl@example.test': { role: 'optional' } as const };
  const once = withPeople(message('quoted-printable'), people, mailbox) ?? '';
  assert.equal(withPeople(once, people, mailbox), once);
});

test('a message without a calendar, or in letters we cannot keep, is refused', () => {
  assert.equal(withPeople('Subject: x\r\n\r\nhello', {}, mailbox), undefined);
  assert.equal(withPeople(message('8bit', 'iso-8859-1'), {}, mailbox), undefined);
  assert.equal(withPeople(message('8bit').replace('Größe', 'Gr\ufffd'), {}, mailbox), undefined);
  assert.equal(
    withPeople(
      message('base64').replace('encoding: base64', 'encoding: uuencode').replace('Encoding: base64', 'Encoding: x-uu'),
      {},
      mailbox,
    ),
    undefined,
  );
});

test('damaged messages are answered quickly and never with an exception', () => {
  const whole = message('base64');
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.nat(40),
      fc.constantFrom('', '--inner', '\r\n\r\n', 'boundary=', '='),
      (at, cut, piece) => {
        withPeople(whole.slice(0, at) + piece + whole.slice(at + cut), { 'bob@example.test': bob }, mailbox);
      },
    ),
    { numRuns: 500 },
  );
});
