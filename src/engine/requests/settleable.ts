/**
 * Which of a link's conflicts a person means, and whether they can be settled for one side. Pure; the command asks it for an
 * answer at once, the cycle again before it stores the person's word.
 */
import { printOf } from '#model/fingerprint.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { Hold, LinkView } from '#store/port.ts';
import { schedule } from '../plan/merge.ts';

export type Settleable =
  | { readonly kind: 'yes'; readonly holds: readonly Hold[]; readonly seen: string }
  | { readonly kind: 'no'; readonly reason: string };

/** @param path one path, or null for everything of the link that waits */
export function settleable(view: LinkView | undefined, path: Path | null): Settleable {
  if (view === undefined) return no('there is no such pair');
  const { ended, quarantine, holds } = view.link;
  if (ended !== null) return no('the pair has ended');
  if (quarantine !== null) return no('the pair is in quarantine');
  const meant = holds.filter((hold) => isMeant(hold.path, path));
  if (meant.length === 0) return no(path === null ? 'no conflict of it waits' : `no conflict of it waits at ${path}`);
  const values = meant.map(({ path: at, crm, mailbox }) => ({ at, crm, mailbox }));
  return { kind: 'yes', holds: meant, seen: printOf(values) };
}

/** Times, rule and occurrences of an event are held together, so they are settled together. */
function isMeant(held: Path, path: Path | null): boolean {
  if (path === null || held === path) return true;
  return held !== '' && schedule.includes(groupOf(path)) && schedule.includes(groupOf(held));
}

function no(reason: string): Settleable {
  return { kind: 'no', reason };
}
