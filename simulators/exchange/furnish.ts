/** From an estate to mailboxes, server builds and accounts. */
import type { Ports } from '#ports/ports.ts';
import type { Estate } from './estate.ts';
import { type Profile, profiles } from './faces/ews/profiles.ts';
import { seedMailbox } from './people/seed-mailbox.ts';
import { seededRandom } from './people/seeded-random.ts';
import { Directory } from './sign-in/directory.ts';
import type { Mailbox } from './truth/mailbox.ts';
import { Truth } from './truth/truth.ts';
import { utc, zoneById } from './truth/zone.ts';

export interface Furnished {
  readonly truth: Truth;
  /** The build that serves a mailbox; without one, that of the front end. */
  profileOf(mailbox: Mailbox | undefined): Profile;
}

/** Makes the mailboxes of an estate; their seeded content only when `withContent`. */
export function furnish(estate: Estate, ports: Ports, withContent: boolean): Furnished {
  const truth = new Truth(ports);
  const versions = new Map<Mailbox, Profile>();
  for (const [index, one] of estate.mailboxes.entries()) {
    const mailbox = truth.add({
      address: one.address,
      aliases: one.aliases,
      displayName: one.displayName ?? one.address.split('@')[0] ?? one.address,
      zone: zoneById(one.timeZone) ?? utc,
      culture: one.culture,
    });
    versions.set(mailbox, profiles[one.version ?? estate.version]);
    if (one.seed === undefined || !withContent) continue;
    seedMailbox(truth, mailbox, { ...one.seed, random: seededRandom(estate.seed + index) });
  }
  return { truth, profileOf: (mailbox) => (mailbox && versions.get(mailbox)) ?? profiles[estate.version] };
}

/** Owners of mailboxes, who act as themselves, and service accounts. */
export function directoryOf(estate: Estate): Directory {
  const owners = estate.mailboxes.map((one) => ({
    userName: one.address,
    password: one.password,
    address: one.address,
    impersonates: [one.address],
  }));
  const services = estate.serviceAccounts.map((one) => ({ ...one, address: undefined }));
  return new Directory([...owners, ...services]);
}
