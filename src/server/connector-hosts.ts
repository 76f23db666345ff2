/** The connector hosts of the configuration, connected to when the first visit wants one. */

import type { Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import { readTls } from '#host/certificates/certificate-files.ts';
import type { Hosts } from '#host/client/hosts.ts';
import type { Ports } from '#ports/ports.ts';
import type { Config } from './config-schema.ts';

export interface ConnectorHosts {
  /** Fault `server.tls` while the certificate files cannot be used; asked again they are read again. */
  get(): Promise<Reply<Hosts>>;
  close(): Promise<void>;
}

export function connectorHosts({ hosts }: Config, ports: Ports): ConnectorHosts {
  let opened: Hosts | undefined;
  return {
    async get() {
      try {
        opened ??= await open(hosts, ports);
        return { ok: true, value: opened };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const files = `${hosts.caFile}, ${hosts.certFile}, ${hosts.keyFile}`;
        return {
          ok: false,
          fault: fault('server.tls', `The certificate files of hosts cannot be used: ${files}`, {
            source: code ?? message,
          }),
        };
      }
    },
    close: () => opened?.close() ?? Promise.resolve(),
  };
}

async function open(
  { machines, caFile, certFile, keyFile, callSeconds }: Config['hosts'],
  ports: Ports,
): Promise<Hosts> {
  // Loaded only here: most engines have no hosts, and the protocol's libraries take memory.
  const { Hosts } = await import('#host/client/hosts.ts');
  const tls = await readTls({ ca: caFile, cert: certFile, key: keyFile });
  const addresses = Object.entries(machines).map(([name, { address, servers }]) => ({
    name,
    address,
    ...(servers !== undefined && { servers }),
    tls,
  }));
  return new Hosts(addresses, callSeconds * 1_000, ports);
}
