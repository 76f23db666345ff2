/** Contacts and tasks over WebDAV and web services (cases of the reference on Exchange 2007, section 8). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCompany, makePerson } from '../../people/fixtures.ts';
import { addContact } from '../../people/outlook-items.ts';
import { seededRandom } from '../../people/seeded-random.ts';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';
import { type BareReply, find, findAll, post } from '../client.ts';
import { createTask, findItems, getItem } from '../world.ts';
import { type Dav, davClient, propfindBody, searchBody, updateBody } from './client.ts';

let exchange: RunningExchange;
let dav: Dav;

before(async () => {
  exchange = await startExchange({
    validateResponses: true,
    estate: {
      version: '2007sp3',
      legacyEws: true,
      mailboxes: [
        { address: 'alice@example.test', password: 'alice-pw1', timeZone: 'Tonga Standard Time' },
        { address: 'bob@example.test', password: 'bob-pw1' },
      ],
    },
  });
  dav = davClient(exchange.origin, 'alice@example.test', 'alice-pw1');
});
after(async () => {
  await exchange.close();
  assert.equal(exchange.control.counters().invalidResponses, 0);
});

const ews = (operation: string): Promise<BareReply> =>
  post(operation, { url: exchange.url, version: 'Exchange2007_SP1' });
const person =
  '<D:contentclass>urn:content-classes:person</D:contentclass><e:outlookmessageclass>IPM.Contact</e:outlookmessageclass>';
const task =
  '<D:contentclass>urn:content-classes:task</D:contentclass><e:outlookmessageclass>IPM.Task</e:outlookmessageclass>';
const write = (place: string, set: string, remove = '', headers = {}) =>
  dav('PROPPATCH', `/exchange/alice/${place}.EML`, { headers, body: updateBody(set, remove) });
const read = async (place: string, properties: string) =>
  (await dav('PROPFIND', `/exchange/alice/${place}.EML`, { headers: { depth: '0' }, body: propfindBody(properties) }))
    .rows[0];

async function ewsItem(folder: string, subject: string): Promise<BareReply> {
  const restriction = `<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI="item:Subject"/><t:FieldURIOrConstant><t:Constant Value="${subject}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>`;
  const found = await ews(findItems(restriction, folder));
  return ews(getItem(find(found.body, 'ItemId')?.attributes.Id ?? ''));
}
const textOf = (reply: BareReply, name: string): string | undefined => find(reply.body, name)?.text;
const slot = (n: number, address: string): string =>
  `<m:email${n}addrtype>SMTP</m:email${n}addrtype><m:email${n}emailaddress>${address}</m:email${n}emailaddress><m:email${n}originaldisplayname>${address}</m:email${n}originaldisplayname><m:email${n}displayname>Ann (${address})</m:email${n}displayname>`;

test('17: three addresses written slot by slot are three addresses everywhere, and one can be taken away', async () => {
  const set = `${person}<h:subject>Slots</h:subject>${slot(1, 'a@x.test')}${slot(2, 'b@x.test')}${slot(3, 'c@x.test')}`;
  assert.equal((await write('Contacts/slots', set)).status, 207);
  const before = await read('Contacts/slots', '<m:emaillisttype/><m:emailaddresslist/><c:proxyaddresses/><c:email2/>');
  assert.equal(before?.found.emaillisttype?.text, '7');
  assert.deepEqual(
    before?.found.emailaddresslist?.children.map((one) => one.text),
    ['0', '1', '2'],
  );
  assert.equal(before?.found.email2?.text, '<b@x.test>');
  const gone = ['addrtype', 'emailaddress', 'originaldisplayname', 'displayname', 'originalentryid'];
  await write('Contacts/slots', '', gone.map((name) => `<m:email2${name}/>`).join(''));
  const item = await ewsItem('contacts', 'Slots');
  const entries = findAll(find(item.body, 'EmailAddresses'), 'Entry').map((one) => [one.attributes.Key, one.text]);
  assert.deepEqual(entries, [
    ['EmailAddress1', 'a@x.test'],
    ['EmailAddress3', 'c@x.test'],
  ]);
});

test('18: an internal address shows the one of the Internet', async () => {
  const set = `${person}<m:email1addrtype>EX</m:email1addrtype><m:email1emailaddress>/o=ExampleOrg/cn=ann</m:email1emailaddress><m:email1originaldisplayname>ann@x.test</m:email1originaldisplayname>`;
  await write('Contacts/internal', set);
  assert.equal((await read('Contacts/internal', '<c:email1/>'))?.found.email1?.text, '<ann@x.test>');
});

test('21: nothing follows from a name, a mark of privacy or an address: the writer says it all', async () => {
  await write('Contacts/bare', `${person}<h:subject>Bare</h:subject><c:givenName>Ann</c:givenName><c:sn>Lee</c:sn>`);
  const row = await read('Contacts/bare', '<c:cn/><c:fileas/><e:sensitivity/><com:0x8506/>');
  assert.deepEqual(row?.byStatus['404'], ['cn', 'fileas', '_x0030_x00008506']);
  assert.equal(row?.found.sensitivity?.text, '0');
  const item = await ewsItem('contacts', 'Bare');
  assert.equal(textOf(item, 'Surname'), 'Lee');
});

test('22: notes of a million characters, user fields and a picture stay whole', async () => {
  const notes = 'Long notes. '.repeat(90_000);
  const set = `${person}<h:subject>Whole</h:subject><h:textdescription>${notes}</h:textdescription><e:extensionattribute2>two</e:extensionattribute2><m:InstMsg>im:ann</m:InstMsg>`;
  await write('Contacts/whole', set);
  const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const headers = { 'content-type': 'image/jpeg', overwrite: 't' };
  assert.equal(
    (await dav('PUT', '/exchange/alice/Contacts/whole.EML/ContactPicture.jpg', { headers, body: picture })).status,
    201,
  );
  const flag = updateBody('<mt:x7fff000b dt:dt="boolean">1</mt:x7fff000b><mt:x3703001f>.jpg</mt:x3703001f>');
  assert.equal(
    (await dav('PROPPATCH', '/exchange/alice/Contacts/whole.EML/ContactPicture.jpg', { body: flag })).status,
    207,
  );
  const row = await read(
    'Contacts/whole',
    '<h:textdescription/><e:extensionattribute2/><h:hasattachment/><m:InstMsg/>',
  );
  assert.equal(row?.found.textdescription?.text.length, notes.length);
  assert.equal(row?.found.extensionattribute2?.text, 'two');
  assert.equal(row?.found.hasattachment?.text, '1');
  const attached = find(find((await ewsItem('contacts', 'Whole')).body, 'Attachments'), 'Name');
  assert.equal(attached?.text, 'ContactPicture.jpg');
  const [item] = [...(exchange.truth.mailbox('alice@example.test')?.wellKnown('contacts').items.values() ?? [])].filter(
    (one) => one.attachments.length > 0,
  );
  assert.equal(item?.attachments[0]?.isContactPhoto, true);
});

test('20: a birthday of somebody in Tonga is the instant it was written as', async () => {
  await write('Contacts/birthday', `${person}<c:bday dt:dt="dateTime.tz">1980-05-04T11:00:00.000Z</c:bday>`);
  assert.equal((await read('Contacts/birthday', '<mt:x3a420040/>'))?.found.x3a420040?.text, '1980-05-04T11:00:00.000Z');
});

test('a contact that Outlook made reads with all its parts', async () => {
  const mailbox = exchange.truth.mailbox('alice@example.test');
  assert.ok(mailbox);
  const random = seededRandom(5);
  const made = makePerson(random, makeCompany(random));
  addContact(mailbox, made);
  const { rows } = await dav('PROPFIND', '/exchange/alice/Contacts/', {
    headers: { depth: '1,noroot' },
    body: propfindBody('<c:givenName/><c:sn/><c:o/><c:fileas/><c:email1/><c:l/>'),
  });
  const row = rows.find(({ found }) => found.sn?.text === made.surname);
  assert.equal(row?.found.givenName?.text, made.given);
  assert.equal(row?.found.o?.text, made.company.name);
  assert.equal(row?.found.l?.text, made.company.city);
});

const status = (value: number, percent: string, complete: number): string =>
  `<task:0x8101 dt:dt="int">${value}</task:0x8101><task:0x8102 dt:dt="float">${percent}</task:0x8102><task:0x811c dt:dt="boolean">${complete}</task:0x811c>`;

test('42: status, share done and completion stay what was written, together or not', async () => {
  await write('Tasks/status', `${task}<h:subject>Status</h:subject>${status(1, '0.5', 0)}`);
  let item = await ewsItem('tasks', 'Status');
  assert.deepEqual([textOf(item, 'Status'), textOf(item, 'PercentComplete')], ['InProgress', '50']);
  await write('Tasks/status', status(2, '1', 1));
  item = await ewsItem('tasks', 'Status');
  assert.deepEqual([textOf(item, 'Status'), textOf(item, 'IsComplete')], ['Completed', 'true']);
  await write('Tasks/status', '<task:0x8101 dt:dt="int">0</task:0x8101>');
  const row = await read('Tasks/status', '<task:0x8102/><task:0x811c/>');
  assert.deepEqual([row?.found._x0030_x00008102?.text, row?.found._x0030_x0000811c?.text], ['1', '1']);
});

test('43: the days of a task are midnights of their own, whatever the zone', async () => {
  const dates =
    '<task:0x8105 dt:dt="dateTime.tz">2030-04-05T00:00:00.000Z</task:0x8105><m:commonend dt:dt="dateTime.tz">2030-04-04T11:00:00.000Z</m:commonend>';
  await write('Tasks/due', `${task}<h:subject>Due</h:subject>${dates}`);
  const row = await read('Tasks/due', '<task:0x8105/><com:0x8517/><task:0x8104/>');
  assert.equal(row?.found._x0030_x00008105?.text, '2030-04-05T00:00:00.000Z');
  assert.equal(row?.found._x0030_x00008517?.text, '2030-04-04T11:00:00.000Z');
  const made = await ews(createTask('<t:Subject>Zoned</t:Subject><t:DueDate>2030-04-05T00:00:00Z</t:DueDate>'));
  assert.equal(textOf(made, 'ResponseCode'), 'NoError');
  assert.equal((await read('Tasks/Zoned', '<task:0x8105/>'))?.found._x0030_x00008105?.text, '2030-04-05T00:00:00.000Z');
});

test('44: the recurrence of a task written as bytes is one to web services, and the other way', async () => {
  const blob = Buffer.from(
    '043004300A2000000000A0050000E010000001000000232000000A000000000000000000000000000000400BD50CDF80E95A',
    'hex',
  ).toString('base64');
  const set = `${task}<h:subject>Again</h:subject><task:0x8116 dt:dt="bin.base64">${blob}</task:0x8116><task:0x8126 dt:dt="boolean">1</task:0x8126>`;
  await write('Tasks/again', set);
  const item = await ewsItem('tasks', 'Again');
  assert.equal(find(find(item.body, 'DailyRegeneration'), 'Interval')?.text, '3');
  assert.equal((await read('Tasks/again', '<task:0x8116/>'))?.found._x0030_x00008116?.text, blob);
  const weekly =
    '<t:Recurrence><t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NoEndRecurrence><t:StartDate>2030-04-01</t:StartDate></t:NoEndRecurrence></t:Recurrence>';
  await ews(createTask(`<t:Subject>Fortnightly</t:Subject>${weekly}`));
  const bytes = Buffer.from(
    (await read('Tasks/Fortnightly', '<task:0x8116/>'))?.found._x0030_x00008116?.text ?? '',
    'base64',
  );
  assert.deepEqual([bytes.readUInt16LE(4), bytes.readUInt16LE(6), bytes.readUInt32LE(14)], [0x200b, 1, 2]);
});

test('23: a distribution list is a group, not a person', async () => {
  await write(
    'Contacts/list',
    '<e:outlookmessageclass>IPM.DistList</e:outlookmessageclass><h:subject>Friends</h:subject>',
  );
  assert.equal(
    (await read('Contacts/list', '<D:contentclass/>'))?.found.contentclass?.text,
    'urn:content-classes:group',
  );
  assert.ok(find((await ewsItem('contacts', 'Friends')).body, 'DistributionList'));
});

test('38: a meeting request lies in the inbox as what it is, beside a tentative appointment', async () => {
  const attendee =
    '<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>';
  const meeting = `<t:Subject>Invitation</t:Subject><t:Start>2030-05-06T08:00:00Z</t:Start><t:End>2030-05-06T09:00:00Z</t:End>${attendee}`;
  await ews(
    `<m:CreateItem SendMeetingInvitations="SendToAllAndSaveCopy"><m:Items><t:CalendarItem>${meeting}</t:CalendarItem></m:Items></m:CreateItem>`,
  );
  const bob = davClient(exchange.origin, 'bob@example.test', 'bob-pw1');
  const body = propfindBody('<D:contentclass/><e:outlookmessageclass/><cal:busystatus/><m:responsestatus/>');
  const only = async (folder: string) =>
    (await bob('PROPFIND', `/exchange/bob/${folder}/`, { headers: { depth: '1,noroot' }, body })).rows[0]?.found;
  const request = await only('Inbox');
  assert.equal(request?.contentclass?.text, 'urn:content-classes:calendarmessage');
  assert.equal(request?.outlookmessageclass?.text, 'IPM.Schedule.Meeting.Request');
  const tentative = await only('Calendar');
  assert.deepEqual([tentative?.busystatus?.text, tentative?.responsestatus?.text], ['TENTATIVE', '5']);
});

test('53: what changed lately is found by its time, too', async () => {
  const since = new Date(Date.now() - 120_000).toISOString();
  const where = `"DAV:getlastmodified" > CAST("${since}" AS 'dateTime.tz') AND "DAV:isfolder" = false`;
  const sql = `SELECT "DAV:href" FROM SCOPE('SHALLOW TRAVERSAL OF "/exchange/alice/Contacts"') WHERE ${where}`;
  assert.ok((await dav('SEARCH', '/exchange/alice/Contacts', { body: searchBody(sql) })).rows.length > 3);
  const never = sql.replace(since, '2500-01-01T00:00:00.000Z');
  assert.equal((await dav('SEARCH', '/exchange/alice/Contacts', { body: searchBody(never) })).rows.length, 0);
});
