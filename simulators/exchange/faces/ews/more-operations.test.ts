import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codesOf, faultCode, find, findAll } from '../../conformance/client.ts';
import {
  createContact,
  createEvent,
  deleteItem,
  getFolder,
  getItem,
  idOf,
  setField,
  update,
  world,
} from '../../conformance/world.ts';
import { operations } from './operations.ts';
import { unplayedCode } from './unplayed.ts';

const { exchange, call } = await world();

const folderId = async (name: string, user = 'alice'): Promise<string> =>
  find((await call(getFolder(name), { user: `${user}@example.test`, password: `${user}-pw1` })).body, 'FolderId')
    ?.attributes.Id ?? '';
const exporting = (id: string): string =>
  `<m:ExportItems><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:ExportItems>`;
const uploading = (action: string, folder: string, data: string, id?: string): string =>
  `<m:UploadItems><m:Items><t:Item CreateAction="${action}"><t:ParentFolderId Id="${folder}"/>${id === undefined ? '' : `<t:ItemId Id="${id}"/>`}<t:Data>${data}</t:Data></t:Item></m:Items></m:UploadItems>`;

/** What an item says of itself, without what every item has of its own. */
const content = (text: string): string =>
  text
    .replace(/ (?:Id|ChangeKey)="[^"]*"/g, '')
    .replace(
      /<t:(DateTimeReceived|DateTimeSent|DateTimeCreated|LastModifiedTime|WebClient\w+|InstanceKey|DateTimeStamp)\b[^>]*>[^<]*<\/t:\1>/g,
      '',
    );

const weekly =
  '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2030-03-05</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';

test('an exported item, uploaded again, is the same item in everything but its identity, exceptions included', async () => {
  const event = idOf(
    await call(
      createEvent(
        `<t:Subject>S</t:Subject><t:Body BodyType="Text">b</t:Body><t:Start>2030-03-05T09:00:00Z</t:Start><t:End>2030-03-05T10:00:00Z</t:End>${weekly}`,
      ),
    ),
  );
  const third = `<t:OccurrenceItemId RecurringMasterId="${event.id}" InstanceIndex="3"/>`;
  await call(update(third, setField('item:Subject', 'CalendarItem', '<t:Subject>Other</t:Subject>')));
  const data = find((await call(exporting(event.id))).body, 'Data')?.text ?? '';
  const again = await call(uploading('CreateNew', await folderId('calendar'), data));
  assert.deepEqual(codesOf(again), ['NoError'], again.text);
  const copy = find(again.body, 'ItemId')?.attributes.Id ?? '';
  assert.notEqual(copy, event.id);
  const read = async (id: string) => content((await call(getItem(id))).text);
  assert.equal(await read(copy), await read(event.id));
  assert.match(await read(copy), /<t:ModifiedOccurrences>/);
});

test('an upload can replace an item, make the one that is gone, and go into another mailbox; damaged data is refused', async () => {
  const contact = idOf(await call(createContact('<t:GivenName>Ada</t:GivenName><t:JobTitle>J</t:JobTitle>')));
  const folder = await folderId('contacts');
  const data = find((await call(exporting(contact.id))).body, 'Data')?.text ?? '';
  await call(
    update(`<t:ItemId ${contact.both}/>`, setField('contacts:Department', 'Contact', '<t:Department>D</t:Department>')),
  );
  const replaced = await call(uploading('Update', folder, data, contact.id));
  assert.equal(find(replaced.body, 'ItemId')?.attributes.Id, contact.id);
  assert.equal(find((await call(getItem(contact.id))).body, 'Department'), undefined);
  await call(deleteItem(`<t:ItemId Id="${contact.id}"/>`, '', 'HardDelete'));
  assert.deepEqual(codesOf(await call(uploading('Update', folder, data, contact.id))), ['ErrorItemNotFound']);
  assert.deepEqual(codesOf(await call(uploading('UpdateOrCreate', folder, data, contact.id))), ['NoError']);
  const bob = { user: 'bob@example.test', password: 'bob-pw1' };
  assert.deepEqual(codesOf(await call(uploading('CreateNew', await folderId('contacts', 'bob'), data), bob)), [
    'NoError',
  ]);
  assert.equal(exchange.truth.mailbox('bob@example.test')?.wellKnown('contacts').items.size, 1);
  const damaged = `${data.slice(0, 40)}AAAA${data.slice(44)}`;
  assert.deepEqual(codesOf(await call(uploading('CreateNew', folder, damaged))), ['ErrorCorruptData']);
});

test('people are found by the beginning of their names in the address book and the contacts, page by page', async () => {
  for (const name of ['Bea', 'Bettina', 'Zoe']) await call(createContact(`<t:GivenName>${name}</t:GivenName>`));
  const search = (query: string, offset = 0, max = 10): string =>
    `<m:FindPeople><m:IndexedPageItemView BasePoint="Beginning" Offset="${offset}" MaxEntriesReturned="${max}"/><m:QueryString>${query}</m:QueryString></m:FindPeople>`;
  const people = async (operation: string) => {
    const reply = await call(operation, { version: 'Exchange2013' });
    assert.equal(reply.body.name, 'FindPeopleResponse', reply.text);
    return findAll(reply.body, 'DisplayName').map((one) => one.text);
  };
  assert.deepEqual(await people(search('b')), ['Bea', 'Bettina', 'bob']);
  assert.deepEqual(await people(search('b', 1, 1)), ['Bettina']);
  assert.deepEqual(await people(search('nobody')), []);
});

test('small questions have their recorded answers', async () => {
  const password = await call('<m:GetPasswordExpirationDate/>');
  assert.match(password.text, /<GetPasswordExpirationDateResponse ResponseClass="Success" xmlns=/);
  assert.equal(find(password.body, 'PasswordExpirationDate')?.text, '9999-12-31T23:59:59.9999999');
  const rooms = await call('<m:GetRoomLists/>');
  assert.equal(find(rooms.body, 'ResponseCode')?.text, 'NoError');
  const marking = `<m:MarkAllItemsAsRead><m:ReadFlag>true</m:ReadFlag><m:SuppressReadReceipts>true</m:SuppressReadReceipts><m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:MarkAllItemsAsRead>`;
  assert.deepEqual(codesOf(await call(marking, { version: 'Exchange2013' })), ['NoError']);
  const items = [...(exchange.truth.mailbox('alice@example.test')?.wellKnown('contacts').items.values() ?? [])];
  assert.ok(items.length > 0 && items.every((one) => one.isRead));
});

test('operations that a build has and that are not played are refused with a code of that build, and stand in the README', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const folder of ['exchange2010-sp2', 'exchange2013-sp1', 'exchange-se-15.2.2562']) {
    const schema = readFileSync(new URL(`../../schema/${folder}/messages.xsd`, import.meta.url), 'utf8');
    const names = new Set([...schema.matchAll(/<xs:element name="(\w+)"/g)].map(([, name]) => name as string));
    for (const response of [...names].filter((one) => one.endsWith('Response'))) {
      const operation = response.slice(0, -'Response'.length);
      if (
        operation === '' ||
        `${operation}Request` in operations ||
        operation in operations ||
        operation === 'GetStreamingEvents'
      )
        continue;
      assert.ok(
        schema.includes(`value="${unplayedCode(operation)}"`),
        `${folder} ${operation} ${unplayedCode(operation)}`,
      );
      assert.ok(new RegExp(`\\b${operation}\\b`).test(readme), `${operation} is not in the README`);
    }
  }
  const refused = await call('<m:GetInboxRules/>');
  assert.equal(faultCode(refused), 'ErrorInvalidOperation');
});
