/** The commands as people type them, against a real database; what they print and how they end. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Database } from '#postgres/database.ts';
import { seedEmployee } from '#simulators/crm/seed-employee.ts';
import { seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { testCrm } from '#testing/sql-crm.ts';
import { runProgram } from './program.ts';
import { type TestConsole, testConsole } from './test-console.ts';

type Environment = Readonly<Record<string, string>>;

interface Shell {
  readonly folder: string;
  /** Runs one command line; answers its exit code and what it wrote. */
  run(...words: readonly string[]): Promise<{ readonly code: number } & Pick<TestConsole, 'lines' | 'errors'>>;
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function shell(folder: string, environment: Environment): Shell {
  return {
    folder,
    async run(...words) {
      const console = testConsole({ environment });
      const code = await runProgram(words, console, new AbortController().signal);
      return { code, lines: console.lines, errors: console.errors };
    },
  };
}

/** A simulated Exchange with two mailboxes, a CRM with one of the two users, and a configuration for both. */
async function office(
  t: TestContext,
  sync: object = {},
): Promise<Shell & { readonly config: string; readonly environment: Environment; readonly database: Database }> {
  const exchange = await startExchange({
    estate: {
      mailboxes: [
        { address: 'ann@example.test', password: 'x', seed: { contacts: 6, appointments: 5, series: 1, tasks: 4 } },
        { address: 'bob@example.test', password: 'x' },
      ],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'right' }],
    },
  });
  t.after(() => exchange.close());
  const { database, url } = await testCrm(t);
  await seedEmployee(database, {
    ...{ login: 'ANN', email: 'ann@example.test', zone: 'Europe/Berlin', today: 20_500 },
    ...{ contacts: 3, appointments: 2, series: 1, tasks: 2, random: seededRandom(5) },
  });
  const folder = await folderFor(t);
  const config = join(folder, 'liaison.yaml');
  const signIn = { kind: 'basic', user: 'svc@example.test', password: { env: 'SVC_PASSWORD' } };
  await writeFile(config, JSON.stringify({ servers: { main: { kind: 'ews', url: exchange.url, signIn } }, sync }));
  const environment = { DATABASE_URL: url, SVC_PASSWORD: 'right' };
  return { ...shell(folder, environment), config, environment, database };
}

test('help and a wrong command line end with the documented codes', async () => {
  const { run } = shell('.', {});
  assert.equal((await run('--help')).code, 0);
  assert.match((await run('--help')).lines.join('\n'), /Exit codes: 0 done and well, 1 something failed/);
  const unknown = await run('stauts');
  assert.equal(unknown.code, 2);
  assert.match(unknown.errors.join('\n'), /Did you mean status\?/);
  assert.equal((await run('sync')).code, 2);
  assert.equal((await run('demo', '--seconds', 'many')).code, 2);
  assert.equal((await run('users', 'add', 'X')).code, 2);
  const occupied = await run('demo', '--data', 'src');
  assert.equal(occupied.code, 2);
  assert.match(occupied.errors.join(), /src is not empty; name a new folder/);
});

test('init writes a correct file once, and never over an existing one', async (t) => {
  const { run, folder } = shell(await folderFor(t), {});
  const file = join(folder, 'liaison.yaml');
  assert.equal((await run('init', file)).code, 0);
  const again = await run('init', file);
  assert.equal(again.code, 2);
  assert.match(again.errors.join('\n'), /exists already and is left as it is/);
});

test('without a configuration, or with a wrong one, commands end with 2 and say where', async (t) => {
  const { run, folder } = shell(await folderFor(t), {});
  const file = join(folder, 'liaison.yaml');
  const absent = await run('status', '--config', file);
  assert.equal(absent.code, 2);
  assert.match(absent.errors.join('\n'), /liaison\.yaml:1:1: there is no such file/);
  await writeFile(file, 'servers:\n  main: {kind: pop3}\n');
  const wrong = await run('doctor', '--config', file);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.errors.join('\n'),
    /liaison\.yaml:2:10: servers\.main\.kind: "pop3" cannot stand here; write one of: ews/,
  );
});

test('a database that does not answer ends with 1 and a sentence', async (t) => {
  const folder = await folderFor(t);
  const { run } = shell(folder, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', P: 'x' });
  const config = join(folder, 'liaison.yaml');
  const signIn = { kind: 'basic', user: 'u', password: { env: 'P' } };
  await writeFile(config, JSON.stringify({ servers: { main: { kind: 'ews', url: 'https://x.test/', signIn } } }));
  const { code, errors } = await run('status', '-c', config);
  assert.equal(code, 1);
  assert.match(errors.join('\n'), /^liaison: .*database/i);
  assert.ok(!errors.join().includes('defect'));
});

test('from importing users to a checked sync, every command says what it did', async (t) => {
  const { run, config, folder } = await office(t);
  const c = ['--config', config];
  const users = join(folder, 'users.csv');

  await writeFile(users, 'crmLogin,mailbox,contact\nANN,ann@example.test,\nBOB,bob,\n');
  const bad = await run('users', 'import', users, ...c);
  assert.equal(bad.code, 2);
  assert.match(bad.errors[0] ?? '', /users\.csv:3:5: the mailbox "bob" is no e-mail address/);
  assert.deepEqual(JSON.parse((await run('users', 'list', '--json', ...c)).lines.join('')), []);
  const skipped = await run('users', 'import', users, '--skip-bad', ...c);
  assert.deepEqual([skipped.code, skipped.lines], [1, ['1 added, 0 changed, 0 unchanged']]);

  assert.equal((await run('users', 'add', 'BOB', 'bob@example.test', '--task', 'export', ...c)).code, 0);
  assert.match((await run('users', 'disable', 'BOB', ...c)).lines[0] ?? '', /bob@example\.test: disabled/);
  assert.equal((await run('users', 'enable', 'nobody', ...c)).code, 1);
  const listed = await run('users', 'list', ...c);
  assert.match(listed.lines.join('\n'), /bob@example\.test +BOB +main +no +full +full +export/);

  const dry = await run('sync', 'ann@example.test', '--dry-run', ...c);
  assert.equal(dry.code, 0, dry.errors.join('\n'));
  assert.match(dry.lines.join('\n'), /CRM: 16 to create.*\nmailbox: 8 to create.*\nNothing was written\./);
  assert.equal((await run('audit', 'ANN', ...c)).code, 1, 'nothing crossed yet');

  const synced = await run('sync', 'ANN', '--json', ...c);
  assert.equal(synced.code, 0, synced.errors.join('\n'));
  assert.equal((JSON.parse(synced.lines.join('')) as { result: string }).result, 'changed');
  const audit = await run('audit', 'ANN', ...c);
  assert.deepEqual([audit.code, audit.lines.at(-1)?.trim()], [0, 'In sync.'], audit.lines.join('\n'));

  const status = await run('status', ...c);
  assert.equal(status.code, 0);
  assert.match(status.lines.join('\n'), /ann@example\.test +ANN +in sync .* 9 +9 +6 +0 +0 +0 +0\n/);
  assert.match(status.lines.join('\n'), /bob@example\.test +BOB +disabled/);
  for (const command of ['review', 'quarantine']) assert.equal((await run(command, ...c)).code, 0);
  assert.deepEqual((await run('brake', 'list', ...c)).lines, ['Nothing is held.']);
  const release = await run('brake', 'release', 'ANN', 'no-such-plan', ...c);
  assert.equal(release.code, 1);

  assert.equal((await run('users', 'remove', 'BOB', ...c)).code, 0);
  assert.equal((JSON.parse((await run('users', 'list', '--json', ...c)).lines.join('')) as unknown[]).length, 1);
});

test('when all state is lost, the exported user map is enough to find every pair again: nothing is doubled', async (t) => {
  const { run, config, folder, environment } = await office(t);
  const c = ['--config', config];
  await run('users', 'add', 'ANN', 'ann@example.test', ...c);
  assert.equal((await run('sync', 'ANN', ...c)).code, 0);
  const file = join(folder, 'backup.csv');
  await writeFile(file, (await run('users', 'export', ...c)).lines.join('\n'));

  // The same CRM and mailboxes, an empty state.
  const fresh = await testCrm(t);
  const { servers } = JSON.parse(await readFile(config, 'utf8')) as { servers: unknown };
  const recovered = join(folder, 'recovered.yaml');
  await writeFile(recovered, JSON.stringify({ servers, crm: { url: { env: 'CRM_URL' } } }));
  const anew = shell(folder, { ...environment, DATABASE_URL: fresh.url, CRM_URL: environment.DATABASE_URL ?? '' });
  const r = ['--config', recovered];
  assert.deepEqual((await anew.run('users', 'import', file, ...r)).lines, ['1 added, 0 changed, 0 unchanged']);
  const dry = await anew.run('sync', 'ANN', '--dry-run', ...r);
  assert.match(
    dry.lines.join('\n'),
    /CRM: 0 to create, 0 to update, 0 to remove\nmailbox: 0 to create, 0 to update, 0/,
  );
  assert.equal((await anew.run('sync', 'ANN', ...r)).code, 0);
  assert.equal((await anew.run('audit', 'ANN', ...r)).code, 0);
  const [status] = JSON.parse((await anew.run('status', '--json', ...r)).lines.join('')) as readonly {
    readonly tallies: readonly { readonly paired: number; readonly review: number }[];
  }[];
  assert.deepEqual(
    status?.tallies.map(({ paired, review }) => [paired, review]),
    [
      [9, 0],
      [9, 0],
      [6, 0],
    ],
  );
});

test('a mass change stops, is listed in words, and passes only after its very plan was released', async (t) => {
  const { run, config, database } = await office(t, { policy: { brake: { removals: { itemsMin: 1, share: 0 } } } });
  const c = ['--config', config];
  await run('users', 'add', 'ANN', 'ann@example.test', ...c);
  assert.equal((await run('sync', 'ANN', ...c)).code, 0);
  await database.script(`delete from crm.activity where display = 'To Do and Activities'`);
  assert.equal((await run('sync', 'ANN', ...c)).code, 0);
  const listed = (await run('brake', 'list', ...c)).lines.join('\n');
  assert.match(listed, /ann@example\.test +task +remove 6 of 6 in the mailbox/);
  assert.match((await run('status', ...c)).lines.join('\n'), /held by brake/);

  const [held] = JSON.parse((await run('brake', 'list', '--json', ...c)).lines.join('')) as readonly {
    readonly plan: string;
  }[];
  const released = await run('brake', 'release', 'ANN', held?.plan ?? '', ...c);
  assert.equal(released.code, 0, released.errors.join('\n'));
  const synced = await run('sync', 'ANN', ...c);
  assert.match(synced.lines.join('\n'), /mailbox: 6 removed/);
  assert.equal((await run('audit', 'ANN', ...c)).code, 0);
  assert.deepEqual((await run('brake', 'list', ...c)).lines, ['Nothing is held.']);
});

test('a pass that fails ends with 1, and status says why in words', async (t) => {
  const { run, config } = await office(t);
  const c = ['--config', config];
  await run('users', 'add', 'GHOST', 'bob@example.test', ...c);
  const failed = await run('sync', 'GHOST', ...c);
  assert.equal(failed.code, 1);
  assert.match(failed.lines.join('\n'), /failed in .*\n +CRM, contact: The CRM has no employee with this login/);
  const status = await run('status', ...c);
  assert.equal(status.code, 1);
  assert.match(
    status.lines.join('\n'),
    /GHOST +failing[\s\S]*bob@example\.test: The CRM has no employee with this login/,
  );
});

test('with many users status shows a page of them, or those with trouble, and one line about all', async (t) => {
  const { run, config, folder } = await office(t);
  const c = ['--config', config];
  const file = join(folder, 'many.csv');
  const names = Array.from({ length: 250 }, (_, index) => `u${String(index).padStart(3, '0')}`);
  await writeFile(file, ['crmLogin,mailbox', ...names.map((name) => `${name},${name}@example.test`)].join('\n'));
  await run('users', 'import', file, ...c);
  await run('users', 'add', 'GHOST', 'bob@example.test', ...c);
  await run('users', 'disable', 'u249', ...c);
  await run('sync', 'GHOST', ...c);

  const page = await run('status', '--limit', '3', ...c);
  assert.equal(page.code, 1, 'somebody fails');
  const text = page.lines.join('\n');
  assert.equal(text.match(/@example\.test +(u|GHOST)/g)?.length, 3, text);
  assert.match(text, /go on with --after u001@example\.test/);
  assert.match(text, /\n251 users: 1 failing, 250 in the first sync, 1 disabled$/);
  const next = (await run('status', '--after', 'u247@example.test', ...c)).lines.join('\n');
  assert.match(next, /u248@example\.test[^\n]*\nu249@example\.test +u249 +disabled/);
  assert.doesNotMatch(next, /--after/);
  const trouble = (await run('status', '--trouble', '--limit', '1', ...c)).lines.join('\n');
  assert.match(trouble, /bob@example\.test +GHOST +failing/);
  const one = await run('status', '--user', 'u007', ...c);
  assert.deepEqual([one.code, one.lines.join('\n').split('\n').length], [0, 2]);
  const all = JSON.parse((await run('status', '--json', ...c)).lines.join('')) as unknown[];
  assert.equal(all.length, 251);
  const listed = (await run('users', 'list', '--limit', '2', ...c)).lines.join('\n');
  assert.match(listed, /These are 2; go on with --after u000@example\.test[\s\S]*251 users, 1 disabled$/);
  assert.equal((await run('status', '--limit', 'some', ...c)).code, 2);
});

test('explain tells every decision about an item by name or id, and what is left alone', async (t) => {
  const { run, config, database } = await office(t);
  const c = ['--config', config];
  await run('users', 'add', 'ANN', 'ann@example.test', ...c);
  assert.equal((await run('explain', 'Zoe', '--user', 'ANN', ...c)).code, 1);
  const bad = { last_name: 'Zoe Badweb', web_page: 'ht tp://not an address' };
  await database.query(
    'test.bad',
    `with person as (insert into crm.contact (last_name, web_page) values ($1, $2), ('Zoe Good', null) returning id)
     insert into crm.sync_list (contact_id, employee_id) select person.id, employee.id from person, crm.employee`,
    [bad.last_name, bad.web_page],
  );
  await run('sync', 'ANN', ...c);
  await database.script(`delete from crm.contact where last_name = 'Zoe Good'`);
  await run('sync', 'ANN', ...c);
  const told = await run('explain', 'zoe', '--user', 'ANN', ...c);
  const text = told.lines.join('\n');
  assert.equal(told.code, 0, told.errors.join('\n'));
  assert.match(text, /contact "Zoe Badweb" \(link \S+, CRM \d+\)/);
  assert.match(text, /set aside because of the mailbox\n +The web page .*\(webPage\) \(item\.unsupported\)/);
  assert.match(text, /Now: in quarantine since .*Change the record/);
  assert.match(text, /made in the mailbox\n +new in the CRM, not in the mailbox: it was to be made in the mailbox/);
  assert.match(text, /removed from the mailbox\n +deleted in the CRM, unchanged in the mailbox/);
  const json = JSON.parse((await run('explain', 'zoe bad', '--user', 'ANN', '--json', ...c)).lines.join('')) as {
    readonly ids: { readonly crm: string };
  }[];
  assert.equal(json.length, 1);
  const byId = await run('explain', json[0]?.ids.crm ?? '', '--user', 'ANN', ...c);
  assert.match(byId.lines.join('\n'), /^contact "Zoe Badweb"/m);
});

test('an overruled value is put back by undo, and what cannot be undone is said at once', async (t) => {
  const { run, config, database } = await office(t);
  const c = ['--config', config];
  const u = ['--user', 'ANN', ...c];
  const title = async (): Promise<string | undefined> =>
    (
      await database.query<{ title: string }>(
        'test.title',
        `select job_title as title from crm.contact where last_name = 'Undone'`,
      )
    )[0]?.title;
  await run('users', 'add', 'ANN', 'ann@example.test', ...c);
  await database.script(
    `with person as (insert into crm.contact (last_name, job_title) values ('Undone', 'Baker') returning id)
     insert into crm.sync_list (contact_id, employee_id) select person.id, employee.id from person, crm.employee`,
  );
  await run('sync', 'ANN', ...c);
  interface Told {
    readonly linkKey: string;
    readonly decisions: readonly { readonly decision: number; readonly event: string }[];
  }
  const told = async (): Promise<Told> => {
    const [story] = JSON.parse((await run('explain', 'Undone', '--json', ...u)).lines.join('')) as readonly Told[];
    assert.ok(story !== undefined);
    return story;
  };
  const { linkKey, decisions } = await told();
  const refused = await run('undo', String(decisions[0]?.decision), ...u);
  assert.equal(refused.code, 1);
  assert.match(refused.errors.join(), /cannot be undone: this decision overruled no value/);
  assert.equal((await run('undo', 'it', ...u)).code, 2);

  // A conflict as the engine notes it: the mailbox had said Carpenter.
  const overruled = [
    { path: 'organization.jobTitle', side: 'mailbox', value: 'Carpenter', kept: 'Baker', rule: 'crmWins' },
  ];
  await database.query(
    'test.conflict',
    `insert into liaison.journal (pair_id, at, kind, link_key, event, side, detail)
     select pair_id, '2026-01-01T00:00:00Z', 'contact', $1, 'conflict', null, $2::json from liaison.pair`,
    [linkKey, JSON.stringify({ overruled })],
  );
  const conflict = (await told()).decisions.find(({ event }) => event === 'conflict');
  const asked = await run('undo', `#${conflict?.decision}`, ...u);
  assert.equal(asked.code, 0, asked.errors.join());
  assert.equal(await title(), 'Baker', 'the command itself writes nothing');
  assert.equal((await run('sync', 'ANN', ...c)).code, 0);
  assert.equal(await title(), 'Carpenter');
  assert.equal((await run('audit', 'ANN', ...c)).code, 0);
  assert.match((await run('explain', 'Undone', ...u)).lines.join('\n'), /it was undone as asked/);
});

test('the doctor finds what is wrong and says what to do', async (t) => {
  const { run, config } = await office(t);
  const c = ['--config', config];
  await run('users', 'add', 'ANN', 'ann@example.test', ...c);
  const well = await run('doctor', ...c);
  assert.equal(well.code, 0, well.lines.join('\n'));
  assert.match(well.lines.join('\n'), /ok +server main: sign-in: svc@example\.test opened ann@example\.test/);
  assert.match(well.lines.join('\n'), /ok +server main: version: Exchange 15\.2/);
  await run('users', 'add', 'GHOST', 'bob@example.test', ...c);
  const ghost = await run('doctor', ...c);
  assert.equal(ghost.code, 1);
  assert.match(
    ghost.lines.join('\n'),
    /fail +CRM users: 1 in the user map are not in crm\.employee: GHOST\n +Correct the CRM logins/,
  );
});

test('the doctor tells a wrong password from a missing one', async (t) => {
  const { config, folder } = await office(t);
  const url = (await testCrm(t)).url;
  const missing = await shell(folder, { DATABASE_URL: url }).run('doctor', '--config', config);
  assert.match(
    missing.lines.join('\n'),
    /fail +server main: password: the environment variable SVC_PASSWORD is not set/,
  );
  const { run } = shell(folder, { DATABASE_URL: url, SVC_PASSWORD: 'wrong' });
  await run('users', 'add', 'ANN', 'ann@example.test', '--config', config);
  const wrong = await run('doctor', '--config', config);
  assert.equal(wrong.code, 1);
  assert.match(wrong.lines.join('\n'), /fail +server main: sign-in: .*\n +Check signIn\.user and its password/);
});

test('a removed record is made again by undo, and a conflict that waits is listed and settled', async (t) => {
  const { run, config, database } = await office(t);
  const c = ['--config', config];
  const u = ['--user', 'ANN', ...c];
  const pages = async (): Promise<readonly (string | null)[]> =>
    (
      await database.query<{ page: string | null }>(
        'test.page',
        `select web_page as page from crm.contact where last_name = 'Removed'`,
      )
    ).map(({ page }) => page);
  await run('users', 'add', 'ANN', 'ann@example.test', ...c);
  await database.script(
    `with person as (insert into crm.contact (last_name, web_page) values ('Removed', 'https://a.example/') returning id)
     insert into crm.sync_list (contact_id, employee_id) select person.id, employee.id from person, crm.employee`,
  );
  await run('sync', 'ANN', ...c);
  await database.script(`delete from crm.contact where last_name = 'Removed'`);
  await run('sync', 'ANN', ...c);
  const stories = async () =>
    JSON.parse((await run('explain', 'Removed', '--json', ...u)).lines.join('')) as readonly {
      readonly linkKey: string;
      readonly decisions: readonly { readonly decision: number; readonly event: string }[];
    }[];
  const [told] = await stories();
  const removal = told?.decisions.find(({ event }) => event === 'removed');
  const asked = await run('undo', `#${removal?.decision}`, ...u);
  assert.match(asked.lines.join(), /the next pass makes again what decision \d+ removed/);
  await run('sync', 'ANN', ...c);
  assert.deepEqual(await pages(), ['https://a.example/']);
  assert.equal((await run('audit', 'ANN', ...c)).code, 0);
  assert.match((await run('undo', `#${removal?.decision}`, ...u)).errors.join(), /undone already/);

  assert.deepEqual((await run('conflicts', ...c)).lines, ['No conflict waits.']);
  const linkKey = (await stories()).find((story) => story.linkKey !== told?.linkKey)?.linkKey ?? '';
  const held = { base: null, crm: 'https://a.example/', mailbox: 'https://c.example/', since: '2026-01-01T00:00:00Z' };
  // A conflict as the engine leaves it: each side shows a value of its own.
  await database.query(
    'test.hold',
    `update liaison.link
        set holds = $2::json, mailbox_prints = jsonb_set(mailbox_prints::jsonb, '{webPage}', '"another"')::json
      where link_key = $1`,
    [linkKey, JSON.stringify([{ path: 'webPage', ...held }])],
  );
  const list = (await run('conflicts', ...u)).lines.join('\n');
  assert.match(list, /Removed +webPage +nothing +"https:\/\/a\.example\/" +"https:\/\/c\.example\/"/);
  assert.match((await run('review', 'ANN', ...c)).lines.join('\n'), /One record has conflicts/);
  const refused = await run('conflicts', 'settle', linkKey, '--path', 'name', '--take', 'crm', ...u);
  assert.match(refused.errors.join(), /no conflict of it waits at name/);
  assert.equal((await run('conflicts', 'settle', linkKey, '--take', 'nobody', ...u)).code, 2);
  const settled = await run('conflicts', 'settle', linkKey, '--take', 'mailbox', ...u);
  assert.match(settled.lines.join(), /the next pass keeps what stands in the mailbox: webPage/);
  await run('sync', 'ANN', ...c);
  assert.deepEqual(await pages(), ['https://c.example/']);
  assert.deepEqual((await run('conflicts', ...c)).lines, ['No conflict waits.']);
});
