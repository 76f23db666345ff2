/** The two recordings of a WebDAV server, asked for again here: the same markup to the letter, but for values that are a server's own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { virtualPorts } from '#testing/virtual-ports.ts';
import { startExchange } from '../../start-exchange.ts';
import { davClient, searchBody, updateBody } from './client.ts';

const recorded = (name: string): string =>
  readFileSync(new URL(`../../samples/recorded/${name}.xml`, import.meta.url), 'utf8')
    .trim()
    .replace('?>\n<', '?><');

/** Values that no two servers share, each in the form it must have. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/https?:\/\/[^/]+\/exchange\/alex/g, 'BASE'],
  [/rid:[0-9a-f]{44}(?![0-9a-f])/g, 'REPL-UID'],
  [/rt:([0-9a-f]{32})[0-9a-f]{12}\1[0-9a-f]{12}(?![0-9a-f])/g, 'RESOURCE-TAG'],
  [/"[0-9a-f]{44}"/g, 'ENTITY-TAG'],
  [/-FlatUrlSpace-\/([0-9a-f]{32})-[1-9a-f][0-9a-f]*\/\1-[1-9a-f][0-9a-f]*/g, 'PERMANENT'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME'],
  [/(<f:mid b:dt="i8">)-?\d+/g, '$1NUMBER'],
  [/(<a:getcontentlength b:dt="int">)\d+/g, '$1NUMBER'],
  [/(<a:id>)[A-Za-z0-9+/=]{28}</g, '$1ID<'],
  [/(<a:uid>)[A-Za-z0-9+/=]{28}</g, '$1ID<'],
];

const inForm = (text: string): string => forms.reduce((all, [value, form]) => all.replace(value, form), text);

/** Elements apart, so that a difference shows where it is. */
const lines = (text: string): readonly string[] => inForm(text).replaceAll('><', '>\n<').split('\n');

async function alex(folderNames = {}) {
  const { clock } = virtualPorts(1, Date.UTC(2010, 4, 8, 12, 10, 8, 915));
  const exchange = await startExchange({
    ports: { clock },
    estate: { version: '2007sp3', mailboxes: [{ address: 'alex@example.test', password: 'alex-pw1', folderNames }] },
  });
  return { exchange, dav: davClient(exchange.origin, 'alex', 'alex-pw1') };
}

test('everything of a contact is answered as a real server did', async () => {
  const { exchange, dav } = await alex();
  const set =
    '<D:contentclass>urn:content-classes:person</D:contentclass><e:outlookmessageclass>IPM.Contact</e:outlookmessageclass><c:initials>A.S.</c:initials><c:sn>Sample</c:sn><c:fileas>Sample Alex</c:fileas><c:givenName>Alex</c:givenName><c:middlename></c:middlename><c:nickname>alex</c:nickname><c:cn>Alex Sample</c:cn><c:fileasid dt:dt="int">0</c:fileasid><c:email1>alex@example.test</c:email1>';
  await dav('PROPPATCH', '/exchange/alex/Contacts/Alex%20Sample.eml', { body: updateBody(set) });
  const reply = await dav('PROPFIND', '/exchange/alex/Contacts/Alex%20Sample.eml', { headers: { depth: '0' } });
  await exchange.close();
  assert.equal(reply.headers.get('content-type'), 'text/xml');
  assert.equal(reply.headers.get('transfer-encoding'), 'chunked');
  assert.deepEqual(lines(reply.text), lines(recorded('webdav-propfind-contact-ex2007')));
});

test('a search of a calendar in Hungarian is answered as a real server did', async () => {
  const { exchange, dav } = await alex({ calendar: 'Kalár' });
  const name = '{0A1B2C3D-4E5F-4607-9182-93A4B5C6D7E8}.EML';
  const folder = '/exchange/alex/Kal%C3%A1r';
  const set =
    '<D:contentclass>urn:content-classes:appointment</D:contentclass><cal:busystatus>BUSY</cal:busystatus><h:subject>Sample subject</h:subject><h:textdescription>Sample body</h:textdescription><cal:dtstart dt:dt="dateTime.tz">2010-05-28T06:00:00.000Z</cal:dtstart><cal:dtend dt:dt="dateTime.tz">2010-05-28T06:30:00.000Z</cal:dtend><cal:duration dt:dt="int">1800</cal:duration><cal:location>Room 1</cal:location>';
  await dav('PROPPATCH', `${folder}/${name}`, { body: updateBody(set) });
  const columns = [
    'DAV:href',
    'urn:schemas:calendar:busystatus',
    'urn:schemas:httpmail:subject',
    'urn:schemas:httpmail:textdescription',
    'urn:schemas:calendar:dtstart',
    'urn:schemas:calendar:dtend',
    'urn:schemas:calendar:created',
    'urn:schemas:calendar:duration',
    'urn:schemas:calendar:location',
  ];
  const sql = `SELECT ${columns.map((one) => `"${one}"`).join(', ')} FROM SCOPE('SHALLOW TRAVERSAL OF "/exchange/alex/Kal%C3%A1r/"') WHERE "DAV:isfolder" = false`;
  const reply = await dav('SEARCH', folder, { body: searchBody(sql) });
  await exchange.close();
  assert.deepEqual(lines(reply.text), lines(recorded('webdav-search-calendar-ex2007')));
});
