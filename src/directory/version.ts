/**
 * Product versions of Exchange in the four spellings in which servers tell them. Pure. Sources: exchange-2007 reference
 * section 2.3 (serialNumber, versionNumber of the server object), MS-OXDSCLI (ServerVersion), MS-OXWSADISC (CasVersion).
 */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly build?: number;
  readonly revision?: number;
}

/** Builds since 2007 are written with this on top of them in `serialNumber`. */
const serialBuildOffset = 30_000;
const firstOffsetMajor = 8;

/** `Version 8.1 (Build 30240.6)`, `Version 6.5 (Build 7638.2: Service Pack 2)`. */
export function versionOfSerialNumber(text: string): Version | undefined {
  const found = /^Version (\d{1,3})\.(\d{1,3}) \(Build (\d{1,6})(?:\.(\d{1,6}))?/.exec(text);
  if (found === null) return undefined;
  const [major, minor, written, revision] = found.slice(1).map((part) => Number(part ?? Number.NaN));
  if (major === undefined || minor === undefined || written === undefined) return undefined;
  const isOffset = major >= firstOffsetMajor && written >= serialBuildOffset;
  const build = isOffset ? written - serialBuildOffset : written;
  return { major, minor, build, ...(revision !== undefined && !Number.isNaN(revision) && { revision }) };
}

/** The packed 32 bits of `versionNumber` and, in hexadecimal, of `ServerVersion`: 7, major (6), minor (6), 1, build (15). */
function versionOfBits(bits: number): Version | undefined {
  if (!Number.isInteger(bits) || bits < 0x7000_0000 || bits > 0x7fff_ffff) return undefined;
  return { major: (bits >>> 22) & 0x3f, minor: (bits >>> 16) & 0x3f, build: bits & 0x7fff };
}

/** `1912701168` of a server object. */
export function versionOfNumber(text: string): Version | undefined {
  return /^\d{1,10}$/.test(text) ? versionOfBits(Number(text)) : undefined;
}

/** `73D48D2A` of a POX answer. */
export function versionOfHex(text: string): Version | undefined {
  return /^[0-9A-Fa-f]{8}$/.test(text) ? versionOfBits(Number.parseInt(text, 16)) : undefined;
}

/** `15.01.0049.012`, `8.1`. */
export function versionOfText(text: string): Version | undefined {
  if (!/^\d{1,4}\.\d{1,4}(\.\d{1,6}){0,2}$/.test(text)) return undefined;
  const [major = 0, minor = 0, build, revision] = text.split('.').map(Number);
  return { major, minor, ...(build !== undefined && { build }), ...(revision !== undefined && { revision }) };
}

export function versionText({ major, minor, build, revision }: Version): string {
  return [major, minor, build, revision].filter((part) => part !== undefined).join('.');
}
