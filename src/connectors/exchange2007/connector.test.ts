import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Connector, Reply, WriteOutcome, Written } from '#contract/connector.ts';
import type { CalendarEvent, Contact, Item, Kind } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { Asked } from '#testing/dav-exchange/listener.ts';
import {
  type DavExchange,
  type DavTraits,
  davAddress,
  davPassword,
  davUser,
  startDavExchange,
} from '#testing/dav-exchange/start-dav-exchange.ts';
import { openExchange2007Connector } from './connector.ts';
import type { Exchange2007Options } from './options.ts';

const ada: Contact = normalise({ kind: 'contact', name: { given: 'Ada', surname: 'Byron' } });
const key = 'testtest-00000000000000000001';

interface World {
  readonly exchange: DavExchange;
  readonly connector: Connector;
  /** A second visit to the same mailbox. */
  again(): Connector;
}

async function world(
  context: { after(end: () => Promise<void>): void },
  traits: DavTraits = {},
  more: Partial<Exchange2007Options> = {},
): Promise<World> {
  const exchange = await startDavExchange(traits);
  const opened: Connector[] = [];
  const again = (): Connector => {
    const connector = openExchange2007Connector(
      {
        endpoint: exchange.url,
        mailbox: davAddress,
        credentials: { kind: 'basic', user: davUser, password: davPassword },
        linkKeyName: 'liaison-link',
        timeouts: { requestMs: 2_000 },
        backOff: { firstMs: 10, maxMs: 20, waitMaxMs: 1_000 },
        ...more,
      },
      systemPorts(),
    );
    opened.push(connector);
    return connector;
  };
  context.after(async () => {
    await Promise.all(opened.map((connector) => connector.close()));
    await exchange.close();
  });
  return { exchange, connector: again(), again };
}

async function make(connector: Connector, item: Item, linkKey = key): Promise<Written> {
  const [outcome] = await connector.create(item.kind, [{ linkKey, item }]);
  assert.equal(outcome?.kind, 'applied', JSON.stringify(outcome));
  return (outcome as Extract<typeof outcome, { kind: 'applied' }>).value;
}

function codeOf(outcome: WriteOutcome<unknown> | undefined): string {
  return outcome?.kind === 'applied' ? 'applied' : `${outcome?.kind} ${outcome?.fault.code}`;
}

function faultOf(reply: Reply<unknown>): string {
  return reply.ok ? 'ok' : reply.fault.code;
}

async function present(connector: Connector, kind: Kind, cursor: string | null): Promise<readonly Change[]> {
  const reply = await connector.changes(kind, cursor);
  assert.ok(reply.ok, JSON.stringify(reply));
  return reply.value.changes;
}

/** A trait that answers the n-th request of a kind in its own way. */
function nth(
  count: number,
  matches: (asked: Asked) => boolean,
  then: NonNullable<DavTraits['instead']>,
): NonNullable<DavTraits['instead']> {
  let seen = 0;
  return (asked) => {
    if (!matches(asked)) return undefined;
    seen += 1;
    return seen === count ? then(asked) : undefined;
  };
}

const isPatch = ({ method }: Asked) => method === 'PROPPATCH';
const isItemRead = ({ method, path }: Asked) => method === 'PROPFIND' && path.includes('FlatUrlSpace');

test('the probe tells the store’s version, the user’s zone and the difference of the clocks', async (t) => {
  const { connector } = await world(t);
  const reply = await connector.probe();
  assert.deepEqual(reply.ok && [reply.value.product, reply.value.zone], ['Exchange 8.1.10240', 'Europe/Berlin']);
});

test('folders are found by their role in a mailbox of any language', async (t) => {
  const { exchange, connector } = await world(t);
  await make(connector, ada);
  assert.equal(exchange.store.of('Kontakte').length, 1);
});

test('rights on single folders suffice: they are asked for in the hidden half of the mailbox', async (t) => {
  const root = `/exchange/${davAddress}/`;
  const instead = ({ path }: Asked) => (path === root ? { status: 403 } : undefined);
  const { exchange, connector } = await world(t, { instead });
  const reply = await connector.changes('contact', null);
  assert.equal(faultOf(reply), 'mailbox.denied');
  assert.ok(exchange.asked.some(({ path }) => path === `${root}NON_IPM_SUBTREE/`));
});

test('a create whose answer was lost is unknown, and the same create again finds the item there', async (t) => {
  let isLost = true;
  const { exchange, connector } = await world(t, {
    instead: (asked) => (isLost && isPatch(asked) ? 'hangUp' : undefined),
  });
  const [lost] = await connector.create('contact', [{ linkKey: key, item: ada }]);
  assert.equal(codeOf(lost), 'unknown server.unreachable');
  isLost = false;
  await make(connector, ada);
  const [again] = await connector.create('contact', [{ linkKey: key, item: ada }]);
  assert.equal(codeOf(again), 'unknown item.conflict');
  const found = await connector.findByLinkKey('contact', key);
  assert.equal(found.ok && found.value.length, 1);
  assert.equal(exchange.store.of('Kontakte').length, 1, 'nothing was made twice');
});

test('a name taken by something else is passed over, in any case of letters', async (t) => {
  const { exchange, connector } = await world(t);
  exchange.store.add('Kontakte', `${key.toUpperCase()}.EML`);
  await make(connector, ada);
  assert.deepEqual(
    exchange.store.of('Kontakte').map(({ name }) => name),
    [`${key.toUpperCase()}.EML`, `${key}-2.EML`],
  );
});

test('an item that changed between our look and our write is refused by the server itself', async (t) => {
  let patches = 0;
  const { exchange, connector } = await world(t, {
    instead: (asked) => {
      if (!isPatch(asked)) return undefined;
      patches += 1;
      const [item] = exchange.store.items.values();
      if (patches === 2 && item !== undefined) item.change = exchange.store.next();
      return undefined;
    },
  });
  const { id, version } = await make(connector, ada);
  const target = normalise<Contact>({ ...ada, webPage: 'https://example.test/' });
  const [outcome] = await connector.update('contact', [{ id, version, target, paths: ['webPage'] }]);
  assert.equal(codeOf(outcome), 'rejected item.conflict');
});

test('a property the server does not take is named by its place in the item', async (t) => {
  const body =
    '<a:multistatus xmlns:a="DAV:" xmlns:c="urn:schemas:contacts:"><a:response><a:href>/x</a:href><a:propstat><a:status>HTTP/1.1 422 X</a:status><a:prop><c:bday/></a:prop></a:propstat><a:propstat><a:status>HTTP/1.1 424 X</a:status><a:prop><c:businesshomepage/></a:prop></a:propstat></a:response></a:multistatus>';
  const { connector } = await world(t, { instead: nth(2, isPatch, () => ({ status: 207, body })) });
  const { id, version } = await make(connector, ada);
  const target = normalise<Contact>({ ...ada, webPage: 'https://x.test/', birthday: '1815-12-10' });
  const [outcome] = await connector.update('contact', [{ id, version, target, paths: ['webPage', 'birthday'] }]);
  assert.equal(codeOf(outcome), 'rejected item.invalid');
  assert.equal(outcome?.kind === 'rejected' && outcome.fault.path, 'birthday');
});

test('a patch that was taken in part is unknown', async (t) => {
  const body =
    '<a:multistatus xmlns:a="DAV:" xmlns:c="urn:schemas:contacts:"><a:response><a:href>/x</a:href><a:propstat><a:status>HTTP/1.1 403 X</a:status><a:prop><c:bday/></a:prop></a:propstat><a:propstat><a:status>HTTP/1.1 200 OK</a:status><a:prop><c:businesshomepage/></a:prop></a:propstat></a:response></a:multistatus>';
  const { connector } = await world(t, { instead: nth(2, isPatch, () => ({ status: 207, body })) });
  const { id, version } = await make(connector, ada);
  const target = normalise<Contact>({ ...ada, webPage: 'https://x.test/', birthday: '1815-12-10' });
  const [outcome] = await connector.update('contact', [{ id, version, target, paths: ['webPage', 'birthday'] }]);
  assert.equal(codeOf(outcome), 'unknown item.unsupported');
});

test('a full mailbox, a busy store and a missing folder are rejected or unknown as they are', async (t) => {
  for (const [status, expected] of [
    [507, 'rejected mailbox.full'],
    [503, 'unknown budget.exhausted'],
    [500, 'unknown server.failure'],
    [409, 'rejected mailbox.folderGone'],
  ] as const) {
    const { connector } = await world(t, { instead: (asked) => (isPatch(asked) ? { status } : undefined) });
    const [outcome] = await connector.create('contact', [{ linkKey: key, item: ada }]);
    assert.equal(codeOf(outcome), expected);
  }
});

test('one item the server cannot hand out does not keep the others back', async (t) => {
  const { exchange, connector, again } = await world(t, {
    instead: (asked) => {
      if (asked.method === 'BPROPFIND') return { status: 207, body: '<a:multistatus xmlns:a="DAV:"><a:resp' };
      const bad = [...exchange.store.items.values()].find(({ name }) => name.startsWith('bad'));
      const isBad = bad !== undefined && asked.path.endsWith(`-${bad.number.toString(16)}`);
      return isItemRead(asked) && isBad ? { status: 500 } : undefined;
    },
  });
  const first = await make(connector, ada, 'good-1');
  const second = await make(connector, ada, 'bad-2');
  const third = await make(connector, ada, 'good-3');
  const reply = await again().read('contact', [first.id, second.id, third.id]);
  assert.deepEqual(reply.ok && reply.value.map((one) => (one.kind === 'failed' ? one.fault.code : one.kind)), [
    'present',
    'item.unreadable',
    'present',
  ]);
});

test('a verb that a filter stops is given up for reading one by one, and this is logged once', async (t) => {
  const { exchange, connector } = await world(t, { blocksBatches: true });
  const made = [await make(connector, ada, 'one'), await make(connector, ada, 'two')];
  for (let round = 0; round < 2; round += 1) {
    const reply = await connector.read(
      'contact',
      made.map(({ id }) => id),
    );
    assert.deepEqual(reply.ok && reply.value.map(({ kind }) => kind), ['present', 'present']);
  }
  assert.equal(exchange.asked.filter(({ method }) => method === 'BPROPFIND').length, 1);
});

test('items that are missing because their folder is missing were not deleted', async (t) => {
  let isGone = false;
  const { connector } = await world(t, {
    instead: ({ path }) => (isGone && !path.endsWith(`${davAddress}/`) ? { status: 404 } : undefined),
  });
  const { id } = await make(connector, ada);
  assert.equal(faultOf(await connector.read('contact', [id])), 'ok');
  isGone = true;
  assert.equal(faultOf(await connector.read('contact', [id])), 'mailbox.folderGone');
  assert.equal(faultOf(await connector.changes('contact', null)), 'mailbox.folderGone');
});

test('an item moved away from its folder is gone there, and its removal lies in Deleted Items', async (t) => {
  const { exchange, connector } = await world(t);
  const { id, version } = await make(connector, ada);
  const listed = await connector.changes('contact', null);
  assert.ok(listed.ok);
  const [removed] = await connector.remove('contact', [{ id, version }]);
  assert.equal(codeOf(removed), 'applied');
  assert.deepEqual(await present(connector, 'contact', listed.value.cursor), [{ kind: 'gone', id }]);
  assert.equal(exchange.store.of('Gelöschte Objekte').length, 1);
});

test('a removal from a stale version is refused, and one whose answer is lost is unknown', async (t) => {
  const { connector } = await world(t, {
    instead: ({ method }) => (method === 'MOVE' ? 'hangUp' : undefined),
  });
  const { id, version } = await make(connector, ada);
  const stale = `${version.slice(0, -2)}0"`;
  assert.equal(codeOf((await connector.remove('contact', [{ id, version: stale }]))[0]), 'rejected item.conflict');
  assert.equal(codeOf((await connector.remove('contact', [{ id, version }]))[0]), 'unknown server.unreachable');
});

test('a position the server does not know starts over, whether it says so or lists everything anew', async (t) => {
  for (const unknownPosition of ['refused', 'listsAnew'] as const) {
    let isLost = false;
    const { exchange, connector } = await world(t, {
      unknownPosition,
      instead: (asked) => {
        if (isLost && asked.body.includes('collblob>AAAB')) {
          const body = asked.body.replace(/collblob>AAAB\d+/, 'collblob>restored');
          Object.assign(asked, { body });
        }
        return undefined;
      },
    });
    await make(connector, ada);
    const listed = await connector.changes('contact', null);
    assert.ok(listed.ok);
    isLost = true;
    assert.equal(faultOf(await connector.changes('contact', listed.value.cursor)), 'mailbox.cursorInvalid');
    assert.equal((await present(connector, 'contact', null)).length, 1);
    assert.equal(exchange.store.items.size, 1);
  }
});

test('our own writes come back in the feed under the version they were answered with', async (t) => {
  const { connector } = await world(t);
  const { cursor } = await (async () => {
    const reply = await connector.changes('contact', null);
    assert.ok(reply.ok);
    return reply.value;
  })();
  const { id, version } = await make(connector, ada);
  assert.deepEqual(await present(connector, 'contact', cursor), [{ kind: 'present', id, version }]);
});

test('a position stays the same, letter by letter, while nothing happens', async (t) => {
  const { connector, again } = await world(t);
  await make(connector, ada);
  const listed = await connector.changes('contact', null);
  assert.ok(listed.ok);
  const quiet = await again().changes('contact', listed.value.cursor);
  assert.deepEqual(quiet, { ok: true, value: { changes: [], cursor: listed.value.cursor, complete: true } });
});

test('an empty listing of a folder that is not empty is not believed', async (t) => {
  const empty =
    '<a:multistatus xmlns:r="http://schemas.microsoft.com/repl/" xmlns:a="DAV:"><r:repl><r:collblob>AAAB1</r:collblob></r:repl></a:multistatus>';
  const { connector } = await world(t, {
    instead: ({ method }) => (method === 'SEARCH' ? { status: 207, body: empty } : undefined),
  });
  await make(connector, ada);
  assert.equal(faultOf(await connector.changes('contact', null)), 'server.garbled');
});

test('distribution lists and other classes are not listed, and an item that becomes one has left', async (t) => {
  const { exchange, connector } = await world(t);
  const { id } = await make(connector, ada);
  const listed = await connector.changes('contact', null);
  assert.ok(listed.ok);
  const [item] = exchange.store.items.values();
  assert.ok(item !== undefined);
  for (const value of item.values.values()) {
    if (value.name === 'outlookmessageclass') Object.assign(value, { text: 'IPM.DistList' });
  }
  item.change = exchange.store.next();
  assert.deepEqual(await present(connector, 'contact', listed.value.cursor), [
    { kind: 'out', id, reason: 'converted' },
  ]);
  assert.deepEqual(await present(connector, 'contact', null), []);
  const reply = await connector.read('contact', [id]);
  assert.equal(reply.ok && reply.value[0]?.kind === 'failed' && reply.value[0].fault.code, 'item.unsupported');
});

test('a calendar is searched for single appointments and masters only', async (t) => {
  const { exchange, connector } = await world(t);
  const lunch: CalendarEvent = normalise({
    kind: 'event',
    title: 'Lunch',
    when: { start: '2026-03-05T12:00:00', end: '2026-03-05T13:00:00', allDay: false, zone: 'Europe/Berlin' },
    showAs: 'busy',
  });
  const { id } = await make(connector, lunch);
  const occurrence = exchange.store.add('Kalender', 'occurrence.EML');
  occurrence.values.set('urn:schemas:calendar:instancetype', {
    ns: 'urn:schemas:calendar:',
    name: 'instancetype',
    type: 'int',
    text: '2',
  });
  assert.deepEqual(
    (await present(connector, 'event', null)).map((change) => change.id),
    [id],
  );
});

test('a listing in several pages is complete, whatever the number of rows', async (t) => {
  const { exchange, connector } = await world(t, { odderAddresses: true }, { pageRows: 10 });
  const keys = Array.from({ length: 23 }, (_, index) => `key-${index}`);
  const outcomes = await connector.create(
    'contact',
    keys.map((linkKey) => ({ linkKey, item: ada })),
  );
  const ids = outcomes.map((outcome) => (outcome.kind === 'applied' ? outcome.value.id : ''));
  const reply = await connector.read('contact', ids);
  assert.ok(reply.ok && reply.value.every(({ kind }) => kind === 'present'));
  const pages = exchange.asked.filter(({ method, headers }) => method === 'SEARCH' && headers.range !== undefined);
  assert.deepEqual(
    pages.map(({ headers }) => headers.range),
    ['rows=0-9', 'rows=10-19', 'rows=20-29'],
  );
});

test('a folder that loses a row between two pages is listed again, so that no other seems deleted', async (t) => {
  let searches = 0;
  const { exchange, connector } = await world(
    t,
    {
      odderAddresses: true,
      instead: (asked) => {
        if (asked.method === 'SEARCH') searches += 1;
        const [first] = exchange.store.items.values();
        if (asked.method === 'SEARCH' && searches === 2 && first !== undefined)
          exchange.store.items.delete(first.number);
        return undefined;
      },
    },
    { pageRows: 10 },
  );
  const keys = Array.from({ length: 23 }, (_, index) => `key-${index}`);
  const outcomes = await connector.create(
    'contact',
    keys.map((linkKey) => ({ linkKey, item: ada })),
  );
  const ids = outcomes.map((outcome) => (outcome.kind === 'applied' ? outcome.value.id : ''));
  const reply = await connector.read('contact', ids);
  assert.ok(reply.ok, JSON.stringify(reply));
  assert.equal(reply.value.filter(({ kind }) => kind === 'present').length, 22);
  assert.equal(searches, 5);
});

test('nothing is sent for a mailbox that is only opened and closed', async (t) => {
  const { exchange, connector } = await world(t);
  await connector.close();
  await connector.close();
  assert.equal(exchange.asked.length, 0);
  assert.equal(faultOf(await connector.probe()), 'defect.internal');
});
