/**
 * MimeContent in its minimum: a message as RFC 5322 text, a contact as vCard 3.0 (RFC 2426), an appointment as iCalendar
 * (RFC 5545; instants in UTC, a series as its first occurrence). What has no form of its own is shown as a message.
 */
import { uidOf } from '../../../truth/global-object-id.ts';
import { familyOf, itemClassOf, propertyOf, type Recipient, recipientsOf, type View } from '../../../truth/item.ts';
import { contact, email, event, message, phone } from '../../../truth/property-keys.ts';
import { bodyOf } from '../body.ts';
import { endOf, startOf } from './calendar-values.ts';

/** `t:MimeContent`. */
export function mimeMarkup(view: View): string {
  const text = mimeText(view);
  return `<t:MimeContent CharacterSet="UTF-8">${Buffer.from(text, 'utf8').toString('base64')}</t:MimeContent>`;
}

function mimeText(view: View): string {
  switch (familyOf(itemClassOf(view))) {
    case 'message':
    case 'list':
    case 'task':
      return mail(view);
    case 'contact':
      return folded(card(view));
    case 'appointment':
      return folded(calendar(view));
  }
}

function mail(view: View): string {
  const list = (kind: Recipient['kind']) =>
    recipientsOf(view)
      .filter((one) => one.kind === kind)
      .map((one) => `${word(one.name)} <${one.address}>`)
      .join(', ');
  const from = propertyOf(view, message.fromAddress);
  const sent = new Date(propertyOf(view, message.submitTime) ?? view.item.createdMs);
  const headers = [
    ['From', from === undefined ? '' : `${word(propertyOf(view, message.fromName) ?? from)} <${from}>`],
    ['To', list('to')],
    ['CC', list('cc')],
    ['Subject', word(propertyOf(view, message.subject) ?? '')],
    ['Date', sent.toUTCString().replace('GMT', '+0000')],
    ['Message-ID', propertyOf(view, message.internetMessageId) ?? ''],
    ['Content-Type', 'text/plain; charset="utf-8"'],
    ['Content-Transfer-Encoding', 'base64'],
    ['MIME-Version', '1.0'],
  ];
  const body = Buffer.from(bodyOf(view, 'Text').content, 'utf8').toString('base64');
  const lines = headers.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}\r\n`);
  return `${lines.join('')}\r\n${body.replace(/.{1,76}/g, '$&\r\n')}`;
}

/** Text of a header: an encoded word (RFC 2047) when it is not plain. */
function word(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

function card(view: View): readonly string[] {
  const text = (key: typeof contact.surname) => escaped(propertyOf(view, key) ?? '');
  const name = [contact.surname, contact.givenName, contact.middleName, contact.displayNamePrefix, contact.generation];
  const optional = (line: string, value: string) => (value === '' ? [] : [`${line}:${value}`]);
  const numbers = { WORK: phone.BusinessPhone, HOME: phone.HomePhone, CELL: phone.MobilePhone };
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:${name.map(text).join(';')}`,
    `FN:${text(message.displayName)}`,
    ...optional('ORG', [contact.companyName, contact.department].map(text).join(';').replace(/^;$/, '')),
    ...optional('TITLE', text(contact.jobTitle)),
    ...Object.entries(numbers).flatMap(([type, key]) =>
      key === undefined ? [] : optional(`TEL;TYPE=${type}`, text(key)),
    ),
    ...email.flatMap((slot) => optional('EMAIL;TYPE=INTERNET', text(slot.address))),
    ...optional('NOTE', escaped(bodyOf(view, 'Text').content)),
    'END:VCARD',
  ];
}

function calendar(view: View): readonly string[] {
  const id = propertyOf(view, event.globalObjectId);
  const allDay = propertyOf(view, event.allDay) === true;
  const moment = (name: string, utcMs: number) =>
    allDay ? `${name};VALUE=DATE:${stamp(utcMs).slice(0, 8)}` : `${name}:${stamp(utcMs)}`;
  const location = propertyOf(view, event.location) ?? '';
  const body = bodyOf(view, 'Text').content;
  return [
    'BEGIN:VCALENDAR',
    'METHOD:PUBLISH',
    'PRODID:-//Simulated Exchange//EN',
    'VERSION:2.0',
    'BEGIN:VEVENT',
    `SUMMARY:${escaped(propertyOf(view, message.subject) ?? '')}`,
    moment('DTSTART', startOf(view)),
    moment('DTEND', endOf(view)),
    ...(id === undefined ? [] : [`UID:${uidOf(id)}`]),
    `DTSTAMP:${stamp(view.item.modifiedMs)}`,
    ...(location === '' ? [] : [`LOCATION:${escaped(location)}`]),
    ...(body === '' ? [] : [`DESCRIPTION:${escaped(body)}`]),
    `CLASS:${['PUBLIC', 'PERSONAL', 'PRIVATE', 'CONFIDENTIAL'][propertyOf(view, message.sensitivity) ?? 0]}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
}

/** `20300402T090000Z`. */
function stamp(utcMs: number): string {
  return new Date(utcMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|[\r\n]/g, '\\n');
}

/** Content lines of at most 75 octets each, continued with a space (RFC 5545 3.1). */
function folded(lines: readonly string[]): string {
  return lines.map((line) => `${foldedLine(line)}\r\n`).join('');
}

function foldedLine(line: string): string {
  let folds = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      folds += '\r\n ';
      octets = 1;
    }
    folds += character;
    octets += size;
  }
  return folds;
}
