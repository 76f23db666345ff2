import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Create } from '#contract/connector.ts';
import { availability, failure, response, soapFault, stopped, success } from '#testing/ews-answers.ts';
import { got, item, keyOf, running, wrote } from '#testing/ews-scripted-mailbox.ts';
import { answer, hangUp } from '#testing/scripted-server.ts';

function contact(id: string, version = 1, fields = '<t:GivenName>Ada</t:GivenName>'): string {
  return item('Contact', id, version, `<t:ItemClass>IPM.Contact</t:ItemClass>${fields}`);
}

function page(state: string, last: boolean, changes: string): string {
  return response(
    'SyncFolderItems',
    success(
      'SyncFolderItems',
      `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>${last}</m:IncludesLastItemInRange><m:Changes>${changes}</m:Changes>`,
    ),
  );
}

const ada: Create = { linkKey: 'key-1', item: { kind: 'contact', name: { given: 'Ada', surname: 'Lovelace' } } };

test('changes come page by page, each with its cursor', async (context) => {
  const { connector, server } = await running(context, {
    SyncFolderItems: ({ body }) =>
      body.includes('<m:SyncState>one<')
        ? page('two', true, `<t:Delete><t:ItemId Id="b" ChangeKey="${keyOf('b')}"/></t:Delete>`)
        : page('one', false, `<t:Create>${contact('a')}</t:Create><t:Update>${contact('b', 2)}</t:Update>`),
  });
  assert.deepEqual(await connector.changes('contact', null), {
    ok: true,
    value: {
      changes: [
        { kind: 'present', id: 'a', version: keyOf('a') },
        { kind: 'present', id: 'b', version: keyOf('b', 2) },
      ],
      cursor: 'one',
      complete: false,
    },
  });
  assert.deepEqual(await connector.changes('contact', 'one'), {
    ok: true,
    value: { changes: [{ kind: 'gone', id: 'b' }], cursor: 'two', complete: true },
  });
  assert.match(server.asked[0]?.body ?? '', /<m:MaxChangesReturned>512</);
});

test('a server that repeats its state forever is not followed forever (SYN-13)', async (context) => {
  const { connector, log } = await running(context, { SyncFolderItems: () => page('same', false, '') });
  const reply = await connector.changes('task', 'same');
  assert.ok(reply.ok && reply.value.complete);
  assert.ok(log.some(({ event }) => event === 'ews.syncStateStuck'));
});

test('a page the server has no time for is asked for in smaller pieces', async (context) => {
  const { connector, server } = await running(context, {
    SyncFolderItems: ({ count }) => (count < 3 ? answer(500, soapFault('ErrorTimeoutExpired')) : page('one', true, '')),
  });
  assert.ok((await connector.changes('contact', 'zero')).ok);
  assert.deepEqual(
    server.asked.map(({ body }) => /MaxChangesReturned>(\d+)/.exec(body)?.[1]),
    ['512', '256', '128'],
  );
});

test('busy inside the answer to a page of changes is waited out once', async (context) => {
  const busy = response(
    'SyncFolderItems',
    failure('SyncFolderItems', 'ErrorServerBusy', '<t:Value Name="BackOffMilliseconds">50</t:Value>'),
  );
  const { connector } = await running(context, {
    SyncFolderItems: ({ count }) => (count === 1 ? busy : page('one', true, '')),
  });
  assert.ok((await connector.changes('contact', 'zero')).ok);
  const always = await running(context, { SyncFolderItems: () => busy });
  const reply = await always.connector.changes('contact', 'zero');
  assert.ok(!reply.ok && reply.fault.code === 'budget.exhausted');
  assert.equal(always.operations().length, 2);
});

test('a closed connector sends nothing more', async (context) => {
  const { connector, operations } = await running(context, { SyncFolderItems: () => page('one', true, '') });
  await connector.close();
  await connector.close();
  const reply = await connector.changes('contact', 'zero');
  assert.ok(!reply.ok && reply.fault.code === 'defect.internal');
  assert.deepEqual(operations(), []);
});

test('a state the server no longer knows is said to be so (SYN-07)', async (context) => {
  const { connector } = await running(context, {
    SyncFolderItems: () =>
      response(
        'SyncFolderItems',
        failure('SyncFolderItems', 'ErrorInvalidSyncStateData').replace(
          '<m:Items/>',
          '<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>',
        ),
      ),
  });
  const reply = await connector.changes('contact', 'H4sI');
  assert.ok(!reply.ok && reply.fault.code === 'mailbox.cursorInvalid');
});

test('a folder that is gone is a fault and never an empty folder (SYN-17)', async (context) => {
  for (const code of ['ErrorFolderNotFound', 'ErrorSyncFolderNotFound', 'ErrorItemNotFound']) {
    const { connector } = await running(context, {
      SyncFolderItems: () => response('SyncFolderItems', failure('SyncFolderItems', code)),
    });
    const reply = await connector.changes('contact', 'H4sI');
    assert.ok(!reply.ok && reply.fault.code === 'mailbox.folderGone', code);
  }
});

test('a folder the server fails on, or does not let in, is not an item in trouble', async (context) => {
  for (const [code, expected] of [
    ['ErrorInternalServerError', 'server.failure'],
    ['ErrorAccessDenied', 'mailbox.denied'],
    ['ErrorCorruptData', 'server.failure'],
  ] as const) {
    const { connector } = await running(context, {
      SyncFolderItems: () => response('SyncFolderItems', failure('SyncFolderItems', code)),
      FindItem: () => response('FindItem', failure('FindItem', code)),
    });
    for (const reply of [await connector.changes('contact', 'zero'), await connector.findByLinkKey('contact', 'k')]) {
      assert.ok(!reply.ok && reply.fault.code === expected, code);
    }
  }
});

test('an empty first listing is believed only of an empty folder', async (context) => {
  const folder = (count: number) => (): string =>
    response(
      'GetFolder',
      success(
        'GetFolder',
        `<m:Folders><t:ContactsFolder><t:TotalCount>${count}</t:TotalCount></t:ContactsFolder></m:Folders>`,
      ),
    );
  const empty = await running(context, { SyncFolderItems: () => page('one', true, ''), GetFolder: folder(0) });
  assert.ok((await empty.connector.changes('contact', null)).ok);
  const odd = await running(context, { SyncFolderItems: () => page('one', true, ''), GetFolder: folder(7) });
  assert.ok(!(await odd.connector.changes('contact', null)).ok);
  assert.ok((await odd.connector.changes('contact', 'zero')).ok, 'nothing new is nothing new');
});

test('items are read in the order asked: present, gone, of another class, present (GET-01)', async (context) => {
  const { connector } = await running(context, {
    GetItem: () =>
      response(
        'GetItem',
        success('GetItem', `<m:Items>${contact('a')}</m:Items>`),
        failure('GetItem', 'ErrorItemNotFound'),
        success(
          'GetItem',
          `<m:Items><t:DistributionList><t:ItemId Id="c" ChangeKey="${keyOf('c')}"/><t:ItemClass>IPM.DistList</t:ItemClass></t:DistributionList></m:Items>`,
        ),
        success(
          'GetItem',
          `<m:Items>${contact('d', 3, '<t:Subject>A\u0001da&#x10; L</t:Subject><t:GivenName>Ada&#x1;</t:GivenName><t:Novelty/>')}</m:Items>`,
        ),
      ),
  });
  const reply = await connector.read('contact', ['a', 'b', 'c', 'd']);
  assert.ok(reply.ok);
  const [a, b, c, d] = reply.value;
  assert.ok(a?.kind === 'present' && a.snapshot.id === 'a' && a.snapshot.version === keyOf('a'));
  assert.deepEqual(b, { kind: 'gone', id: 'b' });
  assert.ok(c?.kind === 'failed' && c.fault.code === 'item.unsupported');
  assert.ok(d?.kind === 'present' && d.snapshot.item.kind === 'contact');
  assert.equal(d.snapshot.item.name?.given, 'Ada', 'characters XML forbids are removed (ENV-11)');
});

test('one item that breaks the whole answer fails alone, the others are read', async (context) => {
  const ids = Array.from({ length: 40 }, (_, index) => `id${index}`);
  for (const breaks of [
    answer(500, '<html>Server Error</html>', { 'content-type': 'text/html' }),
    answer(200, '<broken'),
    answer(500, soapFault('ErrorInternalServerError')),
  ]) {
    const { connector, operations } = await running(context, {
      GetItem: ({ ids: asked }) => (asked.includes('id17') ? breaks : got(...asked.map((id) => contact(id)))),
    });
    // The server recovers between tries of a read; its pauses are real, so only few requests may be needed.
    const reply = await connector.read('contact', ids);
    assert.ok(reply.ok);
    assert.deepEqual(
      reply.value
        .filter(({ kind }) => kind === 'failed')
        .map((one) => one.kind === 'failed' && [one.id, one.fault.code]),
      [['id17', 'item.unreadable']],
    );
    assert.equal(reply.value.filter(({ kind }) => kind === 'present').length, 39);
    assert.ok(operations().length < 50);
  }
});

test('a colleague in an event is named by SMTP address, left out when there is nobody, and never lost to a failing server', async (context) => {
  const event =
    '<t:ItemClass>IPM.Appointment</t:ItemClass><t:Start>2030-01-01T09:00:00Z</t:Start><t:End>2030-01-01T10:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent><t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:CalendarItemType>Single</t:CalendarItemType><t:RequiredAttendees><t:Attendee><t:Mailbox><t:Name>Bob</t:Name><t:EmailAddress>/o=First/cn=Recipients/cn=Bob</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox></t:Attendee></t:RequiredAttendees>';
  const resolution =
    '<m:ResolutionSet><t:Resolution><t:Mailbox><t:EmailAddress>bob@example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:Resolution></m:ResolutionSet>';
  const readWith = async (resolve: string) => {
    const { connector, operations } = await running(context, {
      GetItem: ({ ids }) => got(...ids.map((id) => item('CalendarItem', id, 1, event))),
      ResolveNames: () => resolve,
    });
    const reply = await connector.read('event', ['a', 'b']);
    return { reply, lookUps: operations().filter((name) => name === 'ResolveNames').length };
  };
  const named = await readWith(response('ResolveNames', success('ResolveNames', resolution)));
  const [first] = named.reply.ok ? named.reply.value : [];
  assert.ok(first?.kind === 'present' && first.snapshot.item.kind === 'event');
  assert.deepEqual(Object.keys(first.snapshot.item.attendees ?? {}), ['bob@example.test']);
  assert.equal(named.lookUps, 1, 'one question for the same name');
  const nobody = await readWith(response('ResolveNames', failure('ResolveNames', 'ErrorNameResolutionNoResults')));
  assert.ok(nobody.reply.ok && nobody.reply.value.every(({ kind }) => kind === 'present'));
  const failing = await readWith(response('ResolveNames', failure('ResolveNames', 'ErrorInternalServerError')));
  assert.ok(
    failing.reply.ok &&
      failing.reply.value.every((one) => one.kind === 'failed' && one.fault.code === 'item.unreadable'),
  );
  const busy = await readWith(response('ResolveNames', failure('ResolveNames', 'ErrorServerBusy')));
  assert.ok(!busy.reply.ok && busy.reply.fault.code === 'budget.exhausted');
});

test('one broken item alone is told from a broken server by a harmless question', async (context) => {
  const broken = answer(200, '<broken');
  const alive = response('GetFolder', success('GetFolder', '<m:Folders><t:ContactsFolder/></m:Folders>'));
  const item = await running(context, { GetItem: () => broken, GetFolder: () => alive });
  const reply = await item.connector.read('contact', ['a']);
  assert.ok(reply.ok && reply.value[0]?.kind === 'failed' && reply.value[0].fault.code === 'item.unreadable');
  const server = await running(context, { GetItem: () => broken, GetFolder: () => broken });
  const trouble = await server.connector.read('contact', ['a']);
  assert.ok(!trouble.ok && trouble.fault.code === 'server.garbled');
});

test('a server that breaks on every item is in trouble itself, and no item is blamed', async (context) => {
  const folder = response('GetFolder', success('GetFolder', '<m:Folders><t:ContactsFolder/></m:Folders>'));
  const { connector, operations } = await running(context, {
    GetItem: () => answer(200, '<broken'),
    GetFolder: () => folder,
  });
  const reply = await connector.read(
    'contact',
    Array.from({ length: 200 }, (_, index) => `id${index}`),
  );
  assert.ok(!reply.ok && reply.fault.code === 'server.garbled');
  assert.ok(operations().length < 30, String(operations().length));
});

test('entries a server did not come to are asked again, and only these (GET-02)', async (context) => {
  const { connector, server } = await running(context, {
    GetItem: ({ ids, count }) =>
      count === 1
        ? response(
            'GetItem',
            success('GetItem', `<m:Items>${contact('a')}</m:Items>`),
            failure('GetItem', 'ErrorItemCorrupt'),
            stopped('GetItem'),
            stopped('GetItem'),
          )
        : got(...ids.map((id) => contact(id))),
  });
  const reply = await connector.read('contact', ['a', 'b', 'c', 'd']);
  assert.ok(reply.ok);
  assert.deepEqual(
    reply.value.map((one) => (one.kind === 'failed' ? one.fault.code : one.kind)),
    ['present', 'item.unreadable', 'present', 'present'],
  );
  const last = server.asked.at(-1)?.body ?? '';
  assert.ok(!last.includes('"a"') && last.includes('"c"') && last.includes('"d"'));
});

test('a batch that takes the server too long is halved, and grows back later (GET-04)', async (context) => {
  const sizes: number[] = [];
  const { connector } = await running(
    context,
    {
      GetItem: ({ ids, count }) => {
        sizes.push(ids.length);
        return count === 1 ? answer(500, soapFault('ErrorTimeoutExpired')) : got(...ids.map((id) => contact(id)));
      },
    },
    { readBatch: 16 },
  );
  const ids = Array.from({ length: 60 }, (_, index) => `id${index}`);
  const reply = await connector.read('contact', ids);
  assert.ok(reply.ok && reply.value.every(({ kind }) => kind === 'present'));
  assert.deepEqual(sizes.slice(0, 3), [16, 8, 8]);
  assert.equal(sizes.at(-1) === 16 || Math.max(...sizes.slice(1)) > 10, true, sizes.join());
});

test('busy inside a batch keeps what was read and asks the rest once more (THR-05)', async (context) => {
  const { connector, operations } = await running(context, {
    GetItem: ({ ids, count }) =>
      count === 1
        ? response(
            'GetItem',
            success('GetItem', `<m:Items>${contact('a')}</m:Items>`),
            failure('GetItem', 'ErrorServerBusy', '<t:Value Name="BackOffMilliseconds">60</t:Value>'),
            stopped('GetItem'),
          )
        : got(...ids.map((id) => contact(id))),
  });
  const reply = await connector.read('contact', ['a', 'b', 'c']);
  assert.ok(reply.ok && reply.value.every(({ kind }) => kind === 'present'));
  assert.deepEqual(operations(), ['GetItem', 'GetItem']);
});

test('a server that fails altogether is the answer for all, without asking for every item', async (context) => {
  const { connector, operations } = await running(context, {
    GetItem: () => answer(403, ''),
    GetUserConfiguration: () => response('GetUserConfiguration', failure('GetUserConfiguration', 'ErrorItemNotFound')),
  });
  const reply = await connector.read('contact', ['a', 'b', 'c', 'd']);
  assert.ok(!reply.ok && reply.fault.code === 'mailbox.denied');
  assert.equal(operations().length, 1);
});

test('nothing is read or written while the zone of the mailbox cannot be asked for', async (context) => {
  const { connector, operations } = await running(context, { GetUserConfiguration: () => answer(403, '') });
  const reply = await connector.read('event', ['a']);
  assert.ok(!reply.ok && reply.fault.code === 'mailbox.denied');
  const [created] = await connector.create('contact', [ada]);
  assert.ok(created?.kind === 'rejected');
  assert.deepEqual(operations(), []);
});

test('a created contact carries its link key in the same call and comes back with id and version', async (context) => {
  const { connector, server } = await running(context, { CreateItem: () => wrote('CreateItem', contact('new')) });
  assert.deepEqual(await connector.create('contact', [ada]), [
    { kind: 'applied', value: { id: 'new', version: keyOf('new') } },
  ]);
  const { body } = server.asked.at(-1) ?? { body: '' };
  assert.match(body, /PropertyName="liaison-link"[^>]*\/><t:Value>key-1</);
});

test('of three creates the refused one is rejected alone (WRT-03)', async (context) => {
  const { connector } = await running(context, {
    CreateItem: () =>
      response(
        'CreateItem',
        success('CreateItem', `<m:Items>${contact('a')}</m:Items>`),
        failure('CreateItem', 'ErrorInvalidContactEmailAddress'),
        success('CreateItem', `<m:Items>${contact('c')}</m:Items>`),
      ),
  });
  const outcomes = await connector.create('contact', [ada, { ...ada, linkKey: 'key-2' }, { ...ada, linkKey: 'key-3' }]);
  assert.deepEqual(
    outcomes.map((one) => (one.kind === 'rejected' ? one.fault.code : one.kind)),
    ['applied', 'item.invalid', 'applied'],
  );
});

test('a create whose connection is cut is unknown and is not sent again (WRT-10)', async (context) => {
  const { connector, operations } = await running(context, { CreateItem: () => hangUp });
  const outcomes = await connector.create('contact', [ada, ada]);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['unknown', 'unknown'],
  );
  assert.deepEqual(operations(), ['CreateItem']);
});

test('when the answer to creates leaves an entry out, all of them are unknown', async (context) => {
  const { connector } = await running(context, { CreateItem: () => wrote('CreateItem', contact('a')) });
  const outcomes = await connector.create('contact', [ada, ada]);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['unknown', 'unknown'],
    'nobody can say whose the only id is',
  );
});

test('one create that makes the server refuse the whole request is found and rejected alone', async (context) => {
  const { connector } = await running(context, {
    CreateItem: ({ body }) => {
      if (body.includes('Poison')) return answer(500, soapFault('ErrorSchemaValidation'));
      const names = [...body.matchAll(/<t:GivenName>(\w+)</g)].map((match) => match[1] as string);
      return wrote('CreateItem', ...names.map((name) => contact(name)));
    },
  });
  const creates = ['A', 'B', 'Poison', 'D', 'E'].map(
    (given, index): Create => ({ linkKey: `key-${index}`, item: { kind: 'contact', name: { given } } }),
  );
  const outcomes = await connector.create('contact', creates);
  assert.deepEqual(
    outcomes.map((one) => (one.kind === 'applied' ? one.value.id : one.kind)),
    ['A', 'B', 'rejected', 'D', 'E'],
  );
});

const renamed = { kind: 'contact', name: { given: 'Augusta' }, organization: { jobTitle: 'Countess' } } as const;
const change = { id: 'a', version: keyOf('a'), target: renamed, paths: ['organization.jobTitle'] } as const;

test('an update is conditional on its version and returns the new one', async (context) => {
  const { connector, server } = await running(context, { UpdateItem: () => wrote('UpdateItem', contact('a', 2)) });
  assert.deepEqual(await connector.update('contact', [change]), [
    { kind: 'applied', value: { id: 'a', version: keyOf('a', 2) } },
  ]);
  const body = server.asked.at(-1)?.body ?? '';
  assert.ok(body.includes(`<t:ItemId Id="a" ChangeKey="${keyOf('a')}"/>`));
  assert.ok(!body.includes('GivenName'), 'only the asked path is written');
});

test('an update of a changed item is a conflict, however often it is tried (CNF-06)', async (context) => {
  const { connector, operations } = await running(context, {
    UpdateItem: () => response('UpdateItem', failure('UpdateItem', 'ErrorIrresolvableConflict')),
  });
  for (let round = 0; round < 3; round += 1) {
    const [outcome] = await connector.update('contact', [change]);
    assert.ok(outcome?.kind === 'rejected' && outcome.fault.code === 'item.conflict');
  }
  assert.equal(operations().length, 3);
});

test('an update answered without a usable version has its version read (4-byte key, other id)', async (context) => {
  for (const item of [
    '<t:Contact><t:ItemId Id="a" ChangeKey="EQAAAA=="/></t:Contact>',
    contact('completed-copy', 9),
    '<t:Contact/>',
  ]) {
    const { connector, operations } = await running(context, {
      UpdateItem: () => wrote('UpdateItem', item),
      GetItem: () => got(contact('a', 5)),
    });
    assert.deepEqual(await connector.update('contact', [change]), [
      { kind: 'applied', value: { id: 'a', version: keyOf('a', 5) } },
    ]);
    assert.deepEqual(operations(), ['UpdateItem', 'GetItem']);
  }
});

test('a property the server refuses is left aside once, and the outcome says that not all happened (WRT-07)', async (context) => {
  const refusal = failure('UpdateItem', 'ErrorInvalidPropertySet', '<t:FieldURI FieldURI="contacts:JobTitle"/>');
  const handlers = {
    UpdateItem: ({ body }: { body: string }) =>
      body.includes('contacts:JobTitle') ? response('UpdateItem', refusal) : wrote('UpdateItem', contact('a', 2)),
  };
  const { connector, log } = await running(context, handlers);
  const both = {
    ...change,
    target: { ...renamed, webPage: 'https://ada.example.test' },
    paths: ['organization.jobTitle', 'webPage'],
  };
  const [outcome] = await connector.update('contact', [both]);
  assert.ok(
    outcome?.kind === 'unknown' &&
      outcome.fault.code === 'item.unsupported' &&
      outcome.fault.path === 'organization.jobTitle',
  );
  assert.ok(log.some(({ event }) => event === 'ews.propertyRefused'));
  const [alone] = await connector.update('contact', [change]);
  assert.ok(
    alone?.kind === 'rejected' &&
      alone.fault.code === 'item.unsupported' &&
      alone.fault.path === 'organization.jobTitle',
  );
});

test('a removal checks the version first, moves to Deleted Items and counts an item already gone as removed (WRT-09)', async (context) => {
  const { connector, server } = await running(context, {
    GetItem: () =>
      response(
        'GetItem',
        success('GetItem', `<m:Items>${contact('a')}</m:Items>`),
        success('GetItem', `<m:Items>${contact('b', 2)}</m:Items>`),
        failure('GetItem', 'ErrorItemNotFound'),
        success('GetItem', `<m:Items>${contact('d')}</m:Items>`),
      ),
    DeleteItem: () =>
      response(
        'DeleteItem',
        success('DeleteItem', ''),
        failure('DeleteItem', 'ErrorItemNotFound').replace('<m:Items/>', ''),
      ),
  });
  const outcomes = await connector.remove(
    'contact',
    ['a', 'b', 'c', 'd'].map((id) => ({ id, version: keyOf(id) })),
  );
  assert.deepEqual(
    outcomes.map((one) => (one.kind === 'rejected' ? one.fault.code : one.kind)),
    ['applied', 'item.conflict', 'applied', 'applied'],
  );
  const body = server.asked.at(-1)?.body ?? '';
  assert.match(body, /DeleteType="MoveToDeletedItems"/);
  assert.ok(!body.includes('"b"'));
});

test('a removal whose answer is lost is unknown', async (context) => {
  const { connector } = await running(context, { GetItem: () => got(contact('a')), DeleteItem: () => hangUp });
  const [outcome] = await connector.remove('contact', [{ id: 'a', version: keyOf('a') }]);
  assert.equal(outcome?.kind, 'unknown');
});

test('items are found by their link key over several pages, copies included (EXT-05)', async (context) => {
  const keyed = (id: string, key: string): string => contact(id, 1, linkKey(key));
  const { connector } = await running(context, {
    FindItem: ({ body }) =>
      response(
        'FindItem',
        success(
          'FindItem',
          body.includes('Offset="0"')
            ? `<m:RootFolder IndexedPagingOffset="1" TotalItemsInView="2" IncludesLastItemInRange="false"><t:Items>${keyed('a', 'key-1')}${keyed('stranger', 'key-2')}</t:Items></m:RootFolder>`
            : `<m:RootFolder IndexedPagingOffset="2" TotalItemsInView="2" IncludesLastItemInRange="true"><t:Items>${keyed('b', 'Key-1')}</t:Items></m:RootFolder>`,
        ),
      ),
  });
  assert.deepEqual(await connector.findByLinkKey('contact', 'key-1'), { ok: true, value: ['a', 'b'] });
});

function linkKey(key: string): string {
  return `<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="liaison-link" PropertyType="String"/><t:Value>${key}</t:Value></t:ExtendedProperty>`;
}

test('a probe tells product and zone, and that a folder is missing', async (context) => {
  const folder = success('GetFolder', '<m:Folders><t:Folder/></m:Folders>');
  const whole = await running(context, { GetFolder: () => response('GetFolder', folder, folder, folder) });
  const probe = await whole.connector.probe();
  assert.ok(probe.ok && probe.value.product === 'Exchange 15.2.2562.17' && probe.value.zone === 'Europe/Berlin');
  const missing = await running(context, {
    GetFolder: () => response('GetFolder', folder, failure('GetFolder', 'ErrorFolderNotFound'), folder),
  });
  const fault = await missing.connector.probe();
  assert.ok(!fault.ok && fault.fault.code === 'mailbox.folderGone');
});

test('the zone of a mailbox is asked for where the user chose it, then taken from the working hours', async (context) => {
  const eastern =
    '<t:Bias>300</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>1</t:DayOrder><t:Month>11</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>2</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>';
  const folder = success('GetFolder', '<m:Folders><t:Folder/></m:Folders>');
  const handlers = {
    GetFolder: () => response('GetFolder', folder, folder, folder),
    GetUserAvailabilityRequest: () => availability(eastern),
  };
  const { connector } = await running(context, handlers);
  const probe = await connector.probe();
  assert.ok(probe.ok && probe.value.zone === 'America/New_York');
  const refusing = {
    ...handlers,
    GetUserConfiguration: () => answer(500, soapFault('ErrorInternalServerError')),
    GetUserAvailabilityRequest: () => answer(500, soapFault('ErrorInvalidRequest')),
  };
  const other = await (await running(context, refusing)).connector.probe();
  assert.ok(other.ok && other.value.zone === 'Europe/Berlin', 'the configured one, when the server knows none');
});

test('a task completed today is completed although the server calls the day the future; a real future day is refused', async (context) => {
  const { connector } = await running(context, {
    CreateItem: ({ body }) =>
      body.includes('CompleteDate')
        ? response('CreateItem', failure('CreateItem', 'ErrorInvalidCompleteDate'))
        : wrote('CreateItem', contact('t')),
    UpdateItem: ({ body }) =>
      body.includes('CompleteDate')
        ? response('UpdateItem', failure('UpdateItem', 'ErrorInvalidCompleteDate'))
        : wrote('UpdateItem', contact('t', 2)),
  });
  const completed = (day: string) =>
    ({ kind: 'task', title: 'Call', progress: { status: 'completed', percent: 100, completed: day } }) as const;
  for (const [day, kind] of [
    [new Date().toISOString().slice(0, 10), 'applied'],
    ['2999-01-01', 'rejected'],
  ] as const) {
    const [created] = await connector.create('task', [{ linkKey: 'k', item: completed(day) }]);
    assert.equal(created?.kind, kind, day);
    const [updated] = await connector.update('task', [
      { id: 't', version: keyOf('t'), target: completed(day), paths: ['progress'] },
    ]);
    assert.equal(updated?.kind, kind, day);
  }
});

test('a delegate names the mailbox in every folder, and impersonates nobody', async (context) => {
  const { connector, server } = await running(
    context,
    { SyncFolderItems: () => page('one', true, '') },
    { impersonate: false },
  );
  await connector.changes('contact', 'zero');
  const body = server.asked[0]?.body ?? '';
  assert.match(body, /<t:Mailbox><t:EmailAddress>ada@example\.test</);
  assert.ok(!body.includes('Impersonation'));
});
