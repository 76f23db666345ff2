/** Connector hosts and engines for tests: one set of certificates per process, hosts on any free port. */
import type { TestContext } from 'node:test';
import { type Certificates, makeCertificates } from '#host/certificates/make-certificates.ts';
import { Hosts } from '#host/client/hosts.ts';
import { type RunningHost, startHost } from '#host/daemon/connector-host.ts';
import { defaultHostSettings, type HostSettings } from '#host/daemon/host-settings.ts';
import { systemPorts } from '#ports/system-ports.ts';

let made: Promise<Certificates> | undefined;

export async function testCertificates(): Promise<Certificates> {
  made ??= makeCertificates(['127.0.0.1', 'localhost'], systemPorts());
  return await made;
}

/** A host in this process; its connector processes are real. Ended after the test. */
export async function hostFor(t: TestContext | undefined, more: Partial<HostSettings> = {}): Promise<RunningHost> {
  const { authority, host } = await testCertificates();
  const settings = { ...defaultHostSettings, drainMs: 0, ...more };
  const running = await startHost('127.0.0.1:0', { ca: authority.cert, ...host }, settings, systemPorts());
  t?.after(() => running.close());
  return running;
}

/** An engine's view of the hosts on these ports. Closed after the test. */
export async function engineFor(
  t: TestContext | undefined,
  addresses: readonly { readonly port: number; readonly servers?: readonly string[] }[],
  callMs = 60_000,
): Promise<Hosts> {
  const { authority, engine } = await testCertificates();
  const hosts = new Hosts(
    addresses.map(({ port, servers }, at) => ({
      name: `h${at + 1}`,
      address: `127.0.0.1:${port}`,
      ...(servers !== undefined && { servers }),
      tls: { ca: authority.cert, ...engine },
    })),
    callMs,
    systemPorts(),
  );
  t?.after(() => hosts.close());
  return hosts;
}
