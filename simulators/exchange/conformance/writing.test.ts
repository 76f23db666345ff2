import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, find, findAll } from './client.ts';
import {
  createContact,
  createEvent,
  createTask,
  deleteField,
  deleteItem,
  findItems,
  getItem,
  idOf,
  setField,
  update,
  world,
} from './world.ts';

const { call, codes } = await world();

const contact = async (content = '<t:GivenName>Ada</t:GivenName><t:JobTitle>Analyst</t:JobTitle>') =>
  idOf(await call(createContact(content)));
const itemId = (attributes: string) => `<t:ItemId ${attributes}/>`;
const given = (name: string) => setField('contacts:GivenName', 'Contact', `<t:GivenName>${name}</t:GivenName>`);
const job = (title: string) => setField('contacts:JobTitle', 'Contact', `<t:JobTitle>${title}</t:JobTitle>`);
const linkUri =
  '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="crm-link-id" PropertyType="String"/>';

test('WRT-01: a contact does not go into a calendar', async () => {
  const into = createContact('<t:GivenName>x</t:GivenName>').replace(
    '<m:Items>',
    '<m:SavedItemFolderId><t:DistinguishedFolderId Id="calendar"/></m:SavedItemFolderId><m:Items>',
  );
  assert.deepEqual(await codes(into), ['ErrorCannotCreateContactInNonContactFolder']);
});

test('WRT-02: a new appointment must say whether to send invitations', async () => {
  const silent = createEvent('<t:Subject>x</t:Subject>').replace(' SendMeetingInvitations="SendToNone"', '');
  assert.deepEqual(await codes(silent), ['ErrorSendMeetingInvitationsRequired']);
});

test('WRT-03: one bad item of three does not harm the others', async () => {
  const event = (more: string) => `<t:CalendarItem><t:Start>2030-01-01T10:00:00Z</t:Start>${more}</t:CalendarItem>`;
  const good = event('<t:End>2030-01-01T11:00:00Z</t:End>');
  const three = createEvent('').replace(
    '<t:CalendarItem></t:CalendarItem>',
    good + event('<t:End>2030-01-01T09:00:00Z</t:End>') + good,
  );
  assert.deepEqual(await codes(three), ['NoError', 'ErrorCalendarEndDateIsEarlierThanStartDate', 'NoError']);
});

test('WRT-04: two properties in one set are refused', async () => {
  const { id } = await contact();
  const both = setField('contacts:GivenName', 'Contact', '<t:GivenName>A</t:GivenName><t:JobTitle>B</t:JobTitle>');
  assert.deepEqual(await codes(update(itemId(`Id="${id}"`), both)), ['ErrorIncorrectUpdatePropertyCount']);
});

test('WRT-05: the path and the element of a set must agree', async () => {
  const { id } = await contact();
  const wrong = setField('contacts:GivenName', 'Contact', '<t:Surname>B</t:Surname>');
  assert.deepEqual(await codes(update(itemId(`Id="${id}"`), wrong)), ['ErrorUpdatePropertyMismatch']);
});

test('WRT-06: a deleted property is gone', async () => {
  const { id } = await contact();
  await call(update(itemId(`Id="${id}"`), deleteField('contacts:JobTitle')));
  assert.equal(find((await call(getItem(id))).body, 'JobTitle'), undefined);
});

test('WRT-07: a read-only property is refused by name', async () => {
  const { id } = await contact();
  const reply = await call(
    update(
      itemId(`Id="${id}"`),
      setField('contacts:CompleteName', 'Contact', '<t:CompleteName><t:FirstName>X</t:FirstName></t:CompleteName>'),
    ),
  );
  assert.deepEqual(codesOf(reply), ['ErrorInvalidPropertySet']);
  assert.match(reply.text, /<m:MessageXml><t:FieldURI FieldURI="contacts:CompleteName"\/><\/m:MessageXml><m:Items\/>/);
  const event = await codes(createEvent('<t:Subject>x</t:Subject><t:IsMeeting>true</t:IsMeeting>'));
  assert.deepEqual(event, ['ErrorInvalidPropertySet']);
});

test('WRT-08: deleting a task must say which occurrences are meant', async () => {
  const { id } = idOf(await call(createTask('<t:Subject>x</t:Subject>')));
  assert.deepEqual(await codes(deleteItem(itemId(`Id="${id}"`), '')), ['ErrorAffectedTaskOccurrencesRequired']);
  assert.deepEqual(await codes(deleteItem(itemId(`Id="${id}"`), 'AffectedTaskOccurrences="AllOccurrences"')), [
    'NoError',
  ]);
});

test('WRT: deleting what is gone says so twice on newer servers, without a payload', async () => {
  const { id } = await contact();
  await call(deleteItem(itemId(`Id="${id}"`), '', 'HardDelete'));
  const reply = await call(deleteItem(itemId(`Id="${id}"`), '', 'HardDelete'));
  assert.match(
    reply.text,
    /not found in the store\., The process failed to get the correct properties\..*<m:DescriptiveLinkKey>0<\/m:DescriptiveLinkKey><\/m:DeleteItemResponseMessage>/,
  );
});

test('CNF-01: NeverOverwrite refuses a stale key and changes nothing', async () => {
  const stale = await contact();
  await call(update(itemId(stale.both), given('Other')));
  assert.deepEqual(await codes(update(itemId(stale.both), job('Boss'), 'NeverOverwrite')), [
    'ErrorIrresolvableConflict',
  ]);
  assert.equal(find((await call(getItem(stale.id))).body, 'JobTitle')?.text, 'Analyst');
});

test('CNF-02: AutoResolve merges a stale write of another property', async () => {
  const stale = await contact();
  await call(update(itemId(stale.both), setField('item:Importance', 'Contact', '<t:Importance>High</t:Importance>')));
  const reply = await call(update(itemId(stale.both), job('Boss'), 'AutoResolve'));
  assert.deepEqual(codesOf(reply), ['NoError']);
  assert.equal(find(find(reply.body, 'ConflictResults'), 'Count')?.text, '0');
  const read = await call(getItem(stale.id));
  assert.equal(find(read.body, 'Importance')?.text, 'High');
  assert.equal(find(read.body, 'JobTitle')?.text, 'Boss');
});

test('CNF-03: AutoResolve refuses a stale write of the same property', async () => {
  const stale = await contact();
  await call(update(itemId(stale.both), job('First')));
  assert.deepEqual(await codes(update(itemId(stale.both), job('Second'), 'AutoResolve')), [
    'ErrorIrresolvableConflict',
  ]);
});

test('CNF-04: AlwaysOverwrite wins with a stale key', async () => {
  const stale = await contact();
  await call(update(itemId(stale.both), job('First')));
  assert.deepEqual(await codes(update(itemId(stale.both), job('Second'))), ['NoError']);
});

test('CNF-05: what is no key at all is refused as such', async () => {
  const { id } = await contact();
  assert.deepEqual(await codes(update(itemId(`Id="${id}" ChangeKey="zz"`), job('x'), 'NeverOverwrite')), [
    'ErrorInvalidChangeKey',
  ]);
  assert.deepEqual(await codes(update(itemId(`Id="${id}"`), job('x'), 'NeverOverwrite')), [
    'ErrorChangeKeyRequiredForWriteOperations',
  ]);
});

test('CNF: an update that changes nothing leaves the key as it is, one that changes raises it by one', async () => {
  const first = await contact();
  const same = idOf(await call(update(itemId(first.both), job('Analyst'))));
  assert.equal(same.key, first.key);
  const next = idOf(await call(update(itemId(first.both), job('Other'))));
  const counter = (key: string) => Buffer.from(key, 'base64').readUIntBE(24, 6);
  assert.equal(counter(next.key), counter(first.key) + 1);
});

test('EXT-01: a link key goes in and comes back, and an unset one is absent', async () => {
  const { id } = await contact(
    `<t:ExtendedProperty>${linkUri}<t:Value>42</t:Value></t:ExtendedProperty><t:GivenName>x</t:GivenName>`,
  );
  const read = await call(getItem(id, 'IdOnly', linkUri));
  assert.match(
    read.text,
    /<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="crm-link-id" PropertyType="String"\/><t:Value>42<\/t:Value>/,
  );
  const bare = await contact();
  assert.equal(find((await call(getItem(bare.id, 'IdOnly', linkUri))).body, 'ExtendedProperty'), undefined);
});

test('EXT-02: the same property by the GUID of its set has the same value', async () => {
  const { id } = await contact(`<t:ExtendedProperty>${linkUri}<t:Value>43</t:Value></t:ExtendedProperty>`);
  const byGuid =
    '<t:ExtendedFieldURI PropertySetId="00020329-0000-0000-C000-000000000046" PropertyName="crm-link-id" PropertyType="String"/>';
  assert.equal(find((await call(getItem(id, 'IdOnly', byGuid))).body, 'Value')?.text, '43');
  const otherType = byGuid.replace('"String"', '"Integer"');
  assert.equal(find((await call(getItem(id, 'IdOnly', otherType))).body, 'Value'), undefined);
});

test('EXT-03: contradictory or unallowed paths are refused', async () => {
  const { id } = await contact();
  const refused = async (path: string) => (await codes(getItem(id, 'IdOnly', path)))[0];
  assert.equal(
    await refused('<t:ExtendedFieldURI PropertyTag="0x3001" PropertyName="x" PropertyType="String"/>'),
    'ErrorInvalidExtendedProperty',
  );
  assert.equal(
    await refused('<t:ExtendedFieldURI PropertyTag="0x8005" PropertyType="String"/>'),
    'ErrorNoPropertyTagForCustomProperties',
  );
  assert.equal(
    await refused('<t:ExtendedFieldURI PropertyTag="0x3001" PropertyType="Object"/>'),
    'ErrorUnsupportedMapiPropertyType',
  );
});

test('EXT-04: a value that does not fit its type is refused', async () => {
  const integer =
    '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="n" PropertyType="Integer"/>';
  assert.deepEqual(
    await codes(createContact(`<t:ExtendedProperty>${integer}<t:Value>abc</t:Value></t:ExtendedProperty>`)),
    ['ErrorInvalidExtendedPropertyValue'],
  );
});

test('EXT: what EWS calls a field is the MAPI property of the documents', async () => {
  const { id } = await contact(
    '<t:GivenName>Ada</t:GivenName><t:EmailAddresses><t:Entry Key="EmailAddress1">ada@example.test</t:Entry></t:EmailAddresses>',
  );
  const paths =
    '<t:ExtendedFieldURI PropertyTag="0x3A06" PropertyType="String"/><t:ExtendedFieldURI DistinguishedPropertySetId="Address" PropertyId="32899" PropertyType="String"/><t:ExtendedFieldURI PropertyTag="0x300b" PropertyType="Binary"/>';
  const values = findAll((await call(getItem(id, 'IdOnly', paths))).body, 'Value').map((one) => one.text);
  assert.deepEqual(values.slice(0, 2), ['Ada', 'ada@example.test']);
  assert.equal(Buffer.from(values[2] ?? '', 'base64').length, 16);
});

test('WRT: a body of text is kept with CR LF and read as a page when asked for one', async () => {
  const { id } = await contact('<t:Body BodyType="Text">one &amp;\ntwo</t:Body><t:GivenName>x</t:GivenName>');
  const body = async (type: string) => {
    const shaped = getItem(id).replace('</t:BaseShape>', `</t:BaseShape><t:BodyType>${type}</t:BodyType>`);
    return find((await call(shaped)).body, 'Body')?.text ?? '';
  };
  assert.equal(await body('Text'), 'one &\r\ntwo');
  assert.match(await body('HTML'), /^<html>[\s\S]*one &amp;<br>\r\ntwo[\s\S]*<\/html>/);
});

test('WRT: what is softly deleted is gone from its folder and found among what can be recovered', async () => {
  const { id } = await contact('<t:GivenName>Recoverable</t:GivenName>');
  assert.deepEqual(await codes(deleteItem(itemId(`Id="${id}"`), '', 'SoftDelete')), ['NoError']);
  assert.deepEqual(await codes(getItem(id)), ['ErrorItemNotFound']);
  const names = async (folder: string) =>
    findAll((await call(findItems('', folder).replace('IdOnly', 'Default'))).body, 'GivenName').map((one) => one.text);
  assert.ok(!(await names('contacts')).includes('Recoverable'));
  assert.ok((await names('recoverableitemsdeletions')).includes('Recoverable'));
});

test('WRT: a class must belong to the element that brings it', async () => {
  const asTask = '<t:ItemClass>IPM.Task</t:ItemClass><t:GivenName>x</t:GivenName>';
  assert.deepEqual(await codes(createContact(asTask)), ['ErrorObjectTypeChanged']);
  assert.deepEqual(await codes(createContact(asTask.replace('IPM.Task', 'IPM.Contact.Partner'))), ['NoError']);
});

test('EXT: values of every type go in and come back', async () => {
  const path = (type: string) =>
    `<t:ExtendedFieldURI PropertySetId="11111111-2222-3333-4444-555555555555" PropertyName="${type}" PropertyType="${type}"/>`;
  const values: Readonly<Record<string, readonly string[]>> = {
    ApplicationTime: ['40000.5'],
    Binary: ['AAEC'],
    Boolean: ['true'],
    CLSID: ['11111111-2222-3333-4444-555555555555'],
    Currency: ['12'],
    Double: ['1.5'],
    Float: ['2.5'],
    Integer: ['-7'],
    Long: ['9007199254740993'],
    Short: ['-32768'],
    String: ['<text>'],
    SystemTime: ['2030-05-06T07:08:09Z'],
    BinaryArray: ['AAEC', 'AA=='],
    CLSIDArray: ['11111111-2222-3333-4444-555555555555'],
    DoubleArray: ['1.5', '2'],
    IntegerArray: ['1', '2', '3'],
    LongArray: ['9007199254740993', '1'],
    ShortArray: ['1', '-1'],
    StringArray: ['a', 'b c'],
    SystemTimeArray: ['2030-05-06T07:08:09Z', '2031-01-02T03:04:05Z'],
  };
  const escaped = (text: string) => text.replaceAll('<', '&lt;');
  const markup = Object.entries(values).map(([type, list]) => {
    const all = list.map((one) => `<t:Value>${escaped(one)}</t:Value>`).join('');
    return `<t:ExtendedProperty>${path(type)}${type.endsWith('Array') ? `<t:Values>${all}</t:Values>` : all}</t:ExtendedProperty>`;
  });
  const { id } = idOf(await call(createContact(`${markup.join('')}<t:GivenName>x</t:GivenName>`)));
  const got = (await call(getItem(id, 'IdOnly', Object.keys(values).map(path).join('')))).body;
  const read = findAll(got, 'ExtendedProperty').map((one) => [
    find(one, 'ExtendedFieldURI')?.attributes.PropertyType,
    findAll(one, 'Value').map((value) => value.text),
  ]);
  assert.deepEqual(Object.fromEntries(read), values);
});
