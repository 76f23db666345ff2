import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, find, findAll, messagesOf } from '../../conformance/client.ts';
import {
  createContact,
  createEvent,
  deleteItem,
  getItem,
  idOf,
  setField,
  update,
  world,
} from '../../conformance/world.ts';

const { call, codes, exchange } = await world();
const bob = { user: 'bob@example.test', password: 'bob-pw1' };
const alices = (folder: string) =>
  `<t:DistinguishedFolderId Id="${folder}"><t:Mailbox><t:EmailAddress>alice@example.test</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>`;
const owner = '<m:Mailbox><t:EmailAddress>alice@example.test</t:EmailAddress></m:Mailbox>';
const bobsId = '<t:UserId><t:PrimarySmtpAddress>bob@example.test</t:PrimarySmtpAddress></t:UserId>';
const delegate = (levels: string, more = '') =>
  `<m:DelegateUsers><t:DelegateUser>${bobsId}<t:DelegatePermissions>${levels}</t:DelegatePermissions>${more}</t:DelegateUser></m:DelegateUsers>`;
const listing = (folder: string) =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ParentFolderIds>${alices(folder)}</m:ParentFolderIds></m:FindItem>`;
const syncing = (folder: string) =>
  `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>${alices(folder)}</m:SyncFolderId><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`;
const meeting = (subject: string, sensitivity = '') =>
  createEvent(
    `<t:Subject>${subject}</t:Subject>${sensitivity}<t:Start>2030-05-06T08:00:00Z</t:Start><t:End>2030-05-06T09:00:00Z</t:End>`,
  );

test('nobody reads a mailbox whose owner did not say so', async () => {
  assert.deepEqual(await codes(listing('calendar'), bob), ['ErrorAccessDenied']);
});

test('an owner adds, changes, lists and removes a delegate, and is told what cannot be', async () => {
  const calendar = '<t:CalendarFolderPermissionLevel>Reviewer</t:CalendarFolderPermissionLevel>';
  const added = await call(`<m:AddDelegate>${owner}${delegate(calendar)}</m:AddDelegate>`);
  assert.equal(find(messagesOf(added)[0], 'CalendarFolderPermissionLevel')?.text, 'Reviewer');
  assert.equal(find(messagesOf(added)[0], 'TasksFolderPermissionLevel')?.text, 'None');
  assert.deepEqual(await codes(`<m:AddDelegate>${owner}${delegate(calendar)}</m:AddDelegate>`), [
    'ErrorDelegateAlreadyExists',
  ]);
  const tasks = '<t:TasksFolderPermissionLevel>Editor</t:TasksFolderPermissionLevel>';
  await call(
    `<m:UpdateDelegate>${owner}${delegate(tasks)}<m:DeliverMeetingRequests>DelegatesOnly</m:DeliverMeetingRequests></m:UpdateDelegate>`,
  );
  const listed = await call(`<m:GetDelegate IncludePermissions="true">${owner}</m:GetDelegate>`);
  assert.equal(find(listed.body, 'CalendarFolderPermissionLevel')?.text, 'Reviewer');
  assert.equal(find(listed.body, 'TasksFolderPermissionLevel')?.text, 'Editor');
  assert.equal(find(listed.body, 'DeliverMeetingRequests')?.text, 'DelegatesOnly');
  assert.equal(
    (await call(`<m:GetDelegate IncludePermissions="true">${owner}</m:GetDelegate>`, bob)).body.attributes
      .ResponseClass,
    'Error',
  );
  assert.deepEqual(await codes(`<m:RemoveDelegate>${owner}<m:UserIds>${bobsId}</m:UserIds></m:RemoveDelegate>`), [
    'NoError',
  ]);
  assert.deepEqual(await codes(`<m:RemoveDelegate>${owner}<m:UserIds>${bobsId}</m:UserIds></m:RemoveDelegate>`), [
    'ErrorNotDelegate',
  ]);
  assert.deepEqual(await codes(listing('calendar'), bob), ['ErrorAccessDenied']);
});

test('a reviewer reads and changes nothing, and sees private items only when allowed to', async () => {
  await call(
    `<m:AddDelegate>${owner}${delegate('<t:CalendarFolderPermissionLevel>Reviewer</t:CalendarFolderPermissionLevel>')}</m:AddDelegate>`,
  );
  const open = idOf(await call(meeting('open')));
  const secret = idOf(await call(meeting('secret', '<t:Sensitivity>Private</t:Sensitivity>')));
  assert.equal(findAll((await call(listing('calendar'), bob)).body, 'ItemId').length, 1);
  assert.equal(findAll((await call(syncing('calendar'), bob)).body, 'Create').length, 1);
  assert.deepEqual(await codes(getItem(open.id), bob), ['NoError']);
  assert.deepEqual(await codes(getItem(secret.id), bob), ['ErrorItemNotFound']);
  const rename = update(
    `<t:ItemId ${open.both}/>`,
    setField('item:Subject', 'CalendarItem', '<t:Subject>x</t:Subject>'),
  );
  assert.deepEqual(await codes(rename, bob), ['ErrorAccessDenied']);
  assert.deepEqual(await codes(listing('contacts'), bob), ['ErrorAccessDenied']);
  await call(
    `<m:UpdateDelegate>${owner}${delegate('', '<t:ViewPrivateItems>true</t:ViewPrivateItems>')}</m:UpdateDelegate>`,
  );
  assert.deepEqual(await codes(getItem(secret.id), bob), ['NoError']);
});

test('an editor writes in the name of the delegate, and cannot move anything to Deleted Items', async () => {
  await call(
    `<m:UpdateDelegate>${owner}${delegate('<t:ContactsFolderPermissionLevel>Editor</t:ContactsFolderPermissionLevel>')}</m:UpdateDelegate>`,
  );
  const item = '<t:Contact><t:GivenName>Ada</t:GivenName></t:Contact>';
  const creating = `<m:CreateItem><m:SavedItemFolderId>${alices('contacts')}</m:SavedItemFolderId><m:Items>${item}</m:Items></m:CreateItem>`;
  const made = idOf(await call(creating, bob));
  assert.equal(exchange.truth.mailbox('alice@example.test')?.wellKnown('contacts').items.size, 1);
  assert.equal(find((await call(getItem(made.id))).body, 'LastModifiedName')?.text, 'bob');
  assert.deepEqual(await codes(deleteItem(`<t:ItemId ${made.both}/>`), bob), ['ErrorCannotDeleteObject']);
  assert.deepEqual(await codes(deleteItem(`<t:ItemId ${made.both}/>`, '', 'SoftDelete'), bob), ['NoError']);
  assert.deepEqual(await codes(createContact('<t:GivenName>Own</t:GivenName>'), bob), ['NoError']);
  assert.equal(exchange.truth.mailbox('bob@example.test')?.wellKnown('contacts').items.size, 1);
});

test('delegates survive a snapshot', async () => {
  const { startExchange } = await import('../../start-exchange.ts');
  const again = await startExchange({ estate: exchange.estate, snapshot: exchange.snapshot() });
  try {
    assert.deepEqual(
      again.truth.delegations.of('alice@example.test'),
      exchange.truth.delegations.of('alice@example.test'),
    );
    assert.equal(again.truth.delegations.of('alice@example.test').length, 1);
  } finally {
    await again.close();
  }
});

const configurationName =
  '<t:UserConfigurationName Name="Liaison"><t:DistinguishedFolderId Id="calendar"/></t:UserConfigurationName>';
const half = (name: string, text: string) => `<t:${name}><t:Type>String</t:Type><t:Value>${text}</t:Value></t:${name}>`;
const getConfiguration = `<m:GetUserConfiguration><m:UserConfigurationName Name="Liaison"><t:DistinguishedFolderId Id="calendar"/></m:UserConfigurationName><m:UserConfigurationProperties>All</m:UserConfigurationProperties></m:GetUserConfiguration>`;

test('a named setting of a folder can be stored, read, changed in parts and removed, and is no item of the folder', async () => {
  const entries = `<t:Dictionary><t:DictionaryEntry>${half('DictionaryKey', 'a &lt; b')}${half('DictionaryValue', 'yes')}</t:DictionaryEntry></t:Dictionary>`;
  const storing = (operation: string, content: string) =>
    `<m:${operation}><m:UserConfiguration>${configurationName}${content}</m:UserConfiguration></m:${operation}>`;
  assert.deepEqual(await codes(getConfiguration), ['ErrorItemNotFound']);
  const before = findAll((await call(listing('calendar'))).body, 'ItemId').length;
  assert.deepEqual(await codes(storing('CreateUserConfiguration', entries)), ['NoError']);
  assert.deepEqual(await codes(storing('CreateUserConfiguration', entries)), ['ErrorItemSave']);
  assert.deepEqual(await codes(storing('UpdateUserConfiguration', '<t:XmlData>PGEvPg==</t:XmlData>')), ['NoError']);
  const read = await call(getConfiguration);
  assert.deepEqual(
    findAll(read.body, 'Value').map((one) => one.text),
    ['a < b', 'yes'],
  );
  assert.equal(find(read.body, 'XmlData')?.text, 'PGEvPg==');
  assert.equal(findAll((await call(listing('calendar'))).body, 'ItemId').length, before);
  const removing =
    '<m:DeleteUserConfiguration><m:UserConfigurationName Name="Liaison"><t:DistinguishedFolderId Id="calendar"/></m:UserConfigurationName></m:DeleteUserConfiguration>';
  assert.deepEqual(await codes(removing), ['NoError']);
  assert.deepEqual(codesOf(await call(removing)), ['ErrorItemNotFound']);
});
