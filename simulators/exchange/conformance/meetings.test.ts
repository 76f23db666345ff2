/** Meetings between mailboxes: what each message says, who hears of a change, and answers to a part of a series. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XmlElement } from '#xml/reader.ts';
import { codesOf, find, findAll } from './client.ts';
import { deleteItem, findItems, getItem, idOf, setField, update, world } from './world.ts';

const { call } = await world();

type Person = { readonly user: string; readonly password: string };
const alice: Person = { user: 'alice@example.test', password: 'alice-pw1' };
const bob: Person = { user: 'bob@example.test', password: 'bob-pw1' };

const as = (person: Person, operation: string) => call(operation, { ...person, version: 'Exchange2013' });
const attendee = (address: string) =>
  `<t:Attendee><t:Mailbox><t:EmailAddress>${address}@example.test</t:EmailAddress></t:Mailbox></t:Attendee>`;
const invite = async (subject: string, more = '') => {
  const event = `<t:CalendarItem><t:Subject>${subject}</t:Subject><t:Start>2030-04-02T09:00:00Z</t:Start><t:End>2030-04-02T10:00:00Z</t:End><t:RequiredAttendees>${attendee('bob')}</t:RequiredAttendees>${more}</t:CalendarItem>`;
  const reply = await as(
    alice,
    `<m:CreateItem SendMeetingInvitations="SendToAllAndSaveCopy"><m:Items>${event}</m:Items></m:CreateItem>`,
  );
  return idOf(reply).id;
};

/** The newest item of a folder with all its properties. */
async function newest(person: Person, folder: string): Promise<XmlElement> {
  const { id } = idOf(await as(person, findItems('', folder)));
  const item = find((await as(person, getItem(id, 'AllProperties'))).body, 'Items')?.children[0];
  assert.ok(item !== undefined, `something in ${folder}`);
  return item;
}

const textOf = (item: XmlElement | undefined, name: string) => find(item, name)?.text;
const respond = (name: string, reference: string, more = '', disposition = 'SendAndSaveCopy') =>
  `<m:CreateItem MessageDisposition="${disposition}"><m:Items><t:${name}>${more}<t:ReferenceItemId Id="${reference}"/></t:${name}></m:Items></m:CreateItem>`;
const change = (id: string, updates: string, send = 'SendToAllAndSaveCopy') =>
  update(`<t:ItemId Id="${id}"/>`, updates).replace('"SendToNone"', `"${send}"`);

test('the kept copy of an invitation is the invitation', async () => {
  await invite('Kickoff');
  const kept = await newest(alice, 'sentitems');
  assert.equal(kept.name, 'MeetingRequest');
  assert.deepEqual([textOf(kept, 'Subject'), textOf(kept, 'Start')], ['Kickoff', '2030-04-02T09:00:00Z']);
  const arrived = await newest(bob, 'inbox');
  assert.equal(textOf(arrived, 'UID'), textOf(kept, 'UID'));
  assert.deepEqual(
    ['MeetingRequestType', 'MyResponseType', 'IsOrganizer', 'IsOutOfDate'].map((name) => textOf(arrived, name)),
    ['NewMeetingRequest', 'NoResponseReceived', 'false', 'false'],
  );
});

test('an answer carries its text and its other proposal, and stays in Sent Items', async () => {
  await invite('Lunch');
  const request = find(await newest(bob, 'inbox'), 'ItemId')?.attributes.Id ?? '';
  const text = '<t:Body BodyType="Text">later, please</t:Body>';
  const times =
    '<t:ProposedStart>2030-04-02T11:00:00Z</t:ProposedStart><t:ProposedEnd>2030-04-02T12:00:00Z</t:ProposedEnd>';
  const body = `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:TentativelyAcceptItem>${text}<t:ReferenceItemId Id="${request}"/>${times}</t:TentativelyAcceptItem></m:Items></m:CreateItem>`;
  const reply = await as(bob, body);
  assert.deepEqual(codesOf(reply), ['NoError']);
  assert.deepEqual(
    find(reply.body, 'Items')?.children.map((one) => one.name),
    ['CalendarItem', 'MeetingRequest', 'MeetingResponse'],
  );
  const answer = await newest(alice, 'inbox');
  assert.deepEqual(
    ['Body', 'ResponseType', 'ProposedStart', 'Subject'].map((name) => textOf(answer, name)),
    ['later, please', 'Tentative', '2030-04-02T11:00:00Z', 'Tentative: Lunch'],
  );
  assert.equal(textOf(await newest(bob, 'sentitems'), 'Subject'), 'Tentative: Lunch');
});

test('an update says how much it changes, makes older requests outdated, and raises the sequence', async () => {
  const id = await invite('Review');
  const first = find(await newest(bob, 'inbox'), 'ItemId')?.attributes.Id ?? '';
  await as(alice, change(id, setField('calendar:Location', 'CalendarItem', '<t:Location>R2</t:Location>')));
  const moved = await newest(bob, 'inbox');
  assert.deepEqual(
    [textOf(moved, 'MeetingRequestType'), textOf(moved, 'AppointmentSequenceNumber')],
    ['InformationalUpdate', '1'],
  );
  const later =
    setField('calendar:Start', 'CalendarItem', '<t:Start>2030-04-03T09:00:00Z</t:Start>') +
    setField('calendar:End', 'CalendarItem', '<t:End>2030-04-03T10:00:00Z</t:End>');
  await as(alice, change(id, later));
  assert.equal(textOf(await newest(bob, 'inbox'), 'MeetingRequestType'), 'FullUpdate');
  const old = (await as(bob, getItem(first, 'AllProperties'))).body;
  assert.deepEqual([textOf(old, 'MeetingRequestType'), textOf(old, 'IsOutOfDate')], ['Outdated', 'true']);
});

test('who is no longer invited hears so', async () => {
  const id = await invite('Board');
  const others = `<t:RequiredAttendees>${attendee('zed')}</t:RequiredAttendees>`;
  await as(alice, change(id, setField('calendar:RequiredAttendees', 'CalendarItem', others)));
  const arrived = await newest(bob, 'inbox');
  assert.deepEqual([arrived.name, textOf(arrived, 'Subject')], ['MeetingCancellation', 'Canceled: Board']);
});

test('an answer to one occurrence is counted there alone', async () => {
  const rule =
    '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2030-04-02</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
  const id = await invite('Standup', rule);
  const own = (await newest(bob, 'calendar')).children.find((one) => one.name === 'ItemId')?.attributes.Id ?? '';
  const occurrence = (master: string, index: number) =>
    `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds><t:OccurrenceItemId RecurringMasterId="${master}" InstanceIndex="${index}"/></m:ItemIds></m:GetItem>`;
  const second = idOf(await as(bob, occurrence(own, 2))).id;
  assert.deepEqual(codesOf(await as(bob, respond('AcceptItem', second))), ['NoError']);
  assert.equal(textOf((await as(bob, occurrence(own, 2))).body, 'MyResponseType'), 'Accept');
  assert.equal(textOf((await as(bob, occurrence(own, 1))).body, 'MyResponseType'), 'NoResponseReceived');
  const counted = async (index: number) =>
    textOf(find((await as(alice, occurrence(id, index))).body, 'Attendee'), 'ResponseType');
  assert.deepEqual([await counted(1), await counted(2)], ['Unknown', 'Accept']);
});

test('roles are kept apart: organizers do not answer, attendees do not cancel', async () => {
  const id = await invite('Roles');
  const codes = async (person: Person, operation: string) => codesOf(await as(person, operation));
  for (const [name, kind] of [
    ['AcceptItem', 'Accept'],
    ['DeclineItem', 'Decline'],
    ['TentativelyAcceptItem', 'Tentative'],
  ] as const) {
    assert.deepEqual(await codes(alice, respond(name, id)), [`ErrorCalendarIsOrganizerFor${kind}`]);
  }
  const own = find(await newest(bob, 'calendar'), 'ItemId')?.attributes.Id ?? '';
  assert.deepEqual(await codes(bob, respond('CancelCalendarItem', own)), ['ErrorCalendarIsNotOrganizer']);
  const silent = respond('AcceptItem', own).replace(' MessageDisposition="SendAndSaveCopy"', '');
  assert.deepEqual(await codes(bob, silent), ['ErrorMessageDispositionRequired']);
  await as(alice, deleteItem(`<t:ItemId Id="${id}"/>`, 'SendMeetingCancellations="SendToAllAndSaveCopy"'));
  assert.deepEqual(await codes(bob, respond('AcceptItem', own)), ['ErrorCalendarIsCancelledForAccept']);
  assert.equal((await newest(alice, 'sentitems')).name, 'MeetingCancellation');
});

test('a reply goes to the author, a reply to all to everybody else too, and both keep the thread', async () => {
  const people = (name: string, ...addresses: readonly string[]) =>
    `<t:${name}>${addresses.map((one) => `<t:Mailbox><t:EmailAddress>${one}@example.test</t:EmailAddress></t:Mailbox>`).join('')}</t:${name}>`;
  const mail = `<t:Message><t:Subject>RE: Plans</t:Subject>${people('ToRecipients', 'bob', 'zed')}${people('CcRecipients', 'yan')}</t:Message>`;
  await as(alice, `<m:CreateItem MessageDisposition="SendOnly"><m:Items>${mail}</m:Items></m:CreateItem>`);
  const arrived = await newest(bob, 'inbox');
  const id = find(arrived, 'ItemId')?.attributes.Id ?? '';
  await as(bob, respond('ReplyToItem', id));
  await as(bob, respond('ReplyAllToItem', id));
  const both = findAll((await as(bob, findItems('', 'sentitems'))).body, 'ItemId').slice(0, 2);
  const sent = async (at: number) => (await as(bob, getItem(both[at]?.attributes.Id ?? '', 'AllProperties'))).body;
  const addressed = (item: XmlElement) => findAll(find(item, 'ToRecipients'), 'EmailAddress').map((one) => one.text);
  assert.deepEqual(addressed(await sent(1)), ['alice@example.test']);
  assert.deepEqual(addressed(await sent(0)), ['alice@example.test', 'zed@example.test']);
  assert.deepEqual(
    [textOf(await sent(1), 'Subject'), textOf(await sent(1), 'InReplyTo')],
    ['RE: Plans', textOf(arrived, 'InternetMessageId')],
  );
});
