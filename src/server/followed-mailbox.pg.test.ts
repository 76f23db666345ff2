/** A mailbox that moves to another Exchange in the middle of its life, with the whole of Liaison at work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import { seedEmployee } from '#simulators/crm/seed-employee.ts';
import { seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import { type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import { answer, scriptedServer } from '#testing/scripted-server.ts';
import { testCrm } from '#testing/sql-crm.ts';
import { configSchema } from './config-schema.ts';
import { openLiaison } from './liaison.ts';

const serviceAccounts = [{ userName: 'svc@example.test', password: 'right' }];

/** What autodiscover says while the mailbox is on `exchange`. */
function poxAnswer({ url }: RunningExchange): string {
  return `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"><Account><Action>settings</Action><Protocol><Type>EXCH</Type><ServerVersion>73C28D2A</ServerVersion><EwsUrl>${url}</EwsUrl></Protocol></Account></Response></Autodiscover>`;
}

test('a mailbox that moves to another server is followed: its pairs stay, nothing is doubled, removed or written again', async (t) => {
  const seed = { contacts: 6, appointments: 4, series: 1, tasks: 3 };
  const old = await startExchange({
    estate: { version: '2013', mailboxes: [{ address: 'ann@example.test', password: 'x', seed }], serviceAccounts },
  });
  t.after(() => old.close());
  let present = old;
  const front = await scriptedServer((asked, response) =>
    asked.path.endsWith('.xml') ? answer(200, poxAnswer(present))(asked, response) : answer(404, '')(asked, response),
  );
  t.after(() => front.close());

  const { database, url } = await testCrm(t);
  await seedEmployee(database, {
    ...{ login: 'ANN', email: 'ann@example.test', zone: 'Europe/Berlin', today: 20_500 },
    ...{ contacts: 3, appointments: 2, series: 1, tasks: 2, random: seededRandom(7) },
  });
  const signIn = { kind: 'basic', user: 'svc@example.test', password: { env: 'P' } };
  // Two servers by one kind: which of them has the mailbox is told by the host and port that autodiscover names.
  const later = await startExchange({ estate: { mailboxes: [], serviceAccounts } });
  const { port } = new URL(later.url);
  await later.close();
  const config = configSchema.parse({
    servers: {
      before: { kind: 'ews', url: old.url, signIn, mailboxServers: ['127.0.0.1'] },
      after: { kind: 'ews', url: `http://localhost:${port}/EWS/Exchange.asmx`, signIn, mailboxServers: ['localhost'] },
    },
    directories: { web: { autodiscover: { urls: [new URL(front.url).origin], signIn, requestSeconds: 5 } } },
    sync: { retrySeconds: 1 },
  });
  let aheadMs = 0;
  const ports = { ...systemPorts(), clock: { now: () => Date.now() + aheadMs } };
  const liaison = await openLiaison(config, { environment: { P: 'right', DATABASE_URL: url }, join: true }, ports);
  t.after(() => liaison.close());
  const levels = { contact: 'full', event: 'full', task: 'full' } as const;
  const pair = {
    pairId: 'moving01',
    crmUser: 'ANN',
    mailbox: 'ann@example.test',
    enabled: true,
    server: 'auto',
    levels,
  };
  await liaison.store.putPairs([pair]);
  const pass = async (): Promise<string> => {
    const done = await liaison.runOnce(pair);
    return done?.outcome.fault?.code ?? done?.outcome.result ?? 'nothing';
  };
  const settled = async (): Promise<void> => {
    for (let count = 0; count < 8; count += 1) if ((await pass()) === 'quiet') return;
    assert.fail('it never came to rest');
  };
  const paired = async () =>
    (await liaison.store.tallies(pair.pairId)).map(({ kind, paired: count, events }) => ({ kind, count, events }));
  const rows = async (): Promise<unknown> => [
    await database.query('test.contacts', 'select id, version from crm.contact order by id'),
    await database.query('test.activities', 'select id, version from crm.activity order by id'),
  ];

  await settled();
  const before = await paired();
  const rowsBefore = await rows();
  assert.deepEqual(
    before.map(({ count }) => count > 3),
    [true, true, true],
  );

  // The move: the same content under another mailbox id, so that every item has another id too.
  const snapshot = [...old.snapshot()].map((line) =>
    line.replaceAll('"address":"ann@example.test"', '"address":"ann@moved.test"'),
  );
  const next = await startExchange({
    estate: {
      version: 'se',
      mailboxes: [{ address: 'ann@moved.test', aliases: ['ann@example.test'], password: 'x' }],
      serviceAccounts,
    },
    listen: { host: 'localhost', port: Number(port) },
    snapshot,
  });
  t.after(() => next.close());
  present = next;
  await old.close();
  assert.equal(await pass(), 'server.unreachable');
  assert.equal((await liaison.store.location(pair.pairId))?.isDoubted, true);
  aheadMs = 6 * 60_000;
  await settled();

  assert.equal((await liaison.store.location(pair.pairId))?.location.urls[0], next.url);
  const after = await paired();
  for (const [index, { kind, count, events }] of after.entries()) {
    const { count: countBefore, events: eventsBefore } = before[index] ?? assert.fail(kind);
    assert.equal(count, countBefore, kind);
    const { 'remapped.mailbox': remapped, ...others } = events;
    assert.equal(remapped, count, kind);
    assert.deepEqual(others, eventsBefore, kind);
  }
  assert.deepEqual(await rows(), rowsBefore);
  const feeds = (await liaison.store.feeds(pair.pairId)).filter(({ side }) => side === 'mailbox');
  assert.deepEqual(
    feeds.map(({ epoch, cursor }) => [epoch, cursor?.startsWith('@after ')]),
    [
      [2, true],
      [2, true],
      [2, true],
    ],
  );

  // Life goes on over there.
  await database.query(
    'test.rename',
    `update crm.contact set last_name = 'Moved' where id = (select min(id) from crm.contact)`,
  );
  await settled();
  const updates = (await paired()).find(({ kind }) => kind === 'contact')?.events['updated.mailbox'] ?? 0;
  assert.equal(updates, (before.find(({ kind }) => kind === 'contact')?.events['updated.mailbox'] ?? 0) + 1);
});
