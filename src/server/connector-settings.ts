/** The configuration of one mailbox server, as its connector wants it for one mailbox. Pure. */
import type { ConnectorSettings } from '#connectors/open-connector.ts';
import type { Pair } from '#store/port.ts';
import type { ServerConfig } from './config-schema.ts';

/** @param password of the account that signs in @param linkKeyName the installation's name of the hidden property */
export function connectorSettings(
  server: ServerConfig,
  password: string,
  linkKeyName: string,
  pair: Pair,
): ConnectorSettings {
  const { kind, signIn, tls } = server;
  const common = {
    endpoint: server.url,
    mailbox: pair.mailbox,
    linkKeyName,
    readBatch: server.readBatch,
    writeBatch: server.writeBatch,
    requestsMax: server.requests,
    timeouts: { connectMs: server.connectSeconds * 1_000, requestMs: server.requestSeconds * 1_000 },
    tls: { caFile: tls.caFile, allowOldVersions: tls.allowOldVersions },
    settleMs: server.settleSeconds * 1_000,
    mailboxZone: pair.zone ?? server.zone,
  };
  const account = { user: signIn.user, password };
  if (kind === 'exchange2007') {
    return { kind, options: { ...common, credentials: { kind: signIn.kind, ...account }, pageRows: server.pageItems } };
  }
  // The schema lets no server of this kind sign in by a form.
  const credentials = { kind: signIn.kind === 'basic' ? ('basic' as const) : ('ntlm' as const), ...account };
  const { impersonate, requestVersion, pageItems } = server;
  return { kind, options: { ...common, credentials, impersonate, requestVersion, pageItemsMax: pageItems } };
}
