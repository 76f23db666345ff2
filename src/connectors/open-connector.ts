/**
 * All mailbox connectors by their kind: the one place to name a new one. Used in the engine's own process and in the
 * connector processes of a host, with the same settings.
 */
import type { Connector } from '#contract/connector.ts';
import type { Ports } from '#ports/ports.ts';
import { openEwsConnector } from './ews/connector.ts';
import type { EwsOptions } from './ews/options.ts';
import { openExchange2007Connector } from './exchange2007/connector.ts';
import type { Exchange2007Options } from './exchange2007/options.ts';
import { Connections } from './transport/connections.ts';

/** Which connector, and what it is told. Plain JSON: it crosses to a connector host as it is. */
export type ConnectorSettings =
  | { readonly kind: 'ews'; readonly options: EwsOptions }
  | { readonly kind: 'exchange2007'; readonly options: Exchange2007Options };

export const connectorKinds: readonly ConnectorSettings['kind'][] = ['ews', 'exchange2007'];

/** What the connectors of one process share. */
export class SharedResources {
  readonly connections = new Connections();

  /** Idempotent. */
  async close(): Promise<void> {
    await this.connections.close();
  }
}

/** Opens one mailbox for one visit; nothing is sent before the first call. Throws a TypeError for settings that make no sense. */
export function openConnector(settings: ConnectorSettings, shared: SharedResources, ports: Ports): Connector {
  switch (settings.kind) {
    case 'ews':
      return openEwsConnector(settings.options, ports, shared.connections);
    case 'exchange2007':
      return openExchange2007Connector(settings.options, ports, shared.connections);
  }
}
