import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, find, findAll } from './client.ts';
import {
  calendarView,
  createContact,
  createEvent,
  deleteItem,
  findItems,
  getItems,
  idOf,
  setField,
  update,
  world,
} from './world.ts';

const { exchange, call, codes } = await world({
  mailboxes: [
    { address: 'alice@example.test', password: 'alice-pw1' },
    { address: 'bob@example.test', password: 'bob-pw1', seed: { contacts: 2500 } },
  ],
});
const bob = { user: 'bob@example.test', password: 'bob-pw1' };
const rootFolder = (reply: Awaited<ReturnType<typeof call>>) => find(reply.body, 'RootFolder')?.attributes;
const page = (offset: number) =>
  `<m:IndexedPageItemView MaxEntriesReturned="1000" Offset="${offset}" BasePoint="Beginning"/>`;
const linkKey =
  '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="crm-link-id" PropertyType="String"/>';
const contact = async (name: string) => idOf(await call(createContact(`<t:GivenName>${name}</t:GivenName>`)));

test('GET-01: a deleted item among three is an error of its own, in its place', async () => {
  const [one, two, three] = [await contact('A'), await contact('B'), await contact('C')];
  await call(deleteItem(`<t:ItemId Id="${two.id}"/>`, '', 'HardDelete'));
  const reply = await call(getItems([one, two, three].map(({ id }) => `<t:ItemId Id="${id}"/>`).join('')));
  assert.deepEqual(codesOf(reply), ['NoError', 'ErrorItemNotFound', 'NoError']);
  assert.match(
    reply.text,
    /The specified object was not found in the store\.<\/m:MessageText><m:ResponseCode>ErrorItemNotFound<\/m:ResponseCode><m:DescriptiveLinkKey>0<\/m:DescriptiveLinkKey><m:Items\/>/,
  );
});

test('GET-02: when the second of five breaks the batch, the last three are warnings', async () => {
  const { id } = await contact('D');
  exchange.control.inject({ kind: 'stopBatch', item: 1, operation: 'GetItem' });
  const reply = await call(getItems(`<t:ItemId Id="${id}"/>`.repeat(5)));
  const stopped = 'ErrorBatchProcessingStopped';
  assert.deepEqual(codesOf(reply), ['NoError', 'ErrorServerBusy', stopped, stopped, stopped]);
});

test('FND-01: pages of a thousand say where the next one begins', async () => {
  const first = await call(findItems('', 'contacts', page(0)), bob);
  assert.deepEqual(rootFolder(first), {
    IndexedPagingOffset: '1000',
    TotalItemsInView: '2500',
    IncludesLastItemInRange: 'false',
  });
  const last = await call(findItems('', 'contacts', page(2000)), bob);
  assert.deepEqual(rootFolder(last), {
    IndexedPagingOffset: '2500',
    TotalItemsInView: '2500',
    IncludesLastItemInRange: 'true',
  });
  assert.equal(findAll(last.body, 'ItemId').length, 500);
});

test('FND-02: a restriction makes pages of at most 250', async () => {
  const all = '<m:Restriction><t:Exists><t:FieldURI FieldURI="contacts:Surname"/></t:Exists></m:Restriction>';
  const reply = await call(findItems(all, 'contacts', page(0)), bob);
  assert.equal(findAll(reply.body, 'ItemId').length, 250);
  assert.equal(rootFolder(reply)?.IncludesLastItemInRange, 'false');
});

test('FND-03: a request of the first 2010 version is refused when there are more rows than one answer holds', async () => {
  const old = { ...bob, version: 'Exchange2010' };
  assert.deepEqual(await codes(findItems(''), old), ['ErrorExceededFindCountLimit']);
  assert.deepEqual(await codes(findItems('', 'contacts', page(0)), old), ['NoError']);
});

test('FND-04: items are found by an extended property, values without regard to case', async () => {
  const property = (value: string) => `<t:ExtendedProperty>${linkKey}<t:Value>${value}</t:Value></t:ExtendedProperty>`;
  const one = idOf(await call(createContact(`${property('Key-1')}<t:GivenName>E</t:GivenName>`)));
  const two = idOf(await call(createContact(`${property('Key-2')}<t:GivenName>F</t:GivenName>`)));
  const equal = (value: string) =>
    `<m:Restriction><t:IsEqualTo>${linkKey}<t:FieldURIOrConstant><t:Constant Value="${value}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>`;
  const exists = `<m:Restriction><t:Exists>${linkKey}</t:Exists></m:Restriction>`;
  assert.equal(idOf(await call(findItems(equal('Key-1')))).id, one.id);
  assert.equal(idOf(await call(findItems(equal('key-2')))).id, two.id);
  assert.deepEqual(
    new Set(findAll((await call(findItems(exists))).body, 'ItemId').map((item) => item.attributes.Id)),
    new Set([one.id, two.id]),
  );
  const computed = '<m:Restriction><t:Exists><t:FieldURI FieldURI="contacts:CompleteName"/></t:Exists></m:Restriction>';
  assert.deepEqual(await codes(findItems(computed)), ['ErrorUnsupportedPathForQuery']);
});

test('FND-05: a calendar view of two years works, a day more does not', async () => {
  assert.deepEqual(await codes(calendarView('2030-01-01T00:00:00Z', '2032-01-01T00:00:00Z')), ['NoError']);
  assert.deepEqual(await codes(calendarView('2030-01-01T00:00:00Z', '2032-01-02T00:00:00Z')), [
    'ErrorCalendarViewRangeTooBig',
  ]);
});

test('FND-06: a calendar view needs a calendar', async () => {
  const reply = await codes(calendarView('2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z', 'contacts'));
  assert.deepEqual(reply, ['ErrorCalendarFolderIsInvalidForCalendarView']);
});

test('FND-07: a week shows occurrences where they now are, and never the series', async () => {
  const master = idOf(
    await call(
      createEvent(
        '<t:Subject>Daily</t:Subject><t:Start>2031-01-06T10:00:00Z</t:Start><t:End>2031-01-06T11:00:00Z</t:End><t:Recurrence><t:DailyRecurrence><t:Interval>2</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2031-01-06</t:StartDate><t:NumberOfOccurrences>10</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>',
      ),
    ),
  );
  const occurrence = (index: number) =>
    `<t:OccurrenceItemId RecurringMasterId="${master.id}" InstanceIndex="${index}"/>`;
  const move = (index: number, start: string, end: string) =>
    call(
      update(
        occurrence(index),
        setField('calendar:Start', 'CalendarItem', `<t:Start>${start}</t:Start>`) +
          setField('calendar:End', 'CalendarItem', `<t:End>${end}</t:End>`),
      ),
    );
  await move(1, '2031-01-05T10:00:00Z', '2031-01-05T11:00:00Z');
  await move(5, '2031-01-12T20:00:00Z', '2031-01-12T21:00:00Z');
  await call(deleteItem(occurrence(3)));
  const view = await call(calendarView('2031-01-06T00:00:00Z', '2031-01-13T00:00:00Z'));
  const rows = findAll(view.body, 'CalendarItem').map(
    (row) => `${find(row, 'Start')?.text} ${find(row, 'CalendarItemType')?.text}`,
  );
  assert.deepEqual(rows, [
    '2031-01-08T10:00:00Z Occurrence',
    '2031-01-12T10:00:00Z Occurrence',
    '2031-01-12T20:00:00Z Exception',
  ]);
  assert.deepEqual(rootFolder(view), { TotalItemsInView: '3', IncludesLastItemInRange: 'true' });
});

test('FND-08: what ends at the beginning or starts at the end of a view is outside', async () => {
  const at = (start: string, end: string) => createEvent(`<t:Start>${start}</t:Start><t:End>${end}</t:End>`);
  await call(at('2032-02-01T08:00:00Z', '2032-02-01T09:00:00Z'));
  await call(at('2032-02-01T10:00:00Z', '2032-02-01T11:00:00Z'));
  const view = await call(calendarView('2032-02-01T09:00:00Z', '2032-02-01T10:00:00Z'));
  assert.equal(rootFolder(view)?.TotalItemsInView, '0');
});

test('GET: ids that differ in nothing but the case of letters are different ids', async () => {
  const { id } = await contact('G');
  const letter = [...id.matchAll(/[a-z]/g)].at(-1)?.index ?? 0;
  const other = `${id.slice(0, letter)}${id.charAt(letter).toUpperCase()}${id.slice(letter + 1)}`;
  const [first, second] = await codes(getItems(`<t:ItemId Id="${id}"/><t:ItemId Id="${other}"/>`));
  assert.equal(first, 'NoError');
  assert.match(second ?? '', /^Error(?:ItemNotFound|InvalidIdMalformed|NonExistentMailbox)$/);
});
