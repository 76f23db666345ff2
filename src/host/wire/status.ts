/** A host's state across the protocol. Pure. */
import type { Visit } from '#contract/connector.ts';
import { product, protocolVersion } from '../protocol.ts';
import type { WireProcess, WireStatus, WireVisit } from './messages.ts';

/** One connector process, for placement and for people. */
export interface ProcessReport {
  readonly pid: number;
  readonly state: 'starting' | 'running' | 'draining';
  readonly visit: Visit;
  /** Connector kind of an external program, or '' for the built-in connectors. */
  readonly program: string;
  readonly users: number;
  readonly sessions: number;
  /** Calls under way. */
  readonly calls: number;
  readonly memoryBytes: number;
  readonly uptimeMs: number;
}

export interface HostReport {
  readonly product: string;
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly uptimeMs: number;
  readonly draining: boolean;
  readonly usersMax: number;
  readonly processesMax: number;
  /** Of the host itself, without its processes. */
  readonly memoryBytes: number;
  readonly processes: readonly ProcessReport[];
}

const states = { starting: 'STATE_STARTING', running: 'STATE_RUNNING', draining: 'STATE_DRAINING' } as const;
const visits: Readonly<Record<Visit, WireVisit>> = { initial: 'VISIT_INITIAL', ongoing: 'VISIT_ONGOING' };

export function wireVisit(visit: Visit): WireVisit {
  return visits[visit];
}

export function visitOf(wire: string | undefined): Visit | undefined {
  return (Object.keys(visits) as Visit[]).find((visit) => visits[visit] === wire);
}

export function wireStatus(report: Omit<HostReport, 'product' | 'protocolMin' | 'protocolMax'>): WireStatus {
  return {
    ...report,
    product,
    protocolMin: protocolVersion.min,
    protocolMax: protocolVersion.max,
    processes: report.processes.map((process) => ({
      ...process,
      state: states[process.state],
      visit: visits[process.visit],
    })),
  };
}

export function statusOf(wire: WireStatus): HostReport {
  return {
    product: wire.product ?? '',
    protocolMin: wire.protocolMin ?? 0,
    protocolMax: wire.protocolMax ?? 0,
    uptimeMs: wire.uptimeMs ?? 0,
    draining: wire.draining ?? false,
    usersMax: wire.usersMax ?? 0,
    processesMax: wire.processesMax ?? 0,
    memoryBytes: wire.memoryBytes ?? 0,
    processes: (wire.processes ?? []).map(processOf),
  };
}

function processOf(wire: WireProcess): ProcessReport {
  const state = (Object.keys(states) as ProcessReport['state'][]).find((one) => states[one] === wire.state);
  return {
    pid: wire.pid ?? 0,
    state: state ?? 'draining',
    visit: visitOf(wire.visit) ?? 'ongoing',
    program: wire.program ?? '',
    users: wire.users ?? 0,
    sessions: wire.sessions ?? 0,
    calls: wire.calls ?? 0,
    memoryBytes: wire.memoryBytes ?? 0,
    uptimeMs: wire.uptimeMs ?? 0,
  };
}
