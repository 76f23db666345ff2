/** The connector host as people run it: certificates, the daemon, its end, and the commands that look at it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Connector } from '#contract/connector.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { parseConfig } from '#server/config.ts';
import type { Config } from '#server/config-schema.ts';
import { type ConnectorHosts, connectorHosts } from '#server/connector-hosts.ts';
import { checkHosts } from '#server/doctor/check-hosts.ts';
import { until } from '#testing/connector-hosts.ts';
import { runProgram } from './program.ts';
import { testConsole } from './test-console.ts';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));

async function run(
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const console = testConsole();
  const code = await runProgram(words, console, new AbortController().signal);
  return { code, out: console.lines.join('\n'), err: console.errors.join('\n') };
}

interface Started {
  readonly daemon: ChildProcess;
  readonly configFile: string;
  readonly config: Config;
  readonly hosts: ConnectorHosts;
}

async function started(t: TestContext): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-host-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const certs = join(folder, 'certs');
  assert.equal((await run('certs', 'init', '--dir', certs)).code, 0);
  const args = ['connector-host', '--listen', '127.0.0.1:0', '--certs', certs, '--json', '--log', join(folder, 'log')];
  const daemon = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => daemon.kill('SIGKILL'));
  const line = await createInterface({ input: daemon.stdout as Readable })
    [Symbol.asyncIterator]()
    .next();
  const { address } = JSON.parse(line.value ?? '') as { address: string };
  const configFile = join(folder, 'liaison.yaml');
  const text = `
servers:
  main:
    kind: ews
    url: http://127.0.0.1:1/EWS/Exchange.asmx
    placement: hosted
    signIn: {kind: basic, user: svc, password: {env: NO_SECRET}}
hosts:
  machines: {one: {address: "${address}"}, two: {address: "127.0.0.1:1"}}
`;
  writeFileSync(configFile, text);
  const reply = parseConfig(text, configFile);
  assert.ok(reply.ok);
  const hosts = connectorHosts(reply.config, systemPorts());
  t.after(() => hosts.close());
  return { daemon, configFile, config: reply.config, hosts };
}

/** A visit to nowhere: nothing is sent before the first call. Answers the process it is in. */
async function visited(hosts: ConnectorHosts): Promise<{ readonly pid: number; readonly connector: Connector }> {
  const opened = await hosts.get();
  assert.ok(opened.ok);
  const settings = {
    endpoint: 'http://127.0.0.1:1/EWS/Exchange.asmx',
    mailbox: 'alice@example.test',
    credentials: { kind: 'basic', user: 'svc', password: 'x' },
    impersonate: true,
    linkKeyName: 'liaison',
  };
  const ask = { connectorKind: 'ews', settings, server: 'main', user: 'alice', visit: 'ongoing' } as const;
  const reply = await opened.value.open(ask);
  assert.ok(reply.ok);
  const [one] = await opened.value.reports();
  const [process] = one?.report.ok ? one.report.value.processes : [];
  assert.ok(process !== undefined);
  return { pid: process.pid, connector: reply.value };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('keys are for their owner only, and certificates are never overwritten', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-certs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const made = await run('certs', 'init', '--dir', folder, '--host', 'connector1.example.com', '10.0.0.7');
  assert.equal(made.code, 0);
  const modes = readdirSync(folder).map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  assert.deepEqual(modes.sort(), [
    'ca-key.pem 600',
    'ca.pem 644',
    'engine-key.pem 600',
    'engine.pem 644',
    'host-key.pem 600',
    'host.pem 644',
  ]);
  rmSync(join(folder, 'ca.pem'));
  const again = await run('certs', 'init', '--dir', folder);
  assert.equal(again.code, 2);
  assert.match(again.err, /ca-key\.pem exists already; nothing was written/);
  assert.equal(readdirSync(folder).includes('ca.pem'), false);
});

test('a host killed at once takes its processes with it', async (t) => {
  const { daemon, hosts } = await started(t);
  const { pid } = await visited(hosts);
  assert.ok(isAlive(pid));
  daemon.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

test('a host asked to stop ends its processes and itself', async (t) => {
  const { daemon, hosts } = await started(t);
  const { pid, connector } = await visited(hosts);
  await connector.close();
  const exited = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.equal(isAlive(pid), false);
});

test('what people see of the hosts: processes, users and memory, and what is wrong with one that is not there', async (t) => {
  const { configFile, config, hosts } = await started(t);
  const { pid } = await visited(hosts);
  const shown = await run('hosts', '--config', configFile);
  assert.equal(shown.code, 1);
  assert.match(shown.out, /^one +127\.0\.0\.1:\d+ +serving +Liaison [\d.]+ +any +1 of 16 +1 +800 +\d+$/m);
  assert.match(shown.out, new RegExp(`^one +${pid} +running +ongoing +built in +1 +0 +\\d+ +0$`, 'm'));
  assert.match(shown.out, /^two +127\.0\.0\.1:1 +server\.unreachable/m);
  const [one, two] = JSON.parse((await run('hosts', '--config', configFile, '--json')).out);
  assert.equal(one.report.value.processes[0].pid, pid);
  assert.equal(two.report.fault.code, 'server.unreachable');
  const checks = await checkHosts(config, hosts);
  assert.deepEqual(
    checks.map(({ name, state }) => `${name} ${state}`),
    ['connector host one ok', 'connector host two fail'],
  );
});
