/**
 * A create that was given up and sent again may have arrived after all: then a second item carries the link's key. It looks
 * like a user's copy; what tells them apart is the journal, which knows that an answer of ours never came, and the content,
 * which is still exactly what was sent. Such a twin is handed to recovery as an unsettled intent and removed there (I8).
 *
 * A copy that a user makes of such an item, and leaves as it is, cannot be told from the twin; the time after which a late
 * arrival is no longer believed bounds that.
 */
import type { LinkKey } from '#contract/connector.ts';
import { type Prints, prints } from '#model/fingerprint.ts';
import type { IntentRow, LinkView, Side } from '#store/port.ts';
import { type Domain, sharedForm, type Task } from '../task.ts';
import type { Sighting } from './sight.ts';

/** In place of a cell of the decision table: nobody decided this, a request arrived late. */
export const twinCell = 'lateTwin';

/** The journal's event for a create whose item was not found when its settle time was over. */
export const neverArrived = 'neverArrived';

const twinMsMax = 24 * 3_600_000;
const pageIntents = 200;

/** An item that carries the key of a link whose item on this side is another one. */
export interface Suspect {
  readonly sighting: Extract<Sighting, { kind: 'read' }>;
  readonly view: LinkView;
}

/** The suspects that are late twins of our own, by item id, with the intent that will remove them (or `later`). */
export async function twinsOf(
  task: Task,
  domain: Domain,
  side: Side,
  suspects: readonly Suspect[],
): Promise<ReadonlyMap<string, IntentRow | 'later'>> {
  const twins = new Map<string, IntentRow | 'later'>();
  if (suspects.length === 0) return twins;
  const busy = await busyLinks(task);
  for (const { sighting, view } of suspects) {
    const { linkKey } = view.link;
    const sent = await givenUp(task, side, linkKey);
    if (sent === undefined) continue;
    const now = prints(sharedForm(sighting.snapshot.item, domain));
    if (!isWhatWasSent(now, sent, view.link.prints?.[side] ?? {})) continue;
    // One unsettled intent per link: while there is another one, this item is not judged.
    twins.set(sighting.id, busy.has(linkKey) ? 'later' : intentFor(task, domain, side, linkKey, sighting));
    busy.add(linkKey);
  }
  return twins;
}

/** Links with an unsettled intent. */
async function busyLinks(task: Task): Promise<Set<LinkKey>> {
  const busy = new Set<LinkKey>();
  let after: string | null = null;
  for (;;) {
    const page: readonly IntentRow[] = await task.store.intents(task.pair.pairId, after, pageIntents);
    for (const intent of page) busy.add(intent.linkKey);
    const last = page[page.length - 1];
    if (last === undefined || page.length < pageIntents) return busy;
    after = last.intentId;
  }
}

/** What was sent in the last create that was given up, unless that was long ago. */
async function givenUp(task: Task, side: Side, linkKey: LinkKey): Promise<Prints | undefined> {
  const entries = await task.store.journal(task.pair.pairId, { linkKey, event: neverArrived, limit: pageIntents });
  const last = entries.findLast((entry) => entry.side === side);
  if (last === undefined || task.ports.clock.now() - Date.parse(last.at) > twinMsMax) return undefined;
  return last.detail.sent as Prints | undefined;
}

/** Path by path either as it was sent, or in the form this side gave it. */
export function isWhatWasSent(now: Prints, sent: Prints, known: Prints): boolean {
  const paths = new Set([...Object.keys(now), ...Object.keys(sent)]);
  return [...paths].every((path) => now[path] === sent[path] || now[path] === known[path]);
}

function intentFor(
  task: Task,
  domain: Domain,
  side: Side,
  linkKey: LinkKey,
  { snapshot }: Suspect['sighting'],
): IntentRow {
  const nowMs = task.ports.clock.now();
  return {
    intentId: `${linkKey}.${side}.${task.lease.fence}.${nowMs}.twin`,
    linkKey,
    kind: domain.kind,
    side,
    op: 'remove',
    state: 'sent',
    remoteId: snapshot.id,
    expectedVersion: snapshot.version,
    target: sharedForm(snapshot.item, domain),
    paths: [],
    firstSentAtMs: nowMs,
    attempts: 1,
    cell: twinCell,
  };
}
