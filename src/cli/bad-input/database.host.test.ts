/** A state database that is not there, refuses, goes away in the midst of work, cannot be written, or is somebody else's. */
import assert from 'node:assert/strict';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  addCrmContact,
  addMailboxContact,
  isDefect,
  onBothSides,
  openOffice,
  openShell,
  ownContacts,
  statusOf,
  until,
} from '#testing/office.ts';

/** The least that can be configured. */
const leaseSeconds = 30;

const someServer = {
  servers: {
    main: {
      kind: 'ews',
      url: 'http://127.0.0.1:1/EWS/Exchange.asmx',
      signIn: { kind: 'basic', user: 'svc', password: { env: 'SERVICE_PASSWORD' } },
    },
  },
};

test('a database that does not answer at the start ends every command with a sentence and code 1, and the doctor with a remedy', async (t) => {
  const shell = openShell(t, { DATABASE_URL: 'postgres://liaison:hunter2@127.0.0.1:1/state', SERVICE_PASSWORD: 'x' });
  shell.configure(someServer);
  for (const command of ['serve', 'status']) {
    const { code, err } = await shell.run(command);
    assert.equal(code, 1, command);
    assert.match(err, /^liaison: .*database.*\n/);
    assert.ok(!err.includes('hunter2') && !isDefect(err), err);
  }
  const { code, out } = await shell.run('doctor');
  assert.equal(code, 1);
  assert.match(out, /fail +database: .*\n +Check the keys database and crm, and that PostgreSQL runs/);
  assert.match(out, /fail +server main: connection/, 'the rest is checked all the same');
});

test('a data folder that cannot be used is named', async (t) => {
  const shell = openShell(t, { SERVICE_PASSWORD: 'x' });
  const file = shell.write('data', 'not a folder');
  shell.configure({ ...someServer, database: { embedded: file } });
  const { code, err } = await shell.run('status');
  assert.equal(code, 1);
  assert.ok(err.includes(file), err);
  assert.ok(!isDefect(err), err);
});

/** Addresses of a socket have no host, which a URL must have. */
function parsed(url: string): URL {
  return new URL(url.replace('@/', '@localhost/'));
}

/** A relay in front of PostgreSQL that can be cut. */
async function relay(t: TestContext, url: string): Promise<{ readonly url: string; cut(): void; mend(): void }> {
  const target = parsed(url);
  const socketFolder = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream =
      socketFolder === null
        ? createConnection({ host: target.hostname, port })
        : createConnection(join(socketFolder, `.s.PGSQL.${target.searchParams.get('port') ?? port}`));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = (): void => {
    for (const one of open) one.destroy();
  };
  t.after(() => {
    end();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const relayed = parsed(url);
  relayed.search = '';
  relayed.host = `127.0.0.1:${address.port}`;
  return {
    url: relayed.href,
    cut() {
      isCut = true;
      end();
    },
    mend() {
      isCut = false;
    },
  };
}

test('serve outlives a database that is full, then gone: it loses nothing and doubles nothing', async (t) => {
  const office = await openOffice(t, { users: ['alice'] });
  await office.mapUsers([['alice', 'main']]);
  const { database } = office.crm;
  const line = await relay(t, office.crm.url);
  office.set('DATABASE_URL', line.url);
  const sync = { intervalSeconds: 1, retrySeconds: 1, retrySecondsMax: 2, leaseSeconds };
  office.configure(office.configuration({}, { sync }));
  const serve = office.start('serve');
  const expected = [...ownContacts('alice')];
  const crossed = async (): Promise<boolean> => (await office.holdings('alice')).length >= 2 * expected.length;
  await until('the first sync is done', crossed, serve.text);
  const edit = async (mark: string): Promise<void> => {
    await addCrmContact(office.crm, 'alice', `alice-crm-${mark}`);
    addMailboxContact(office.exchange, 'alice', `alice-outlook-${mark}`);
    expected.push(`contact alice-crm-${mark}`, `contact alice-outlook-${mark}`);
  };
  const events = (name: string): number => serve.text().split(`"event":"${name}"`).length - 1;

  await t.test('full: what cannot be remembered is not done', async () => {
    // What PostgreSQL says when the disk is full (SQLSTATE 53100), from the first table a pass writes.
    await database.script(
      `create function liaison.full() returns trigger language plpgsql as
         $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
       create trigger full_disk before insert or update on liaison.item execute function liaison.full();`,
    );
    const before = await office.holdings('alice');
    await edit('full');
    await until('a pass was abandoned', () => events('dispatch.passAbandoned') > 0, serve.text);
    assert.equal((await office.holdings('alice')).length, before.length + 2, 'only what people wrote');
    await database.script('drop trigger full_disk on liaison.item');
  });

  await t.test('gone: status says so in one sentence, serve goes on waiting', async () => {
    line.cut();
    await edit('cut');
    const { code, err } = await office.run('status');
    assert.equal(code, 1);
    assert.match(err, /^liaison: .*database/);
    assert.ok(!isDefect(err), err);
    await until('serve noticed', () => events('dispatch.storeUnavailable') > 0, serve.text);
    line.mend();
    assert.equal(serve.child.exitCode, null);
  });

  await t.test(
    'work goes on as soon as the database is back',
    async () => await until('the changes have crossed', crossed, serve.text, 5_000),
  );

  await until('the changes have crossed', crossed, serve.text, 2 * leaseSeconds * 1_000);
  await until('in sync', async () => (await statusOf(office)).get('alice')?.state === 'inSync', serve.text);
  assert.equal((await serve.stop()).code, 0);
  assert.equal(events('dispatch.defect'), 0, serve.text());
  assert.deepEqual(await office.holdings('alice'), onBothSides(...expected));
  assert.equal(office.exchange.truth.sent.length, 0);
});

test('a database that has become read-only is trouble of the database and no defect', async (t) => {
  const office = await openOffice(t, { users: ['alice'] });
  await office.mapUsers([['alice', 'main']]);
  const name = parsed(office.crm.url).pathname.slice(1);
  await office.crm.database.script(`alter database ${name} set default_transaction_read_only = on`);
  const { code, err } = await office.run('sync', 'alice');
  assert.equal(code, 1);
  assert.match(err, /database.*read-only|read-only.*database/i);
  assert.ok(!isDefect(err), err);
});

test('the database’s refusal of the user, or of the name of the database, is told as such', async (t) => {
  const office = await openOffice(t, { users: ['alice'] });
  const wrongName = office.crm.url.replace(/\/test_[^?]*/, '/no_such_database');
  assert.notEqual(wrongName, office.crm.url);
  office.set('DATABASE_URL', wrongName);
  const { code, err } = await office.run('status');
  assert.equal(code, 1);
  assert.match(err, /no_such_database/);
  assert.ok(!isDefect(err), err);
});
