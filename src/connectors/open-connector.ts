/**
 * All mailbox connectors by their kind: the one place to name a new one. Used in the engine's own process and in the
 * connector processes of a host, with the same settings.
 */
import type { Connector } from '#contract/connector.ts';
import type { Ports } from '#ports/ports.ts';
import { openEwsConnector } from './ews/connector.ts';
import type { EwsOptions } from './ews/options.ts';
import { Connections } from './transport/connections.ts';

/** Which connector, and what it is told. Plain JSON: it crosses to a connector host as it is. */
export type ConnectorSettings = { readonly kind: 'ews'; readonly options: EwsOptions };

export const connectorKinds: readonly ConnectorSettings['kind'][] = ['ews'];

/** What the connectors of one process share. */
export class SharedResources {
  readonly ews = new Connections();

  /** Idempotent. */
  async close(): Promise<void> {
    await this.ews.close();
  }
}

/** Opens one mailbox for one visit; nothing is sent before the first call. Throws a TypeError for settings that make no sense. */
export function openConnector(settings: ConnectorSettings, shared: SharedResources, ports: Ports): Connector {
  switch (settings.kind) {
    case 'ews':
      return openEwsConnector(settings.options, ports, shared.ews);
  }
}
