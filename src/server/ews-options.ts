/** The configuration of one mailbox server, as the EWS connector wants it for one mailbox. Pure. */
import type { EwsOptions } from '#connectors/ews/options.ts';
import type { Pair } from '#store/port.ts';
import type { ServerConfig } from './config-schema.ts';

export function ewsOptions(server: ServerConfig, password: string, linkKeyName: string, pair: Pair): EwsOptions {
  const { signIn, tls } = server;
  return {
    endpoint: server.url,
    mailbox: pair.mailbox,
    credentials: { kind: signIn.kind, user: signIn.user, password },
    impersonate: server.impersonate,
    linkKeyName,
    requestVersion: server.requestVersion,
    pageItemsMax: server.pageItems,
    readBatch: server.readBatch,
    writeBatch: server.writeBatch,
    requestsMax: server.requests,
    timeouts: { connectMs: server.connectSeconds * 1_000, requestMs: server.requestSeconds * 1_000 },
    tls: { caFile: tls.caFile, allowOldVersions: tls.allowOldVersions },
    settleMs: server.settleSeconds * 1_000,
    mailboxZone: pair.zone ?? server.zone,
  };
}
