/** `liaison hosts`: the connector hosts of the configuration, their processes and their load. */
import type { Command } from 'commander';
import type { HostReport, ProcessReport } from '#host/wire/status.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { connectorHosts } from '#server/connector-hosts.ts';
import { type HostState, hostStates } from '#server/host-states.ts';
import { remedyOf } from '#server/remedies.ts';
import { baseCommand, type CommonOptions, complain, loadConfig, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { table } from '../table.ts';

const megabyte = 1_048_576;

export function hostsCommand({ console, end }: Surroundings): Command {
  return baseCommand('hosts', 'connector hosts, their processes and users').action(async (options: CommonOptions) => {
    const config = await loadConfig(console, options.config);
    if (config === undefined) return end(exitCode.usage);
    const hosts = connectorHosts(config, systemPorts());
    try {
      const reply = await hostStates(hosts);
      if (!reply.ok) {
        complain(console, `${reply.fault.message} (${reply.fault.source})`);
        return end(exitCode.failed);
      }
      console.out(options.json ? JSON.stringify(reply.value) : hostsText(reply.value));
      end(reply.value.every(({ report }) => report.ok) ? exitCode.ok : exitCode.failed);
    } finally {
      await hosts.close();
    }
  });
}

/** Two tables, and below them what is wrong. */
export function hostsText(states: readonly HostState[]): string {
  if (states.length === 0) return 'The configuration names no connector host (hosts.machines).';
  const columns = [
    ...['host', 'address', 'state', 'version', 'for servers'].map((title) => ({ title })),
    ...['processes', 'users', 'room for', 'MB'].map((title) => ({ title, align: 'right' as const })),
  ];
  const rows = states.map(({ name, address, servers, report }) => [
    name,
    address,
    report.ok ? (report.value.draining ? 'ending' : 'serving') : report.fault.code,
    report.ok ? report.value.product : '',
    servers?.join(', ') ?? 'any',
    ...(report.ok ? loadCells(report.value) : []),
  ]);
  const running = states.flatMap(({ name, report }) =>
    report.ok ? report.value.processes.map((process) => processCells(name, process)) : [],
  );
  const faults = states.flatMap(({ name, report }) =>
    report.ok
      ? []
      : [`${name}: ${report.fault.message} (${report.fault.source ?? report.fault.code}) ${remedyOf(report.fault)}`],
  );
  return [
    table(columns, rows),
    ...(running.length > 0 ? ['', table(processColumns, running)] : []),
    ...(faults.length > 0 ? ['', ...faults] : []),
  ].join('\n');
}

function loadCells({ processes, usersMax, processesMax, memoryBytes }: HostReport): readonly string[] {
  const users = processes.reduce((sum, process) => sum + process.users, 0);
  const memory = processes.reduce((sum, process) => sum + process.memoryBytes, memoryBytes);
  return [
    `${processes.length} of ${processesMax}`,
    String(users),
    String(usersMax * processesMax),
    String(Math.round(memory / megabyte)),
  ];
}

const processColumns = [
  { title: 'host' },
  { title: 'process', align: 'right' as const },
  ...['state', 'visits', 'program'].map((title) => ({ title })),
  ...['users', 'calls', 'MB', 'minutes'].map((title) => ({ title, align: 'right' as const })),
];

function processCells(host: string, process: ProcessReport): readonly string[] {
  return [
    host,
    String(process.pid),
    process.state,
    process.visit,
    process.program === '' ? 'built in' : process.program,
    String(process.users),
    String(process.calls),
    String(Math.round(process.memoryBytes / megabyte)),
    String(Math.floor(process.uptimeMs / 60_000)),
  ];
}
