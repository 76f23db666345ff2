/**
 * Where a mailbox is, asked of all directories in the order of the configuration: each first by LDAP, then by autodiscover.
 * The first that knows the mailbox decides. "There is none" needs all of them to say so.
 */
import type { Reply } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';
import { type Found, note, type Trail } from './found.ts';

/** One forest or organisation. */
export interface Directory {
  readonly name: string;
  /** Mail domains it is asked about, in lower case; empty: all. */
  readonly domains: readonly string[];
  /** Absent: this directory has no LDAP server. */
  readonly byLdap?: (address: string, trail: Trail) => Promise<Found>;
  /** Absent: this directory is not asked by autodiscover. */
  readonly byAutodiscover?: (address: string, trail: Trail) => Promise<Found>;
}

/** Addresses that may stand for one another before it counts as a loop. */
const addressesMax = 5;

export async function findMailbox(
  directories: readonly Directory[],
  address: string,
  trail: Trail,
): Promise<Reply<MailboxLocation>> {
  const asked = new Set<string>();
  let next = address.toLowerCase();
  for (;;) {
    if (asked.has(next) || asked.size >= addressesMax) {
      return { ok: false, fault: fault('mailbox.notFound', 'The directories send this address round in circles.') };
    }
    asked.add(next);
    const found = await askAll(directories, next, trail);
    switch (found.kind) {
      case 'found':
        return { ok: true, value: found.location };
      case 'redirected':
        note(trail, `goes on with ${found.address}`);
        next = found.address;
        break;
      case 'unknown':
        return { ok: false, fault: fault('mailbox.notFound', `No directory knows this mailbox: ${found.message}.`) };
      case 'failed':
        return { ok: false, fault: found.fault };
    }
  }
}

async function askAll(directories: readonly Directory[], address: string, trail: Trail): Promise<Found> {
  const domain = address.split('@')[1] ?? '';
  const asked = directories.filter(({ domains }) => domains.length === 0 || domains.includes(domain));
  let failed: Fault | undefined;
  let unknown = 'no directory is configured for its mail domain';
  let elsewhere: string | undefined;
  let partial: Found | undefined;
  for (const directory of asked) {
    for (const way of [directory.byLdap, directory.byAutodiscover]) {
      const found = await way?.(address, trail);
      if (found === undefined) continue;
      if (found.kind === 'found' && isEnough(found.location)) return found;
      if (found.kind === 'found') partial ??= found;
      if (found.kind === 'redirected') elsewhere ??= found.address;
      if (found.kind === 'failed') {
        note(trail, `${directory.name}: ${found.fault.message}`);
        failed ??= found.fault;
      }
      if (found.kind === 'unknown') unknown = found.message;
    }
  }
  if (elsewhere !== undefined) return { kind: 'redirected', address: elsewhere };
  if (failed !== undefined) return { kind: 'failed', fault: failed };
  return partial ?? { kind: 'unknown', message: unknown };
}

/** An entry whose server may not be read says too little: autodiscover may say more. */
function isEnough({ version, protocols }: MailboxLocation): boolean {
  return version !== undefined || protocols.length > 0;
}
