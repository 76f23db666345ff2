/** ResolveNames ([MS-OXWSRSLNM]): names, addresses and legacy DNs to mailboxes and contacts. */
import { childText } from '#xml/reader.ts';
import { type Item, propertyOf } from '../../../truth/item.ts';
import type { MailboxDescription } from '../../../truth/mailbox.ts';
import { contact, email, message } from '../../../truth/property-keys.ts';
import type { Call } from '../call.ts';
import { itemChangeKey } from '../change-keys.ts';
import { EwsError } from '../ews-error.ts';
import { legacyDn } from '../fields/attendees.ts';
import { itemIdText } from '../ids.ts';
import { errorContent, errorMessage, responseMessages, successMessage } from '../messages.ts';
import { mailboxMarkup } from '../references.ts';
import { element, readBoolean } from '../text.ts';

/** A server lists at most this many candidates and offers no more. */
const candidatesMax = 100;

export function resolveNames(call: Call): string {
  if (!call.hasMailbox) {
    const text = 'User must have a mailbox for name resolution operations.';
    const error = new EwsError('ErrorNameResolutionNoMailbox', { text });
    return responseMessages([errorMessage('ResolveNames', error, '')]);
  }
  const entry = (childText(call.request, 'UnresolvedEntry') ?? '').trim();
  const withData = readBoolean(call.request.attributes.ReturnFullContactData ?? 'false');
  const found = [...directoryHits(entry, withData, call), ...contactHits(entry, call)];
  if (found.length === 0) {
    return responseMessages([errorMessage('ResolveNames', new EwsError('ErrorNameResolutionNoResults'), '')]);
  }
  const shown = found.slice(0, candidatesMax);
  const isAll = shown.length === found.length;
  const set = `<m:ResolutionSet TotalItemsInView="${shown.length}" IncludesLastItemInRange="${isAll}">${shown.join('')}</m:ResolutionSet>`;
  if (shown.length === 1) return responseMessages([successMessage('ResolveNames', set)]);
  const warning = errorContent(new EwsError('ErrorNameResolutionMultipleResults'));
  return responseMessages([
    `<m:ResolveNamesResponseMessage ResponseClass="Warning">${warning}${set}</m:ResolveNamesResponseMessage>`,
  ]);
}

function directoryHits(entry: string, withData: boolean, call: Call): string[] {
  if (call.request.attributes.SearchScope === 'Contacts') return [];
  const plain = entry.toLowerCase().replace(/^smtp:/, '');
  const hits: string[] = [];
  for (const one of call.server.truth.descriptions()) {
    if (!isHit(one, plain)) continue;
    const { address, displayName } = one;
    const markup = mailboxMarkup({ name: displayName, address, routingType: 'SMTP', mailboxType: 'Mailbox' });
    hits.push(`<t:Resolution>${markup}${withData ? directoryContact(one) : ''}</t:Resolution>`);
  }
  return hits;
}

function isHit({ address, aliases, displayName }: MailboxDescription, plain: string): boolean {
  const addresses = [address, ...aliases].map((one) => one.toLowerCase());
  if (plain.startsWith('/o=')) return legacyDn(address).toLowerCase() === plain;
  return (
    addresses.some((one) => one === plain || one.startsWith(plain)) ||
    displayName
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(plain)) ||
    displayName.toLowerCase().startsWith(plain)
  );
}

function directoryContact({ displayName, address, aliases }: MailboxDescription): string {
  const [given = displayName, ...rest] = displayName.split(' ');
  const proxies = [`SMTP:${address}`, ...aliases.map((one) => `smtp:${one}`)].slice(0, 3);
  const entries = proxies.map((one, index) => `<t:Entry Key="EmailAddress${index + 1}">${one}</t:Entry>`).join('');
  const surname = rest.join(' ');
  const numbers = ['AssistantPhone', 'BusinessFax', 'BusinessPhone', 'HomePhone', 'MobilePhone', 'Pager'];
  const phones = numbers.map((key) => `<t:Entry Key="${key}"/>`).join('');
  const place = ['Street', 'City', 'State', 'CountryOrRegion', 'PostalCode'].map((part) => element(part, '')).join('');
  return `<t:Contact>${element('DisplayName', displayName)}${element('GivenName', given)}<t:Initials/><t:CompanyName/><t:EmailAddresses>${entries}</t:EmailAddresses><t:PhysicalAddresses><t:Entry Key="Business">${place}</t:Entry></t:PhysicalAddresses><t:PhoneNumbers>${phones}</t:PhoneNumbers><t:AssistantName/>${element('ContactSource', 'ActiveDirectory')}<t:Department/><t:JobTitle/><t:OfficeLocation/>${element('Surname', surname)}</t:Contact>`;
}

function contactHits(entry: string, call: Call): string[] {
  if (call.request.attributes.SearchScope === 'ActiveDirectory') return [];
  const plain = entry.toLowerCase();
  const hits: string[] = [];
  for (const item of call.mailbox.wellKnown('contacts').items.values()) {
    for (const slot of email) {
      const address = propertyOf({ item, occurrence: undefined }, slot.address);
      if (address !== undefined && isContactHit(item, address, plain)) hits.push(contactHit(item, address, call));
    }
  }
  return hits;
}

function isContactHit(item: Item, address: string, plain: string): boolean {
  const names = [message.displayName, contact.givenName, contact.surname].map((key) => item.properties.get(key) ?? '');
  return [address, ...names].some((one) => one !== '' && one.toLowerCase().startsWith(plain));
}

function contactHit(item: Item, address: string, call: Call): string {
  const id = itemIdText(call.mailbox, item.folder.counter, item.counter);
  const name = item.properties.get(message.displayName) ?? address;
  return `<t:Resolution><t:Mailbox>${element('Name', name)}${element('EmailAddress', address)}${element('RoutingType', 'SMTP')}${element('MailboxType', 'Contact')}<t:ItemId Id="${id}" ChangeKey="${itemChangeKey(call.mailbox, item)}"/></t:Mailbox></t:Resolution>`;
}
