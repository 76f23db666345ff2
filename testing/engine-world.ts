/** Two reference sides, a memory store and the real engine: a whole small world for tests of the engine. */
import { type CycleResult, cycle } from '#engine/cycle.ts';
import { newPairId } from '#engine/link-key.ts';
import { defaultPolicy, type Policy } from '#engine/policy.ts';
import { defaultTunables, domainsOf, type Task, type Tunables } from '#engine/task.ts';
import type { Kind } from '#model/item.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import type { Pair, Store, SyncLevel, Tally } from '#store/port.ts';
import { MapSide, type MapSideOptions } from './map-side.ts';
import { type VirtualPorts, virtualPorts } from './virtual-ports.ts';

export interface WorldOptions {
  readonly crm?: Partial<MapSideOptions>;
  readonly mailbox?: Partial<MapSideOptions>;
  readonly policy?: Partial<Policy>;
  readonly level?: SyncLevel;
  readonly tunables?: Partial<Tunables>;
  readonly store?: Store;
}

export interface World {
  readonly crm: MapSide;
  readonly mailbox: MapSide;
  readonly ports: VirtualPorts;
  readonly pair: Pair;
  store: Store;
  policy: Policy;
  /** One pass. */
  pass(): Promise<CycleResult>;
  /** Passes until one changes nothing; throws after `max`. Answers how many it took. */
  settle(max?: number): Promise<number>;
  tally(kind: Kind): Promise<Tally | undefined>;
}

const leaseMs = 60_000;

export async function engineWorld(options: WorldOptions = {}): Promise<World> {
  const ports = virtualPorts();
  const crm = new MapSide({ name: 'c', ...options.crm });
  const mailbox = new MapSide({ name: 'm', ...options.mailbox });
  const level = options.level ?? 'full';
  const pair: Pair = {
    pairId: newPairId(ports.random),
    crmUser: 'SADMIN',
    mailbox: 'alice@example.test',
    enabled: true,
    server: 'main',
    levels: { contact: level, event: level, task: level },
  };
  const world: World = {
    crm,
    mailbox,
    ports,
    pair,
    store: options.store ?? memoryStore(),
    policy: { ...defaultPolicy, ...options.policy },
    async pass() {
      const claim = await world.store.claimPair(pair.pairId, 'test', ports.clock.now(), leaseMs);
      if (claim === undefined) throw new Error('the pair is leased by somebody else');
      const connectors = { crm: crm.connector(), mailbox: mailbox.connector() };
      const task: Task = {
        pair,
        store: world.store,
        connectors,
        policy: world.policy,
        ports,
        domains: domainsOf(pair, connectors, world.policy),
        tunables: { ...defaultTunables, leaseMs, ...options.tunables },
        progress: () => {},
        lease: claim.lease,
      };
      try {
        return await cycle(task);
      } finally {
        const at = new Date(ports.clock.now()).toISOString();
        await world.store.finish(task.lease, { at, result: 'quiet', durationMs: 0 }, ports.clock.now(), 0);
        ports.advance(1_000);
      }
    },
    async settle(max = 10) {
      for (let count = 1; count <= max; count += 1) {
        const before = crm.writes.length + mailbox.writes.length;
        const result = await world.pass();
        const quiet = before === crm.writes.length + mailbox.writes.length;
        if (quiet && result.troubles.length === 0 && result.waitUntilMs === undefined) return count;
      }
      throw new Error(`not quiet after ${max} passes`);
    },
    async tally(kind) {
      return (await world.store.tallies(pair.pairId)).find((one) => one.kind === kind);
    },
  };
  await world.store.putPairs([pair]);
  return world;
}
