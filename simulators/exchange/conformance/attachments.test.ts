/** Files and items that hang on other items, and drafts on their way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, find, findAll } from './client.ts';
import { createEvent, getItem, idOf, setField, update, world } from './world.ts';

const { call, codes, exchange } = await world();

const file = '<t:FileAttachment><t:Name>a.txt</t:Name><t:Content>aGVsbG8=</t:Content></t:FileAttachment>';
const message = (content: string, disposition = 'SaveOnly') =>
  `<m:CreateItem MessageDisposition="${disposition}"><m:Items><t:Message>${content}</t:Message></m:Items></m:CreateItem>`;
const attach = (parent: string, attachment: string) =>
  `<m:CreateAttachment><m:ParentItemId Id="${parent}"/><m:Attachments>${attachment}</m:Attachments></m:CreateAttachment>`;
const attachmentIds = (ids: readonly (string | undefined)[]) =>
  `<m:AttachmentIds>${ids.map((one) => `<t:AttachmentId Id="${one}"/>`).join('')}</m:AttachmentIds>`;
const fetchAttachment = (...ids: readonly (string | undefined)[]) =>
  `<m:GetAttachment>${attachmentIds(ids)}</m:GetAttachment>`;
const attachments = '<t:FieldURI FieldURI="item:Attachments"/>';
const bob = '<t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients>';

test('an item made with an attachment answers its id, which gives the bytes', async () => {
  const reply = await call(message(`<t:Subject>with</t:Subject><t:Attachments>${file}</t:Attachments>`));
  const { Id, RootItemId, RootItemChangeKey } = find(reply.body, 'AttachmentId')?.attributes ?? {};
  assert.deepEqual([RootItemId, RootItemChangeKey], [idOf(reply).id, idOf(reply).key]);
  assert.equal(find((await call(fetchAttachment(Id))).body, 'Content')?.text, 'aGVsbG8=');
});

test('an attached item comes back with its properties and with what hangs on it', async () => {
  const { id } = idOf(await call(message('<t:Subject>outer</t:Subject>')));
  const inner = `<t:ItemAttachment><t:Name>inner</t:Name><t:Contact><t:Attachments>${file}</t:Attachments><t:GivenName>Ada</t:GivenName></t:Contact></t:ItemAttachment>`;
  const made = await call(attach(id, inner));
  assert.deepEqual(codesOf(made), ['NoError']);
  const listed = (await call(getItem(id, 'IdOnly', attachments))).body;
  assert.equal(find(listed, 'ItemAttachment')?.children[2]?.text, 'message/rfc822');
  const got = await call(fetchAttachment(find(listed, 'AttachmentId')?.attributes.Id));
  assert.equal(find(got.body, 'GivenName')?.text, 'Ada');
  assert.equal(find(find(got.body, 'Contact'), 'ItemId'), undefined, 'an attached item has no id of its own');
  const nested = find(find(got.body, 'Contact'), 'AttachmentId')?.attributes.Id;
  assert.equal(find((await call(fetchAttachment(nested))).body, 'Content')?.text, 'aGVsbG8=');
});

test('attaching to one occurrence makes an exception and leaves the series alone', async () => {
  const rule =
    '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2030-04-02</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
  const times = '<t:Start>2030-04-02T09:00:00Z</t:Start><t:End>2030-04-02T10:00:00Z</t:End>';
  const { id } = idOf(await call(createEvent(times + rule)));
  const second = `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>${attachments}<t:FieldURI FieldURI="calendar:CalendarItemType"/></t:AdditionalProperties></m:ItemShape><m:ItemIds><t:OccurrenceItemId RecurringMasterId="${id}" InstanceIndex="2"/></m:ItemIds></m:GetItem>`;
  const occurrence = idOf(await call(second)).id;
  assert.deepEqual(await codes(attach(occurrence, file)), ['NoError']);
  const got = (await call(second)).body;
  assert.equal(find(got, 'CalendarItemType')?.text, 'Exception');
  const own = find(got, 'AttachmentId')?.attributes.Id;
  assert.equal(find((await call(fetchAttachment(own))).body, 'Content')?.text, 'aGVsbG8=');
  assert.equal(find((await call(getItem(id, 'IdOnly', attachments))).body, 'Attachments'), undefined);
  assert.deepEqual(await codes(`<m:DeleteAttachment>${attachmentIds([own])}</m:DeleteAttachment>`), ['NoError']);
  assert.equal(find((await call(second)).body, 'Attachments'), undefined);
});

test('ids that name no attachment are told apart', async () => {
  const { id } = idOf(await call(message('<t:Subject>x</t:Subject>')));
  assert.deepEqual(await codes(fetchAttachment('AAA', id, '')), [
    'ErrorInvalidIdMalformed',
    'ErrorInvalidAttachmentId',
    'ErrorInvalidIdEmpty',
  ]);
  assert.deepEqual(await codes(attach(id, '<t:ItemAttachment><t:Name>nothing</t:Name></t:ItemAttachment>')), [
    'ErrorMissingItemForCreateItemAttachment',
  ]);
});

test('what is saved unsent is a draft, and sending needs somebody to send to', async () => {
  const { id, both } = idOf(await call(message('<t:Subject>draft</t:Subject>')));
  const isDraft = async (item: string) =>
    find((await call(getItem(item, 'IdOnly', '<t:FieldURI FieldURI="item:IsDraft"/>'))).body, 'IsDraft')?.text;
  assert.equal(await isDraft(id), 'true');
  const send = `<m:SendItem SaveItemToFolder="true"><m:ItemIds><t:ItemId ${both}/></m:ItemIds></m:SendItem>`;
  assert.deepEqual(await codes(send), ['ErrorInvalidRecipients']);
  assert.deepEqual(await codes(message('<t:Subject>to nobody</t:Subject>', 'SendOnly')), ['ErrorInvalidRecipients']);
  const addressed = setField('message:ToRecipients', 'Message', bob);
  assert.deepEqual(await codes(update(`<t:ItemId Id="${id}"/>`, addressed)), ['ErrorMessageDispositionRequired']);
  const sending = update(`<t:ItemId Id="${id}"/>`, addressed).replace(
    ' Send',
    ' MessageDisposition="SendAndSaveCopy" Send',
  );
  const sent = await call(sending);
  assert.deepEqual(codesOf(sent), ['NoError']);
  assert.equal(await isDraft(idOf(sent).id), 'false');
  const inbox = exchange.truth.mailbox('bob@example.test')?.wellKnown('inbox').items.size;
  assert.equal(inbox, 1);
  const shown = (await call(getItem(idOf(sent).id, 'AllProperties'))).body;
  assert.equal(findAll(find(shown, 'From'), 'EmailAddress')[0]?.text, 'alice@example.test');
});
