/** From an estate to mailboxes, server builds and accounts. */
import type { Ports } from '#ports/ports.ts';
import type { Estate } from './estate.ts';
import { type Profile, type ProfileId, profiles } from './faces/ews/profiles.ts';
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
  /** The same without looking at the mailbox. */
  versionOf(address: string): ProfileId;
  /** Builds of all servers that hold mailboxes, and of the front end. */
  profilesInUse(): readonly Profile[];
  /** Moves a mailbox to a server of another build; false when there is no such mailbox. */
  moveMailbox(address: string, version: ProfileId): boolean;
}

/** Makes the mailboxes of an estate. Their seeded content is made when a mailbox is first looked at. */
export function furnish(estate: Estate, ports: Ports): Furnished {
  const truth = new Truth(ports);
  const versions = new Map<string, Profile>();
  for (const [index, { seed, ...one }] of estate.mailboxes.entries()) {
    const description = {
      address: one.address,
      aliases: one.aliases,
      displayName: one.displayName ?? one.address.split('@')[0] ?? one.address,
      zone: zoneById(one.timeZone) ?? utc,
      culture: one.culture,
    };
    const fill = (mailbox: Mailbox): void => {
      if (seed === undefined) return;
      const random = seededRandom(estate.seed + index);
      const then = { clock: { now: () => truth.beganMs }, random };
      mailbox.under(then, () => seedMailbox(mailbox, { ...seed, random }));
    };
    truth.add(description, fill, one.folderNames);
    if (one.version !== undefined) versions.set(one.address, profiles[one.version]);
  }
  const general = profiles[estate.version];
  const inUse = (profile: Profile): boolean =>
    [...versions.values()].includes(profile) || estate.directory.servers.some((one) => one.version === profile.id);
  return {
    truth,
    profileOf: (mailbox) => (mailbox && versions.get(mailbox.address)) ?? general,
    profilesInUse: () => Object.values(profiles).filter((one) => one === general || inUse(one)),
    versionOf: (address) => (versions.get(address) ?? general).id,
    moveMailbox(address, version) {
      const mailbox = truth.mailbox(address);
      if (mailbox === undefined) return false;
      mailbox.relocate();
      versions.set(mailbox.address, profiles[version]);
      return true;
    },
  };
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
