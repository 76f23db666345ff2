/**
 * FindPeople ([MS-OXWSPERS] 3.1.4.1) in its minimum, 2013 and later: the people of the address book and of the mailbox's
 * contacts whose name or address begins with the query, page by page. Restrictions and orders of one's own are not played.
 */
import { createHash } from 'node:crypto';
import { child, childText } from '#xml/reader.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import { contact, email, message } from '../../../truth/property-keys.ts';
import type { Call } from '../call.ts';
import { EwsFault } from '../ews-error.ts';
import { itemTypeOf } from '../item-types.ts';
import { element } from '../text.ts';

interface Person {
  /** What the persona id is made of. */
  readonly origin: string;
  readonly name: string;
  readonly address: string | undefined;
  readonly givenName: string | undefined;
  readonly surname: string | undefined;
  readonly companyName: string | undefined;
}

export function findPeople(call: Call): string {
  for (const name of ['Restriction', 'AggregationRestriction', 'SortOrder']) {
    if (child(call.request, name) !== undefined) throw new EwsFault('ErrorUnsupportedQueryFilter');
  }
  const query = (childText(call.request, 'QueryString') ?? '').trim().toLowerCase();
  const view = child(call.request, 'IndexedPageItemView')?.attributes ?? {};
  const inDirectory =
    child(child(call.request, 'ParentFolderId'), 'DistinguishedFolderId')?.attributes.Id === 'directory';
  const all = [...(inDirectory || query !== '' ? colleagues(call) : []), ...(inDirectory ? [] : contacts(call))];
  const found = all.filter((one) => isFound(one, query)).sort((one, other) => compare(one.name, other.name));
  const offset = Number(view.Offset ?? 0);
  const shown = found.slice(offset, offset + Number(view.MaxEntriesReturned ?? found.length));
  const people = shown.map(markup).join('');
  const rows = `<m:TotalNumberOfPeopleInView>${found.length}</m:TotalNumberOfPeopleInView><m:FirstMatchingRowIndex>0</m:FirstMatchingRowIndex><m:FirstLoadedRowIndex>${Math.min(offset, found.length)}</m:FirstLoadedRowIndex>`;
  return `<m:ResponseCode>NoError</m:ResponseCode>${people === '' ? '<m:People/>' : `<m:People>${people}</m:People>`}${rows}`;
}

function* colleagues(call: Call): Generator<Person> {
  for (const { address, displayName } of call.server.truth.descriptions()) {
    const nobody = { givenName: undefined, surname: undefined, companyName: undefined };
    yield { ...nobody, origin: address, name: displayName, address };
  }
}

function* contacts(call: Call): Generator<Person> {
  const { mailbox } = call;
  for (const item of mailbox.wellKnown('contacts').items.values()) {
    const view: View = { item, occurrence: undefined };
    if (itemTypeOf(view) !== 'Contact') continue;
    const [first] = email;
    yield {
      origin: `${mailbox.guid} ${item.origin}`,
      name: propertyOf(view, message.displayName) ?? '',
      address: first === undefined ? undefined : propertyOf(view, first.address),
      givenName: propertyOf(view, contact.givenName),
      surname: propertyOf(view, contact.surname),
      companyName: propertyOf(view, contact.companyName),
    };
  }
}

function isFound({ name, address = '' }: Person, query: string): boolean {
  const words = name.toLowerCase().split(/\s+/);
  return query === '' || [name.toLowerCase(), address.toLowerCase(), ...words].some((one) => one.startsWith(query));
}

function markup(one: Person): string {
  const part = (name: string, text: string | undefined) => (text === undefined ? '' : element(name, text));
  const mailbox =
    one.address === undefined
      ? ''
      : `<t:EmailAddress>${element('Name', one.name)}${element('EmailAddress', one.address)}<t:RoutingType>SMTP</t:RoutingType></t:EmailAddress>`;
  return `<t:Persona><t:PersonaId Id="${personaId(one.origin)}"/><t:PersonaType>Person</t:PersonaType>${part('DisplayName', one.name)}${part('GivenName', one.givenName)}${part('Surname', one.surname)}${part('CompanyName', one.companyName)}${mailbox}</t:Persona>`;
}

/** Persona ids are of a kind of their own: two numbers and a GUID. */
function personaId(origin: string): string {
  const guid = createHash('sha256').update(origin.toLowerCase()).digest().subarray(0, 16);
  return Buffer.concat([Buffer.of(0, 5, 0x10, 0), guid]).toString('base64');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
