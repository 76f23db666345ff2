/** One-off entry ids: an address with its name that needs no directory ([MS-OXCDATA] 2.2.5.1), as personal groups keep them. */

export interface OneOff {
  readonly name: string;
  readonly addressType: string;
  readonly address: string;
}

const provider = Buffer.from('812b1fa4bea310199d6e00dd010f5402', 'hex');
/** Unicode, and no rich text towards it. */
const oneOffFlags = 0x9001;
const headBytes = 24;

export function oneOffEntryId({ name, addressType, address }: OneOff): Uint8Array {
  const head = Buffer.alloc(headBytes);
  head.set(provider, 4);
  head.writeUInt16LE(oneOffFlags, 22);
  const text = Buffer.from(`${name}\0${addressType}\0${address}\0`, 'utf16le');
  return new Uint8Array(Buffer.concat([head, text]));
}

/** Undefined for anything else. */
export function readOneOff(bytes: Uint8Array): OneOff | undefined {
  const entry = Buffer.from(bytes);
  if (entry.length <= headBytes || !entry.subarray(4, 20).equals(provider)) return undefined;
  const [name, addressType, address] = entry.subarray(headBytes).toString('utf16le').split('\0');
  if (name === undefined || addressType === undefined || address === undefined) return undefined;
  return { name, addressType, address };
}
