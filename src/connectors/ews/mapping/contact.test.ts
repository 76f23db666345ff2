import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Update } from '#contract/connector.ts';
import type { Contact } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, project } from '#model/project.ts';
import { contacts } from '#testing/arbitrary-items.ts';
import {
  appliedTo,
  createEnvelope,
  elementOf,
  itemsOfAnswer,
  readEnvelope,
  storedItem,
  updateEnvelope,
} from '#testing/ews-stored.ts';
import { schemaErrors } from '#testing/ews-validate.ts';
import type { XmlElement } from '#xml/reader.ts';
import { contactMapping } from './contact.ts';
import type { MappingContext } from './mapping.ts';

const mapping = contactMapping('liaison-link');
const context: MappingContext = {
  mailboxZone: 'Europe/Berlin',
  mailbox: 'alex.sample@example.test',
  smtpOf: () => undefined,
  serverKnowsZones: true,
};

function sample(name: string): XmlElement {
  const url = new URL(`../../../../testing/ews-samples/recorded/${name}.xml`, import.meta.url);
  return itemsOfAnswer(readFileSync(url, 'utf8'))[0]!;
}

function readItem(element: XmlElement, using: MappingContext = context) {
  const read = mapping.read(element, using);
  assert.ok(read.ok, read.ok ? '' : read.fault.message);
  return read.value;
}

function created(contact: Contact): XmlElement {
  const built = mapping.create(contact, 'key-1', context);
  assert.ok(built.ok, built.ok ? '' : built.fault.message);
  assert.deepEqual(schemaErrors(createEnvelope(built.value)), []);
  return storedItem(built.value);
}

function updated(element: XmlElement, target: Contact, paths: readonly string[], stored?: XmlElement): XmlElement {
  const update: Update = { id: 'AAMkAGI=', version: 'EQAAABYA', target, paths };
  const built = mapping.update(update, context, stored);
  assert.ok(built.ok, built.ok ? '' : built.fault.message);
  if (built.value.length > 0) assert.deepEqual(schemaErrors(updateEnvelope(built.value)), []);
  return appliedTo(element, built.value);
}

function texts(element: XmlElement): Record<string, string> {
  return Object.fromEntries(element.children.map((one) => [one.name, one.text]));
}

test('a contact recorded from Exchange 2013 is read with its address and telephone number', () => {
  const { item, itemClass, linkKey } = readItem(sample('getitem-contact-allproperties-ex2013'));
  assert.equal(itemClass, 'IPM.Contact');
  assert.equal(linkKey, undefined);
  assert.deepEqual(item, {
    kind: 'contact',
    name: { given: 'Alex', surname: 'Sample' },
    emails: { '1': 'alex.sample@example.test' },
    phones: { home: '+1 555 0100' },
    addresses: {
      home: {
        street: '1 Example Street',
        city: 'Exampletown',
        region: 'Examplestate',
        postcode: '00000',
        country: 'Exampleland',
      },
    },
  });
});

test('a contact recorded from Exchange 2019 is read with its company, and its empty FileAs says nothing', () => {
  assert.deepEqual(readItem(sample('getitem-contact-allproperties-ex2019')).item, {
    kind: 'contact',
    name: { given: 'Alex', surname: 'Sample' },
    organization: { company: 'Example Works', department: 'Example Department', jobTitle: 'Example Title' },
    emails: { '1': 'alex.sample@example.test' },
    phones: { home: '+1 555 0100' },
  });
});

test('properties that only Exchange Online sends are passed over', () => {
  const { item } = readItem(sample('getitem-contact-allproperties-online15.20'));
  assert.deepEqual(Object.keys(item), ['kind', 'name', 'emails', 'phones', 'addresses']);
});

test('a contact that is created is read back the same', () => {
  fc.assert(
    fc.property(contacts, (contact) => {
      const { item, linkKey } = readItem(created(contact));
      assert.equal(linkKey, 'key-1');
      assert.deepEqual(item, project(contact, mapping.capabilities.fields, 'windows'));
    }),
    { numRuns: 150 },
  );
});

test('an update of the differing paths turns one contact into the other', () => {
  fc.assert(
    fc.property(contacts, contacts, (one, two) => {
      const after = updated(created(one), two, diffPaths(one, two));
      assert.deepEqual(readItem(after).item, two);
    }),
    { numRuns: 150 },
  );
});

test('an update touches nothing but the paths it was given', () => {
  fc.assert(
    fc.property(contacts, contacts, fc.nat(), (one, two, pick) => {
      const paths = diffPaths(one, two);
      fc.pre(paths.length > 0);
      const path = paths[pick % paths.length]!;
      const after = readItem(updated(created(one), two, [path])).item as Contact;
      assert.deepEqual(diffPaths(one, after), [path]);
    }),
    { numRuns: 150 },
  );
});

test('a whole group as path changes all its leaves', () => {
  const before = normalise<Contact>({
    kind: 'contact',
    name: { given: 'Ada', surname: 'Byron' },
    phones: { car: '1' },
  });
  const target = normalise<Contact>({ kind: 'contact', name: { surname: 'Lovelace', prefix: 'Countess' } });
  assert.deepEqual(readItem(updated(created(before), target, ['name', 'phones'])).item, target);
});

test('a new contact is filed under surname and given name and shown by its full name', () => {
  const element = created({ kind: 'contact', name: { prefix: 'Dr.', given: 'Ada', middle: 'K.', surname: 'Byron' } });
  const { FileAs, DisplayName, Subject } = texts(element);
  assert.deepEqual(
    { FileAs, DisplayName, Subject },
    {
      FileAs: 'Byron, Ada K.',
      DisplayName: 'Dr. Ada K. Byron',
      Subject: 'Dr. Ada K. Byron',
    },
  );
});

test('a contact without a name is filed under its company, or its address', () => {
  assert.equal(texts(created({ kind: 'contact', organization: { company: 'Works' } })).FileAs, 'Works');
  assert.equal(texts(created({ kind: 'contact', emails: { '2': 'a@b.c' } })).DisplayName, 'a@b.c');
  assert.equal(texts(created({ kind: 'contact' })).FileAs, undefined);
});

test('when the name changes, the names we derived follow and the ones the user chose stay', () => {
  const before: Contact = { kind: 'contact', name: { given: 'Ada', surname: 'Byron' } };
  const target: Contact = { kind: 'contact', name: { given: 'Ada', surname: 'Lovelace' } };
  const paths = ['name.surname'];
  assert.ok(mapping.shapeBefore(paths));
  const derived = created(before);
  assert.deepEqual(pick(texts(updated(derived, target, paths, derived))), {
    FileAs: 'Lovelace, Ada',
    DisplayName: 'Ada Lovelace',
    Subject: 'Ada Lovelace',
  });
  const chosen = renamed(derived, { FileAs: 'The Countess' });
  assert.equal(texts(updated(chosen, target, paths, chosen)).FileAs, 'The Countess');
  assert.equal(texts(updated(chosen, target, paths, chosen)).DisplayName, 'Ada Lovelace');
});

test('the names a server derived by itself follow the name, and a FileAs it maintains is left to it', () => {
  const before: Contact = {
    kind: 'contact',
    name: { given: 'Ada', surname: 'Byron' },
    organization: { company: 'Works' },
  };
  const target: Contact = { ...before, name: { given: 'Ada', surname: 'Lovelace' } };
  const byServer = { FileAs: '', DisplayName: 'Ada Byron', Subject: 'Ada Byron - Works' };
  const stored = renamed(created(before), byServer);
  assert.deepEqual(pick(texts(updated(stored, target, ['name.surname'], stored))), {
    FileAs: 'Lovelace, Ada',
    DisplayName: 'Ada Lovelace',
    Subject: 'Ada Lovelace',
  });
  const mapped = renamed(stored, { FileAs: 'Byron, Ada' }, '<t:FileAsMapping>LastCommaFirst</t:FileAsMapping>');
  assert.equal(texts(updated(mapped, target, ['name.surname'], mapped)).FileAs, 'Byron, Ada');
});

test('a change that does not concern the name asks for nothing and leaves the listed names', () => {
  assert.equal(mapping.shapeBefore(['phones.home', 'emails.1', 'organization.jobTitle', 'body']), undefined);
});

function pick({ FileAs, DisplayName, Subject }: Record<string, string>) {
  return { FileAs, DisplayName, Subject };
}

function renamed(element: XmlElement, names: Record<string, string>, extra?: string): XmlElement {
  const children = element.children.map((one) => ({ ...one, text: names[one.name] ?? one.text }));
  return { ...element, children: extra === undefined ? children : [...children, elementOf(extra)] };
}

const birthdays = [
  ['1815-12-10T11:59:00Z', 'Europe/Berlin'],
  ['1815-12-10T00:00:00Z', 'Europe/Berlin'],
  ['1815-12-10T00:00:00Z', 'America/New_York'],
  ['1975-12-09T23:00:00Z', 'Europe/Berlin'],
  ['1975-12-10T05:00:00Z', 'America/New_York'],
  ['1975-12-09T14:00:00Z', 'Australia/Brisbane'],
] as const;

for (const [instant, mailboxZone] of birthdays) {
  test(`CON-04: a birthday stored as ${instant} for a user in ${mailboxZone} is the 10th`, () => {
    const element = elementOf(`<t:Contact><t:ItemId Id="A"/><t:Birthday>${instant}</t:Birthday></t:Contact>`);
    const { item } = readItem(element, { ...context, mailboxZone });
    assert.match((item as Contact).birthday ?? '', /-12-10$/);
  });
}

test('a birthday of a zone we do not know is the date nearest to its midnight', () => {
  const element = elementOf('<t:Contact><t:ItemId Id="A"/><t:Birthday>1975-12-09T15:00:00Z</t:Birthday></t:Contact>');
  assert.equal((readItem(element).item as Contact).birthday, '1975-12-10');
});

const dn = '/o=Example/ou=Exchange Administrative Group/cn=Recipients/cn=ada';
const fromDirectory = elementOf(
  `<t:Contact><t:ItemId Id="A"/><t:EmailAddresses><t:Entry Key="EmailAddress1" Name="Ada" RoutingType="EX">${dn}</t:Entry><t:Entry Key="EmailAddress2" RoutingType="SMTP">b@example.test</t:Entry></t:EmailAddresses></t:Contact>`,
);

test('CON-03: an address picked from the address list is shown by its SMTP address', () => {
  const unknown = readItem(fromDirectory);
  assert.deepEqual(unknown.unresolved, [dn]);
  const smtpOf = (name: string) => (name === dn ? 'ada@example.test' : undefined);
  const { item, unresolved } = readItem(fromDirectory, { ...context, smtpOf });
  assert.deepEqual(unresolved, []);
  assert.deepEqual((item as Contact).emails, { '1': 'ada@example.test', '2': 'b@example.test' });
});

test('an address of the address list that has no SMTP address is left out for good', () => {
  const { item, unresolved } = readItem(fromDirectory, { ...context, smtpOf: () => '' });
  assert.deepEqual(unresolved, []);
  assert.deepEqual((item as Contact).emails, { '2': 'b@example.test' });
});

test('whatever prefixes, unknown elements and unknown keys a server sends, the rest is read', () => {
  const text = `<x:Contact xmlns:x="urn:t"><x:Novel><x:GivenName>No</x:GivenName></x:Novel><x:ItemId Id="A"/><x:GivenName>Ada</x:GivenName>
    <x:PhoneNumbers><x:Entry Key="Msn">1</x:Entry><x:Entry>2</x:Entry><x:Entry Key="Pager"/><x:Entry Key="CarPhone">3</x:Entry></x:PhoneNumbers>
    <x:Sensitivity>Odd</x:Sensitivity><x:Birthday>soon</x:Birthday><x:Categories/></x:Contact>`;
  assert.deepEqual(readItem(elementOf(text)).item, { kind: 'contact', name: { given: 'Ada' }, phones: { car: '3' } });
});

test('the title before the name is found by its tag however the server spells it', () => {
  for (const tag of ['0x3a45', '0x3A45', '14917']) {
    const element = elementOf(
      `<t:Contact><t:ItemId Id="A"/><t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="${tag}" PropertyType="String"/><t:Value>Dr.</t:Value></t:ExtendedProperty></t:Contact>`,
    );
    assert.deepEqual((readItem(element).item as Contact).name, { prefix: 'Dr.' });
  }
});

test('the link key is found when the server spells its property set as a GUID, and only with its exact name', () => {
  const key = (name: string) =>
    elementOf(
      `<t:Contact><t:ItemId Id="A"/><t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="00020329-0000-0000-C000-000000000046" PropertyName="${name}" PropertyType="String"/><t:Value>Key-7</t:Value></t:ExtendedProperty></t:Contact>`,
    );
  assert.equal(readItem(key('liaison-link')).linkKey, 'key-7');
  assert.equal(readItem(key('Liaison-Link')).linkKey, undefined);
});

test('an item without an id, or of another kind, is refused', () => {
  for (const text of ['<t:Contact/>', '<t:DistributionList><t:ItemId Id="A"/></t:DistributionList>']) {
    assert.equal(mapping.read(elementOf(text), context).ok, false);
  }
});

test('classes made from the contact class are accepted, look-alikes and distribution lists are not', () => {
  const accepted = ['IPM.Contact', 'IPM.CONTACT.Custom', 'IPM.Contacts', 'IPM.DistList', 'ipm'].filter((name) =>
    mapping.accepts(name),
  );
  assert.deepEqual(accepted, ['IPM.Contact', 'IPM.CONTACT.Custom']);
});

test('a web page no server would take is refused by name instead of spoiling the request', () => {
  const built = mapping.create({ kind: 'contact', webPage: 'http://[broken' }, 'key-1', context);
  assert.equal(built.ok, false);
  assert.deepEqual(!built.ok && [built.fault.code, built.fault.path], ['item.unsupported', 'webPage']);
});

test('what is asked of the server is valid and holds the link key', () => {
  for (const shape of [mapping.shape, mapping.shapeBefore(['name.given'])!]) {
    assert.deepEqual(schemaErrors(readEnvelope(shape)), []);
  }
  assert.match(mapping.shape.text, /PropertyName="liaison-link"/);
});
