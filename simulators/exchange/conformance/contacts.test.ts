import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childText } from '#xml/reader.ts';
import { faultCode, find, findAll } from './client.ts';
import { createContact, getItem, idOf, update, world } from './world.ts';

const { call, codes } = await world();
const read = async (id: string) => find((await call(getItem(id))).body, 'Contact');
const indexed = (uri: string, index: string, content: string) =>
  `<t:SetItemField><t:IndexedFieldURI FieldURI="${uri}" FieldIndex="${index}"/><t:Contact>${content}</t:Contact></t:SetItemField>`;

test('CON-01: there is no fourth mail address', async () => {
  const reply = await call(
    createContact('<t:EmailAddresses><t:Entry Key="EmailAddress4">x@example.test</t:Entry></t:EmailAddresses>'),
  );
  assert.equal(faultCode(reply), 'ErrorSchemaValidation');
});

test('CON-02: changing the city leaves the rest of the address', async () => {
  const { id } = idOf(
    await call(
      createContact(
        '<t:PhysicalAddresses><t:Entry Key="Business"><t:Street>Main 1</t:Street><t:City>Ulm</t:City><t:PostalCode>89073</t:PostalCode></t:Entry></t:PhysicalAddresses>',
      ),
    ),
  );
  const city = indexed(
    'contacts:PhysicalAddress:City',
    'Business',
    '<t:PhysicalAddresses><t:Entry Key="Business"><t:City>Bonn</t:City></t:Entry></t:PhysicalAddresses>',
  );
  assert.deepEqual(await codes(update(`<t:ItemId Id="${id}"/>`, city)), ['NoError']);
  const entry = find(find(await read(id), 'PhysicalAddresses'), 'Entry');
  assert.deepEqual(
    entry?.children.map((one) => one.text),
    ['Main 1', 'Bonn', '89073'],
  );
  const gone =
    '<t:DeleteItemField><t:IndexedFieldURI FieldURI="contacts:PhysicalAddress:Street" FieldIndex="Business"/></t:DeleteItemField>';
  await call(update(`<t:ItemId Id="${id}"/>`, gone));
  assert.deepEqual(
    find(find(await read(id), 'PhysicalAddresses'), 'Entry')?.children.map((one) => one.name),
    ['City', 'PostalCode'],
  );
});

test('CON-05: a photo can be added, replaced and removed, and each step gives the new key', async () => {
  const made = idOf(await call(createContact('<t:GivenName>Ada</t:GivenName>')));
  const attach = (content: string) =>
    call(
      `<m:CreateAttachment><m:ParentItemId Id="${made.id}"/><m:Attachments><t:FileAttachment><t:Name>ContactPicture.jpg</t:Name><t:IsContactPhoto>true</t:IsContactPhoto><t:Content>${content}</t:Content></t:FileAttachment></m:Attachments></m:CreateAttachment>`,
    );
  const hasPicture = async () =>
    find((await call(getItem(made.id, 'IdOnly', '<t:FieldURI FieldURI="contacts:HasPicture"/>'))).body, 'HasPicture')
      ?.text;
  const first = find((await attach('AAAA')).body, 'AttachmentId')?.attributes;
  assert.notEqual(first?.RootItemChangeKey, made.key);
  assert.equal(await hasPicture(), 'true');
  const second = find((await attach('BBBB')).body, 'AttachmentId')?.attributes;
  assert.equal(findAll(find(await read(made.id), 'Attachments'), 'FileAttachment').length, 1);
  const removed = await call(
    `<m:DeleteAttachment><m:AttachmentIds><t:AttachmentId Id="${second?.Id}"/></m:AttachmentIds></m:DeleteAttachment>`,
  );
  assert.equal(find(removed.body, 'RootItemId')?.attributes.RootItemChangeKey, idOf(await call(getItem(made.id))).key);
  assert.equal(await hasPicture(), 'false');
});

test('CON-06: names alone give a display name and a subject but no "file as"; a mapping gives that too', async () => {
  const { id } = idOf(await call(createContact('<t:GivenName>Ada</t:GivenName><t:Surname>Lovelace</t:Surname>')));
  const plain = await read(id);
  assert.deepEqual(
    ['FileAs', 'FileAsMapping', 'DisplayName', 'Subject'].map((name) => childText(plain, name)),
    ['', 'None', 'Ada Lovelace', 'Ada Lovelace'],
  );
  const mapped = idOf(
    await call(
      createContact(
        '<t:FileAsMapping>LastCommaFirst</t:FileAsMapping><t:GivenName>Ada</t:GivenName><t:Surname>Lovelace</t:Surname>',
      ),
    ),
  );
  assert.equal(childText(await read(mapped.id), 'FileAs'), 'Lovelace, Ada');
  await call(
    update(
      `<t:ItemId Id="${id}"/>`,
      '<t:DeleteItemField><t:FieldURI FieldURI="contacts:GivenName"/></t:DeleteItemField>',
    ),
  );
  assert.equal(childText(await read(id), 'DisplayName'), 'Lovelace');
});

test('CON: an address without a name is shown under itself, with all attributes', async () => {
  const reply = await call(
    createContact('<t:EmailAddresses><t:Entry Key="EmailAddress2">b@example.test</t:Entry></t:EmailAddresses>'),
  );
  const entry = find(find(await read(idOf(reply).id), 'EmailAddresses'), 'Entry');
  assert.deepEqual(entry?.attributes, {
    Key: 'EmailAddress2',
    Name: 'b@example.test',
    RoutingType: 'SMTP',
    MailboxType: 'Contact',
  });
});
