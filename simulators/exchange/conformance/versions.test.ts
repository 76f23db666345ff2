import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../faces/ews/face.ts';
import { type ProfileId, profiles, type RequestVersion } from '../faces/ews/profiles.ts';
import { responseViolation } from '../faces/ews/response-check.ts';
import { codesOf, faultCode, find, findAll } from './client.ts';
import { createContact, createEvent, findItems, getFolder, getItem, idOf, syncItems, world } from './world.ts';

interface Build {
  /** MajorVersion, MinorVersion, Version of the header. */
  readonly named: readonly [string, string, string];
  readonly newest: RequestVersion;
  /** A request version it is too old for; undefined when it takes all. */
  readonly refused: RequestVersion | undefined;
  readonly hasPersonas: boolean;
  /** Rows of a listing with a restriction. */
  readonly restrictedRows: number;
}

const builds: Readonly<Record<Exclude<ProfileId, '2007sp3'>, Build>> = {
  '2010sp2': {
    named: ['14', '2', 'Exchange2010_SP2'],
    newest: 'Exchange2010_SP2',
    refused: 'Exchange2013',
    hasPersonas: false,
    restrictedRows: 300,
  },
  '2010sp3': {
    named: ['14', '3', 'Exchange2010_SP2'],
    newest: 'Exchange2010_SP2',
    refused: 'Exchange2013',
    hasPersonas: false,
    restrictedRows: 300,
  },
  '2013': {
    named: ['15', '0', 'V2_23'],
    newest: 'Exchange2013_SP1',
    refused: 'Exchange2016',
    hasPersonas: true,
    restrictedRows: 250,
  },
  '2016': {
    named: ['15', '1', 'V2017_07_11'],
    newest: 'V2017_07_11',
    refused: undefined,
    hasPersonas: true,
    restrictedRows: 250,
  },
  '2019': {
    named: ['15', '2', 'V2017_07_11'],
    newest: 'V2017_07_11',
    refused: undefined,
    hasPersonas: true,
    restrictedRows: 250,
  },
  se: {
    named: ['15', '2', 'V2017_07_11'],
    newest: 'V2017_07_11',
    refused: undefined,
    hasPersonas: true,
    restrictedRows: 250,
  },
};

const personas =
  '<m:FindPeople><m:IndexedPageItemView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"/><m:ParentFolderId><t:DistinguishedFolderId Id="contacts"/></m:ParentFolderId></m:FindPeople>';
const anySurname = '<m:Restriction><t:Exists><t:FieldURI FieldURI="contacts:Surname"/></t:Exists></m:Restriction>';
const page = '<m:IndexedPageItemView MaxEntriesReturned="1000" Offset="0" BasePoint="Beginning"/>';

for (const [id, build] of Object.entries(builds) as [ProfileId, Build][]) {
  const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1', seed: { contacts: 300 } }];
  const { call, codes } = await world({ version: id, mailboxes });

  test(`VER-01: a server of build ${id} names itself, takes its own versions and knows its own limits`, async () => {
    const reply = await call(getFolder(), { version: build.newest });
    assert.deepEqual(codesOf(reply), ['NoError']);
    const [major, minor, version] = build.named;
    const header = new RegExp(
      `<h:ServerVersionInfo MajorVersion="${major}" MinorVersion="${minor}" [^>]*Version="${version}"`,
    );
    assert.match(reply.text, header);
    assert.equal(reply.headers.get('x-feserver') === null, major === '14');
    if (build.refused !== undefined) {
      assert.equal(faultCode(await call(getFolder(), { version: build.refused })), 'ErrorInvalidServerVersion');
    }
    const people = faultCode(await call(personas, { version: build.newest }));
    assert.equal(people === 'ErrorSchemaValidation', !build.hasPersonas);
    const listed = await call(findItems(anySurname, 'contacts', page));
    assert.equal(findAll(listed.body, 'ItemId').length, build.restrictedRows);
  });

  test(`SCH-01: whatever a server of build ${id} answers is valid by its own schema`, async () => {
    const version = build.newest;
    const contact = idOf(await call(createContact('<t:GivenName>Ada</t:GivenName>'), { version }));
    const event = idOf(await call(createEvent('<t:Subject>Sample</t:Subject>'), { version }));
    for (const one of [contact, event]) assert.deepEqual(await codes(getItem(one.id), { version }), ['NoError']);
    assert.deepEqual(await codes(getItem('AAAA'), { version }), ['ErrorInvalidIdMalformed']);
    const all = syncItems('', 512, 'calendar').replace('IdOnly', 'AllProperties');
    assert.ok(find((await call(all, { version })).body, 'Create'));
    // The world itself fails when any of these answers was invalid.
  });
}

test('SCH-01: an answer that is not valid would be noticed', async () => {
  const { call } = await world();
  const { text } = await call(getFolder());
  const answer = (changed: string): Answer => ({
    status: 200,
    text: changed,
    operation: 'GetFolder',
    mailbox: undefined,
    profile: profiles.se,
    code: undefined,
  });
  assert.equal(responseViolation(answer(text)), undefined);
  const wrong = text.replace('<m:ResponseCode>', '<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:ResponseCode>');
  assert.notEqual(responseViolation(answer(wrong)), undefined);
});
