/**
 * The same requests that recordings of real servers answer, asked here: the answers must have the same tags with the same
 * attributes in the same order, down to prefixes, namespace declarations and empty elements. Only values differ.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { ProfileId } from '../faces/ews/profiles.ts';
import { startExchange } from '../start-exchange.ts';
import { find, post } from './client.ts';
import {
  calendarView,
  createContact,
  createEvent,
  findItems,
  getItem,
  idOf,
  setField,
  syncItems,
  update,
} from './world.ts';

const recordedFolder = new URL('../samples/recorded/', import.meta.url);
const recorded = (name: string): string => readFileSync(new URL(`${name}.xml`, recordedFolder), 'utf8').trim();

/** Tags with attribute names, in order; values and text left out. */
function skeleton(text: string): readonly string[] {
  return [...text.matchAll(/<([/?]?[\w:]+)((?:\s+[\w:]+="[^"]*")*)\s*([/?]?)>/g)].map(
    ([, name, attributes = '', end]) => {
      const names = [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key, value]) =>
        key?.startsWith('xmlns') ? `${key}=${value}` : key,
      );
      return `${name} ${names.join(' ')}${end}`;
    },
  );
}

async function server(version: ProfileId) {
  const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1', displayName: 'Alice Archer' }];
  // Long before the appointments, as when the recordings were made.
  const ports = { clock: { now: () => Date.UTC(2030, 0, 1) } };
  const exchange = await startExchange({ estate: { version, mailboxes }, ports });
  after(() => exchange.close());
  return (operation: string, asked = 'Exchange2010', header = '') =>
    post(operation, { url: exchange.url, version: asked, header });
}

const matches = (answer: { readonly text: string }, name: string): void => {
  assert.deepEqual(skeleton(answer.text), skeleton(recorded(name)));
};

const weekly =
  '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Wednesday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2031-04-02</t:StartDate><t:NumberOfOccurrences>4</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
const single =
  '<t:Subject>Sample subject</t:Subject><t:Start>2031-04-02T10:00:00Z</t:Start><t:End>2031-04-02T11:00:00Z</t:End>';

test('a contact of a 2019 server with everything looks as recorded', async () => {
  const call = await server('2019');
  const made = await call(
    createContact(
      '<t:GivenName>Alex</t:GivenName><t:CompanyName>Example Works</t:CompanyName><t:EmailAddresses><t:Entry Key="EmailAddress1">alex.sample@example.test</t:Entry></t:EmailAddresses><t:PhoneNumbers><t:Entry Key="HomePhone">+1 555 0100</t:Entry></t:PhoneNumbers><t:Department>D</t:Department><t:JobTitle>T</t:JobTitle><t:Surname>Sample</t:Surname>',
    ),
  );
  matches(await call(getItem(idOf(made).id)), 'getitem-contact-allproperties-ex2019');
});

test('a series of a 2019 server with everything looks as recorded', async () => {
  const call = await server('2019');
  const made = await call(createEvent(`${single}<t:Location>Room 1</t:Location>${weekly}`));
  matches(await call(getItem(idOf(made).id)), 'getitem-calendar-master-allproperties-ex2019');
  matches(made, 'createitem-calendar-ex2019');
});

test('two appointments at one time of a 2010 server look as recorded, with their conflict', async () => {
  const call = await server('2010sp3');
  await call(createEvent(`${single}<t:Location/>`));
  const made = await call(createEvent(single));
  matches(await call(getItem(idOf(made).id)), 'getitem-calendar-single-allproperties-ex2010sp3');
});

test('changes of a 2010 server look as recorded: one new appointment, and none', async () => {
  const call = await server('2010sp3');
  await call(createEvent(single));
  const first = await call(syncItems('', 512, 'calendar'));
  matches(first, 'syncfolderitems-create-idonly-ex2010sp3');
  const again = await call(syncItems(find(first.body, 'SyncState')?.text ?? '', 512, 'calendar'));
  matches(again, 'syncfolderitems-nochange-ex2010sp3');
});

test('an updated contact of a 2013 server is answered as recorded', async () => {
  const call = await server('2013');
  const made = idOf(await call(createContact('<t:GivenName>Alex</t:GivenName>')));
  const reply = await call(
    update(`<t:ItemId ${made.both}/>`, setField('contacts:Surname', 'Contact', '<t:Surname>S</t:Surname>')),
  );
  matches(reply, 'updateitem-contact-ex2013');
});

test('a request that the schema refuses gets the very fault that was recorded', async () => {
  const call = await server('2010sp3');
  const reply = await call(
    '<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="invalidparentid"/></m:ParentFolderId><m:Folders><t:Folder><t:DisplayName>x</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>',
  );
  matches(reply, 'fault-schemavalidation-ex2010sp2');
  assert.match(
    find(reply.body, 'Violation')?.text ?? '',
    /^The 'Id' attribute is invalid - The value 'invalidparentid' is invalid according to its datatype 'http:\/\/schemas\.microsoft\.com\/exchange\/services\/2006\/types:DistinguishedFolderIdNameType' - The Enumeration constraint failed\.$/,
  );
});

test('a distinguished folder that shall be deleted is refused as recorded', async () => {
  const call = await server('2010sp2');
  matches(
    await call(
      '<m:DeleteFolder DeleteType="HardDelete"><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:DeleteFolder>',
    ),
    'deletefolder-error-distinguished-ex2010sp2',
  );
});

test('a listing of a 2010 calendar names the organizer as recorded', async () => {
  const call = await server('2010sp3');
  await call(createEvent(single));
  const listing = findItems('', 'calendar').replace('IdOnly', 'Default');
  const rows = (text: string) => skeleton(/<t:CalendarItem>.*?<\/t:CalendarItem>/s.exec(text)?.[0] ?? '');
  assert.deepEqual(rows((await call(listing)).text), rows(recorded('finditem-calendar-default-ex2010sp3')));
});

test('the rows of a calendar view with everything look as recorded', async () => {
  const call = await server('2019');
  await call(createEvent(`${single}<t:Location>Room 1</t:Location>${weekly}`));
  const view = await call(
    calendarView('2031-04-01T00:00:00Z', '2031-05-01T00:00:00Z').replace('Default', 'AllProperties'),
  );
  const row = (text: string) => {
    const rows = [...text.matchAll(/<t:CalendarItem>.*?<\/t:CalendarItem>/gs)].map(([one]) => one);
    return skeleton(rows.find((one) => one.includes('>IPM.Appointment.Occurrence<')) ?? '');
  };
  assert.deepEqual(row(view.text), row(recorded('finditem-calendarview-allproperties-ex2019')));
});
