/**
 * The composition root: puts database, store, CRM, connectors, engine and dispatcher together as the configuration says.
 * Everything that runs Liaison (the commands, the tests of the whole) goes through here.
 */
import { SharedResources } from '#connectors/open-connector.ts';
import { prepareSqlCrm } from '#crm/sql/prepare.ts';
import type { Cadence } from '#dispatch/back-off.ts';
import { dispatch } from '#dispatch/dispatcher.ts';
import { type OpenConnector, type PassTrouble, type RunOptions, runPair } from '#dispatch/run-pair.ts';
import type { Policy } from '#engine/policy.ts';
import { defaultTunables, type Progress } from '#engine/task.ts';
import type { Ports } from '#ports/ports.ts';
import { type Database, openDatabase } from '#postgres/database.ts';
import type { CycleOutcome, Pair, PairStatus, Store } from '#store/port.ts';
import { openPostgresStore } from '#store/postgres/postgres-store.ts';
import type { Config } from './config-schema.ts';
import { connectorHosts } from './connector-hosts.ts';
import { type DatabaseAddress, databaseAddress, SecretMissing } from './database-address.ts';
import { type Directories, openDirectories } from './directories.ts';
import { keepHouse } from './housekeeping.ts';
import { type Locator, openLocator } from './locator.ts';
import { opener } from './opener.ts';
import { deadOwners, ownerName } from './owner.ts';
import { type Environment, readSecret } from './secret.ts';

export interface LiaisonOptions {
  readonly environment: Environment;
  /** See `AddressOptions.join`. */
  readonly join: boolean;
  readonly progress?: (pair: Pair, step: Progress) => void;
  readonly passed?: (pair: Pair, outcome: CycleOutcome, troubles: readonly PassTrouble[]) => void;
}

/** What one pass did. */
export interface Pass {
  readonly outcome: CycleOutcome;
  readonly troubles: readonly PassTrouble[];
}

export interface Liaison {
  readonly config: Config;
  readonly store: Store;
  /** Liaison's own database; the store lives in it. */
  readonly database: Database;
  readonly databaseServer: DatabaseAddress['server'];
  /** The database with the CRM's tables. */
  readonly crm: Database;
  readonly directories: Directories;
  readonly locator: Locator;
  /** For looking only: what it has to find out about a mailbox's place is not stored. */
  readonly open: OpenConnector;
  readonly runOptions: RunOptions;
  /** Serves all pairs until `signal` aborts; passes under way are finished first. */
  run(signal: AbortSignal): Promise<void>;
  /** One pass now; undefined when another process works on the pair, or the lease was lost. */
  runOnce(pair: Pair): Promise<Pass | undefined>;
  /** Closes connections, then the embedded database when it was started here. Idempotent. */
  close(): Promise<void>;
}

const pollMs = 1_000;
const crmConnections = 8;
const storeConnections = 8;

/** Throws `SecretMissing`, `FolderInUse`, `MigrationRefused`, `StoreUnavailable` or the driver's error; nothing stays open. */
export async function openLiaison(config: Config, options: LiaisonOptions, ports: Ports): Promise<Liaison> {
  const address = await databaseAddress(config.database, options, ports);
  const closing: (() => Promise<void>)[] = [() => address.release()];
  try {
    const database = openDatabase(address.url, { max: storeConnections, applicationName: 'liaison', log: ports.log });
    closing.unshift(() => database.close());
    const store = await openPostgresStore(database);
    const crm = openDatabase(await crmUrl(config, options.environment, address.url), {
      max: crmConnections,
      applicationName: 'liaison-crm',
      log: ports.log,
    });
    closing.unshift(() => crm.close());
    await prepareSqlCrm(crm);
    const shared = new SharedResources();
    const hosts = connectorHosts(config, ports);
    closing.unshift(
      () => shared.close(),
      () => hosts.close(),
    );
    const directories = await openDirectories(config, options.environment, ports);
    closing.unshift(() => directories.close());
    const locator = openLocator(config, directories, store, ports);
    const openings = { config, environment: options.environment, crm, shared, hosts, locator, ports };
    const open = opener({ ...openings, keep: false });
    const openToRun = opener({ ...openings, keep: true });
    const parts = { config, options, ports, store, database, databaseServer: address.server, crm, closing };
    return assemble({ ...parts, directories, locator, open, openToRun });
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
}

interface Parts {
  readonly config: Config;
  readonly options: LiaisonOptions;
  readonly ports: Ports;
  readonly store: Store;
  readonly database: Database;
  readonly databaseServer: DatabaseAddress['server'];
  readonly crm: Database;
  readonly directories: Directories;
  readonly locator: Locator;
  readonly open: OpenConnector;
  readonly openToRun: OpenConnector;
  readonly closing: readonly (() => Promise<void>)[];
}

function assemble(parts: Parts): Liaison {
  const { config, options, ports, store } = parts;
  const owner = ownerName(ports.random);
  const policy = policyOf(config);
  const runOptions: RunOptions = {
    store,
    open: parts.openToRun,
    policy: () => policy,
    cadence: cadenceOf(config),
    tunables: {
      ...defaultTunables,
      leaseMs: config.sync.leaseSeconds * 1_000,
      quarantineProbeMs: config.sync.quarantineRetryHours * 3_600_000,
    },
    ports,
    ...(options.progress !== undefined && { progress: options.progress }),
    ...(options.passed !== undefined && { passed: options.passed }),
  };
  let closed: Promise<void> | undefined;
  return {
    config,
    store,
    database: parts.database,
    databaseServer: parts.databaseServer,
    crm: parts.crm,
    directories: parts.directories,
    locator: parts.locator,
    open: parts.open,
    runOptions,
    async run(signal) {
      await evictDead(store, owner, ports);
      await tryRefusedAgain(store, ports);
      const housekeeping = keepHouse(parts.crm, store, config.journal, ports, signal);
      const { concurrency } = config.sync;
      // A mailbox that cannot be found waits with those like it, not with the mailboxes of any server.
      const serverOf = async (pair: Pair): Promise<string> => {
        const located = await parts.locator.serverOf(pair, true);
        return located.ok ? located.value : pair.server;
      };
      await dispatch({ ...runOptions, owner, concurrency, pollMs, serverOf }, signal);
      await housekeeping;
    },
    async runOnce(pair) {
      const { leaseMs } = runOptions.tunables;
      const claim = await store.claimPair(pair.pairId, `${owner}.once`, ports.clock.now(), leaseMs);
      if (claim === undefined) return undefined;
      return await onePass(claim, runOptions);
    },
    close() {
      closed ??= closeAll(parts.closing);
      return closed;
    },
  };
}

/** What engines killed on this machine had leased is due at once. */
async function evictDead(store: Store, own: string, ports: Ports): Promise<void> {
  const now = ports.clock.now();
  for (const owner of deadOwners(await store.owners(now), own)) {
    await store.evict(owner, now);
    ports.log({ level: 'info', event: 'serve.tookOver', owner });
  }
}

/** A restart is how an administrator says that the password is right now: refused sign-ins do not wait out their pause. */
async function tryRefusedAgain(store: Store, ports: Ports): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const page: readonly PairStatus[] = await store.pairs(after, 500);
    const last = page[page.length - 1];
    if (last === undefined) return;
    const refused = page.filter(({ lastOutcome }) => lastOutcome?.fault?.code.startsWith('authentication.'));
    const ids = refused.map(({ pair }) => pair.pairId);
    if (ids.length > 0) await store.signal(ids, ports.clock.now());
    after = last.pair.mailbox;
  }
}

/** One pass over a claimed pair, with its troubles. */
export async function onePass(claim: Parameters<typeof runPair>[0], options: RunOptions): Promise<Pass | undefined> {
  let troubles: readonly PassTrouble[] = [];
  const outcome = await runPair(claim, {
    ...options,
    passed(pair, passed, found) {
      troubles = found;
      options.passed?.(pair, passed, found);
    },
  });
  return outcome === undefined ? undefined : { outcome, troubles };
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close();
}

function policyOf({ sync }: Config): Policy {
  const { newestSkewSeconds, ...rest } = sync.policy;
  return { ...rest, newestSkewMs: newestSkewSeconds * 1_000 };
}

function cadenceOf({ sync }: Config): Cadence {
  return {
    intervalMs: sync.intervalSeconds * 1_000,
    retryMs: sync.retrySeconds * 1_000,
    retryMsMax: sync.retrySecondsMax * 1_000,
    signInRetryMs: sync.signInRetrySeconds * 1_000,
  };
}

async function crmUrl(config: Config, environment: Environment, own: string): Promise<string> {
  if (config.crm.url === undefined) return own;
  const reply = await readSecret(config.crm.url, environment);
  if (!reply.ok) throw new SecretMissing(`crm.url: ${reply.message}`);
  return reply.value;
}
