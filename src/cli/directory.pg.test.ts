/** The commands that ask directories, as people type them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { scriptedLdap } from '#testing/scripted-ldap.ts';
import { testCrm } from '#testing/sql-crm.ts';
import { runProgram } from './program.ts';
import { testConsole } from './test-console.ts';

test('directories are asked by the commands: checked, shown, and made into users', async (t) => {
  const exchange = await startExchange({
    estate: {
      mailboxes: [
        { address: 'ann@example.test', aliases: ['a@example.test'], password: 'x' },
        { address: 'bob@example.test', password: 'x' },
      ],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'right' }],
    },
  });
  t.after(() => exchange.close());
  const ldap = await scriptedLdap(({ kind, name }) =>
    kind === 'search' && name === '' ? { entries: [['', { namingContexts: 'DC=corp,DC=test' }]] } : {},
  );
  t.after(() => ldap.close());
  const crm = await testCrm(t);
  await crm.employ('ANN', { email: 'A@Example.test' });
  await crm.employ('BOB', { email: 'bob@example.test' });
  await crm.employ('EVE', { email: 'eve@127.0.0.1' });
  const folder = await mkdtemp(join(tmpdir(), 'liaison-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'liaison.yaml');
  const signIn = { kind: 'basic', user: 'svc@example.test', password: { env: 'SVC_PASSWORD' } };
  const account = { user: 'svc@corp.test', password: { env: 'SVC_PASSWORD' } };
  const server = { kind: 'ews', url: exchange.url, signIn };
  const directories = {
    corp: { ldap: { urls: [ldap.url], signIn: account }, autodiscover: { urls: [exchange.origin], signIn } },
  };
  await writeFile(file, JSON.stringify({ servers: { main: server }, directories }));
  const environment = { DATABASE_URL: crm.url, SVC_PASSWORD: 'right' };
  const run = async (...words: readonly string[]) => {
    const console = testConsole({ environment });
    const code = await runProgram([...words, '--config', file], console, new AbortController().signal);
    return { code, text: console.lines.join('\n'), errors: console.errors.join('\n') };
  };

  const doctor = await run('doctor');
  assert.match(doctor.text, /ok +directory corp: ldap: svc@corp\.test signed in at ldap:/);
  assert.match(doctor.text, /warn +directory corp: Exchange servers: none can be read/);

  const shown = await run('directory', 'ann@example.test');
  assert.equal(shown.code, 0);
  assert.match(shown.text, /version +15\.2\.2562\.17/);
  assert.match(shown.text, /served by +main, because/);
  assert.match(shown.text, /corp: \(proxyAddresses=smtp:ann@example\.test\): 0 found/);
  assert.match(shown.text, /autodiscover\.svc: found/);
  assert.equal((await run('directory', 'nobody')).code, 2);
  const absent = await run('directory', 'eve@127.0.0.1');
  assert.equal(absent.code, 1);
  assert.match(absent.text, /not found: No directory knows this mailbox/);

  const looked = await run('users', 'discover');
  assert.equal(looked.code, 1);
  assert.match(looked.text, /ANN +ann@example\.test +main +new/);
  assert.match(looked.text, /EVE +eve@127\.0\.0\.1 +No directory knows this mailbox/);
  assert.match(looked.text, /Add them with --write/);
  assert.equal((await run('users', 'list')).text.includes('ann@example.test'), false);
  assert.match((await run('users', 'discover', '--write')).text, /2 added/);
  assert.match((await run('users', 'discover', '--write')).text, /0 added/);
  const users = JSON.parse((await run('users', 'list', '--json')).text) as readonly Record<string, string>[];
  assert.deepEqual(
    users.map(({ crmUser, mailbox, server: name }) => [crmUser, mailbox, name]),
    [
      ['ANN', 'ann@example.test', 'auto'],
      ['BOB', 'bob@example.test', 'auto'],
    ],
  );

  assert.match((await run('doctor')).text, /ok +server main: sign-in: svc@example\.test opened ann@example\.test/);

  // Trying out stores nothing, not even the place; a real pass does.
  assert.equal((await run('sync', 'ann@example.test', '--dry-run')).code, 0);
  assert.doesNotMatch((await run('directory', 'ann@example.test')).text, /kept:/);
  assert.equal((await run('sync', 'ann@example.test')).code, 0);
  assert.match((await run('directory', 'ANN')).text, /kept: http:\/\/127\.0\.0\.1:\d+\/EWS\/Exchange\.asmx, found 20/);
});
