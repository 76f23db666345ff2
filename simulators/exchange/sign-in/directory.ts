/** Accounts that may sign in, and whom they may act as. */
import { createHash } from 'node:crypto';

export interface Account {
  /** Sign-in name; `name@domain` form. */
  readonly userName: string;
  readonly password: string;
  /** Primary address of its own mailbox; undefined for an account without one. */
  readonly address: string | undefined;
  /** Mailboxes it may impersonate. */
  readonly impersonates: 'all' | readonly string[];
}

export class Directory {
  readonly #accounts: readonly Account[];
  /** By whole name and, the first of each, by what stands before the @. */
  readonly #byName = new Map<string, Account>();
  readonly #byPlainName = new Map<string, Account>();
  /** Made when somebody first asks for a SID. */
  #bySid: ReadonlyMap<string, Account> | undefined;

  constructor(accounts: readonly Account[]) {
    this.#accounts = accounts;
    for (const one of accounts.toReversed()) {
      const name = one.userName.toLowerCase();
      this.#byName.set(name, one);
      this.#byPlainName.set(name.split('@')[0] ?? name, one);
    }
  }

  /** An account by `DOMAIN\name`, `name@domain` or plain name; names are not case-sensitive. */
  find(name: string, domain = ''): Account | undefined {
    const plain = name.includes('\\') ? name.slice(name.indexOf('\\') + 1) : name;
    const wanted = plain.toLowerCase();
    const qualified = wanted.includes('@') || domain === '' ? wanted : `${wanted}@${domain.toLowerCase()}`;
    return this.#byName.get(qualified) ?? (wanted.includes('@') ? undefined : this.#byPlainName.get(wanted));
  }

  mayImpersonate(account: Account, address: string): boolean {
    if (account.impersonates === 'all') return true;
    return account.impersonates.some((one) => one.toLowerCase() === address.toLowerCase());
  }

  addressOfSid(sid: string): string | undefined {
    this.#bySid ??= new Map(this.#accounts.map((one) => [sidOf(one.userName), one]));
    return this.#bySid.get(sid)?.address;
  }
}

/** The security identifier an account has in this organisation; derived from its name. */
export function sidOf(userName: string): string {
  const digest = createHash('sha256').update(userName.toLowerCase()).digest();
  return `S-1-5-21-1004336348-1177238915-682003330-${1000 + (digest.readUInt32BE(0) % 100_000)}`;
}
