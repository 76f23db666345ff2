/**
 * Who is behind a name: attendees and colleagues by alias, legacy name or the legacy name of an earlier life (`X500:`), asked
 * of the directories in batches and kept for a while. Bounded in entries and in time.
 */
import type { AddressResolver } from '#contract/address-resolver.ts';
import type { Reply } from '#contract/connector.ts';
import type { Clock } from '#ports/ports.ts';
import { legacyName, namesOf, primarySmtp, smtpAddress } from './active-directory/addresses.ts';
import { type LdapEntry, textOf, textsOf } from './active-directory/entry.ts';
import type { Search } from './active-directory/ldap-session.ts';
import { filterValue } from './active-directory/names.ts';

/** A directory that can be searched for people. */
export interface PeopleSearch {
  searchUsers(search: Omit<Search, 'base' | 'scope' | 'forest'>): Promise<Reply<readonly LdapEntry[]>>;
}

const namesPerSearch = 25;
const namesKept = 20_000;
const foundMs = 60 * 60 * 1_000;
/** Somebody new is to be seen soon. */
const nobodyMs = 10 * 60 * 1_000;

interface Kept {
  readonly address: string | null;
  readonly untilMs: number;
}

export function addressResolver(directories: readonly PeopleSearch[], clock: Clock): AddressResolver {
  const kept = new Map<string, Kept>();
  const keep = (name: string, address: string | null): void => {
    kept.delete(name);
    const [oldest] = kept.keys();
    if (kept.size >= namesKept && oldest !== undefined) kept.delete(oldest);
    kept.set(name, { address, untilMs: clock.now() + (address === null ? nobodyMs : foundMs) });
  };
  return {
    async resolveAddresses(addresses) {
      const names = addresses.map((address) => legacyName(address) ?? smtpAddress(address));
      const now = clock.now();
      const answers = new Map<string, string | null>();
      const open = new Set<string>();
      for (const name of names) {
        const known = name === undefined ? undefined : kept.get(name);
        if (name === undefined) continue;
        if (known !== undefined && known.untilMs > now) answers.set(name, known.address);
        else open.add(name);
      }
      for (const directory of directories) {
        const found = await searched(directory, [...open]);
        if (!found.ok) return found;
        for (const [name, address] of found.value) {
          answers.set(name, address);
          keep(name, address);
          open.delete(name);
        }
      }
      for (const name of open) keep(name, null);
      return { ok: true, value: names.map((name) => (name === undefined ? null : (answers.get(name) ?? null))) };
    },
  };
}

/** Addresses by name. A name that two entries carry stands for nobody: a guess would invite the wrong person. */
async function searched(
  directory: PeopleSearch,
  names: readonly string[],
): Promise<Reply<ReadonlyMap<string, string>>> {
  const found = new Map<string, string>();
  for (let from = 0; from < names.length; from += namesPerSearch) {
    const part = names.slice(from, from + namesPerSearch);
    const reply = await directory.searchUsers({
      filter: `(|${part.map(condition).join('')})`,
      attributes: ['mail', 'proxyAddresses', 'legacyExchangeDN'],
      entriesMax: namesPerSearch * 2,
    });
    if (!reply.ok) return reply;
    const twice = new Set<string>();
    for (const entry of reply.value) {
      const proxies = textsOf(entry, 'proxyAddresses');
      const mail = textOf(entry, 'mail');
      const address = primarySmtp(proxies, mail);
      if (address === undefined) continue;
      const carried = namesOf(proxies, textOf(entry, 'legacyExchangeDN'), mail);
      for (const name of part) {
        if (!carried.has(name)) continue;
        if (found.has(name) && found.get(name) !== address) twice.add(name);
        found.set(name, address);
      }
    }
    for (const name of twice) found.delete(name);
  }
  return { ok: true, value: found };
}

function condition(name: string): string {
  const value = filterValue(name);
  if (legacyName(name) !== undefined) return `(legacyExchangeDN=${value})(proxyAddresses=X500:${value})`;
  return `(proxyAddresses=smtp:${value})(mail=${value})`;
}
