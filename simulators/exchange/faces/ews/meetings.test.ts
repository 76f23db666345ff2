import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codesOf, find, findAll, post } from '../../conformance/client.ts';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';

let exchange: RunningExchange;

before(async () => {
  exchange = await startExchange({ validateResponses: true });
});
after(async () => {
  await exchange.close();
  assert.equal(exchange.control.counters().invalidResponses, 0);
});

const alice = () => ({ url: exchange.url });
const bob = () => ({ url: exchange.url, user: 'bob@example.test', password: 'bob-pw1' });

const meeting = (send: string, subject: string) =>
  `<m:CreateItem SendMeetingInvitations="${send}"><m:Items><t:CalendarItem><t:Subject>${subject}</t:Subject><t:Start>2030-04-02T09:00:00Z</t:Start><t:End>2030-04-02T10:00:00Z</t:End><t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees></t:CalendarItem></m:Items></m:CreateItem>`;

const list = (folder: string) =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds></m:FindItem>`;

const get = (id: string | undefined) =>
  `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:GetItem>`;

test('a meeting saved without sending tells nobody', async () => {
  const reply = await post(meeting('SendToNone', 'Quiet'), alice());
  assert.deepEqual(codesOf(reply), ['NoError'], reply.text);
  assert.equal(exchange.truth.sent.length, 0);
  assert.equal(exchange.truth.mailbox('bob@example.test')?.wellKnown('inbox').items.size, 0);
});

test('an invitation arrives, is accepted, the organizer sees it, and a cancellation reaches the attendee', async () => {
  const created = await post(meeting('SendToAllAndSaveCopy', 'Loud'), alice());
  const own = find(created.body, 'ItemId')?.attributes.Id;
  assert.equal(exchange.truth.sent.length, 1);

  const inbox = await post(list('inbox'), bob());
  const request = find(inbox.body, 'MeetingRequest');
  assert.equal(find(request, 'Subject')?.text, 'Loud');
  const requestId = find(request, 'ItemId')?.attributes;
  const calendar = await post(list('calendar'), bob());
  assert.equal(find(calendar.body, 'MyResponseType')?.text, 'NoResponseReceived');
  assert.equal(find(calendar.body, 'LegacyFreeBusyStatus')?.text, 'Tentative');
  assert.equal(find(calendar.body, 'AppointmentState')?.text, '3');
  await post(get(requestId?.Id), bob());

  const accepted = await post(
    `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:AcceptItem><t:ReferenceItemId Id="${requestId?.Id}" ChangeKey="${requestId?.ChangeKey}"/></t:AcceptItem></m:Items></m:CreateItem>`,
    bob(),
  );
  assert.deepEqual(codesOf(accepted), ['NoError'], accepted.text);
  assert.equal(find((await post(list('calendar'), bob())).body, 'MyResponseType')?.text, 'Accept');

  const seen = await post(get(own), alice());
  assert.equal(find(find(seen.body, 'RequiredAttendees'), 'ResponseType')?.text, 'Accept');
  assert.ok(find(find(seen.body, 'RequiredAttendees'), 'LastResponseTime'));
  const answers = await post(list('inbox'), alice());
  assert.equal(find(answers.body, 'MeetingResponse') !== undefined, true);

  const deleted = await post(
    `<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToAllAndSaveCopy"><m:ItemIds><t:ItemId Id="${own}"/></m:ItemIds></m:DeleteItem>`,
    alice(),
  );
  assert.deepEqual(codesOf(deleted), ['NoError']);
  const after = await post(list('calendar'), bob());
  assert.equal(find(after.body, 'Subject')?.text, 'Canceled: Loud');
  assert.equal(find(after.body, 'IsCancelled')?.text, 'true');
  assert.equal(findAll((await post(list('inbox'), bob())).body, 'MeetingCancellation').length, 1);
});

test('a message sent to a colleague arrives and a copy stays in Sent Items', async () => {
  const reply = await post(
    '<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:Message><t:Subject>Hello</t:Subject><t:Body BodyType="Text">one\ntwo</t:Body><t:ToRecipients><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>',
    alice(),
  );
  assert.deepEqual(codesOf(reply), ['NoError'], reply.text);
  const arrived = findAll((await post(list('inbox'), bob())).body, 'Message');
  assert.equal(find(arrived[0], 'Subject')?.text, 'Hello');
  const html = await post(
    `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:BodyType>HTML</t:BodyType><t:AdditionalProperties><t:FieldURI FieldURI="item:Body"/></t:AdditionalProperties></m:ItemShape><m:ItemIds><t:ItemId Id="${find(arrived[0], 'ItemId')?.attributes.Id}"/></m:ItemIds></m:GetItem>`,
    bob(),
  );
  assert.match(find(html.body, 'Body')?.text ?? '', /converted from text.*one<br>\r\ntwo/s);
});

test('a change or cancellation of one occurrence reaches that occurrence of the attendee, and leaves the others alone', async () => {
  const series = meeting('SendToAllAndSaveCopy', 'Weekly').replace(
    '</t:RequiredAttendees>',
    '</t:RequiredAttendees><t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2030-04-02</t:StartDate><t:NumberOfOccurrences>4</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>',
  );
  const master = find((await post(series, alice())).body, 'ItemId')?.attributes.Id;
  const occurrence = (index: number) => `<t:OccurrenceItemId RecurringMasterId="${master}" InstanceIndex="${index}"/>`;
  const set = (uri: string, element: string) =>
    `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${element}</t:CalendarItem></t:SetItemField>`;
  const moved = `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToAllAndSaveCopy"><m:ItemChanges><t:ItemChange>${occurrence(2)}<t:Updates>${set('item:Subject', '<t:Subject>Special</t:Subject>')}${set('calendar:Start', '<t:Start>2030-04-09T11:00:00Z</t:Start>')}${set('calendar:End', '<t:End>2030-04-09T12:00:00Z</t:End>')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;
  assert.deepEqual(codesOf(await post(moved, alice())), ['NoError']);
  const cancelled = `<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToAllAndSaveCopy"><m:ItemIds>${occurrence(3)}</m:ItemIds></m:DeleteItem>`;
  assert.deepEqual(codesOf(await post(cancelled, alice())), ['NoError']);
  const view = `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:CalendarView StartDate="2030-04-02T12:00:00Z" EndDate="2030-05-01T00:00:00Z"/><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>`;
  const seen = findAll((await post(view, bob())).body, 'CalendarItem').map((one) =>
    ['Subject', 'Start', 'IsCancelled'].map((name) => find(one, name)?.text).join(' '),
  );
  assert.deepEqual(seen, [
    'Special 2030-04-09T11:00:00Z false',
    'Canceled: Weekly 2030-04-16T09:00:00Z true',
    'Weekly 2030-04-23T09:00:00Z false',
  ]);
});
