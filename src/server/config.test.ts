import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig, problemText, readConfig } from './config.ts';
import { readSecret } from './secret.ts';

/** A correct server entry, to be spoilt line by line. */
const server = [
  'servers:',
  '  main:',
  '    kind: ews',
  '    url: https://mail.example.com/EWS/Exchange.asmx',
  '    signIn: {kind: ntlm, user: EXAMPLE\\svc, password: {env: EWS_PASSWORD}}',
];

function problemsOf(lines: readonly string[]): readonly string[] {
  const reply = parseConfig(lines.join('\n'), 'liaison.yaml');
  return reply.ok ? [] : reply.problems.map(problemText);
}

test('a file with one server is enough; everything else has a default', () => {
  const reply = parseConfig(server.join('\n'), '/etc/liaison/liaison.yaml');
  assert.ok(reply.ok);
  const { config } = reply;
  assert.equal(config.database.embedded, '/etc/liaison/data');
  assert.equal(config.sync.intervalSeconds, 60);
  assert.equal(config.servers.main?.requestVersion, 'Exchange2010_SP2');
  assert.equal(config.sync.policy.brake.removals.share, 0.1);
  assert.equal(config.servers.main?.signIn.user, 'EXAMPLE\\svc');
});

test('paths in the file are relative to the file', () => {
  const lines = [
    ...server,
    '    tls: {caFile: ca.pem}',
    'database: {embedded: ../pg}',
    'crm: {url: {file: secrets/crm}}',
    'log: {file: /var/log/liaison.log}',
  ];
  const reply = parseConfig(lines.join('\n'), '/etc/liaison/liaison.yaml');
  assert.ok(reply.ok);
  const { config } = reply;
  assert.equal(config.database.embedded, '/etc/pg');
  assert.equal(config.servers.main?.tls.caFile, '/etc/liaison/ca.pem');
  assert.deepEqual(config.crm.url, { file: '/etc/liaison/secrets/crm' });
  assert.equal(config.log.file, '/var/log/liaison.log');
});

test('a group whose keys are all commented out counts as left out', () => {
  assert.deepEqual(problemsOf([...server, 'crm:', '  # kind: sql', 'log:', '    tls:']), [
    'liaison.yaml:9:5: log.tls: there is no such key; write one of: level, file',
  ]);
});

const bad: readonly { readonly name: string; readonly lines: readonly string[]; readonly says: readonly string[] }[] = [
  {
    name: 'an empty file',
    lines: [''],
    says: ['1:1: servers: is missing; name at least one mailbox server under it, with its kind, url and signIn'],
  },
  {
    name: 'no server at all',
    lines: ['servers: {}'],
    says: [
      '1:1: servers: a group of keys cannot stand here; name at least one mailbox server under it, with its kind, url and signIn',
    ],
  },
  {
    name: 'a misspelt key',
    lines: [...server, 'sync:', '  intervalSecond: 30'],
    says: ['7:3: sync.intervalSecond: there is no such key; did you mean intervalSeconds?'],
  },
  {
    name: 'an invented key',
    lines: [...server, 'colour: blue'],
    says: [
      '6:1: colour: there is no such key; write one of: database, crm, servers, directories, hosts, sync, journal, log',
    ],
  },
  {
    name: 'a hosted server without a host',
    lines: [...server, '    placement: hosted'],
    says: [
      '6:5: servers.main.placement: "hosted" cannot stand here; name a connector host that may take its mailboxes under hosts.machines, or write inProcess',
    ],
  },
  {
    name: 'a host that is kept for a server there is none of',
    lines: [...server, 'hosts: {machines: {one: {address: "one:7443", servers: [mian]}}}'],
    says: ['6:47: hosts.machines.one.servers.0: "mian" cannot stand here; name servers of the section servers'],
  },
  {
    name: 'a sign-in form where there is none',
    lines: [...server.slice(0, -1), '    signIn: {kind: forms, user: svc, password: {env: P}}'],
    says: [
      '5:14: servers.main.signIn.kind: "forms" cannot stand here; web services have no sign-in form; write basic or ntlm',
    ],
  },
  {
    name: 'a directory that is reached in plain text',
    lines: [
      ...server,
      'directories: {corp: {ldap: {urls: [ldap://dc.example.com], signIn: {user: u, password: {env: P}}}}}',
    ],
    says: [
      '6:29: directories.corp.ldap.urls.0: "ldap://dc.example.com" cannot stand here; the password would travel readably: write ldaps://, or set startTls: true',
    ],
  },
  {
    name: 'a server by the name that means the directories',
    lines: server.map((line) => line.replace('main:', 'auto:')),
    says: [
      '1:1: servers: a group of keys cannot stand here; choose another name than auto, which stands for “as the directories say”',
    ],
  },
  {
    name: 'a directory that nobody can ask',
    lines: [...server, 'directories: {corp: {domains: [example.com]}}'],
    says: [
      '6:15: directories.corp: a group of keys cannot stand here; name at least one way to ask it under it: ldap or autodiscover',
    ],
  },
  {
    name: 'an LDAP server without a place',
    lines: [...server, 'directories: {corp: {ldap: {signIn: {user: u, password: {env: P}}}}}'],
    says: ['6:22: directories.corp.ldap.urls: is missing; name domain controllers, or the forest'],
  },
  {
    name: 'text where a number belongs',
    lines: [...server, 'sync: {intervalSeconds: often}'],
    says: ['6:8: sync.intervalSeconds: "often" cannot stand here; write a whole number from 1 to 86400'],
  },
  {
    name: 'numbers out of bounds',
    lines: [...server, '    pageItems: 513', '    requests: 0', '    writeBatch: 1.5'],
    says: [
      '6:5: servers.main.pageItems: 513 cannot stand here; write a whole number from 1 to 512',
      '7:5: servers.main.requests: 0 cannot stand here; write a whole number from 1 to 8',
      '8:5: servers.main.writeBatch: 1.5 cannot stand here; write a whole number from 1 to 100',
    ],
  },
  {
    name: 'an unknown level',
    lines: [...server, 'sync:', '  levels:', '    contact: both'],
    says: ['8:5: sync.levels.contact: "both" cannot stand here; write one of: full, export, import, none'],
  },
  {
    name: 'a password in the file',
    lines: [...server.slice(0, 4), '    signIn: {kind: basic, user: svc, password: hunter2}'],
    says: ['5:38: servers.main.signIn.password: a secret is never written here; write {env: NAME} or {file: PATH}'],
  },
  {
    name: 'a database URL in the file',
    lines: [...server, 'database: {url: postgres://me:secret@db/liaison}'],
    says: ['6:12: database.url: a secret is never written here; write {env: NAME} or {file: PATH}'],
  },
  {
    name: 'missing keys',
    lines: ['servers:', '  main:', '    kind: ews', '    signIn: {kind: ntlm, user: svc}'],
    says: [
      '2:3: servers.main.url: is missing; write a URL such as https://mail.example.com/EWS/Exchange.asmx',
      '4:5: servers.main.signIn.password: is missing; a secret is never written here; write {env: NAME} or {file: PATH}',
    ],
  },
  {
    name: 'a URL that is none',
    lines: [...server.slice(0, 3), '    url: mail.example.com', ...server.slice(4)],
    says: ['4:5: servers.main.url: write a URL such as https://mail.example.com/EWS/Exchange.asmx'],
  },
  {
    name: 'an unknown zone',
    lines: [...server, '    zone: Berlin'],
    says: ['6:5: servers.main.zone: "Berlin" cannot stand here; write an IANA time zone such as Europe/Berlin'],
  },
  {
    name: 'a server named with a blank',
    lines: ['servers:', '  "my server":', '    kind: ews'],
    says: ['2:3: servers.my server: a server is named by letters, digits, ".", "_" and "-"'],
  },
  {
    name: 'a key without a value',
    lines: [...server, 'log:', '  level:'],
    says: ['7:3: log.level: has no value; write one of: debug, info, warn, error'],
  },
  {
    name: 'a word where a group belongs',
    lines: [...server, 'database: ./data'],
    says: ['6:1: database: "./data" cannot stand here; write a group of "key: value" lines, indented under it'],
  },
  {
    name: 'retries that end before they begin',
    lines: [...server, 'sync:', '  retrySeconds: 60', '  retrySecondsMax: 30'],
    says: ['8:3: sync.retrySecondsMax: 30 cannot stand here; write a number not below retrySeconds'],
  },
  {
    name: 'a key that stands twice',
    lines: [...server, 'log: {level: info}', 'log: {level: warn}'],
    says: ['7:1: this is not valid YAML: map keys must be unique'],
  },
];

for (const { name, lines, says } of bad) {
  test(`the mistake is told with its place and its cure: ${name}`, () => {
    assert.deepEqual(
      problemsOf(lines),
      says.map((line) => `liaison.yaml:${line}`),
    );
  });
}

test('all mistakes are told at once, in the order of the file', () => {
  const lines = [...server, '    zone: x', 'sync: {concurrency: 0}', 'logg: 1'];
  assert.deepEqual(
    problemsOf(lines).map((text) => text.split(':')[1]),
    ['6', '7', '8'],
  );
});

test('no message ever repeats what stands in the place of a secret', () => {
  const lines = [
    ...server.slice(0, 4),
    '    signIn: {kind: basic, user: svc, password: hunter2}',
    'crm: {url: hunter2}',
  ];
  assert.ok(problemsOf(lines).length === 2 && !problemsOf(lines).join().includes('hunter2'));
});

test('a file that is not there is told with the command that makes one', async () => {
  const reply = await readConfig('/nonexistent/liaison.yaml');
  assert.ok(!reply.ok);
  assert.match(
    problemText(reply.problems[0]!),
    /^\/nonexistent\/liaison\.yaml:1:1: there is no such file; `liaison init`/,
  );
});

test('a secret comes from the environment or from a file, without the line end', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'password');
  await writeFile(file, 'pass word\r\n');
  assert.deepEqual(await readSecret({ file }, {}), { ok: true, value: 'pass word' });
  assert.deepEqual(await readSecret({ env: 'P' }, { P: 'x' }), { ok: true, value: 'x' });
  assert.deepEqual(await readSecret({ env: 'P' }, {}), { ok: false, message: 'the environment variable P is not set' });
  const absent = await readSecret({ file: join(folder, 'absent') }, {});
  assert.match(absent.ok ? '' : absent.message, /absent cannot be read \(ENOENT\)$/);
});
