/** What every connector host of the configuration says about itself now. */
import type { Reply } from '#contract/connector.ts';
import type { HostReport } from '#host/wire/status.ts';
import type { ConnectorHosts } from './connector-hosts.ts';

export interface HostState {
  readonly name: string;
  readonly address: string;
  /** Mailbox servers it is kept for. */
  readonly servers?: readonly string[];
  readonly report: Reply<HostReport>;
}

/** In the order of the configuration. Fault `server.tls` when the engine's own certificate files cannot be used. */
export async function hostStates(hosts: ConnectorHosts): Promise<Reply<readonly HostState[]>> {
  const opened = await hosts.get();
  if (!opened.ok) return opened;
  const reports = await opened.value.reports();
  const states = reports.map(({ address: { name, address, servers }, report }) => ({
    name,
    address,
    ...(servers !== undefined && { servers }),
    report,
  }));
  return { ok: true, value: states };
}
