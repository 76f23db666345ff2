/** Items as MIME, which is what GET answers and what PR_INTERNET_CONTENT holds. */
import { familyOf, itemClassOf, propertyOf, type Recipient, recipientsOf, type View } from '../../../truth/item.ts';
import { message } from '../../../truth/property-keys.ts';
import { plainText } from '../item-text.ts';
import { calendarText } from './write-calendar.ts';
import { cardText } from './write-card.ts';

/** The item as a message (RFC 5322); an appointment carries its iCalendar, a contact its vCard. */
export function mimeBytes(view: View): Buffer {
  const parts = [part('text/plain; charset="utf-8"', plainText(view) ?? '')];
  switch (familyOf(itemClassOf(view))) {
    case 'appointment':
      parts.push(part('text/calendar; charset="utf-8"; method=REQUEST', calendarText(view)));
      break;
    case 'contact':
      parts.push(part('text/x-vcard; charset="utf-8"', cardText(view)));
      break;
    default:
  }
  const boundary = `_000_${view.item.counter.toString(16)}_`;
  const body =
    parts.length === 1
      ? (parts[0] ?? '')
      : `Content-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\n`;
  return Buffer.from(`${headers(view)}${body}`, 'utf8');
}

function part(type: string, text: string): string {
  const body = Buffer.from(text, 'utf8').toString('base64');
  return `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${body.replace(/.{1,76}/g, '$&\r\n')}`;
}

function headers(view: View): string {
  const list = (kind: Recipient['kind']): string =>
    recipientsOf(view)
      .filter((one) => one.kind === kind)
      .map((one) => `${word(one.name)} <${one.address}>`)
      .join(', ');
  const from = propertyOf(view, message.fromAddress);
  const sent = new Date(propertyOf(view, message.submitTime) ?? view.item.createdMs);
  const all = [
    ['From', from === undefined ? '' : `${word(propertyOf(view, message.fromName) ?? from)} <${from}>`],
    ['To', list('to')],
    ['CC', list('cc')],
    ['Subject', word(propertyOf(view, message.subject) ?? '')],
    ['Date', sent.toUTCString().replace('GMT', '+0000')],
    ['Message-ID', propertyOf(view, message.internetMessageId) ?? ''],
    ['MIME-Version', '1.0'],
  ] as const;
  return all
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** Text of a header: an encoded word (RFC 2047) when it is not plain. */
function word(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
