import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startExchange } from '../start-exchange.ts';

const run = promisify(execFile);
const python = '/usr/bin/python3';
const library = '/usr/lib/python3/dist-packages/exchangelib';
const missing = existsSync(library) ? false : 'not run: the Debian package python3-exchangelib is not installed';

for (const [version, auth] of [
  ['se', 'basic'],
  ['2010sp3', 'NTLM'],
] as const) {
  test(`an independent client library works with a ${version} server signed in by ${auth}`, {
    skip: missing,
  }, async () => {
    const mailboxes = ['alice', 'bob', 'carol'].map((name) => ({
      address: `${name}@example.test`,
      password: `${name}-pw1`,
    }));
    const serviceAccounts = [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' as const }];
    const exchange = await startExchange({ estate: { version, mailboxes, serviceAccounts }, validateResponses: true });
    try {
      const script = fileURLToPath(new URL('exchangelib_suite.py', import.meta.url));
      const { stdout } = await run(python, [script, exchange.url, auth], { timeout: 120_000 });
      assert.match(stdout, /done\n$/);
      assert.equal(exchange.control.counters().invalidResponses, 0);
      assert.equal(exchange.control.counters().schemaViolations, 0);
    } finally {
      await exchange.close();
    }
  });
}
