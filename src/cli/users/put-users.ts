/** Brings users into the user map. */
import { newPairId } from '#engine/link-key.ts';
import type { Random } from '#ports/ports.ts';
import type { Pair, Store } from '#store/port.ts';
import type { User } from './user-file.ts';

export interface PutUsers {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Users that cannot be put, with the reason in words; when there is one, nothing was put. */
  readonly refused: readonly { readonly user: User; readonly message: string }[];
}

const batchUsers = 500;

/**
 * Adds users or changes those whose mailbox is known; the same users again change nothing. With `skipRefused` the others
 * are put although some are refused.
 */
export async function putUsers(
  store: Store,
  users: readonly User[],
  random: Random,
  skipRefused = false,
): Promise<PutUsers> {
  const pairs: Pair[] = [];
  const refused: { user: User; message: string }[] = [];
  let added = 0;
  let unchanged = 0;
  for (const user of users) {
    const known = (await store.findPair(user.mailbox))?.pair;
    const holder = (await store.findPair(user.crmUser))?.pair;
    if (holder !== undefined && holder.mailbox !== user.mailbox) {
      const message = `the CRM login ${user.crmUser} already goes with ${holder.mailbox}; remove that user first`;
      refused.push({ user, message });
    } else if (known === undefined) {
      pairs.push({ ...user, pairId: newPairId(random) });
      added += 1;
    } else if (sameUser(known, user)) unchanged += 1;
    else pairs.push({ ...user, pairId: known.pairId });
  }
  if (refused.length > 0 && !skipRefused) return { added: 0, changed: 0, unchanged: 0, refused };
  for (let start = 0; start < pairs.length; start += batchUsers) {
    await store.putPairs(pairs.slice(start, start + batchUsers));
  }
  return { added, changed: pairs.length - added, unchanged, refused };
}

function sameUser(known: Pair, user: User): boolean {
  const { levels } = known;
  return (
    known.crmUser === user.crmUser &&
    known.enabled === user.enabled &&
    known.server === user.server &&
    known.zone === user.zone &&
    levels.contact === user.levels.contact &&
    levels.event === user.levels.event &&
    levels.task === user.levels.task
  );
}
