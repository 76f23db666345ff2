/**
 * Advanced query syntax of FindItem/QueryString ([MS-OXWSSRCH] 2.2.5.2): words, phrases in quotes, `property:value`, AND, OR,
 * NOT and parentheses. A word matches the beginning of any word; the letter case does not matter.
 */
import { attachmentsOf, familyOf, itemClassOf, propertyOf, recipientsOf, type View } from '../../truth/item.ts';
import { contact, email, event, message, phone } from '../../truth/property-keys.ts';
import { bodyOf } from './body.ts';

export type Query = (view: View) => boolean;

type Reader = (view: View) => readonly (string | undefined)[];

const kinds: Readonly<Record<string, string>> = {
  contacts: 'contact',
  email: 'message',
  meetings: 'appointment',
  tasks: 'task',
};

const sender: Reader = (view) => [propertyOf(view, message.fromName), propertyOf(view, message.fromAddress)];
const people = (kind: 'to' | 'cc' | 'bcc'): Reader => {
  return (view) => recipientsOf(view).flatMap((one) => (one.kind === kind ? [one.name, one.address] : []));
};

const properties: Readonly<Record<string, Reader>> = {
  subject: (view) => [propertyOf(view, message.subject)],
  body: (view) => [bodyOf(view, 'Text').content],
  from: sender,
  to: people('to'),
  cc: people('cc'),
  bcc: people('bcc'),
  participants: (view) => [...sender(view), ...recipientsOf(view).flatMap((one) => [one.name, one.address])],
  category: (view) => propertyOf(view, message.categories) ?? [],
  location: (view) => [propertyOf(view, event.location)],
  attachment: (view) => attachmentsOf(view).map((one) => one.name),
  displayname: (view) => [propertyOf(view, message.displayName)],
};

const names: Reader = (view) =>
  [
    contact.companyName,
    contact.jobTitle,
    contact.fileAs,
    ...email.map((one) => one.address),
    ...Object.values(phone),
  ].map((key) => propertyOf(view, key));

const anywhere: Reader = (view) => [...Object.values(properties).flatMap((read) => read(view)), ...names(view)];

/** Reads a query; what it does not understand it takes for words, as servers do. */
export function readQuery(text: string): Query {
  const tokens = text.match(/[()]|(?:[\w]+:)?"[^"]*"?|[^\s()]+/g) ?? [];
  let at = 0;
  const isWord = (word: string): boolean => tokens[at]?.toUpperCase() === word && tokens[at] === word;
  const either = (): Query => {
    let left = all();
    while (isWord('OR')) {
      at += 1;
      const [before, after] = [left, all()];
      left = (view) => before(view) || after(view);
    }
    return left;
  };
  const all = (): Query => {
    const parts: Query[] = [];
    while (at < tokens.length && !isWord('OR') && tokens[at] !== ')') {
      if (isWord('AND')) at += 1;
      else parts.push(one());
    }
    return (view) => parts.every((part) => part(view));
  };
  const one = (): Query => {
    const token = tokens[at++] ?? '';
    if (token === 'NOT' || (token.startsWith('-') && token.length > 1)) {
      const inner = token === 'NOT' ? one() : term(token.slice(1));
      return (view) => !inner(view);
    }
    if (token !== '(') return term(token);
    const inner = either();
    at += 1;
    return inner;
  };
  return either();
}

function term(token: string): Query {
  const colon = token.indexOf(':');
  const property = colon < 0 ? '' : token.slice(0, colon).toLowerCase();
  const wanted = token
    .slice(colon < 0 ? 0 : colon + 1)
    .replaceAll('"', '')
    .replace(/\*$/, '')
    .toLowerCase();
  if (property === 'kind') return (view) => familyOf(itemClassOf(view)) === kinds[wanted];
  if (property === 'hasattachment' || property === 'hasattachments') {
    return (view) => attachmentsOf(view).length > 0 === (wanted === 'true' || wanted === 'yes');
  }
  if (property === 'isread') return (view) => view.item.isRead === (wanted === 'true');
  const read = properties[property] ?? anywhere;
  const whole = properties[property] === undefined && colon >= 0 ? token.toLowerCase() : wanted;
  return (view) => read(view).some((text) => text !== undefined && hasWord(text.toLowerCase(), whole));
}

/** Whether a word of the text begins with what is wanted. */
function hasWord(text: string, wanted: string): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] as string)) return true;
  }
  return false;
}
