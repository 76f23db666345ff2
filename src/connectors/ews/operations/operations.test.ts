import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availability, failure, response, stopped, success } from '#testing/ews-answers.ts';
import { ewsSample, recordedSamples } from '#testing/ews-samples.ts';
import { schemaErrors } from '#testing/ews-validate.ts';
import type { XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { envelopeFrame, inEnvelope, readEnvelope } from '../transport/soap.ts';
import { buildCreateItem, readCreateItem } from './create-item.ts';
import { buildDeleteItem, readDeleteItem } from './delete-item.ts';
import { buildFindItem, readFindItem } from './find-item.ts';
import { buildGetFolder, readGetFolder } from './get-folder.ts';
import { buildGetItem, idShape, readGetItem } from './get-item.ts';
import { buildGetUserAvailability, readGetUserAvailability } from './get-user-availability.ts';
import { buildGetUserConfiguration, readGetUserConfiguration } from './get-user-configuration.ts';
import { itemId, itemKeyOf, occurrenceId } from './item-id.ts';
import { buildResolveNames, readResolveNames } from './resolve-names.ts';
import { buildSyncFolderItems, readSyncFolderItems } from './sync-folder-items.ts';
import { buildUpdateItem, readUpdateItem } from './update-item.ts';

const property = xml`<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="liaison-link" PropertyType="String"/>`;
const finding = {
  folder: 'contacts',
  owner: undefined,
  property,
  value: 'a"<&\'b',
  offset: 0,
  pageItemsMax: 100,
  isSearch: true,
} as const;
const key = 'EQAAABYAAACPdBru5VU+vwpf9u3Gq092AAAgNiho';

/** One of everything we ever send, bodies of items apart. */
const requests: readonly EwsRequest[] = [
  buildSyncFolderItems({ folder: 'contacts', owner: undefined, syncState: undefined, pageItemsMax: 512 }),
  buildSyncFolderItems({ folder: 'calendar', owner: 'ada@example.test', syncState: 'H4sI=', pageItemsMax: 1 }),
  buildGetItem(idShape, ['AAMk=', 'AQMk/+=']),
  buildCreateItem('contacts', undefined, [xml`<t:Contact><t:GivenName>Ada</t:GivenName></t:Contact>`]),
  buildCreateItem('tasks', 'ada@example.test', [xml`<t:Task><t:Subject>Call</t:Subject></t:Task>`]),
  buildUpdateItem([
    {
      target: itemId('AAMk=', key),
      updates: [xml`<t:DeleteItemField><t:FieldURI FieldURI="contacts:JobTitle"/></t:DeleteItemField>`],
    },
    {
      target: occurrenceId('AAMk=', 3, key),
      updates: [
        xml`<t:SetItemField><t:FieldURI FieldURI="item:Subject"/><t:CalendarItem><t:Subject>Moved</t:Subject></t:CalendarItem></t:SetItemField>`,
      ],
    },
  ]),
  buildDeleteItem([itemId('AAMk=', key), occurrenceId('AAMk=', 3), occurrenceId('AAMk=', 2, key)]),
  buildFindItem(finding),
  buildFindItem({ ...finding, isSearch: false }),
  buildGetFolder(['contacts', 'calendar', 'tasks'], undefined),
  buildGetFolder(['contacts'], 'ada@example.test'),
  buildResolveNames('/o=First/ou=Exchange/cn=Recipients/cn=Ada'),
  buildGetUserAvailability('ada@example.test', '2030-01-01'),
  buildGetUserConfiguration('root', undefined),
  buildGetUserConfiguration('calendar', 'ada@example.test'),
];

test('every request validates against the schema of Exchange 2010 SP2 (SCH-02)', () => {
  for (const actAs of [undefined, 'ada@example.test']) {
    const frame = envelopeFrame({ version: 'Exchange2010_SP2', actAs });
    for (const request of requests) {
      const text = inEnvelope(frame, request.body);
      assert.deepEqual(schemaErrors(text), [], `${request.operation}: ${text}`);
      assert.match(text, new RegExp(`<m:${request.operation}(Request)?[ >]`));
    }
  }
});

test('the schema check notices a wrong element', () => {
  const frame = envelopeFrame({ version: 'Exchange2010_SP2', actAs: undefined });
  assert.notDeepEqual(schemaErrors(inEnvelope(frame, xml`<m:GetItem><m:Nonsense/></m:GetItem>`)), []);
});

test('no request ever asks the server to send mail or to overwrite', () => {
  for (const { body } of requests)
    assert.doesNotMatch(body.text, /SendTo(?!None)|AlwaysOverwrite|AutoResolve|HardDelete/);
});

function responseOf(text: string): XmlElement {
  const answer = readEnvelope(text);
  assert.equal(answer.kind, 'response');
  return answer.kind === 'response' ? answer.element : assert.fail();
}

/** Not EWS: the SOAP and XML of Autodiscover, and WebDAV, whose answers are no SOAP at all. */
const otherProtocols = /autodiscover|webdav/;
const ewsSamples = recordedSamples().filter((name) => !otherProtocols.test(name));

test('every recorded EWS answer is read, whatever server wrote it', () => {
  assert.equal(ewsSamples.length, 37);
  for (const name of ewsSamples) {
    const answer = readEnvelope(ewsSample(name));
    const expected = name.includes('/fault-') ? 'fault' : 'response';
    assert.equal(answer.kind, expected, name);
    if (answer.kind === 'fault') assert.match(answer.fault.code ?? '', /^Error/, name);
  }
});

/** How many items, changes or ids a sample holds, by the operation that would read it. */
function itemsIn(text: string): number | undefined {
  const answer = readEnvelope(text);
  if (answer.kind !== 'response') return undefined;
  const { element } = answer;
  switch (element.name) {
    case 'SyncFolderItemsResponse': {
      const entry = readSyncFolderItems(element);
      return entry.kind === 'value' ? entry.value.changes.length : undefined;
    }
    case 'GetItemResponse':
      return readGetItem(element, ['any']).filter(({ kind }) => kind === 'value').length;
    case 'FindItemResponse': {
      const entry = readFindItem(element, finding);
      return entry.kind === 'value' ? entry.value.items.length : undefined;
    }
    case 'CreateItemResponse':
      return readCreateItem(element, 1).filter(({ kind }) => kind === 'value').length;
    case 'UpdateItemResponse':
      return readUpdateItem(element, 1).filter(({ kind }) => kind === 'value').length;
    default:
      return 0;
  }
}

test('an answer cut off anywhere is never read as one with fewer items', () => {
  for (const name of ewsSamples) {
    const bytes = Buffer.from(ewsSample(name));
    const end = bytes.toString().trimEnd().length;
    for (let length = 0; length < end; length += 97) {
      assert.equal(readEnvelope(bytes.subarray(0, length).toString()).kind, 'unreadable', `${name} cut at ${length}`);
    }
  }
});

test('the recorded answers hold the items they hold', () => {
  const expected: Readonly<Record<string, number>> = {
    'recorded/syncfolderitems-create-idonly-ex2010sp3.xml': 1,
    'recorded/syncfolderitems-nochange-ex2010sp3.xml': 0,
    'recorded/finditem-calendarview-allproperties-ex2019.xml': 3,
    'recorded/getitem-contact-allproperties-ex2019.xml': 1,
    'recorded/createitem-calendar-ex2019.xml': 1,
    'recorded/updateitem-contact-ex2013.xml': 1,
  };
  for (const [name, items] of Object.entries(expected)) assert.equal(itemsIn(ewsSample(name)), items, name);
});

test('a read-flag update answers with a key of four bytes, which is no version', () => {
  const [entry] = readUpdateItem(responseOf(ewsSample('recorded/updateitem-message-isread-online15.20.xml')), 1);
  assert.ok(entry?.kind === 'value' && entry.value !== null);
  assert.equal(entry.value.changeKey, undefined);
  const [full] = readUpdateItem(responseOf(ewsSample('recorded/updateitem-contact-ex2013.xml')), 1);
  assert.ok(full?.kind === 'value' && full.value?.changeKey === key);
});

test('a removal of a removed item says that it is gone', () => {
  const [entry] = readDeleteItem(responseOf(ewsSample('recorded/deleteitem-error-itemnotfound-online15.20.xml')), 1);
  assert.ok(entry?.kind === 'response');
  assert.equal(entry.code, 'ErrorItemNotFound');
});

test('entries come in order: read, refused, stopped (GET-01, GET-02)', () => {
  const item = (id: string): string =>
    success('GetItem', `<m:Items><t:Contact><t:ItemId Id="${id}" ChangeKey="${key}"/></t:Contact></m:Items>`);
  const text = response(
    'GetItem',
    item('one'),
    failure('GetItem', 'ErrorItemNotFound'),
    item('three'),
    stopped('GetItem'),
  );
  const entries = readGetItem(responseOf(text), ['one', 'two', 'three', 'four']);
  assert.deepEqual(
    entries.map((entry) => (entry.kind === 'response' ? entry.code : entry.kind)),
    ['value', 'ErrorItemNotFound', 'value', 'ErrorBatchProcessingStopped'],
  );
});

test('items that come in another order, or not all, are told by their ids, and what is left is not guessed at', () => {
  const item = (id: string): string =>
    success('GetItem', `<m:Items><t:Contact><t:ItemId Id="${id}" ChangeKey="${key}"/></t:Contact></m:Items>`);
  const gone = failure('GetItem', 'ErrorItemNotFound');
  const read = (...messages: readonly string[]): readonly string[] =>
    readGetItem(responseOf(response('GetItem', ...messages)), ['one', 'two', 'three']).map((entry) =>
      entry.kind === 'value' ? (itemKeyOf(entry.value)?.id ?? '') : entry.kind === 'response' ? entry.code : entry.kind,
    );
  assert.deepEqual(read(item('three'), item('one'), item('two')), ['one', 'two', 'three']);
  assert.deepEqual(read(item('three'), gone, item('one')), ['one', 'ErrorItemNotFound', 'three']);
  assert.deepEqual(read(item('three'), gone, failure('GetItem', 'ErrorItemCorrupt')), ['missing', 'missing', 'three']);
  assert.deepEqual(read(item('one'), item('three')), ['one', 'missing', 'three']);
  assert.deepEqual(read(item('one'), gone), ['one', 'missing', 'missing'], 'nobody is called gone on a guess');
});

test('an answer that leaves entries out, or has too many, is not guessed at', () => {
  const one = success('DeleteItem', '');
  assert.deepEqual(
    readDeleteItem(responseOf(response('DeleteItem', one)), 2).map(({ kind }) => kind),
    ['missing', 'missing'],
  );
  assert.deepEqual(
    readDeleteItem(responseOf(response('DeleteItem', one, one, one)), 2).map(({ kind }) => kind),
    ['missing', 'missing'],
  );
  assert.deepEqual(
    readGetItem(responseOf(response('GetItem', success('GetItem', '<m:Items/>'))), ['one']).map(({ kind }) => kind),
    ['missing'],
  );
  assert.deepEqual(
    readCreateItem(responseOf(response('CreateItem', success('CreateItem', '<m:Items><t:Contact/></m:Items>'))), 1).map(
      ({ kind }) => kind,
    ),
    ['missing'],
  );
});

function syncPage(
  changes: string,
  head = '<m:SyncState>H4sI</m:SyncState><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>',
) {
  return readSyncFolderItems(
    responseOf(response('SyncFolderItems', success('SyncFolderItems', `${head}<m:Changes>${changes}</m:Changes>`))),
  );
}

const contact = (kind: string, id: string): string =>
  `<t:${kind}><t:Contact><t:ItemId Id="${id}" ChangeKey="${key}"/></t:Contact></t:${kind}>`;

test('a page of changes names every id once, and a deletion is the last word about it', () => {
  const page = syncPage(
    `<t:Delete><t:ItemId Id="a" ChangeKey="${key}"/></t:Delete>${contact('Create', 'a')}${contact('Create', 'b')}${contact('Update', 'b')}<t:ReadFlagChange><t:ItemId Id="c" ChangeKey="${key}"/><t:IsRead>true</t:IsRead></t:ReadFlagChange><t:Novelty/>${contact('Update', 'd')}<t:Delete><t:ItemId Id="d"/></t:Delete>`,
  );
  assert.ok(page.kind === 'value');
  assert.deepEqual(
    page.value.changes.map(({ kind, id }) => [kind, id]),
    [
      ['gone', 'a'],
      ['present', 'b'],
      ['gone', 'd'],
    ],
  );
});

test('a page of changes without a state, or with a change that names no item, is no page', () => {
  assert.equal(
    syncPage('', '<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>').kind,
    'missing',
  );
  assert.equal(syncPage('', '').kind, 'missing');
  assert.equal(syncPage('<t:Create><t:Contact/></t:Create>').kind, 'missing');
  assert.equal(syncPage('<t:Delete/>').kind, 'missing');
});

test('a page of changes that does not say it is the last is not the last', () => {
  const bare = success('SyncFolderItems', '<m:SyncState>H4sI</m:SyncState>');
  const page = readSyncFolderItems(responseOf(response('SyncFolderItems', bare)));
  assert.ok(page.kind === 'value' && !page.value.last);
  const some = syncPage('<t:Delete><t:ItemId Id="one"/></t:Delete>', '<m:SyncState>H4sI</m:SyncState>');
  assert.ok(some.kind === 'value' && !some.value.last);
});

test('a server that never says which page is the last has come to the end when its list of changes is empty', () => {
  const page = syncPage('', '<m:SyncState>H4sI</m:SyncState>');
  assert.ok(page.kind === 'value' && page.value.last);
});

test('a search goes on where the server says, and ends when it says nothing sensible', () => {
  const found = (attributes: string, ids: readonly string[]) =>
    readFindItem(
      responseOf(
        response(
          'FindItem',
          success(
            'FindItem',
            `<m:RootFolder ${attributes}><t:Items>${ids.map((id) => `<t:Contact><t:ItemId Id="${id}"/></t:Contact>`).join('')}</t:Items></m:RootFolder>`,
          ),
        ),
      ),
      finding,
    );
  const nextOf = (attributes: string, ids: readonly string[]): number | undefined => {
    const entry = found(attributes, ids);
    return entry.kind === 'value' ? entry.value.nextOffset : assert.fail();
  };
  assert.equal(nextOf('IndexedPagingOffset="2" TotalItemsInView="5" IncludesLastItemInRange="false"', ['a', 'b']), 2);
  assert.equal(nextOf('IncludesLastItemInRange="false"', ['a', 'b']), 2);
  assert.equal(nextOf('IndexedPagingOffset="5" IncludesLastItemInRange="true"', ['a']), undefined);
  assert.equal(nextOf('', ['a']), undefined);
  assert.equal(nextOf('IndexedPagingOffset="0" IncludesLastItemInRange="false"', ['a']), undefined);
  assert.equal(nextOf('IndexedPagingOffset="9" IncludesLastItemInRange="false"', []), undefined);
});

test('folders say how many items they hold, or that they are gone', () => {
  const text = response(
    'GetFolder',
    success('GetFolder', '<m:Folders><t:ContactsFolder><t:TotalCount>7</t:TotalCount></t:ContactsFolder></m:Folders>'),
    failure('GetFolder', 'ErrorFolderNotFound'),
  );
  const [first, second] = readGetFolder(responseOf(text), 2);
  assert.ok(first?.kind === 'value' && first.value.items === 7);
  assert.equal(second?.kind, 'response');
});

test("the zone of a mailbox is the user's own setting, when there is one", () => {
  const entry = (name: string, value: string): string =>
    `<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>${name}</t:Value></t:DictionaryKey><t:DictionaryValue><t:Type>String</t:Type><t:Value>${value}</t:Value></t:DictionaryValue></t:DictionaryEntry>`;
  const zoneOf = (entries: string): unknown => {
    const read = readGetUserConfiguration(
      responseOf(
        response(
          'GetUserConfiguration',
          success(
            'GetUserConfiguration',
            `<m:UserConfiguration><t:Dictionary>${entries}</t:Dictionary></m:UserConfiguration>`,
          ),
        ),
      ),
    );
    return read.kind === 'value' ? read.value : read.kind;
  };
  assert.equal(zoneOf(entry('theme', 'x') + entry('timezone', 'W. Europe Standard Time')), 'W. Europe Standard Time');
  assert.equal(zoneOf(entry('timezone', '')), null);
  assert.equal(zoneOf(''), null);
});

test('a legacy name stands for one address or for none', () => {
  const resolved = (...resolutions: readonly string[]): unknown => {
    const read = readResolveNames(
      responseOf(
        response(
          'ResolveNames',
          success(
            'ResolveNames',
            `<m:ResolutionSet>${resolutions.map((one) => `<t:Resolution>${one}</t:Resolution>`).join('')}</m:ResolutionSet>`,
          ),
        ),
      ),
    );
    return read.kind === 'value' ? read.value : read.kind;
  };
  const smtp =
    '<t:Mailbox><t:Name>Ada</t:Name><t:EmailAddress>Ada@Example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox>';
  assert.equal(resolved(smtp), 'ada@example.test');
  assert.equal(resolved(smtp, smtp), null);
  assert.equal(resolved(), null);
  const proxies =
    '<t:Mailbox><t:EmailAddress>/o=x</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox><t:Contact><t:EmailAddresses><t:Entry Key="EmailAddress1">smtp:alias@example.test</t:Entry><t:Entry Key="EmailAddress2">SMTP:Ada@example.test</t:Entry></t:EmailAddresses></t:Contact>';
  assert.equal(resolved(proxies), 'ada@example.test');
});

test('working hours tell the zone as rules, when they are yearly ones', () => {
  const transition = (bias: number, time: string, week: number, month: number, more = ''): string =>
    `<t:Bias>${bias}</t:Bias><t:Time>${time}</t:Time><t:DayOrder>${week}</t:DayOrder><t:Month>${month}</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>${more}`;
  const rulesOf = (standard: string, daylight: string): unknown => {
    const zone = `<t:Bias>-60</t:Bias><t:StandardTime>${standard}</t:StandardTime><t:DaylightTime>${daylight}</t:DaylightTime>`;
    const read = readGetUserAvailability(responseOf(availability(zone)));
    return read.kind === 'value' ? read.value : read.kind;
  };
  assert.deepEqual(rulesOf(transition(0, '03:00:00', 5, 10), transition(-60, '02:00:00', 5, 3)), {
    standardBiasMinutes: -60,
    daylight: {
      biasMinutes: -120,
      begins: { month: 3, week: 5, weekday: 'sunday', timeSeconds: 7200 },
      ends: { month: 10, week: 5, weekday: 'sunday', timeSeconds: 10800 },
    },
  });
  assert.deepEqual(rulesOf(transition(0, '00:00:00', 0, 0), transition(0, '00:00:00', 0, 0)), {
    standardBiasMinutes: -60,
  });
  assert.equal(
    rulesOf(transition(0, '03:00:00', 5, 10, '<t:Year>2026</t:Year>'), transition(-60, '02:00:00', 5, 3)),
    null,
  );
  assert.equal(rulesOf('', ''), null);
  const refused = readGetUserAvailability(
    responseOf('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><r/></s:Body></s:Envelope>'),
  );
  assert.equal(refused.kind, 'missing');
});
