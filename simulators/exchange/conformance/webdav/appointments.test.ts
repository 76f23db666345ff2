/** Appointments written over WebDAV and read over web services, and the other way (cases of the reference on Exchange 2007, section 8). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { addAppointment } from '../../people/outlook-items.ts';
import type { RunningExchange } from '../../start-exchange.ts';
import { startExchange } from '../../start-exchange.ts';
import { dayOf } from '../../truth/recurrence.ts';
import { type BareReply, find, findAll, post } from '../client.ts';
import { calendarView, deleteItem, getItem, setField, update } from '../world.ts';
import { type Dav, davClient, propfindBody, searchBody, updateBody } from './client.ts';

let exchange: RunningExchange;
let dav: Dav;

const vectors = new Map(
  readFileSync(new URL('../../truth/recurrence-vectors.txt', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.split(' ') as [string, string]),
);
const base64 = (name: string): string => Buffer.from(vectors.get(name) ?? '', 'hex').toString('base64');

const folder = '/exchange/alice@example.test/Kalender';

before(async () => {
  exchange = await startExchange({
    validateResponses: true,
    estate: {
      version: 'se',
      legacyEws: true,
      mailboxes: [
        {
          address: 'alice@example.test',
          password: 'alice-pw1',
          displayName: 'Alice Archer',
          version: '2007sp3',
          folderNames: { calendar: 'Kalender' },
          timeZone: 'Eastern Standard Time',
        },
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

const general = (subject: string): string =>
  `<D:contentclass>urn:content-classes:appointment</D:contentclass><e:outlookmessageclass>IPM.Appointment</e:outlookmessageclass><mh:subject>${subject}</mh:subject><cal:busystatus>BUSY</cal:busystatus>`;
const times = (start: string, end: string): string =>
  `<cal:dtstart dt:dt="dateTime.tz">${start}</cal:dtstart><cal:dtend dt:dt="dateTime.tz">${end}</cal:dtend>`;
const write = (name: string, set: string, remove = '') =>
  dav('PROPPATCH', `${folder}/${name}.EML`, { body: updateBody(set, remove) });
const read = async (name: string, properties: string) =>
  (await dav('PROPFIND', `${folder}/${name}.EML`, { headers: { depth: '0' }, body: propfindBody(properties) })).rows[0];

async function ewsItem(subject: string): Promise<BareReply> {
  const found = await ews(
    `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:Restriction><t:IsEqualTo><t:FieldURI FieldURI="item:Subject"/><t:FieldURIOrConstant><t:Constant Value="${subject}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>`,
  );
  return ews(getItem(find(found.body, 'ItemId')?.attributes.Id ?? ''));
}
const textOf = (reply: BareReply, name: string): string | undefined => find(reply.body, name)?.text;

test('25: a simple appointment stays as it was written: nothing is added that Outlook would need', async () => {
  const made = await write(
    'simple',
    `${general('Simple meeting')}${times('2009-08-24T15:00:00.000Z', '2009-08-24T15:30:00.000Z')}<cal:duration dt:dt="int">1800</cal:duration><cal:location>here</cal:location>`,
  );
  assert.equal(made.status, 207);
  const row = await read('simple', '<appt:0x00008223/><com:0x8516/><cal:duration/><cal:instancetype/><m:apptrecur/>');
  assert.deepEqual(row?.byStatus['404'], ['_x0030_x00008223', '_x0030_x00008516', 'apptrecur']);
  assert.equal(row?.found.duration?.text, '1800');
  const item = await ewsItem('Simple meeting');
  assert.equal(textOf(item, 'Start'), '2009-08-24T15:00:00Z');
  assert.equal(textOf(item, 'Location'), 'here');
  assert.equal(textOf(item, 'CalendarItemType'), 'Single');
});

test('27: a reminder counts in seconds by one name and in minutes by the other', async () => {
  await write('reminder', `${general('Reminder')}<cal:reminderoffset dt:dt="int">1800</cal:reminderoffset>`);
  assert.equal((await read('reminder', '<m:reminderdelta/>'))?.found.reminderdelta?.text, '30');
  await write('reminder', '<m:reminderdelta dt:dt="int">10</m:reminderdelta>');
  assert.equal((await read('reminder', '<cal:reminderoffset/>'))?.found.reminderoffset?.text, '600');
});

const seriesSet = (subject: string, vector: string): string =>
  `${general(subject)}${times('2007-03-26T14:00:00.000Z', '2007-03-26T14:30:00.000Z')}<appt:0x00008216 dt:dt="bin.base64">${base64(vector)}</appt:0x00008216><appt:0x00008223 dt:dt="boolean">1</appt:0x00008223>`;

test('28, 30: a series with an exception written as bytes is a series to web services, with its exception', async () => {
  await write('series', seriesSet('Byte series', 'S1'));
  const row = await read('series', '<m:apptrecur/><cal:instancetype/><cal:rrule/>');
  assert.equal(row?.found.apptrecur?.text, base64('S1'));
  assert.equal(row?.found.instancetype?.text, '1');
  assert.equal(row?.found.rrule?.children[0]?.text, 'FREQ=WEEKLY;WKST=SU;INTERVAL=1;BYDAY=MO,TH,FR;COUNT=12');
  const item = await ewsItem('Byte series');
  assert.equal(textOf(item, 'CalendarItemType'), 'RecurringMaster');
  assert.equal(textOf(item, 'DaysOfWeek'), 'Monday Thursday Friday');
  assert.equal(textOf(item, 'NumberOfOccurrences'), '12');
  const modified = find(item.body, 'ModifiedOccurrences');
  assert.equal(find(modified, 'OriginalStart')?.text, '2007-04-16T14:00:00Z');
  assert.equal(find(modified, 'Start')?.text, '2007-04-16T15:00:00Z');
  const exception = await ews(getItem(find(modified, 'ItemId')?.attributes.Id ?? ''));
  assert.equal(textOf(exception, 'Subject'), 'Simple Recurrence with exceptions');
  assert.equal(textOf(exception, 'Location'), '34/4141');
});

test('28: stale bytes after the end come back as they were written', async () => {
  const bytes = Buffer.concat([Buffer.from(vectors.get('S2') ?? '', 'hex'), Buffer.alloc(316, 7)]).toString('base64');
  const set = seriesSet('Junk', 'S2').replace(base64('S2'), bytes);
  await write('junk', set);
  assert.equal((await read('junk', '<m:apptrecur/>'))?.found.apptrecur?.text, bytes);
});

test('31: what web services change of a series shows in its bytes', async () => {
  await write('changed', seriesSet('Changed series', 'S1'));
  const item = await ewsItem('Changed series');
  const { Id = '', ChangeKey = '' } = find(item.body, 'ItemId')?.attributes ?? {};
  const first = `<t:OccurrenceItemId RecurringMasterId="${Id}" ChangeKey="${ChangeKey}" InstanceIndex="1"/>`;
  assert.equal(textOf(await ews(deleteItem(first)), 'ResponseCode'), 'NoError');
  const second = `<t:OccurrenceItemId RecurringMasterId="${Id}" InstanceIndex="2"/>`;
  const renamed = setField('item:Subject', 'CalendarItem', '<t:Subject>Renamed</t:Subject>');
  assert.equal(textOf(await ews(update(second, renamed)), 'ResponseCode'), 'NoError');
  const blob = Buffer.from((await read('changed', '<m:apptrecur/>'))?.found.apptrecur?.text ?? '', 'base64');
  assert.equal(blob.readUInt32LE(38), 3, 'one deleted and two modified days');
  assert.ok(blob.includes(Buffer.from('Renamed', 'utf16le')));
  const calendar = (await dav('GET', `${folder}/changed.EML`, { headers: { translate: 'f' } })).text;
  const ical = Buffer.from(/text\/calendar[\s\S]*?\r\n\r\n([^-]*)/.exec(calendar)?.[1] ?? '', 'base64').toString(
    'utf8',
  );
  assert.match(ical, /EXDATE;TZID="Eastern Standard Time":20070326T100000/);
  assert.match(ical, /RECURRENCE-ID;TZID="Eastern Standard Time":20070329T100000/);
});

test('33: the older form of a zone wins over a definition that disagrees, and 09:00 stays 09:00', async () => {
  const struct = Buffer.from(
    '2C01000000000000C4FFFFFF000000000B00000001000200000000000000000000000300000002000200000000000000',
    'hex',
  ).toString('base64');
  const utcName = Buffer.from('UTC', 'utf16le');
  const definition = Buffer.concat([
    Buffer.from('02010c00020003 00'.replace(' ', ''), 'hex'),
    utcName,
    Buffer.from('0000', 'hex'),
  ]);
  const set = `${seriesSet('Zoned', 'S1')}<m:timezonestruct dt:dt="bin.base64">${struct}</m:timezonestruct><appt:0x8260 dt:dt="bin.base64">${definition.toString('base64')}</appt:0x8260>`;
  await write('zoned', set);
  const starts = findAll((await ews(calendarView('2007-03-01T00:00:00Z', '2007-05-01T00:00:00Z'))).body, 'CalendarItem')
    .filter((one) => find(one, 'Subject')?.text === 'Zoned')
    .map((one) => find(one, 'Start')?.text);
  assert.ok(starts.length > 5 && starts.every((one) => one?.endsWith('T14:00:00Z')), String(starts));
});

test('16: a search of the calendar without a demand on the instance type shows occurrences too', async () => {
  await write('expanded', seriesSet('Expanded', 'S1'));
  const columns = 'SELECT "DAV:href","urn:schemas:calendar:instancetype","urn:schemas:calendar:dtstart"';
  const where = `WHERE "urn:schemas:httpmail:subject" LIKE 'Expanded%'`;
  const all = await dav('SEARCH', folder, {
    body: searchBody(`${columns} FROM SCOPE('SHALLOW TRAVERSAL OF "${folder}"') ${where}`),
  });
  const kinds = all.rows.map(({ found }) => found.instancetype?.text);
  assert.equal(kinds.filter((one) => one === '1').length, 1);
  assert.equal(kinds.filter((one) => one === '2').length, 11);
  const demand = `AND ("urn:schemas:calendar:instancetype" = 0 OR "urn:schemas:calendar:instancetype" = 1)`;
  const only = await dav('SEARCH', folder, {
    body: searchBody(`${columns} FROM SCOPE('SHALLOW TRAVERSAL OF "${folder}"') ${where} ${demand}`),
  });
  assert.equal(only.rows.length, 1);
});

const recipe = (rule: string): string =>
  `<m:recurtype dt:dt="int">2</m:recurtype><cal:instancetype dt:dt="int">1</cal:instancetype><cal:rrule dt:dt="mv.string"><x:v>${rule}</x:v></cal:rrule><cal:timezoneid dt:dt="int">10</cal:timezoneid><e:patternend dt:dt="dateTime.tz">9999-12-31T05:00:00.000Z</e:patternend>`;

test('a single appointment becomes a series by the documented recipe', async () => {
  await write('recipe', `${general('Recipe')}${times('2030-01-03T15:00:00.000Z', '2030-01-03T15:30:00.000Z')}`);
  const made = await write('recipe', recipe('FREQ=WEEKLY;WKST=SU;INTERVAL=1;BYDAY=TH'));
  assert.deepEqual(Object.keys(made.rows[0]?.byStatus ?? {}), ['200']);
  const item = await ewsItem('Recipe');
  assert.equal(textOf(item, 'CalendarItemType'), 'RecurringMaster');
  assert.equal(textOf(item, 'DaysOfWeek'), 'Thursday');
  assert.ok(find(item.body, 'NoEndRecurrence'));
  assert.equal((await read('recipe', '<appt:0x8223/>'))?.found._x0030_x00008223?.text, '1');
});

test('35: a rule that Exchange cannot hold is refused by its name, and nothing is stored', async () => {
  await write('hourly', `${general('Hourly')}${times('2030-01-03T15:00:00.000Z', '2030-01-03T15:30:00.000Z')}`);
  const refused = await write('hourly', `${recipe('FREQ=HOURLY;INTERVAL=2')}<cal:location>nowhere</cal:location>`);
  assert.deepEqual(refused.rows[0]?.byStatus['422'], ['rrule']);
  assert.ok(refused.rows[0]?.byStatus['424']?.includes('location'));
  assert.equal(textOf(await ewsItem('Hourly'), 'CalendarItemType'), 'Single');
  assert.equal((await read('hourly', '<cal:location/>'))?.found.location, undefined);
});

test('a wrong time zone number is not asked for twice: without one, the rule is read in UTC', async () => {
  await write('nozone', `${general('No zone')}${times('2030-06-03T15:00:00.000Z', '2030-06-03T15:30:00.000Z')}`);
  await write('nozone', recipe('FREQ=DAILY;COUNT=3').replace(/<cal:timezoneid.*?<\/cal:timezoneid>/, ''));
  const row = await read('nozone', '<cal:timezoneid/>');
  assert.equal(row?.found.timezoneid?.text, '0');
});

const mime = (lines: readonly string[]): string =>
  [
    'MIME-Version: 1.0',
    'Subject: From MIME',
    'Content-Type: text/calendar; method=PUBLISH; charset=utf-8',
    '',
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...lines,
    'END:VCALENDAR',
    '',
  ].join('\r\n');

const seriesMime = mime([
  'BEGIN:VEVENT',
  'UID:foreign-1@example.test',
  'SUMMARY:From MIME',
  'DTSTART;TZID="W. Europe Standard Time":20300304T100000',
  'DTEND;TZID="W. Europe Standard Time":20300304T110000',
  'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=6',
  'EXDATE;TZID="W. Europe Standard Time":20300311T100000',
  'ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Bob Baker":MAILTO:bob@example.test',
  'ORGANIZER;CN="Alice Archer":MAILTO:alice@example.test',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'UID:foreign-1@example.test',
  'RECURRENCE-ID;TZID="W. Europe Standard Time":20300318T100000',
  'SUMMARY:Moved once',
  'DTSTART;TZID="W. Europe Standard Time":20300319T140000',
  'DTEND;TZID="W. Europe Standard Time":20300319T150000',
  'END:VEVENT',
]);

test('36, 37, 39: a series with an exception and people comes in as MIME, silently', async () => {
  const put = (body: string) =>
    dav('PUT', `${folder}/mime.EML`, { headers: { translate: 'f', 'content-type': 'message/rfc822' }, body });
  assert.equal((await put(seriesMime)).status, 201);
  assert.equal((await put(seriesMime)).status, 200);
  const item = await ewsItem('From MIME');
  assert.equal(textOf(item, 'UID'), 'foreign-1@example.test');
  assert.equal(find(find(item.body, 'OptionalAttendees'), 'EmailAddress')?.text, 'bob@example.test');
  assert.equal(find(find(item.body, 'DeletedOccurrences'), 'Start')?.text, '2030-03-11T09:00:00Z');
  const modified = find(item.body, 'ModifiedOccurrences');
  assert.equal(find(modified, 'Start')?.text, '2030-03-19T13:00:00Z');
  assert.equal(find(modified, 'OriginalStart')?.text, '2030-03-18T09:00:00Z');
  assert.equal(exchange.truth.sent.length, 0);
  const row = await read('mime', '<mt:x66590102/><m:apptrecur/><cal:uid/>');
  assert.equal(Buffer.from(row?.found.x66590102?.text ?? '', 'base64').toString('utf8'), seriesMime);
  assert.equal(row?.found.uid?.text, 'foreign-1@example.test');
  const blob = Buffer.from(row?.found.apptrecur?.text ?? '', 'base64');
  assert.ok(blob.includes(Buffer.from('Moved once', 'utf16le')));
});

test('36: the stored MIME is gone as soon as somebody else changes the item', async () => {
  await write('mime', '<cal:location>elsewhere</cal:location>');
  assert.deepEqual((await read('mime', '<mt:x66590102/>'))?.byStatus['404'], ['x66590102']);
});

test('35: MIME with a rule that Exchange cannot hold is refused', async () => {
  const body = seriesMime.replace('FREQ=WEEKLY;BYDAY=MO', 'FREQ=MINUTELY');
  const reply = await dav('PUT', `${folder}/minutely.EML`, { headers: { 'content-type': 'message/rfc822' }, body });
  assert.equal(reply.status, 422);
});

test('26, 34: an all-day series that Outlook made reads with its blob, its zone and its span', async () => {
  const mailbox = exchange.truth.mailbox('alice@example.test');
  assert.ok(mailbox);
  const meeting = {
    subject: 'All day',
    day: dayOf(2030, 3, 31),
    startMinute: 0,
    durationMinutes: 1440,
    allDay: true,
    isPrivate: false,
    attendees: [],
    categories: [],
    location: undefined,
    notes: undefined,
    reminderMinutes: undefined,
  };
  const rule = {
    pattern: { kind: 'monthly', interval: 1, dayOfMonth: 31 },
    startDay: dayOf(2030, 3, 31),
    end: { kind: 'none' },
  } as const;
  addAppointment(mailbox, meeting, rule);
  const row = await read(
    'All%20day',
    '<m:apptrecur/><m:timezonestruct/><appt:0x8235/><appt:0x8236/><appt:0x8231/><cal:alldayevent/><cal:rrule/>',
  );
  assert.equal(row?.found._x0030_x00008235?.text, '2030-03-31T04:00:00.000Z');
  assert.equal(row?.found._x0030_x00008236?.text, '4500-08-31T23:59:00.000Z');
  assert.equal(row?.found._x0030_x00008231?.text, '3');
  assert.equal(row?.found.alldayevent?.text, '1');
  assert.equal(Buffer.from(row?.found.timezonestruct?.text ?? '', 'base64').readInt32LE(0), 300);
  assert.equal(row?.found.rrule?.children[0]?.text, 'FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1');
});

test('62: a mailbox that moves to a later server keeps its content and its keys, under new ids', async () => {
  await write('moving', `${seriesSet('Moving', 'S1')}<own:crm-key>row-7</own:crm-key>`);
  const before = await ewsItem('Moving');
  assert.equal(exchange.moveMailbox('alice@example.test', 'se'), true);
  const gone = await ews(getItem(find(before.body, 'ItemId')?.attributes.Id ?? ''));
  assert.equal(textOf(gone, 'ResponseCode'), 'ErrorItemNotFound');
  const item = await ewsItem('Moving');
  assert.equal(textOf(item, 'CalendarItemType'), 'RecurringMaster');
  const key = await ews(
    getItem(
      find(item.body, 'ItemId')?.attributes.Id ?? '',
      'IdOnly',
      '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="crm-key" PropertyType="String"/>',
    ),
  );
  assert.equal(textOf(key, 'Value'), 'row-7');
  assert.equal((await dav('PROPFIND', folder)).status, 302);
  assert.equal(exchange.moveMailbox('nobody@example.test', 'se'), false);
});
