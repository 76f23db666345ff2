/** Connector hosts and engines for tests: one set of certificates per process, hosts on any free port. */
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Connector, Visit } from '#contract/connector.ts';
import { type Certificates, makeCertificates } from '#host/certificates/make-certificates.ts';
import { Hosts } from '#host/client/hosts.ts';
import { type RunningHost, startHost } from '#host/daemon/connector-host.ts';
import { defaultHostSettings, type HostSettings } from '#host/daemon/host-settings.ts';
import type { Log } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';

let made: Promise<Certificates> | undefined;

export async function testCertificates(): Promise<Certificates> {
  made ??= makeCertificates(['127.0.0.1', 'localhost'], systemPorts());
  return await made;
}

/** A host in this process; its connector processes are real. Ended after the test. */
export async function hostFor(
  t: TestContext | undefined,
  more: Partial<HostSettings> = {},
  log: Log = () => {},
): Promise<RunningHost> {
  const { authority, host } = await testCertificates();
  const settings = { ...defaultHostSettings, drainMs: 0, ...more };
  const running = await startHost('127.0.0.1:0', { ca: authority.cert, ...host }, settings, systemPorts(log));
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

/** Settings of a host whose connector kinds are the misbehaviours of `odd-connector.ts`. */
export function oddPrograms(...faults: readonly string[]): Pick<HostSettings, 'programs'> {
  const script = fileURLToPath(new URL('./odd-connector.ts', import.meta.url));
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', script, '--fault'];
  return { programs: Object.fromEntries(faults.map((one) => [one, [...command, one]])) };
}

/** Opens a visit, or throws the fault as text. */
export async function visit(
  t: TestContext,
  engine: Hosts,
  connectorKind: string,
  user = 'alice',
  kind: Visit = 'ongoing',
): Promise<Connector> {
  const reply = await engine.open({ connectorKind, settings: {}, server: 'main', user, visit: kind });
  if (!reply.ok) throw new Error(JSON.stringify(reply.fault));
  t.after(() => reply.value.close());
  return reply.value;
}

/** Waits until it holds; fails after half a minute. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > untilMs) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
