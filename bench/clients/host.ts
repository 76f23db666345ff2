/** A connector host as a bench uses it: visits, and the CPU of the host and all its processes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EwsOptions } from '#connectors/ews/options.ts';
import type { Connector } from '#contract/connector.ts';
import { certificateFiles, readTls } from '#host/certificates/certificate-files.ts';
import { Hosts } from '#host/client/hosts.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { HostAt } from './work.ts';

export interface BenchHost {
  open(options: EwsOptions): Promise<Connector>;
  /** User and system of the host and its processes since they were started; the kernel counts in steps of 10 ms. */
  cpuMs(): Promise<number>;
  close(): void;
}

const callMs = 60_000;
const ticksPerSecond = 100;

export async function reachHost({ address, pid, certs }: HostAt): Promise<BenchHost> {
  const { authority, engine, engineKey } = certificateFiles;
  const tls = await readTls({ ca: join(certs, authority), cert: join(certs, engine), key: join(certs, engineKey) });
  const hosts = new Hosts([{ name: 'bench', address, tls }], callMs, systemPorts());
  return {
    async open(settings) {
      const ask = { connectorKind: 'ews', settings, server: 'main', user: settings.mailbox, visit: 'ongoing' } as const;
      const reply = await hosts.open(ask);
      if (!reply.ok) throw new Error(JSON.stringify(reply.fault));
      return reply.value;
    },
    async cpuMs() {
      const [one] = await hosts.reports();
      if (!one?.report.ok) throw new Error(JSON.stringify(one?.report));
      const pids = [pid, ...one.report.value.processes.map((process) => process.pid)];
      return pids.reduce((sum, each) => sum + cpuMsOf(each), 0);
    },
    close: () => void hosts.close(),
  };
}

function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks; utime and stime are the 12th and 13th field after it (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}
