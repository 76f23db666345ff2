/**
 * Links for occurrences that become events of their own. Each has a key that follows from its series, its start and its
 * content: deciding the same again (after a crash, or a write that was refused) finds the link there, and makes nothing twice.
 */
import { printOf } from '#model/fingerprint.ts';
import type { JournalEntry, LinkRow } from '#store/port.ts';
import { derivedLinkKey } from '../link-key.ts';
import type { Single } from '../plan/orphans.ts';
import { linkToMake } from '../requests/remake.ts';
import { instantNow, type Task } from '../task.ts';

/** What became of one series. */
export interface SinglesOf {
  readonly linkKey: string;
  readonly singles: readonly Single[];
}

export async function singleLinks(
  task: Task,
  all: readonly SinglesOf[],
): Promise<{ readonly links: readonly LinkRow[]; readonly journal: readonly JournalEntry[] }> {
  const { pairId } = task.pair;
  const wanted = all.flatMap(({ linkKey, singles }) =>
    singles.map(({ start, item }) => {
      const key = derivedLinkKey(pairId, `${linkKey} ${start} ${printOf(item)}`);
      return { link: linkToMake(key, item), series: linkKey, start };
    }),
  );
  if (wanted.length === 0) return { links: [], journal: [] };
  const known = await task.store.links(
    pairId,
    wanted.map(({ link }) => link.linkKey),
  );
  const fresh = wanted.filter(({ link }) => known.every((view) => view.link.linkKey !== link.linkKey));
  const journal = fresh.map(({ link, series, start }): JournalEntry => {
    const detail = { series, start };
    return { at: instantNow(task.ports), kind: link.kind, linkKey: link.linkKey, event: 'singled', side: null, detail };
  });
  return { links: fresh.map(({ link }) => link), journal };
}
