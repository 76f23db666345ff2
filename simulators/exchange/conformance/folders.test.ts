import assert from 'node:assert/strict';
import { test } from 'node:test';
import { child } from '#xml/reader.ts';
import { codesOf, find, findAll, messagesOf } from './client.ts';
import { createContact, getFolder, world } from './world.ts';

const { call, codes } = await world();

const create = (name: string, kind = 'ContactsFolder', parent = 'contacts') =>
  `<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="${parent}"/></m:ParentFolderId><m:Folders><t:${kind}><t:DisplayName>${name}</t:DisplayName></t:${kind}></m:Folders></m:CreateFolder>`;
const hierarchy = (state = '') =>
  `<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}</m:SyncFolderHierarchy>`;
const folderId = (reply: Awaited<ReturnType<typeof call>>) => find(reply.body, 'FolderId')?.attributes ?? {};

test('FLD-01: a second folder of the same name is refused with an empty list of folders', async () => {
  assert.deepEqual(await codes(create('Twice')), ['NoError']);
  const reply = await call(create('Twice'));
  assert.deepEqual(codesOf(reply), ['ErrorFolderExists']);
  assert.match(
    reply.text,
    /A folder with the specified name already exists\.<\/m:MessageText>.*<m:DescriptiveLinkKey>0<\/m:DescriptiveLinkKey><m:Folders\/>/,
  );
});

test('FLD-02: two folders, one with a malformed id, give two answers in order', async () => {
  const reply = await call(
    '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="tasks"/><t:FolderId Id="nonsense"/></m:FolderIds></m:GetFolder>',
  );
  assert.deepEqual(codesOf(reply), ['NoError', 'ErrorInvalidIdMalformed']);
  assert.equal(child(messagesOf(reply)[1], 'MessageText')?.text, 'Id is malformed.');
});

test('FLD-03: a distinguished folder cannot be deleted, and the answer has no payload', async () => {
  const reply = await call(
    '<m:DeleteFolder DeleteType="HardDelete"><m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:DeleteFolder>',
  );
  assert.deepEqual(codesOf(reply), ['ErrorDeleteDistinguishedFolder']);
  assert.match(reply.text, /<m:DescriptiveLinkKey>0<\/m:DescriptiveLinkKey><\/m:DeleteFolderResponseMessage>/);
});

test('FLD-04: a moved folder keeps its id, takes a new key and is an update of the hierarchy', async () => {
  const made = folderId(await call(create('Mover')));
  const state = find((await call(hierarchy())).body, 'SyncState')?.text ?? '';
  const moved = folderId(
    await call(
      `<m:MoveFolder><m:ToFolderId><t:DistinguishedFolderId Id="msgfolderroot"/></m:ToFolderId><m:FolderIds><t:FolderId Id="${made.Id}"/></m:FolderIds></m:MoveFolder>`,
    ),
  );
  assert.equal(moved.Id, made.Id);
  assert.notEqual(moved.ChangeKey, made.ChangeKey);
  const changes = await call(hierarchy(state));
  assert.deepEqual(
    findAll(changes.body, 'Update').map((one) => find(one, 'DisplayName')?.text),
    ['Mover'],
  );
});

test('FLD-05: a new item is no change of the hierarchy', async () => {
  const state = find((await call(hierarchy())).body, 'SyncState')?.text ?? '';
  await call(createContact('<t:GivenName>Ada</t:GivenName>'));
  const changes = await call(hierarchy(state));
  assert.match(changes.text, /<m:IncludesLastFolderInRange>true<\/m:IncludesLastFolderInRange><m:Changes\/>/);
});

test('FLD: renaming, copying, emptying and deleting a folder', async () => {
  const made = folderId(await call(create('Old name')));
  const reference = `<t:FolderId Id="${made.Id}"/>`;
  const renamed = `<m:UpdateFolder><m:FolderChanges><t:FolderChange>${reference}<t:Updates><t:SetFolderField><t:FieldURI FieldURI="folder:DisplayName"/><t:ContactsFolder><t:DisplayName>New name</t:DisplayName></t:ContactsFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>`;
  assert.deepEqual(await codes(renamed), ['NoError']);
  const copy = folderId(
    await call(
      `<m:CopyFolder><m:ToFolderId><t:DistinguishedFolderId Id="msgfolderroot"/></m:ToFolderId><m:FolderIds>${reference}</m:FolderIds></m:CopyFolder>`,
    ),
  );
  assert.notEqual(copy.Id, made.Id);
  assert.deepEqual(
    await codes(
      `<m:EmptyFolder DeleteType="HardDelete" DeleteSubFolders="true"><m:FolderIds>${reference}</m:FolderIds></m:EmptyFolder>`,
    ),
    ['NoError'],
  );
  assert.deepEqual(
    await codes(`<m:DeleteFolder DeleteType="HardDelete"><m:FolderIds>${reference}</m:FolderIds></m:DeleteFolder>`),
    ['NoError'],
  );
  const gone = await call(
    `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>${reference}</m:FolderIds></m:GetFolder>`,
  );
  assert.deepEqual(codesOf(gone), ['ErrorItemNotFound']);
});

test('FLD: the cheap probe for changes moves when an item does', async () => {
  const probe = getFolder().replace(
    '<t:BaseShape>IdOnly</t:BaseShape>',
    '<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:ExtendedFieldURI PropertyTag="0x670a" PropertyType="SystemTime"/><t:ExtendedFieldURI PropertyTag="26379" PropertyType="Integer"/></t:AdditionalProperties>',
  );
  const reply = await call(probe);
  assert.equal(findAll(reply.body, 'ExtendedProperty').length, 2);
  assert.match(reply.text, /PropertyTag="0x670b" PropertyType="Integer"\/><t:Value>0</);
});

const one = (reference: string, more = '', shape = 'IdOnly') =>
  `<m:GetFolder><m:FolderShape><t:BaseShape>${shape}</t:BaseShape>${more === '' ? '' : `<t:AdditionalProperties>${more}</t:AdditionalProperties>`}</m:FolderShape><m:FolderIds>${reference}</m:FolderIds></m:GetFolder>`;
const make = (content: string) =>
  `<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="msgfolderroot"/></m:ParentFolderId><m:Folders>${content}</m:Folders></m:CreateFolder>`;
const changeFolder = (id: string, updates: string) =>
  `<m:UpdateFolder><m:FolderChanges><t:FolderChange><t:FolderId Id="${id}"/><t:Updates>${updates}</t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>`;

test('FLD: a folder keeps properties and permissions that clients give it', async () => {
  const comment = '<t:ExtendedFieldURI PropertyTag="0x3004" PropertyType="String"/>';
  const made = await call(
    make(
      `<t:Folder><t:DisplayName>Kept</t:DisplayName><t:ExtendedProperty>${comment}<t:Value>first</t:Value></t:ExtendedProperty></t:Folder>`,
    ),
  );
  const id = find(made.body, 'FolderId')?.attributes.Id ?? '';
  const value = async () => find((await call(one(`<t:FolderId Id="${id}"/>`, comment))).body, 'Value')?.text;
  assert.equal(await value(), 'first');
  const reader =
    '<t:PermissionSet><t:Permissions><t:Permission><t:UserId><t:PrimarySmtpAddress>bob@example.test</t:PrimarySmtpAddress></t:UserId><t:PermissionLevel>Reviewer</t:PermissionLevel></t:Permission></t:Permissions></t:PermissionSet>';
  const both = `<t:SetFolderField>${comment}<t:Folder><t:ExtendedProperty>${comment}<t:Value>second</t:Value></t:ExtendedProperty></t:Folder></t:SetFolderField><t:SetFolderField><t:FieldURI FieldURI="folder:PermissionSet"/><t:Folder>${reader}</t:Folder></t:SetFolderField>`;
  assert.deepEqual(await codes(changeFolder(id, both)), ['NoError']);
  assert.equal(await value(), 'second');
  const set = find(
    (await call(one(`<t:FolderId Id="${id}"/>`, '<t:FieldURI FieldURI="folder:PermissionSet"/>'))).body,
    'Permission',
  );
  assert.deepEqual(
    ['PrimarySmtpAddress', 'ReadItems', 'EditItems', 'PermissionLevel'].map((name) => find(set, name)?.text),
    ['bob@example.test', 'FullDetails', 'None', 'Reviewer'],
  );
  const gone = `<t:DeleteFolderField>${comment}</t:DeleteFolderField>`;
  assert.deepEqual(await codes(changeFolder(id, gone)), ['NoError']);
  assert.equal(await value(), undefined);
  const renamed =
    '<t:SetFolderField><t:FieldURI FieldURI="folder:TotalCount"/><t:Folder><t:TotalCount>3</t:TotalCount></t:Folder></t:SetFolderField>';
  assert.deepEqual(await codes(changeFolder(id, renamed)), ['ErrorInvalidPropertySet']);
});

test('FLD: deleting goes through a name that Deleted Items has already, and calendars are not emptied', async () => {
  for (const _ of ['once', 'again']) {
    const made = await call(make('<t:Folder><t:DisplayName>Twice</t:DisplayName></t:Folder>'));
    const id = find(made.body, 'FolderId')?.attributes.Id;
    const away = `<m:DeleteFolder DeleteType="MoveToDeletedItems"><m:FolderIds><t:FolderId Id="${id}"/></m:FolderIds></m:DeleteFolder>`;
    assert.deepEqual(await codes(away), ['NoError']);
  }
  const empty =
    '<m:EmptyFolder DeleteType="HardDelete" DeleteSubFolders="false"><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:EmptyFolder>';
  assert.deepEqual(await codes(empty), ['ErrorCannotEmptyFolder']);
});

test("FLD: of colleagues' folders only the calendar is known to exist", async () => {
  const of = (folder: string, address: string) =>
    one(
      `<t:DistinguishedFolderId Id="${folder}"><t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>`,
    );
  assert.deepEqual(await codes(of('inbox', 'bob@example.test')), ['ErrorFolderNotFound']);
  assert.deepEqual(await codes(of('calendar', 'bob@example.test')), ['ErrorAccessDenied']);
  assert.deepEqual(await codes(of('inbox', 'nobody@example.test')), ['ErrorNonExistentMailbox']);
});
