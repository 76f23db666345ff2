/** Counters in ids and keys: six bytes, which are two whole groups of base64. Answers hold thousands of them. */

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The two letters of every twelve bits. */
const pairs = Array.from({ length: 4_096 }, (_, bits) => `${letters[bits >> 6]}${letters[bits & 63]}`);

/** Base64 of a 48-bit number, big-endian. */
export function sixBytesText(number: number): string {
  const high = Math.floor(number / 0x100_0000);
  const low = number - high * 0x100_0000;
  return `${pairs[high >> 12]}${pairs[high & 0xfff]}${pairs[low >> 12]}${pairs[low & 0xfff]}`;
}
