/** FindItem beyond the catalogue: every kind of restriction, orders, pages, groups, queries in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, find, findAll } from './client.ts';
import { createContact, findItems, setField, update, world } from './world.ts';

const { call, codes } = await world();

const people = [
  ['Ada', 'Lovelace', 'Café Royal', 'High', 5],
  ['Bob', 'Babbage', 'Engines & Sons', 'Low', 12],
  ['Carol', 'McCarthy', 'engines of the north', 'Normal', 3],
  ['Dora', 'Marsden', '', 'Normal', 0],
] as const;

const rating =
  '<t:ExtendedFieldURI PropertySetId="11111111-2222-3333-4444-555555555555" PropertyName="Rating" PropertyType="Integer"/>';

for (const [given, surname, company, importance, stars] of people) {
  const extended = stars === 0 ? '' : `<t:ExtendedProperty>${rating}<t:Value>${stars}</t:Value></t:ExtendedProperty>`;
  const employer = company === '' ? '' : `<t:CompanyName>${company.replace('&', '&amp;')}</t:CompanyName>`;
  await call(
    createContact(
      `<t:Importance>${importance}</t:Importance>${extended}<t:GivenName>${given}</t:GivenName>${employer}<t:EmailAddresses><t:Entry Key="EmailAddress1">${given.toLowerCase()}@example.test</t:Entry></t:EmailAddresses><t:Surname>${surname}</t:Surname>`,
    ),
  );
}

const named = (inner: string, view = '') =>
  findItems(inner, 'contacts', view).replace(
    '<t:BaseShape>IdOnly</t:BaseShape>',
    '<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="contacts:GivenName"/></t:AdditionalProperties>',
  );
const byName =
  '<m:SortOrder><t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="contacts:GivenName"/></t:FieldOrder></m:SortOrder>';
const uri = (path: string) => `<t:FieldURI FieldURI="${path}"/>`;
const company = uri('contacts:CompanyName');
const constant = (value: string) => `<t:FieldURIOrConstant><t:Constant Value="${value}"/></t:FieldURIOrConstant>`;
const is = (how: string, path: string, value: string) => `<t:Is${how}>${path}${constant(value)}</t:Is${how}>`;
const contains = (mode: string, comparison: string, value: string, path = company) =>
  `<t:Contains ContainmentMode="${mode}" ContainmentComparison="${comparison}">${path}<t:Constant Value="${value}"/></t:Contains>`;

/** First letters of those a restriction finds, in the order of names. */
async function found(expression: string): Promise<string> {
  const reply = await call(named(`<m:Restriction>${expression}</m:Restriction>${byName}`));
  assert.deepEqual(codesOf(reply), ['NoError'], expression);
  return findAll(reply.body, 'GivenName')
    .map((one) => one.text[0])
    .join('');
}

test('comparisons, existence and bits select what they say', async () => {
  const expected: Readonly<Record<string, string>> = {
    [is('EqualTo', company, 'CAFÉ ROYAL')]: 'A',
    [is('NotEqualTo', uri('item:Importance'), 'Normal')]: 'AB',
    [is('GreaterThan', rating, '3')]: 'AB',
    [is('GreaterThanOrEqualTo', rating, '3')]: 'ABC',
    [is('LessThan', rating, '5')]: 'C',
    [is('LessThanOrEqualTo', rating, '5')]: 'AC',
    [`<t:Exists>${company}</t:Exists>`]: 'ABC',
    [`<t:Not><t:Exists>${rating}</t:Exists></t:Not>`]: 'D',
    [`<t:Excludes>${rating}<t:Bitmask Value="0x4"/></t:Excludes>`]: 'CD',
    [`<t:Excludes>${rating}<t:Bitmask Value="2"/></t:Excludes>`]: 'ABD',
    [`<t:IsEqualTo>${uri('contacts:GivenName')}<t:FieldURIOrConstant>${uri('contacts:Surname')}</t:FieldURIOrConstant></t:IsEqualTo>`]:
      '',
    [`<t:IsLessThan>${uri('contacts:GivenName')}<t:FieldURIOrConstant>${uri('contacts:Surname')}</t:FieldURIOrConstant></t:IsLessThan>`]:
      'ACD',
    [is(
      'EqualTo',
      '<t:IndexedFieldURI FieldURI="contacts:EmailAddress" FieldIndex="EmailAddress1"/>',
      'bob@example.test',
    )]: 'B',
    [`<t:And>${is('GreaterThan', rating, '3')}<t:Or>${contains('Prefixed', 'Exact', 'Eng')}${contains('Prefixed', 'Exact', 'x')}</t:Or></t:And>`]:
      'B',
  };
  for (const [expression, letters] of Object.entries(expected))
    assert.equal(await found(expression), letters, expression);
});

test('text is contained as a whole, at the beginning, inside, or word by word, with or without case and accents', async () => {
  const expected: readonly (readonly [string, string, string, string])[] = [
    ['FullString', 'Exact', 'Café Royal', 'A'],
    ['FullString', 'IgnoreCase', 'café royal', 'A'],
    ['FullString', 'Exact', 'café royal', ''],
    ['FullString', 'IgnoreCaseAndNonSpacingCharacters', 'cafe royal', 'A'],
    ['Prefixed', 'Exact', 'engines', 'C'],
    ['Prefixed', 'IgnoreCase', 'ENGINES', 'BC'],
    ['Substring', 'Exact', 'gines', 'BC'],
    ['Substring', 'IgnoreNonSpacingCharacters', 'Cafe', 'A'],
    ['Substring', 'Loose', 'CAFE', 'A'],
    ['PrefixOnWords', 'IgnoreCase', 'nor', 'C'],
    ['ExactPhrase', 'IgnoreCase', 'sons', 'B'],
  ];
  for (const [mode, comparison, value, letters] of expected) {
    assert.equal(await found(contains(mode, comparison, value)), letters, `${mode} ${comparison} ${value}`);
  }
});

test('what cannot be searched or sorted is refused by name, also in an empty folder', async () => {
  const body = async (inner: string, folder = 'journal') => {
    const reply = await call(findItems(inner, folder));
    return [...codesOf(reply), find(reply.body, 'MessageXml')?.children[0]?.attributes.FieldURI];
  };
  const restricted = (path: string, value = 'x') => `<m:Restriction>${is('EqualTo', uri(path), value)}</m:Restriction>`;
  for (const path of ['calendar:RequiredAttendees', 'calendar:UID', 'item:Attachments', 'task:Status']) {
    assert.deepEqual(await body(restricted(path)), ['ErrorUnsupportedPathForQuery', path]);
  }
  const order = `<m:SortOrder><t:FieldOrder Order="Ascending">${uri('item:Attachments')}</t:FieldOrder></m:SortOrder>`;
  assert.deepEqual(await body(order), ['ErrorUnsupportedPathForSortGroup', 'item:Attachments']);
  const wrong = (expression: string) => codes(findItems(`<m:Restriction>${expression}</m:Restriction>`));
  assert.deepEqual(await wrong(is('EqualTo', rating, 'many')), ['ErrorInvalidValueForProperty']);
  assert.deepEqual(await wrong(is('EqualTo', uri('item:DateTimeCreated'), 'soon')), ['ErrorInvalidValueForProperty']);
  assert.deepEqual(await wrong(contains('Substring', 'Exact', '5', rating)), ['ErrorContainsFilterWrongType']);
});

test('pages by number, by fraction and from the end hold what they say, and senseless ones are refused', async () => {
  const page = async (view: string) => {
    const reply = await call(named(byName, view));
    const letters = findAll(reply.body, 'GivenName').map((one) => one.text[0]);
    return [letters.join(''), find(reply.body, 'RootFolder')?.attributes] as const;
  };
  const indexed = (more: string) => `<m:IndexedPageItemView ${more}/>`;
  assert.deepEqual(await page(indexed('MaxEntriesReturned="2" Offset="1" BasePoint="Beginning"')), [
    'BC',
    { IndexedPagingOffset: '3', TotalItemsInView: '4', IncludesLastItemInRange: 'false' },
  ]);
  assert.equal((await page(indexed('MaxEntriesReturned="2" Offset="1" BasePoint="End"')))[0], 'BC');
  assert.deepEqual(await page('<m:FractionalPageItemView MaxEntriesReturned="5" Numerator="1" Denominator="2"/>'), [
    'CD',
    { NumeratorOffset: '4', AbsoluteDenominator: '4', TotalItemsInView: '4', IncludesLastItemInRange: 'true' },
  ]);
  const refused = (view: string) => codes(findItems('', 'contacts', view));
  assert.deepEqual(await refused(indexed('MaxEntriesReturned="0" Offset="0" BasePoint="Beginning"')), [
    'ErrorInvalidPagingMaxRows',
  ]);
  assert.deepEqual(await refused(indexed('Offset="-1" BasePoint="Beginning"')), [
    'ErrorInvalidIndexedPagingParameters',
  ]);
  for (const numbers of [
    'Numerator="3" Denominator="2"',
    'Numerator="0" Denominator="0"',
    'Numerator="-1" Denominator="2"',
  ]) {
    assert.deepEqual(await refused(`<m:FractionalPageItemView ${numbers}/>`), [
      'ErrorInvalidFractionalPagingParameters',
    ]);
  }
});

test('a view of contacts goes from name to name', async () => {
  const reply = await call(named('', '<m:ContactsView MaxEntriesReturned="2" InitialName="B" FinalName="D"/>'));
  assert.deepEqual(
    findAll(reply.body, 'GivenName').map((one) => one.text),
    ['Bob', 'Carol'],
  );
});

test('a view can begin at the first row that meets a condition', async () => {
  const view = `<m:SeekToConditionPageItemView MaxEntriesReturned="2" BasePoint="Beginning"><t:Condition>${is('GreaterThanOrEqualTo', uri('contacts:GivenName'), 'Bz')}</t:Condition></m:SeekToConditionPageItemView>`;
  const reply = await call(named(byName, view), { version: 'Exchange2013' });
  assert.deepEqual(
    findAll(reply.body, 'GivenName').map((one) => one.text),
    ['Carol', 'Dora'],
  );
});

test('rows with the same value come together, groups in the order of their aggregate', async () => {
  const grouping = `<m:GroupBy Order="Descending">${uri('item:Importance')}<t:AggregateOn Aggregate="Minimum">${uri('contacts:GivenName')}</t:AggregateOn></m:GroupBy>`;
  const reply = await call(named(grouping));
  const groups = findAll(reply.body, 'GroupedItems').map(
    (one) => `${find(one, 'GroupIndex')?.text} ${findAll(one, 'GivenName').length}`,
  );
  assert.deepEqual(groups, ['Normal 2', 'Low 1', 'High 1']);
});

test('queries in words look everywhere, or where they say', async () => {
  const asked = async (query: string) => {
    const reply = await call(
      named(`${byName}`).replace('</m:FindItem>', `<m:QueryString>${query}</m:QueryString></m:FindItem>`),
    );
    return findAll(reply.body, 'GivenName')
      .map((one) => one.text[0])
      .join('');
  };
  assert.equal(await asked('engines'), 'BC');
  assert.equal(await asked('subject:bab'), 'B');
  assert.equal(await asked('"of the north"'), 'C');
  assert.equal(await asked('engines NOT sons'), 'C');
  assert.equal(await asked('ada OR carol'), 'AC');
  assert.equal(await asked('kind:tasks'), '');
  assert.equal(await asked('kind:contacts AND (ada OR dora)'), 'AD');
});

test('a personal group keeps its members, takes more, and lets single ones go', async () => {
  const member = (address: string) =>
    `<t:Member><t:Mailbox><t:Name>${address}</t:Name><t:EmailAddress>${address}@example.test</t:EmailAddress></t:Mailbox></t:Member>`;
  const made = await call(
    `<m:CreateItem><m:Items><t:DistributionList><t:DisplayName>Friends</t:DisplayName><t:Members>${member('bob')}${member('zed')}</t:Members></t:DistributionList></m:Items></m:CreateItem>`,
  );
  const id = find(made.body, 'ItemId')?.attributes.Id;
  const members = async () => {
    const reply = await call(
      `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId Id="${id}"/></m:ItemIds></m:GetItem>`,
    );
    return findAll(reply.body, 'Member');
  };
  const before = await members();
  assert.deepEqual(
    before.map((one) => [find(one, 'EmailAddress')?.text, find(one, 'MailboxType')?.text, find(one, 'Status')?.text]),
    [
      ['bob@example.test', 'Mailbox', 'Normal'],
      ['zed@example.test', 'OneOff', 'Normal'],
    ],
  );
  const append = setField(
    'distributionlist:Members',
    'DistributionList',
    `<t:Members>${member('yan')}</t:Members>`,
  ).replaceAll('SetItemField', 'AppendToItemField');
  const drop = `<t:DeleteItemField><t:IndexedFieldURI FieldURI="distributionlist:Members:Member" FieldIndex="${before[0]?.attributes.Key}"/></t:DeleteItemField>`;
  assert.deepEqual(await codes(update(`<t:ItemId Id="${id}"/>`, append + drop)), ['NoError']);
  assert.deepEqual(
    (await members()).map((one) => find(one, 'EmailAddress')?.text),
    ['zed@example.test', 'yan@example.test'],
  );
  assert.deepEqual(await codes(update(`<t:ItemId Id="${id}"/>`, drop)), ['ErrorDistributionListMemberNotExist']);
});
