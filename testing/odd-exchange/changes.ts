/** SyncFolderItems: what the log says since a state. */
import { itemIdNode, type Kind, type OddMailbox, type Stored } from './mailbox.ts';
import { m, type Node, t } from './node.ts';
import { Refused } from './refused.ts';

interface Step {
  readonly at: number;
  readonly kind: 'Create' | 'Update' | 'Delete';
  readonly item: Stored;
}

/** The payload of the answer: state, last-page flag, changes. */
export function changesSince(
  mailbox: OddMailbox,
  folder: Kind,
  state: string | undefined,
  most: number,
): readonly Node[] {
  const { traits } = mailbox;
  const since = state === undefined ? 0 : positionOf(state, folder);
  const steps = traits.emptyListing === true && since === 0 ? [] : stepsSince(mailbox, folder, since);
  const size = traits.ignoresPageLimit === true ? steps.length : Math.min(most, traits.pagesOfTen === true ? 10 : most);
  const page = steps.slice(0, size);
  const isLast = page.length === steps.length;
  const end = mailbox.log.length;
  const reached = isLast ? end : (page.at(-1)?.at ?? end);
  const nodes = page.map((step) => changeNode(mailbox, step, since));
  if (traits.repeatsChanges === true) nodes.push(...nodes);
  if (traits.deletesUnknown === true) nodes.push(t('Delete', [itemIdNode(`never-seen-${end}`, undefined)]));
  if (traits.listsOccurrences === true && since === 0) nodes.push(...occurrenceNodes(mailbox, folder));
  return [
    m('SyncState', stateText(mailbox, folder, reached, since === reached ? state : undefined)),
    ...(traits.hidesLastPage === true ? [] : [m('IncludesLastItemInRange', String(isLast))]),
    m('Changes', nodes),
  ];
}

/** The last thing that happened to each item, in the order of these. */
function stepsSince(mailbox: OddMailbox, folder: Kind, since: number): readonly Step[] {
  const last = new Map<Stored, Step>();
  const isNew = new Set<Stored>();
  mailbox.log.slice(since).forEach(({ item, kind }, index) => {
    if (item.kind !== folder) return;
    if (kind === 'create') isNew.add(item);
    last.delete(item);
    const shown = kind === 'delete' ? 'Delete' : isNew.has(item) ? 'Create' : 'Update';
    last.set(item, { at: since + index + 1, kind: shown, item });
  });
  return [...last.values()].filter(({ kind, item }) => kind !== 'Delete' || !isNew.has(item));
}

function changeNode(mailbox: OddMailbox, { kind, item }: Step, since: number): Node {
  if (kind === 'Delete') return t('Delete', [itemIdNode(item.id, mailbox.keyOf(item))]);
  const shown = mailbox.traits.updatesForNew === true && since === 0 ? 'Update' : kind;
  return t(shown, [t(item.kind, [itemIdNode(item.id, mailbox.keyOf(item))])]);
}

/** Changed occurrences as if they were items of their own. */
function occurrenceNodes(mailbox: OddMailbox, folder: Kind): readonly Node[] {
  return mailbox
    .inFolder(folder)
    .flatMap((item) => [...item.occurrences.values()].map((own) => ({ item, own })))
    .map(({ item, own }) => t('Create', [t(item.kind, [itemIdNode(own.id, mailbox.keyOf(item))])]));
}

const fillerCharacters = 100_000;

/** Other states mean the same position: most servers never send the same text twice. */
function stateText(mailbox: OddMailbox, folder: Kind, position: number, same: string | undefined): string {
  if (mailbox.traits.stillSyncState === true && same !== undefined) return same;
  const nonce = mailbox.traits.stillSyncState === true ? 0 : mailbox.next();
  const filler = mailbox.traits.longSyncState === true ? 'x'.repeat(fillerCharacters) : '';
  return Buffer.from(`odd ${folder} ${position} ${nonce} ${filler}`).toString('base64');
}

function positionOf(state: string, folder: Kind): number {
  const [odd, kind, position] = Buffer.from(state, 'base64').toString().split(' ');
  if (odd !== 'odd' || kind !== folder || !/^\d+$/.test(position ?? '')) throw new Refused('ErrorInvalidSyncStateData');
  return Number(position);
}
