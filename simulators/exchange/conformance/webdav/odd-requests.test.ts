/** Requests that nobody should send: refused in some way, and never an accident of the server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';
import { type Dav, davClient, propfindBody, searchBody, updateBody } from './client.ts';

let exchange: RunningExchange;
let dav: Dav;

before(async () => {
  exchange = await startExchange({
    estate: {
      version: '2007sp3',
      mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1', seed: { contacts: 2, series: 2, tasks: 1 } }],
    },
  });
  dav = davClient(exchange.origin, 'alice', 'alice-pw1');
});
after(() => exchange.close());

const methods = [
  'OPTIONS',
  'PROPFIND',
  'BPROPFIND',
  'PROPPATCH',
  'BPROPPATCH',
  'SEARCH',
  'DELETE',
  'BDELETE',
  'MOVE',
  'COPY',
  'BMOVE',
  'BCOPY',
  'MKCOL',
  'PUT',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'POLL',
  'LOCK',
];

const segments = [
  'exchange',
  'alice',
  'Contacts',
  'Calendar',
  'x.EML',
  '-FlatUrlSpace-',
  'NON_IPM_SUBTREE',
  '%',
  '%ff',
  '..',
  '',
  'public',
  'ContactPicture.jpg',
];
const bodies = [
  '',
  '<',
  '<a/>',
  '<D:propfind xmlns:D="DAV:"><D:target><D:href>%</D:href><D:href/></D:target><D:prop><D:href/></D:prop></D:propfind>',
  propfindBody('<D:x/><mt:xffffffff/><mt:x0037001f/><appt:0x/><appt:_x0030_/><own:a_x0020_b/>'),
  updateBody(
    '<cal:dtstart dt:dt="dateTime.tz">never</cal:dtstart><D:href>x</D:href><own:a dt:dt="object"/>',
    '<D:x/><cal:rrule/>',
  ),
  updateBody(
    '<appt:0x8216 dt:dt="bin.base64">AAAA</appt:0x8216><cal:rrule dt:dt="mv.string"><x:v>FREQ=</x:v></cal:rrule>',
  ),
  searchBody('SELECT * FROM SCOPE(\'DEEP TRAVERSAL OF "/exchange/alice"\')', 'AAAA'),
  searchBody(
    'SELECT "DAV:href" FROM "/exchange/alice/Calendar" WHERE "urn:schemas:calendar:dtstart" > \'x\' ORDER BY "DAV:x" DESC',
  ),
  '<D:move xmlns:D="DAV:"><D:target><D:href>%zz</D:href><D:dest>%zz</D:dest></D:target></D:move>',
  '<D:delete xmlns:D="DAV:"><D:target><D:href>../..</D:href></D:target></D:delete>',
  'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999999T999999Z\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR',
  'a: b\r\nContent-Type: multipart/x; boundary=""\r\n\r\n--\r\n',
];
const headerValues = [
  '',
  '*',
  'rows=9-1',
  'rows=-',
  'infinity',
  '1,noroot',
  '(<rt:x>',
  'Not',
  '1,2,x',
  'update',
  'httpu://x:99999999/',
  '/exchange/alice/%',
  'http://[',
  '-1',
  't',
];
const headerNames = [
  'depth',
  'range',
  'if',
  'if-match',
  'destination',
  'subscription-id',
  'notification-type',
  'call-back',
  'subscription-lifetime',
  'overwrite',
  'brief',
  'translate',
];

test('whatever is sent is answered, and no answer is an accident', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...methods),
      fc.array(fc.constantFrom(...segments), { maxLength: 5 }),
      fc.constantFrom(...bodies),
      fc.dictionary(fc.constantFrom(...headerNames), fc.constantFrom(...headerValues), { maxKeys: 4 }),
      async (method, path, body, headers) => {
        const place = `/exchange/alice/${path.join('/')}`;
        const init = body === '' ? { headers: { ...headers } } : { headers: { ...headers }, body };
        const reply = await dav(method, place, init);
        assert.notEqual(reply.status, 500, `${method} ${place} ${JSON.stringify(headers)} ${body} ${reply.text}`);
      },
    ),
    { numRuns: 600 },
  );
});

test('items that odd writers left behind are still read by everybody', async () => {
  const names =
    '<D:contentclass/><cal:dtstart/><cal:rrule/><m:apptrecur/><c:email1/><h:textdescription/><mt:x0e080003/>';
  const reply = await dav('PROPFIND', '/exchange/alice/', {
    headers: { depth: 'infinity' },
    body: propfindBody(names),
  });
  assert.equal(reply.status, 207);
  assert.equal((await dav('PROPFIND', '/exchange/alice/')).status, 207);
});
