/** Brings users into the user map. */
import { newPairId } from '#engine/link-key.ts';
import type { Random } from '#ports/ports.ts';
import type { Pair, PairId, Store } from '#store/port.ts';
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
  const known = await readKnown(store);
  const pairs: Pair[] = [];
  const refused: { user: User; message: string }[] = [];
  let added = 0;
  let unchanged = 0;
  for (const user of users) {
    const before = known.byMailbox.get(user.mailbox);
    const message = objection(user, before, known);
    if (message !== undefined) {
      refused.push({ user, message });
      continue;
    }
    if (before !== undefined && sameUser(before, user)) {
      unchanged += 1;
      continue;
    }
    const pair = { ...user, pairId: before?.pairId ?? user.pairId ?? freeId(known, random) };
    if (before === undefined) added += 1;
    else known.byLogin.delete(before.crmUser);
    note(known, pair);
    pairs.push(pair);
  }
  if (refused.length > 0 && !skipRefused) return { added: 0, changed: 0, unchanged: 0, refused };
  for (let start = 0; start < pairs.length; start += batchUsers) {
    await store.putPairs(pairs.slice(start, start + batchUsers));
  }
  return { added, changed: pairs.length - added, unchanged, refused };
}

interface Known {
  readonly byMailbox: Map<string, Pair>;
  readonly byLogin: Map<string, Pair>;
  readonly byId: Map<PairId, Pair>;
}

async function readKnown(store: Store): Promise<Known> {
  const known: Known = { byMailbox: new Map(), byLogin: new Map(), byId: new Map() };
  let after: string | null = null;
  for (;;) {
    const page = await store.pairs(after, batchUsers);
    for (const { pair } of page) note(known, pair);
    const last = page.at(-1);
    if (last === undefined) return known;
    after = last.pair.mailbox;
  }
}

function note(known: Known, pair: Pair): void {
  known.byMailbox.set(pair.mailbox, pair);
  known.byLogin.set(pair.crmUser, pair);
  known.byId.set(pair.pairId, pair);
}

/** Why this user cannot be put; undefined when nothing speaks against it. */
function objection(user: User, before: Pair | undefined, known: Known): string | undefined {
  const holder = known.byLogin.get(user.crmUser);
  if (holder !== undefined && holder.mailbox !== user.mailbox) {
    return `the CRM login ${user.crmUser} already goes with ${holder.mailbox}; remove that user first`;
  }
  if (user.pairId === undefined) return undefined;
  const owner = known.byId.get(user.pairId);
  if (owner !== undefined && owner.mailbox !== user.mailbox) {
    return `the pair id ${user.pairId} of ${user.mailbox} belongs to ${owner.mailbox}; leave it empty`;
  }
  if (before !== undefined && before.pairId !== user.pairId) {
    return `${user.mailbox} has the pair id ${before.pairId} already; leave it empty, or remove that user first`;
  }
  return undefined;
}

/** An id in use would take over another user's pairs. */
function freeId(known: Known, random: Random): PairId {
  for (;;) {
    const id = newPairId(random);
    if (!known.byId.has(id)) return id;
  }
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
