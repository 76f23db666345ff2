/** Opens the sides of a pair as the configuration says: the CRM here, the mailbox here or at a connector host. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { openConnector, type SharedResources } from '#connectors/open-connector.ts';
import type { Connector, Reply, Visit } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import { openSqlCrm } from '#crm/sql/adapter.ts';
import type { OpenConnector } from '#dispatch/run-pair.ts';
import type { Ports } from '#ports/ports.ts';
import type { Database } from '#postgres/database.ts';
import type { Pair } from '#store/port.ts';
import type { Config, ServerConfig } from './config-schema.ts';
import type { ConnectorHosts } from './connector-hosts.ts';
import { connectorSettings } from './connector-settings.ts';
import type { Locator } from './locator.ts';
import { type Environment, readSecret } from './secret.ts';

export interface OpenerParts {
  readonly config: Config;
  readonly environment: Environment;
  readonly crm: Database;
  readonly shared: SharedResources;
  readonly hosts: ConnectorHosts;
  readonly locator: Locator;
  /** Store what is found out about a mailbox's place. */
  readonly keep: boolean;
  readonly ports: Ports;
}

export function opener(parts: OpenerParts): OpenConnector {
  const { config, crm, locator, keep, ports } = parts;
  return async (pair, side, visit): Promise<Reply<Connector>> => {
    if (side === 'crm') {
      const { accounts } = config.crm;
      return { ok: true, value: openSqlCrm({ database: crm, employeeLogin: pair.crmUser, accounts }, ports) };
    }
    const located = await locator.serverOf(pair, keep);
    if (!located.ok) return located;
    const name = located.value;
    const server = config.servers[name];
    if (server === undefined) {
      const message = `the configuration has no server named ${name}`;
      return { ok: false, fault: fault('server.unreachable', message) };
    }
    const opened = await openMailbox(pair, name, server, visit, parts);
    return opened.ok ? { ok: true, value: locator.located(opened.value, pair, name, keep) } : opened;
  };
}

async function openMailbox(
  pair: Pair,
  name: string,
  server: ServerConfig,
  visit: Visit,
  { config, environment, shared, hosts, ports }: OpenerParts,
): Promise<Reply<Connector>> {
  const password = await readSecret(server.signIn.password, environment);
  if (!password.ok) {
    const message = `no password for server ${name}: ${password.message}`;
    return { ok: false, fault: fault('authentication.rejected', message) };
  }
  const authorities = authoritiesOf(server.tls.caFile);
  if (!authorities.ok) return authorities;
  const settings = connectorSettings(server, password.value, config.sync.linkKeyName, pair);
  if (server.placement === 'inProcess') return { ok: true, value: openConnector(settings, shared, ports) };
  const reachable = await hosts.get();
  if (!reachable.ok) return reachable;
  const tls = { authorities: authorities.value, allowOldVersions: server.tls.allowOldVersions };
  return await reachable.value.open({
    connectorKind: settings.kind,
    settings: { ...settings.options, tls },
    server: name,
    user: `${name}/${pair.mailbox}`,
    visit,
  });
}

/** The connector reads the file when it connects; one that is not there or no certificate is the administrator's to mend. */
function authoritiesOf(caFile: string | undefined): Reply<string | undefined> {
  if (caFile === undefined) return { ok: true, value: undefined };
  try {
    const value = readFileSync(caFile, 'utf8');
    createSecureContext({ ca: value });
    return { ok: true, value };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const message = `The file of tls.caFile cannot be used: ${caFile}`;
    return { ok: false, fault: fault('server.tls', message, { source: code }) };
  }
}
