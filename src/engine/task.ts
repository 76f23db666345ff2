/** One sync task: one pass over one pair, with its own connectors. Everything a stage may use is in here. */
import type { Connector } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import { mappingVersion } from '#model/fingerprint.ts';
import { type Fields, sharedFields } from '#model/groups.ts';
import { type Item, type Kind, kinds, type PlainDate } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { withoutSelf } from '#model/own-copy.ts';
import { project } from '#model/project.ts';
import type { Ports } from '#ports/ports.ts';
import type { Lease, Pair, Side, Store } from '#store/port.ts';
import { directionOf, type Policy } from './policy.ts';

/** What is kept the same for one kind: the fields both sides hold, and how exactly zones survive. */
export interface Domain {
  readonly kind: Kind;
  readonly fields: Fields;
  readonly zones: 'iana' | 'windows';
  /** The mailbox's address: in this user's own copies they are no attendee. */
  readonly self: string;
}

export interface Task {
  readonly pair: Pair;
  readonly store: Store;
  readonly connectors: Readonly<Record<Side, Connector>>;
  readonly policy: Policy;
  readonly ports: Ports;
  readonly domains: readonly Domain[];
  readonly tunables: Tunables;
  readonly progress: (step: Progress) => void;
  /** The lease as last renewed. */
  lease: Lease;
}

/** Where a task is; for progress bars and the status page. */
export interface Progress {
  readonly kind: Kind;
  readonly stage: 'observe' | 'match' | 'write';
  readonly side: Side;
  /** Items handled in this step. */
  readonly items: number;
}

export interface Tunables {
  readonly leaseMs: number;
  /** Links planned and written per page: bounds memory. */
  readonly pageLinks: number;
  /** Unsettled intents resolved per cycle. */
  readonly recoverMax: number;
  /** Passes over the waiting links in one cycle; a pass beyond the first serves version conflicts. */
  readonly passesMax: number;
  /** Slow re-try of quarantined links. */
  readonly quarantineProbeMs: number;
  /** Version of the mapping; when it is another than a feed was read under, all its items are read again. */
  readonly mapping: number;
}

export const defaultTunables: Tunables = {
  leaseMs: 300_000,
  pageLinks: 200,
  recoverMax: 2_000,
  passesMax: 4,
  quarantineProbeMs: 6 * 3_600_000,
  mapping: mappingVersion,
};

/** The trouble that ended a stage early; undefined when it went through. */
export type Trouble = { readonly side: Side; readonly kind: Kind | null; readonly fault: Fault } | undefined;

/** The kinds this pair keeps, with the fields that both sides can hold and the policy does not leave out. */
export function domainsOf(
  pair: Pair,
  connectors: Readonly<Record<Side, Connector>>,
  policy: Policy,
): readonly Domain[] {
  const domains: Domain[] = [];
  for (const kind of kinds) {
    const crm = connectors.crm.capabilities.kinds[kind];
    const mailbox = connectors.mailbox.capabilities.kinds[kind];
    if (crm === undefined || mailbox === undefined || pair.levels[kind] === 'none') continue;
    const zones = crm.zones === 'windows' || mailbox.zones === 'windows' ? 'windows' : 'iana';
    const shared = Object.entries(sharedFields(crm.fields, mailbox.fields));
    const fields = Object.fromEntries(shared.filter(([group]) => directionOf(policy, kind, group) !== 'off'));
    domains.push({ kind, fields, zones, self: pair.mailbox.toLowerCase() });
  }
  return domains;
}

/** The item in canonical form, restricted to what both sides hold: the only form in which items are compared. */
export function sharedForm(item: Item, domain: Domain): Item {
  return project(withoutSelf(normalise(item), domain.self), domain.fields, domain.zones);
}

/** May this side be written for this kind? export writes the mailbox only, import the CRM only. */
export function mayWrite(pair: Pair, kind: Kind, side: Side): boolean {
  const level = pair.levels[kind];
  return level === 'full' || level === (side === 'mailbox' ? 'export' : 'import');
}

/** Renews the lease when less than half of it is left, so that no remote write starts near its end. */
export async function keepLease(task: Task): Promise<void> {
  const now = task.ports.clock.now();
  if (task.lease.untilMs - now > task.tunables.leaseMs / 2) return;
  task.lease = await task.store.renew(task.lease, now + task.tunables.leaseMs);
  task.ports.crashPoint?.('lease.afterRenew');
}

/** The date before which items of this kind count as history at the first meeting. */
export function pairedSinceOf({ policy, ports }: Task, kind: Kind): PlainDate | undefined {
  return kind === 'contact' ? undefined : daysAgo(ports, policy.pastDays[kind]);
}

/** The date before which what vanishes from the mailbox counts as archived. */
export function archivedBeforeOf({ policy, ports }: Task, kind: Kind): PlainDate | undefined {
  return kind === 'contact' ? undefined : daysAgo(ports, policy.archiveDays[kind]);
}

const dayMs = 86_400_000;

/** The UTC date so many days ago: a day more or less makes no difference to what these limits are for. */
function daysAgo(ports: Ports, days: number): PlainDate | undefined {
  return days === 0 ? undefined : new Date(ports.clock.now() - days * dayMs).toISOString().slice(0, 10);
}

/** The current time as the model writes instants. */
export function instantNow(ports: Ports): string {
  return `${new Date(ports.clock.now()).toISOString().slice(0, 19)}Z`;
}
