/** Programs of others against the WebDAV and LDAP faces: what Debian has, and only when it is installed. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startExchange } from '../start-exchange.ts';

const run = promisify(execFile);
const missing = (path: string, name: string): string | false =>
  existsSync(path) ? false : `not run: the Debian package ${name} is not installed`;

const estate = {
  version: '2007sp3' as const,
  mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1', displayName: 'Alice Archer' }],
};

test('ldapsearch reads the directory in pages', { skip: missing('/usr/bin/ldapsearch', 'ldap-utils') }, async () => {
  const exchange = await startExchange({ ldap: {}, estate });
  try {
    const common = [
      '-x',
      '-LLL',
      '-H',
      `ldap://${exchange.ldap?.controller}`,
      '-D',
      'alice@example.test',
      '-w',
      'alice-pw1',
    ];
    const search = [
      '-b',
      'DC=example,DC=test',
      '-E',
      'pr=10/noprompt',
      '(&(objectClass=user)(proxyAddresses=smtp:alice@example.test))',
    ];
    const { stdout } = await run('/usr/bin/ldapsearch', [...common, ...search, 'homeMDB', 'objectGUID'], {
      timeout: 20_000,
    });
    assert.match(stdout, /^dn: CN=Alice Archer,CN=Users,DC=example,DC=test$/m);
    assert.match(stdout, /^objectGUID:: [A-Za-z0-9+/]{22}==$/m);
    assert.match(stdout.replace(/\n /g, ''), /^homeMDB: CN=Mailbox Database,CN=First Storage Group,/m);
  } finally {
    await exchange.close();
  }
});

test('2: curl signs a connection in by NTLM, with methods that few servers have', {
  skip: missing('/usr/bin/curl', 'curl'),
}, async () => {
  const exchange = await startExchange({ estate: { ...estate, webdav: { authentication: ['NTLM', 'Basic'] } } });
  const targets = '<D:target><D:href>Calendar</D:href></D:target><D:prop><D:displayname/></D:prop>';
  const body = `<D:propfind xmlns:D="DAV:">${targets}</D:propfind>`;
  try {
    for (const auth of ['--basic', '--ntlm']) {
      for (const method of ['PROPFIND', 'BPROPFIND']) {
        const sign = ['-s', auth, '-u', 'EXAMPLE\\alice:alice-pw1', '-X', method];
        const ask = [
          '-H',
          'Depth: 0',
          '-H',
          'Content-Type: text/xml',
          '-d',
          body,
          `${exchange.origin}/exchange/alice/`,
        ];
        const { stdout } = await run('/usr/bin/curl', [...sign, ...ask], { timeout: 20_000 });
        const name = method === 'PROPFIND' ? 'Top of Information Store' : 'Calendar';
        assert.ok(stdout.includes(`<a:displayname>${name}</a:displayname>`), `${auth} ${method} ${stdout}`);
      }
    }
  } finally {
    await exchange.close();
  }
});

test('cadaver walks through a mailbox and makes a folder there', {
  skip: missing('/usr/bin/cadaver', 'cadaver'),
}, async () => {
  const exchange = await startExchange({ estate: { ...estate, webdav: { authentication: ['Basic'] } } });
  try {
    const home = await mkdtemp(join(tmpdir(), 'cadaver-'));
    await writeFile(join(home, '.netrc'), 'machine 127.0.0.1 login alice password alice-pw1\n', { mode: 0o600 });
    const child = spawn('/usr/bin/cadaver', ['-t', `${exchange.origin}/exchange/alice/`], {
      env: { ...process.env, HOME: home },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.stdin.end('ls\nmkcol Projects\nquit\n');
    await ended;
    assert.match(output, /Coll: +Calendar/, output);
    await rm(home, { recursive: true });
    assert.equal(
      exchange.truth
        .mailbox('alice@example.test')
        ?.wellKnown('msgfolderroot')
        .children.some((one) => one.name === 'Projects'),
      true,
      output,
    );
  } finally {
    await exchange.close();
  }
});
