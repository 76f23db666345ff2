/**
 * Which process takes a visit. Pure. The rules are those of the product this follows (reference: Siebel Server Sync, user
 * allocation to connector processes): an initial extract gets a process of its own; an ongoing one joins a process that has
 * room; when all are full, a new one starts.
 */
import type { Visit } from '#contract/connector.ts';

/** What a decision needs to know about one process. */
export interface ProcessLoad {
  readonly id: number;
  /** Connector kind of an external program, or '' for the built-in connectors. */
  readonly program: string;
  readonly visit: Visit;
  /** False: it takes no new users any more. */
  readonly open: boolean;
  /** Names of the users it has now. */
  readonly users: ReadonlySet<string>;
}

export interface Admission {
  readonly program: string;
  readonly visit: Visit;
  readonly user: string;
}

export interface AllocationLimits {
  readonly usersMax: number;
  readonly processesMax: number;
}

export type Allocation =
  | { readonly kind: 'join'; readonly id: number }
  | { readonly kind: 'start' }
  /** Every process is full and no more may run. */
  | { readonly kind: 'busy' };

export function allocate(
  processes: readonly ProcessLoad[],
  { program, visit, user }: Admission,
  limits: AllocationLimits,
): Allocation {
  if (visit === 'ongoing') {
    const open = processes.filter((one) => one.open && one.visit === 'ongoing' && one.program === program);
    const own = open.find(({ users }) => users.has(user));
    if (own !== undefined) return { kind: 'join', id: own.id };
    // The fullest with room, so that the others can become idle and end.
    const [best] = open
      .filter(({ users }) => users.size < limits.usersMax)
      .sort((a, b) => b.users.size - a.users.size || a.id - b.id);
    if (best !== undefined) return { kind: 'join', id: best.id };
  }
  return processes.length < limits.processesMax ? { kind: 'start' } : { kind: 'busy' };
}
