/**
 * Which configured server a pair's mailbox is on. The user map says it, or `auto`: then the directories do, their answer is
 * kept with the pair, and looked up again when it is old or when a connector met signs that the mailbox is elsewhere.
 *
 * What must hold: a directory that does not answer stops nobody whose mailbox was found before; and it is not asked about the
 * same mailbox again and again.
 */
import type { AddressResolver } from '#contract/address-resolver.ts';
import type { Connector, Reply } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';
import { findMailbox } from '#directory/find-mailbox.ts';
import type { Trail } from '#directory/found.ts';
import { type Freshness, isDue } from '#directory/freshness.ts';
import { type Match, matchServer, type ServerChoice } from '#directory/match-server.ts';
import type { Ports } from '#ports/ports.ts';
import type { LocationRow, Pair, PairId, Store } from '#store/port.ts';
import { autoServer, type Config } from './config-schema.ts';
import type { Directories } from './directories.ts';
import { locatedConnector } from './located-connector.ts';

/** What a search found, and how. */
export interface Discovery {
  readonly location: Reply<MailboxLocation>;
  /** The configured server that reaches it; undefined without a location. */
  readonly match: Match | undefined;
  readonly trail: readonly string[];
}

export interface Locator {
  /** Name of the configured server of this pair. `keep`: what had to be looked up is stored. */
  serverOf(pair: Pair, keep: boolean): Promise<Reply<string>>;
  /** The connector, with the marks of `locatedConnector`; `keep`: signs of a move are stored. */
  located(connector: Connector, pair: Pair, server: string, keep: boolean): Connector;
  /** Looks an address up now; nothing is stored. */
  discover(address: string): Promise<Discovery>;
  /** For connectors: people by alias or legacy name; undefined when no directory can be searched. */
  readonly resolver: AddressResolver | undefined;
}

/** A pass asks twice: for its turn at the server, and to open it. What failed the first time is not tried for the second. */
const failureMs = 2_000;

export function openLocator(config: Config, directories: Directories, store: Store, ports: Ports): Locator {
  const choices = choicesOf(config);
  const doubtMs = config.sync.locateDoubtSeconds * 1_000;
  const freshness: Freshness = { refreshMs: config.sync.locateHours * 3_600_000, doubtMs };
  /** Looks that failed: not repeated at once. */
  const failures = new Map<PairId, { readonly atMs: number; readonly fault: Fault }>();

  const find = async (address: string, trail: Trail): Promise<Reply<MailboxLocation>> =>
    await findMailbox(directories.all, address, trail);

  const lookUp = async (pair: Pair, known: LocationRow | undefined, keep: boolean): Promise<Reply<MailboxLocation>> => {
    const now = ports.clock.now();
    const found = await find(pair.mailbox, []);
    if (found.ok) {
      failures.delete(pair.pairId);
      const row: LocationRow = { location: found.value, checkedAtMs: now, isDoubted: false };
      if (keep) await store.putLocation(pair.pairId, row);
      if (known !== undefined && placeText(known.location) !== placeText(found.value)) {
        ports.log({ level: 'info', event: 'directory.moved', pair: pair.pairId });
      }
      return found;
    }
    ports.log({ level: 'warn', event: 'directory.failed', pair: pair.pairId, code: found.fault.code });
    failures.set(pair.pairId, { atMs: now, fault: found.fault });
    return known === undefined || found.fault.code === 'mailbox.notFound' ? found : { ok: true, value: known.location };
  };

  /** A place that no configured server reaches is as good as doubted: it may be changing, or the configuration has. */
  const looked = (row: LocationRow): LocationRow =>
    matchServer(row.location, choices).kind === 'none' ? { ...row, isDoubted: true } : row;

  return {
    resolver: directories.resolver,
    async serverOf(pair, keep) {
      if (pair.server !== autoServer) return { ok: true, value: pair.server };
      const known = await store.location(pair.pairId);
      const now = ports.clock.now();
      const failed = failures.get(pair.pairId);
      const sinceMs = failed === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - failed.atMs);
      const isSure = known === undefined || failed?.fault.code === 'mailbox.notFound';
      if (failed !== undefined && isSure && sinceMs < failureMs) return { ok: false, fault: failed.fault };
      const isQuiet = !isSure && sinceMs < doubtMs;
      const place: Reply<MailboxLocation> =
        known !== undefined && (isQuiet || !isDue(looked(known), now, freshness))
          ? { ok: true, value: known.location }
          : await lookUp(pair, known, keep);
      if (!place.ok) return place;
      const match = matchServer(place.value, choices);
      if (match.kind === 'none') {
        return { ok: false, fault: fault('mailbox.moved', `No configured server reaches it: ${match.message}.`) };
      }
      return { ok: true, value: match.name };
    },
    located(connector, pair, server, keep) {
      const doubted = async (): Promise<void> => {
        if (pair.server !== autoServer || !keep) return;
        const known = await store.location(pair.pairId);
        if (known === undefined || known.isDoubted) return;
        await store.putLocation(pair.pairId, { ...known, isDoubted: true });
      };
      return locatedConnector(connector, server, doubted);
    },
    async discover(address) {
      const trail: Trail = [];
      const location = await find(address, trail);
      return { location, trail, match: location.ok ? matchServer(location.value, choices) : undefined };
    },
  };
}

function choicesOf({ servers }: Config): readonly ServerChoice[] {
  return Object.entries(servers).map(([name, { kind, url, mailboxServers }]) => ({ name, kind, url, mailboxServers }));
}

/** What of a location says where the mailbox is. */
function placeText({ server, urls, version, protocols }: MailboxLocation): string {
  return JSON.stringify([server, urls, version, protocols]);
}
