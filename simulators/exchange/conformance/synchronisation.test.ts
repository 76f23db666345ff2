import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, findAll } from './client.ts';
import { createContact, createEvent, deleteItem, idOf, setField, syncItems, update, world } from './world.ts';

const { exchange, call, codes } = await world({
  mailboxes: [
    { address: 'alice@example.test', password: 'alice-pw1' },
    { address: 'bob@example.test', password: 'bob-pw1', seed: { contacts: 1300 } },
  ],
});
const bob = { user: 'bob@example.test', password: 'bob-pw1' };
const stateOf = (reply: Awaited<ReturnType<typeof call>>) => find(reply.body, 'SyncState')?.text ?? '';
const isLast = (reply: Awaited<ReturnType<typeof call>>) =>
  find(reply.body, 'IncludesLastItemInRange')?.text === 'true';
const kinds = (reply: Awaited<ReturnType<typeof call>>) =>
  find(reply.body, 'Changes')?.children.map((one) => one.name) ?? [];
const current = async (folder = 'contacts') => stateOf(await call(syncItems('', 512, folder)));
const contact = async (name: string) => idOf(await call(createContact(`<t:GivenName>${name}</t:GivenName>`)));
const rename = (id: string, name: string) =>
  call(
    update(`<t:ItemId Id="${id}"/>`, setField('contacts:GivenName', 'Contact', `<t:GivenName>${name}</t:GivenName>`)),
  );

test('SYN-01: 1300 items come in pages of 512, 512 and 276', async () => {
  let state = '';
  const sizes: number[] = [];
  for (let last = false; !last; ) {
    const reply = await call(syncItems(state), bob);
    sizes.push(findAll(reply.body, 'Create').length);
    last = isLast(reply);
    state = stateOf(reply);
  }
  assert.deepEqual(sizes, [512, 512, 276]);
});

test('SYN-02: no changes asked, or more than 512, is a schema fault', async () => {
  for (const max of [0, 513]) assert.equal((await call(syncItems('', max))).status, 500);
});

test('SYN-03: the same state twice gives the same changes', async () => {
  const state = await current();
  await contact('Three');
  const [first, second] = [await call(syncItems(state)), await call(syncItems(state))];
  assert.deepEqual(find(first.body, 'Changes'), find(second.body, 'Changes'));
});

test('SYN-04: nothing new is an empty answer with another state', async () => {
  const state = await current();
  const reply = await call(syncItems(state));
  assert.match(reply.text, /<m:IncludesLastItemInRange>true<\/m:IncludesLastItemInRange><m:Changes\/>/);
  assert.notEqual(stateOf(reply), state);
  assert.ok(state.length >= 400 && state.length <= 700, String(state.length));
});

test('SYN-05: an item changed many times comes once, in its final kind', async () => {
  const before = await current();
  const { id } = await contact('Five');
  await rename(id, 'Five a');
  await rename(id, 'Five b');
  const created = await call(syncItems(before));
  assert.deepEqual(kinds(created), ['Create']);
  await rename(id, 'Five c');
  await rename(id, 'Five d');
  assert.deepEqual(kinds(await call(syncItems(stateOf(created)))), ['Update']);
});

test('SYN-06: a move is a delete here and a create with a new id there', async () => {
  const { id } = await contact('Six');
  const [here, there] = [await current(), await current('deleteditems')];
  await call(deleteItem(`<t:ItemId Id="${id}"/>`));
  const left = await call(syncItems(here));
  assert.deepEqual(kinds(left), ['Delete']);
  assert.equal(find(find(left.body, 'Delete'), 'ItemId')?.attributes.Id, id);
  const arrived = await call(syncItems(there, 512, 'deleteditems'));
  assert.deepEqual(kinds(arrived), ['Create']);
  assert.notEqual(idOf(arrived).id, id);
});

test('SYN-07: a state of another folder, or a cut one, is refused with an empty state', async () => {
  const state = await current();
  for (const [bad, folder] of [
    [state, 'tasks'],
    [state.slice(0, -12), 'contacts'],
  ] as const) {
    const reply = await call(syncItems(bad, 512, folder));
    assert.match(
      reply.text,
      /ErrorInvalidSyncStateData.*<m:SyncState\/><m:IncludesLastItemInRange>true<\/m:IncludesLastItemInRange><\/m:SyncFolderItemsResponseMessage>/,
    );
  }
});

test('SYN-09: bodies and attendees never come with changes', async () => {
  const state = await current('calendar');
  await call(
    createEvent(
      '<t:Subject>Nine</t:Subject><t:Body BodyType="Text">secret</t:Body><t:Start>2030-01-01T10:00:00Z</t:Start><t:End>2030-01-01T11:00:00Z</t:End><t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>',
    ),
  );
  const more =
    '<t:FieldURI FieldURI="item:Body"/><t:FieldURI FieldURI="calendar:RequiredAttendees"/><t:FieldURI FieldURI="item:Subject"/>';
  const reply = await call(syncItems(state, 512, 'calendar', more));
  assert.equal(find(reply.body, 'Subject')?.text, 'Nine');
  assert.equal(find(reply.body, 'Body'), undefined);
  assert.equal(find(reply.body, 'RequiredAttendees'), undefined);
});

test('SYN-10: a changed occurrence is an update of its series alone', async () => {
  const made = await call(
    createEvent(
      '<t:Subject>Ten</t:Subject><t:Start>2030-01-01T10:00:00Z</t:Start><t:End>2030-01-01T11:00:00Z</t:End><t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2030-01-01</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>',
    ),
  );
  const state = await current('calendar');
  await call(
    update(
      `<t:OccurrenceItemId RecurringMasterId="${idOf(made).id}" InstanceIndex="2"/>`,
      setField('item:Subject', 'CalendarItem', '<t:Subject>Other</t:Subject>'),
    ),
  );
  const reply = await call(syncItems(state, 512, 'calendar'));
  assert.deepEqual(kinds(reply), ['Update']);
  assert.equal(idOf(reply).id, idOf(made).id);
});

test('SYN-11: ignored items are left out, now and later', async () => {
  const { id } = await contact('Eleven');
  const state = await current();
  await rename(id, 'Eleven a');
  const ignored = await call(syncItems(state, 512, 'contacts', '', `<m:Ignore><t:ItemId Id="${id}"/></m:Ignore>`));
  assert.deepEqual(kinds(ignored), []);
  assert.deepEqual(kinds(await call(syncItems(stateOf(ignored)))), []);
});

test('SYN-12: a message marked read is a change of its read flag alone', async () => {
  await call(
    '<m:CreateItem MessageDisposition="SendOnly"><m:Items><t:Message><t:Subject>Read me</t:Subject><t:ToRecipients><t:Mailbox><t:EmailAddress>alice@example.test</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>',
    bob,
  );
  const first = await call(syncItems('', 512, 'inbox'));
  const what = `<t:ItemId ${idOf(first).both}/>`;
  const marked = await call(
    `<m:UpdateItem MessageDisposition="SaveOnly" ConflictResolution="AlwaysOverwrite"><m:ItemChanges><t:ItemChange>${what}<t:Updates>${setField('message:IsRead', 'Message', '<t:IsRead>true</t:IsRead>')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
  );
  assert.equal(idOf(marked).key, 'CQAAAA==');
  const reply = await call(syncItems(stateOf(first), 512, 'inbox'));
  assert.deepEqual(kinds(reply), ['ReadFlagChange']);
  assert.equal(find(reply.body, 'IsRead')?.text, 'true');
});

test('SYN-18: the newest change comes first', async () => {
  const state = await current();
  const [one, two] = [await contact('Old'), await contact('New')];
  const reply = await call(syncItems(state));
  assert.deepEqual(
    findAll(reply.body, 'ItemId').map((item) => item.attributes.Id),
    [two.id, one.id],
  );
});

test('PRF-01: the first synchronisation of many items takes as many calls as there are pages', () => {
  const calls = exchange.control
    .log()
    .filter((one) => one.mailbox === 'bob@example.test' && one.operation === 'SyncFolderItems');
  assert.equal(calls.length, Math.ceil(1300 / 512));
});

test('SYN: a folder of the wrong name is not found', async () => {
  const wrong = syncItems('').replace('<t:DistinguishedFolderId Id="contacts"/>', '<t:FolderId Id="AAAA"/>');
  assert.deepEqual(await codes(wrong), ['ErrorInvalidIdMalformed']);
});
