/** What autodiscover tells about a mailbox, whatever the dialect. */
import type { Mailbox } from '../../truth/mailbox.ts';
import type { EwsServer } from '../ews/call.ts';
import { type Profile, rankOf, requestVersions } from '../ews/profiles.ts';

export interface DiscoveredSettings {
  readonly address: string;
  readonly displayName: string;
  readonly ewsUrl: string;
  /** Legacy DN. */
  readonly userDn: string;
  /** `15.02.2562.017`: zero-padded. */
  readonly casVersion: string;
  /** `73C08204` form of POX. */
  readonly packedVersion: string;
  readonly schemas: string;
  readonly groupingInformation: string;
}

export function settingsOf(mailbox: Mailbox, server: EwsServer, ewsUrl: string): DiscoveredSettings {
  const profile = server.profileOf(mailbox);
  const name = mailbox.address.split('@')[0] ?? mailbox.address;
  return {
    address: mailbox.address,
    displayName: mailbox.description.displayName,
    ewsUrl,
    userDn: `/o=ExampleOrg/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=${name}`,
    casVersion: paddedVersion(profile),
    packedVersion: packedVersion(profile),
    schemas: supportedSchemas(profile),
    groupingInformation: server.hostName.split('.')[0]?.toUpperCase() ?? '',
  };
}

function paddedVersion(profile: Profile): string {
  const [major, minor, build, revision] = profile.build;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(major)}.${two(minor)}.${String(build).padStart(4, '0')}.${String(revision).padStart(3, '0')}`;
}

/** Bits 28–31 are 7, then major (6), minor (6), a set bit, build (15). */
export function packedVersion(profile: Profile): string {
  const [major, minor, build] = profile.build;
  const packed = (7n << 28n) | (BigInt(major) << 22n) | (BigInt(minor) << 16n) | (1n << 15n) | BigInt(build & 0x7fff);
  return packed.toString(16).toUpperCase();
}

function supportedSchemas(profile: Profile): string {
  const newest = rankOf(profile.newest);
  return requestVersions
    .filter((version, rank) => rank <= newest && !['Exchange2009', 'Exchange2012'].includes(version))
    .join(', ');
}
