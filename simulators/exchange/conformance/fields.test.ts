/** Every property that can be written, on an old and a new build: what goes in comes out, can be replaced, and deleted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { XmlElement } from '#xml/reader.ts';
import { codesOf, find, findAll } from './client.ts';
import { type FieldCase, fieldCases } from './field-values.ts';
import { deleteField, getItem, idOf, setField, update, type World, world } from './world.ts';

const starts = {
  Contact: '',
  CalendarItem: '<t:Start>2030-04-02T09:00:00Z</t:Start><t:End>2030-04-02T10:00:00Z</t:End>',
  Task: '',
  Message: '',
};

/** Texts inside an element in document order, as the test compares values. */
function textsOf(element: XmlElement | undefined): readonly string[] {
  if (element === undefined) return [];
  return element.children.length === 0 ? [element.text] : element.children.flatMap(textsOf);
}

const decoded = (markup: string) => markup.replaceAll('&lt;', '<').replaceAll('&amp;', '&');
const wantedTexts = (markup: string) =>
  (markup.startsWith('<t:') ? [...markup.matchAll(/>([^<]+)</g)].map((one) => one[1] ?? '') : [markup]).map(decoded);

for (const [version, request] of [
  ['2010sp3', 'Exchange2010_SP2'],
  ['se', 'Exchange2013'],
] as const) {
  const server = await world({ version });
  for (const kind of ['Contact', 'CalendarItem', 'Task', 'Message'] as const) {
    const cases = fieldCases[kind].filter((one) => one.since === undefined || request === one.since);
    test(`every property of a ${kind} can be written and read on a ${version} server`, async () => {
      await roundTrip(server, kind, cases, request);
    });
  }
}

async function roundTrip(server: World, kind: keyof typeof starts, cases: readonly FieldCase[], version: string) {
  const call = (operation: string) => server.call(operation, { version });
  const attributes = 'MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"';
  const created = await call(
    `<m:CreateItem ${attributes}><m:Items><t:${kind}>${starts[kind]}</t:${kind}></m:Items></m:CreateItem>`,
  );
  const item = `<t:ItemId Id="${idOf(created).id}"/>`;
  const change = async (updates: string) =>
    codesOf(await call(update(item, updates).replace('ConflictResolution', 'MessageDisposition="SaveOnly" $&')));
  for (const { uri, values, isDeletable } of cases) {
    const name = uri.slice(uri.indexOf(':') + 1);
    const read = async () =>
      find((await call(getItem(idOf(created).id, 'IdOnly', `<t:FieldURI FieldURI="${uri}"/>`))).body, name);
    for (const value of values) {
      assert.deepEqual(await change(setField(uri, kind, `<t:${name}>${value}</t:${name}>`)), ['NoError'], uri);
      const shown = textsOf(await read());
      for (const one of wantedTexts(value)) assert.ok(shown.includes(one), `${uri}: ${one} in ${shown}`);
    }
    assert.deepEqual(await change(deleteField(uri)), [isDeletable ? 'NoError' : 'ErrorInvalidPropertyDelete'], uri);
    const left = textsOf(await read());
    const stays = ['item:Subject', 'contacts:DisplayName'].includes(uri) && kind === 'Contact';
    const isFlag = ['true', 'false', ''].includes(left.join()) || uri === 'contacts:FileAsMapping';
    if (isDeletable && !stays && !isFlag) assert.deepEqual(left, [], `${uri} is gone`);
  }
}

test('what only the server or the directory says cannot be written', async () => {
  const { call } = await world();
  const contact = idOf(await call('<m:CreateItem><m:Items><t:Contact/></m:Items></m:CreateItem>')).id;
  const event = idOf(
    await call(
      `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem>${starts.CalendarItem}</t:CalendarItem></m:Items></m:CreateItem>`,
    ),
  ).id;
  const refused = async (id: string, kind: string, uri: string, value: string) => {
    const name = uri.slice(uri.indexOf(':') + 1);
    const reply = await call(update(`<t:ItemId Id="${id}"/>`, setField(uri, kind, `<t:${name}>${value}</t:${name}>`)));
    assert.deepEqual(codesOf(reply), ['ErrorInvalidPropertySet'], uri);
    assert.equal(findAll(reply.body, 'FieldURI')[0]?.attributes.FieldURI, uri);
  };
  await refused(contact, 'Contact', 'contacts:Alias', 'a');
  await refused(contact, 'Contact', 'contacts:PhoneticFirstName', 'a');
  await refused(contact, 'Contact', 'contacts:HasPicture', 'true');
  await refused(contact, 'Contact', 'item:LastModifiedName', 'a');
  await refused(event, 'CalendarItem', 'calendar:AppointmentReplyTime', '2030-01-01T00:00:00Z');
  await refused(event, 'CalendarItem', 'calendar:AppointmentSequenceNumber', '3');
  await refused(event, 'CalendarItem', 'calendar:IsMeeting', 'true');
});

for (const [version, request, schema] of [
  ['2010sp3', 'Exchange2010_SP2', 'exchange2010-sp2'],
  ['2013', 'Exchange2013_SP1', 'exchange2013-sp1'],
  ['se', 'Exchange2016', 'exchange-se-15.2.2562'],
] as const) {
  test(`every path of its schema can be asked of every kind of item on a ${version} server`, async () => {
    const { call } = await world({ version });
    const text = readFileSync(new URL(`../schema/${schema}/types.xsd`, import.meta.url), 'utf8');
    const list = /name="UnindexedFieldURIType"([\s\S]*?)<\/xs:simpleType>/.exec(text)?.[1] ?? '';
    const uris = [
      ...list.matchAll(
        /value="((?:item|message|calendar|contacts|task|meeting|meetingRequest|distributionlist):\w+)"/g,
      ),
    ];
    assert.ok(uris.length > 150);
    const paths = uris.map((one) => `<t:FieldURI FieldURI="${one[1]}"/>`).join('');
    const attendee =
      '<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>';
    const event = `<t:CalendarItem>${starts.CalendarItem}${attendee}</t:CalendarItem>`;
    const items = `<t:Message/><t:Contact/><t:Task/><t:DistributionList/>${event}`;
    await call(
      `<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToAllAndSaveCopy"><m:Items>${items}</m:Items></m:CreateItem>`,
      { version: request },
    );
    const all = ['drafts', 'contacts', 'tasks', 'calendar', 'sentitems'].map(
      (id) => `<t:DistinguishedFolderId Id="${id}"/>`,
    );
    const found = await call(
      `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:ParentFolderIds>${all.join('')}</m:ParentFolderIds></m:FindItem>`,
    );
    const ids = findAll(found.body, 'ItemId').map((one) => `<t:ItemId Id="${one.attributes.Id}"/>`);
    assert.equal(ids.length, 6);
    const shape = `<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>${paths}</t:AdditionalProperties></m:ItemShape>`;
    const got = await call(`<m:GetItem>${shape}<m:ItemIds>${ids.join('')}</m:ItemIds></m:GetItem>`, {
      version: request,
    });
    assert.deepEqual(codesOf(got), Array(6).fill('NoError'));
  });
}
