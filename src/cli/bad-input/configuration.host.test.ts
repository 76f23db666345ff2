/** Configuration files with mistakes: each is told with its place, what is wrong and what to write; nothing is started. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDefect, openShell, type Shell } from '#testing/office.ts';

const healthy = `servers:
  main:
    kind: ews
    url: https://mail.example.com/EWS/Exchange.asmx
    signIn: {kind: basic, user: svc, password: {env: SERVICE_PASSWORD}}
`;

/** What a command says about a file, without the folder. */
async function complaints(shell: Shell, text: string): Promise<string> {
  shell.configure(text);
  const { code, out, err } = await shell.run('status');
  assert.equal(code, 2, err);
  assert.equal(out, '');
  assert.ok(!isDefect(err), err);
  return err.replaceAll(`${shell.folder}/`, '');
}

test('all mistakes of a file are told at once, each with its place and what to write instead, and no secret is repeated', async (t) => {
  const told = await complaints(
    openShell(t),
    `servers:
  main:
    kind: pop3
    urll: x
    url: mail.example.com
    signIn: {kind: basic, user: u, password: hunter2secret}
database:
  url: postgres://liaison:topsecret@db/state
sync:
  intervalSeconds: often
  concurrency: 0
  levels: full
logg: {}
`,
  );
  for (const wanted of [
    /^liaison\.yaml:3:5: servers\.main\.kind: "pop3" cannot stand here; write one of: ews, exchange2007$/m,
    /^liaison\.yaml:4:5: servers\.main\.urll: there is no such key; did you mean url\?$/m,
    /^liaison\.yaml:5:5: servers\.main\.url: write a URL such as/m,
    /^liaison\.yaml:6:36: servers\.main\.signIn\.password: a secret is never written here; write \{env: NAME\} or/m,
    /^liaison\.yaml:8:3: database\.url: a secret is never written here/m,
    /^liaison\.yaml:10:3: sync\.intervalSeconds: "often" cannot stand here; write a whole number from 1 to 86400$/m,
    /^liaison\.yaml:11:3: sync\.concurrency: 0 cannot stand here/m,
    /^liaison\.yaml:12:3: sync\.levels: "full" cannot stand here; write a group of/m,
    /^liaison\.yaml:13:1: logg: there is no such key; did you mean log\?$/m,
  ]) {
    assert.match(told, wanted);
  }
  assert.equal(told.trim().split('\n').length, 9, told);
  assert.ok(!/hunter2|topsecret/.test(told));
});

test('files that are no configuration at all say what is missing, and where', async (t) => {
  const shell = openShell(t);
  const cases: readonly (readonly [text: string, told: RegExp])[] = [
    ['', /^liaison\.yaml:1:1: servers: is missing; name at least one mailbox server/],
    ['- a\n- b\n', /^liaison\.yaml:1:1: a list cannot stand here; write a group of/],
    ['servers:\n\tmain:\n\t\tkind: ews\n', /^liaison\.yaml:2:1: this is not valid YAML: tabs are not allowed/],
    [`${healthy}sync: {}\nsync: {}\n`, /^liaison\.yaml:7:1: this is not valid YAML: .*unique/],
    [
      `\uFEFF${healthy}sync:\r\n  intervalSeconds: x\r\n`,
      /^liaison\.yaml:7:3: sync\.intervalSeconds: "x" cannot stand here/,
    ],
  ];
  for (const [text, told] of cases) assert.match(await complaints(shell, text), told);
});

test('a secret whose variable or file is missing is named by its key, and the command does not begin', async (t) => {
  const shell = openShell(t);
  shell.configure(`${healthy}database:\n  url: {env: NO_SUCH_VARIABLE}\n`);
  const variable = await shell.run('serve');
  assert.equal(variable.code, 2);
  assert.match(variable.err, /database\.url: the environment variable NO_SUCH_VARIABLE is not set/);
  shell.configure(`${healthy}database:\n  url: {file: ./nothing}\n`);
  const file = await shell.run('serve');
  assert.equal(file.code, 2);
  assert.ok(
    file.err.includes(`database.url: the file ${join(shell.folder, 'nothing')} cannot be read (ENOENT)`),
    file.err,
  );
});

test('a file whose aliases multiply without end is refused like any other mistake', async (t) => {
  const level = (name: string, of: string): string => `${name}: &${name} [${Array(10).fill(of).join(',')}]\n`;
  const bomb = ['a', 'b', 'c', 'd', 'e']
    .map((name, at, all) => level(name, at === 0 ? 'x' : `*${all[at - 1]}`))
    .join('');
  const told = await complaints(openShell(t), bomb);
  assert.match(told, /^liaison\.yaml:\d+:\d+: /);
});

test('several documents in one file are refused in words for administrators', async (t) => {
  const told = await complaints(openShell(t), `${healthy}---\nsync: {}\n`);
  assert.doesNotMatch(told, /parseAllDocuments/);
});
