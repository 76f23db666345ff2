/**
 * Link keys: the pair's id as a tag, then 100 random bits in lower-case letters and digits. Lower case only, because
 * searching a named property compares without case while names do not; no CRM id inside, because keys are copied with
 * the item wherever a user takes it.
 */
import { createHash } from 'node:crypto';
import type { LinkKey } from '#contract/connector.ts';
import type { Random } from '#ports/ports.ts';
import type { PairId } from '#store/port.ts';

const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const randomLetters = 20;
const pairLetters = 8;

export function newLinkKey(pairId: PairId, random: Random): LinkKey {
  return `${pairId}-${randomText(randomLetters, random)}`;
}

/** Always the same key for the same reason. */
export function derivedLinkKey(pairId: PairId, reason: string): LinkKey {
  return `${pairId}-${lettersOf(createHash('sha256').update(reason).digest().subarray(0, randomLetters))}`;
}

export function newPairId(random: Random): PairId {
  return randomText(pairLetters, random);
}

/** A key with another tag (imported file, shared calendar, other installation) is not ours and is ignored. */
export function isKeyOf(pairId: PairId, key: LinkKey): boolean {
  return key.startsWith(`${pairId}-`);
}

function randomText(length: number, random: Random): string {
  return lettersOf(random.bytes(length));
}

function lettersOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += letters[byte & 31];
  return text;
}
