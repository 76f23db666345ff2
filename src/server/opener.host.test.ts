/** A mailbox opened as the configuration says: where its connector runs makes no difference to what it does. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SharedResources } from '#connectors/open-connector.ts';
import { writeCertificates } from '#host/certificates/certificate-files.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { Database } from '#postgres/database.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import type { Pair } from '#store/port.ts';
import { hostFor, testCertificates } from '#testing/connector-hosts.ts';
import { parseConfig } from './config.ts';
import { connectorHosts } from './connector-hosts.ts';
import { openDirectories } from './directories.ts';
import { openLocator } from './locator.ts';
import { opener } from './opener.ts';

const pair: Pair = {
  pairId: 'openerab',
  crmUser: 'ada',
  mailbox: 'alice@example.test',
  enabled: true,
  server: 'main',
  levels: { contact: 'full', event: 'full', task: 'full' },
};

test('in process or at a host, the connector signs in with the same secret and trusts the same authority', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-opener-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const exchange = await startExchange({
    tls: true,
    estate: {
      mailboxes: [{ address: pair.mailbox, password: 'alice-pw1' }],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
    },
  });
  t.after(() => exchange.close());
  writeFileSync(join(folder, 'exchange.pem'), exchange.ca ?? '');
  await writeCertificates(join(folder, 'certs'), await testCertificates());
  const host = await hostFor(t);

  const capabilities = [];
  for (const placement of ['inProcess', 'hosted']) {
    const text = `
servers:
  main:
    kind: ews
    url: "${exchange.url}"
    placement: ${placement}
    signIn: {kind: basic, user: svc@example.test, password: {env: PASSWORD}}
    tls: {caFile: exchange.pem}
hosts:
  machines: {one: {address: "127.0.0.1:${host.port}"}}
`;
    const reply = parseConfig(text, join(folder, 'liaison.yaml'));
    assert.ok(reply.ok, JSON.stringify(reply));
    const { config } = reply;
    const shared = new SharedResources();
    const hosts = connectorHosts(config, systemPorts());
    t.after(() => Promise.all([shared.close(), hosts.close()]));
    const environment = { PASSWORD: 'svc-pw1' };
    const directories = await openDirectories(config, environment, systemPorts());
    const locator = openLocator(config, directories, memoryStore(), systemPorts());
    // The mailbox side never asks the CRM.
    const open = opener({
      config,
      environment,
      crm: {} as Database,
      shared,
      hosts,
      locator,
      keep: false,
      ports: systemPorts(),
    });
    const opened = await open(pair, 'mailbox', 'ongoing');
    assert.ok(opened.ok, JSON.stringify(opened));
    const probe = await opened.value.probe();
    assert.ok(probe.ok, JSON.stringify(probe));
    assert.match(probe.value.product, /^Exchange /);
    capabilities.push(opened.value.capabilities);
    await opened.value.close();
  }
  assert.deepEqual(capabilities[1], capabilities[0]);
  assert.equal(host.pool.report().length, 1);
});

test('without usable certificate files nothing is sent, and the fault names them', async (t) => {
  const config = parseConfig(
    `
servers:
  main: {kind: ews, url: "http://127.0.0.1:1/", placement: hosted, signIn: {kind: basic, user: u, password: {env: P}}}
hosts: {machines: {one: {address: "127.0.0.1:1"}}}
`,
    '/nowhere/liaison.yaml',
  );
  assert.ok(config.ok, JSON.stringify(config));
  const hosts = connectorHosts(config.config, systemPorts());
  t.after(() => hosts.close());
  const reply = await hosts.get();
  assert.equal(reply.ok ? '' : `${reply.fault.code} ${reply.fault.source}`, 'server.tls ENOENT');
  assert.match(reply.ok ? '' : reply.fault.message, /\/nowhere\/certs\/ca\.pem/);
});
