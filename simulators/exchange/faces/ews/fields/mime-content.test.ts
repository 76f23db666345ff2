import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find } from '../../../conformance/client.ts';
import { createContact, createEvent, createTask, idOf, world } from '../../../conformance/world.ts';

const { call } = await world();

async function mimeOf(create: string): Promise<string> {
  const { id } = idOf(await call(create));
  const reply = await call(
    `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent></m:ItemShape><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:GetItem>`,
  );
  return Buffer.from(find(reply.body, 'MimeContent')?.text ?? '', 'base64').toString('utf8');
}

test('a contact can be read as a card, with long and special text in its lines', async () => {
  const text = await mimeOf(
    createContact(
      `<t:Body BodyType="Text">one; two\nthree ${'ä'.repeat(80)}</t:Body><t:GivenName>Ada</t:GivenName><t:EmailAddresses><t:Entry Key="EmailAddress1">ada@example.test</t:Entry></t:EmailAddresses><t:Surname>Lovelace, Countess</t:Surname>`,
    ),
  );
  const lines = text.split('\r\n');
  assert.ok(lines.every((line) => Buffer.byteLength(line) <= 75));
  const unfolded = text.replaceAll('\r\n ', '');
  assert.match(unfolded, /^BEGIN:VCARD\r\nVERSION:3\.0\r\nN:Lovelace\\, Countess;Ada;;;\r\n/);
  assert.match(unfolded, /EMAIL;TYPE=INTERNET:ada@example\.test\r\n/);
  assert.match(unfolded, /NOTE:one\\; two\\nthree ä{80}/);
});

test('an appointment can be read as iCalendar, and a message or task as mail', async () => {
  const event = await mimeOf(
    createEvent(
      '<t:Subject>Plan</t:Subject><t:Start>2030-04-02T09:00:00Z</t:Start><t:End>2030-04-02T10:00:00Z</t:End>',
    ),
  );
  assert.match(event, /SUMMARY:Plan\r\nDTSTART:20300402T090000Z\r\nDTEND:20300402T100000Z\r\nUID:040000008200E0/);
  const mail = await mimeOf(
    '<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:Subject>Grüße</t:Subject><t:Body BodyType="Text">hello</t:Body><t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>',
  );
  assert.match(mail, /\r\nSubject: =\?utf-8\?B\?R3LDvMOfZQ==\?=\r\n/);
  assert.equal(
    Buffer.from(mail.split('\r\n\r\n')[1] ?? '', 'base64')
      .toString()
      .trim(),
    'hello',
  );
  assert.match(await mimeOf(createTask('<t:Subject>Do</t:Subject>')), /^Subject: Do\r\n/);
});
