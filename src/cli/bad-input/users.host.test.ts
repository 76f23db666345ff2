/** User files with mistakes: all of them are told with line and column, nothing is imported, nobody's user map is harmed. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isDefect, openShell, type Shell } from '#testing/office.ts';
import { testDatabase } from '#testing/postgres.ts';

async function open(t: TestContext): Promise<Shell> {
  const shell = openShell(t, { DATABASE_URL: (await testDatabase(t)).url });
  const signIn = { kind: 'basic', user: 'svc', password: { env: 'SERVICE_PASSWORD' } };
  shell.configure({ servers: { main: { kind: 'ews', url: 'https://mail.example.com/EWS/Exchange.asmx', signIn } } });
  return shell;
}

/** What the import says, without the folder; the code must be `code`. */
async function imported(
  shell: Shell,
  content: string | Uint8Array,
  code: number,
  ...more: readonly string[]
): Promise<string> {
  const ended = await shell.run('users', 'import', shell.write('users.csv', content), ...more);
  const said = (ended.out + ended.err).replaceAll(`${shell.folder}/`, '');
  assert.equal(ended.code, code, said);
  assert.ok(!isDefect(said), said);
  return said;
}

const mailboxes = async (shell: Shell): Promise<readonly string[]> =>
  (JSON.parse((await shell.run('users', 'list', '--json')).out) as readonly { readonly mailbox: string }[]).map(
    ({ mailbox }) => mailbox,
  );

test('every mistake of a user file is told with its place and its cure, and nothing of the file is imported', async (t) => {
  const shell = await open(t);
  const lines = [
    'crmLogin,mailbox,server,contact,zone,enabled',
    'good,good@example.test,,,,',
    'dan,dan@example.test,mian,fulll,Mars/Olympus,maybe',
    'dan,dan2@example.test,,,,',
    'eve,GOOD@example.test,,,,',
    'fay,fay,,,,',
    ',gil@example.test,,,,',
    'hal,hal@example.test,,,,,too many',
    '"ida"x,ida@example.test,,,,',
    '"joe,joe@example.test,,,,',
  ];
  const said = await imported(shell, lines.join('\n'), 2);
  for (const wanted of [
    /^users\.csv:3:22: there is no server "mian"; write one of those in the configuration: main$/m,
    /^users\.csv:3:27: the level "fulll" does not exist; write one of: full, export, import, none$/m,
    /^users\.csv:3:33: there is no time zone "Mars\/Olympus"; write one such as/m,
    /^users\.csv:3:46: enabled cannot be "maybe"; write true or false$/m,
    /^users\.csv:5:1: the mailbox good@example\.test stands on line 2 already; keep one$/m,
    /^users\.csv:6:5: the mailbox "fay" is no e-mail address/m,
    /^users\.csv:7:1: the CRM login is missing; write it$/m,
    /^users\.csv:8:\d+: the line has 7 fields, the first line has 6/m,
    /^users\.csv:9:6: there is text after the closing quote/m,
    /^users\.csv:10:1: this quote is never closed; add a " at its end$/m,
    /^liaison: nothing was imported; correct the \d+ mistakes above, or add --skip-bad$/m,
  ]) {
    assert.match(said, wanted);
  }
  assert.deepEqual(await mailboxes(shell), []);
  // Of the two lines of dan the wrong one does not count.
  await imported(shell, lines.slice(0, -1).join('\n'), 1, '--skip-bad');
  assert.deepEqual(await mailboxes(shell), ['dan2@example.test', 'good@example.test']);
});

test('a wrong header, an empty file and a file that is not there are told as such', async (t) => {
  const shell = await open(t);
  const header = await imported(shell, 'login,mail\nx,y@z.test\n', 2);
  assert.match(header, /^users\.csv:1:1: there is no column "login"; /m);
  assert.match(header, /^users\.csv:1:1: the column mailbox is missing; add it$/m);
  assert.match(
    await imported(shell, '', 2),
    /^users\.csv:1:1: the file is empty; its first line must be: crmLogin,mailbox/,
  );
  const absent = await shell.run('users', 'import', '/nowhere/users.csv');
  assert.equal(absent.code, 2);
  assert.match(absent.err, /^liaison: \/nowhere\/users\.csv cannot be read \(ENOENT\)/);
});

test('a file as spreadsheets write it (byte-order mark, semicolons, CRLF) is taken, and one of 100,000 lines too, again and again', async (t) => {
  const shell = await open(t);
  const sheet = '\uFEFFcrmLogin;mailbox;zone\r\n"da;n";dan@example.test;Europe/Berlin\r\n\r\n';
  assert.match(await imported(shell, sheet, 0), /^1 added, 0 changed, 0 unchanged$/m);
  const many = Array.from({ length: 100_000 }, (_, at) => `user${at},user${at}@example.test`);
  const file = ['crmLogin,mailbox', ...many].join('\r\n');
  assert.match(
    await imported(shell, `${file}\r\nuser7,other@example.test`, 2),
    /users\.csv:100002:1: the CRM login user7 stands on line 9 already/,
  );
  assert.match(await imported(shell, file, 0), /^100000 added, 0 changed, 0 unchanged$/m);
  assert.match(await imported(shell, file, 0), /^0 added, 0 changed, 100000 unchanged$/m);
});

test('a login that already has another mailbox is refused with the way out, and the user stays as it was', async (t) => {
  const shell = await open(t);
  await imported(shell, 'crmLogin,mailbox\nann,ann@example.test\n', 0);
  const said = await imported(shell, 'crmLogin,mailbox\nann,other@example.test\n', 1);
  assert.match(said, /the CRM login ann already goes with ann@example\.test; remove that user first/);
  assert.deepEqual(await mailboxes(shell), ['ann@example.test']);
});

test('a login with a character no database takes is refused with its line', async (t) => {
  const said = await imported(await open(t), 'crmLogin,mailbox\nd\u0000an,dan@example.test\n', 2);
  assert.match(said, /^users\.csv:2:1: /);
});

test('a file that is not UTF-8 is refused with that reason instead of spoiling names', async (t) => {
  const shell = await open(t);
  const latin = await imported(shell, Buffer.from('crmLogin,mailbox\nm\u00fcller,mueller@example.test\n', 'latin1'), 2);
  assert.match(latin, /UTF-8/);
  const wide = await imported(shell, Buffer.from('\uFEFFcrmLogin,mailbox\ndan,dan@example.test\n', 'utf16le'), 2);
  assert.match(wide, /UTF-8/);
});

test('a CRM login longer than any is refused', async (t) => {
  const said = await imported(await open(t), `crmLogin,mailbox\n${'l'.repeat(5_000)},long@example.test\n`, 2);
  assert.match(said, /^users\.csv:2:1: the CRM login/);
});
