import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { child } from '#xml/reader.ts';
import { codesOf, find, findAll, idAttributes, messagesOf, post } from './conformance/client.ts';
import { type RunningExchange, startExchange } from './start-exchange.ts';

let exchange: RunningExchange;

before(async () => {
  exchange = await startExchange({ validateResponses: true });
});

after(async () => {
  await exchange.close();
  assert.equal(exchange.control.counters().invalidResponses, 0);
});

const sync = (state: string, folder = 'contacts') =>
  `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="${folder}"/></m:SyncFolderId>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`;

const get = (id: string) =>
  `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId ${id}/></m:ItemIds></m:GetItem>`;

test('a contact can be created, synchronised, read, changed and deleted', async () => {
  const client = { url: exchange.url };
  const created = await post(
    '<m:CreateItem><m:Items><t:Contact><t:GivenName>Ada</t:GivenName><t:CompanyName>Engines</t:CompanyName><t:EmailAddresses><t:Entry Key="EmailAddress1">ada@example.test</t:Entry></t:EmailAddresses><t:Surname>Lovelace</t:Surname></t:Contact></m:Items></m:CreateItem>',
    client,
  );
  assert.deepEqual(codesOf(created), ['NoError'], created.text);
  const id = idAttributes(created.body);

  const first = await post(sync(''), client);
  assert.equal(findAll(first.body, 'Create').length, 1);
  const state = find(first.body, 'SyncState')?.text ?? '';
  assert.match(state, /^H4sI/);

  const read = await post(get(id), client);
  const contact = find(read.body, 'Contact');
  assert.equal(find(contact, 'DisplayName')?.text, 'Ada Lovelace');
  assert.equal(find(contact, 'Subject')?.text, 'Ada Lovelace - Engines');
  assert.equal(find(contact, 'FileAs')?.text, '');

  const updated = await post(
    `<m:UpdateItem ConflictResolution="NeverOverwrite"><m:ItemChanges><t:ItemChange><t:ItemId ${id}/><t:Updates><t:DeleteItemField><t:FieldURI FieldURI="contacts:GivenName"/></t:DeleteItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    client,
  );
  assert.deepEqual(codesOf(updated), ['NoError'], updated.text);
  const changed = await post(sync(state), client);
  assert.equal(findAll(changed.body, 'Update').length, 1);

  const stale = await post(
    `<m:UpdateItem ConflictResolution="NeverOverwrite"><m:ItemChanges><t:ItemChange><t:ItemId ${id}/><t:Updates><t:DeleteItemField><t:FieldURI FieldURI="contacts:Surname"/></t:DeleteItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    client,
  );
  assert.deepEqual(codesOf(stale), ['ErrorIrresolvableConflict']);

  const removed = await post(
    `<m:DeleteItem DeleteType="MoveToDeletedItems"><m:ItemIds><t:ItemId ${id}/></m:ItemIds></m:DeleteItem>`,
    client,
  );
  assert.deepEqual(codesOf(removed), ['NoError']);
  const last = await post(sync(state), client);
  assert.equal(findAll(last.body, 'Delete').length, 1);
  assert.equal(child(messagesOf(last)[0], 'IncludesLastItemInRange')?.text, 'true');
});

test('a weekly appointment with a moved occurrence shows the exception in its master and in a calendar view', async () => {
  const client = { url: exchange.url };
  const created = await post(
    '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>Review</t:Subject><t:Start>2030-03-05T09:00:00</t:Start><t:End>2030-03-05T10:00:00</t:End><t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday Thursday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2030-03-05</t:StartDate><t:NumberOfOccurrences>10</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence><t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="W. Europe Standard Time"/></t:CalendarItem></m:Items></m:CreateItem>',
    client,
  );
  assert.deepEqual(codesOf(created), ['NoError'], created.text);
  const master = find(created.body, 'ItemId')?.attributes ?? {};
  const moved = await post(
    `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange><t:OccurrenceItemId RecurringMasterId="${master.Id}" InstanceIndex="3"/><t:Updates><t:SetItemField><t:FieldURI FieldURI="calendar:Start"/><t:CalendarItem><t:Start>2030-03-12T11:00:00Z</t:Start></t:CalendarItem></t:SetItemField><t:SetItemField><t:FieldURI FieldURI="calendar:End"/><t:CalendarItem><t:End>2030-03-12T12:00:00Z</t:End></t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    client,
  );
  assert.deepEqual(codesOf(moved), ['NoError'], moved.text);

  const read = await post(get(`Id="${master.Id}"`), client);
  const item = find(read.body, 'CalendarItem');
  assert.equal(find(item, 'CalendarItemType')?.text, 'RecurringMaster');
  assert.equal(find(find(item, 'ModifiedOccurrences'), 'Start')?.text, '2030-03-12T11:00:00Z');
  assert.equal(find(find(item, 'ModifiedOccurrences'), 'OriginalStart')?.text, '2030-03-12T08:00:00Z');

  const view = await post(
    '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:CalendarView StartDate="2030-03-11T00:00:00Z" EndDate="2030-03-18T00:00:00Z"/><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>',
    client,
  );
  assert.deepEqual(
    findAll(view.body, 'CalendarItemType').map((one) => one.text),
    ['Exception', 'Occurrence'],
  );
});

test('a request that the schema does not allow is refused with the place of the mistake', async () => {
  const reply = await post(
    '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="nosuch"/></m:FolderIds></m:GetFolder>',
    { url: exchange.url },
  );
  assert.equal(reply.status, 500);
  assert.equal(find(reply.body, 'ResponseCode')?.text, 'ErrorSchemaValidation');
  assert.equal(find(reply.body, 'LineNumber')?.text, '2');
  assert.match(find(reply.body, 'Violation')?.text ?? '', /'Id' attribute.*nosuch.*Enumeration constraint/);
});
