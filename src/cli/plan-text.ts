/** What a rehearsed pass would do, in sentences. Pure. */
import type { Item } from '#model/item.ts';
import type { Rehearsal } from '#server/rehearsal.ts';
import type { PlannedWrite } from '#server/rehearsal-connector.ts';
import type { Side } from '#store/port.ts';
import { nameOf, shortName } from './item-name.ts';
import type { SetAside } from './set-aside.ts';

export interface PlanLine {
  readonly side: Side;
  readonly kind: Item['kind'];
  readonly op: PlannedWrite['op'];
  readonly id: string;
  /** Title or name, where one is known. */
  readonly what: string;
  readonly paths: readonly string[];
  /** Why, in words. */
  readonly reason: string;
}

/** One line per write, in the order in which they would happen. */
export function planLines({ writes, journal }: Rehearsal): readonly PlanLine[] {
  const cells = new Map<string, string>();
  for (const { side, kind, linkKey, detail } of journal) {
    if (side === null || typeof detail.cell !== 'string') continue;
    if (typeof detail.id === 'string') cells.set(`${side} ${kind} ${detail.id}`, detail.cell);
    if (linkKey !== null) cells.set(`${side} ${kind} ${linkKey}`, detail.cell);
  }
  return writes.map(({ side, kind, op, id, linkKey, item, paths }) => {
    const cell = cells.get(`${side} ${kind} ${id}`) ?? cells.get(`${side} ${kind} ${linkKey}`);
    return { side, kind, op, id, what: nameOf(item), paths, reason: reasonOf(op, cell) };
  });
}

/** The same for people, with a summary at the end. */
export function planText(lines: readonly PlanLine[], aside: readonly SetAside[]): string {
  const wheres = { crm: 'CRM', mailbox: 'mailbox' } as const;
  const text = lines
    .filter(({ op }) => op !== 'mark')
    .map(({ side, kind, op, what, id, paths, reason }) => {
      const changed = paths.length === 0 ? '' : ` [${paths.join(', ')}]`;
      return `would ${op} ${kind} ${what === '' ? id : JSON.stringify(what)} in the ${wheres[side]}${changed}: ${reason}`;
    });
  for (const { name, link } of aside) {
    const what = name === '' ? (link.ids.crm ?? link.ids.mailbox ?? '') : JSON.stringify(shortName(name));
    const { message = '', code = '' } = link.quarantine?.fault ?? {};
    text.push(`would set aside ${link.kind} ${what}: ${message} (${code})`);
  }
  const marks = lines.filter(({ op }) => op === 'mark').length;
  if (marks > 0) text.push(`would mark ${marks} items that stay as they are with the key of their pair`);
  const count = (op: PlanLine['op'], side: Side): number =>
    lines.filter((line) => line.op === op && line.side === side).length;
  for (const side of ['crm', 'mailbox'] as const) {
    const [creates, updates, removes] = [count('create', side), count('update', side), count('remove', side)];
    text.push(`${wheres[side]}: ${creates} to create, ${updates} to update, ${removes} to remove`);
  }
  text.push('Nothing was written.');
  return text.join('\n');
}

/** The decision-table cell says which state each side is in (CRM first). */
function reasonOf(op: PlannedWrite['op'], cell: string | undefined): string {
  if (op === 'mark') return 'it gets the key of its pair';
  const [crm, mailbox] = (cell ?? '').split('/');
  switch (`${crm}/${mailbox}`) {
    case 'new/absent':
      return 'new in the CRM';
    case 'absent/new':
      return 'new in the mailbox';
    case 'new/new':
      return 'the same record on both sides, which meet for the first time';
    case 'edited/same':
      return 'changed in the CRM';
    case 'same/edited':
      return 'changed in the mailbox';
    case 'edited/edited':
      return 'changed on both sides';
    case 'gone/same':
      return 'deleted in the CRM';
    case 'same/gone':
      return 'deleted in the mailbox';
    case 'edited/gone':
      return 'deleted in the mailbox, but changed in the CRM';
    case 'gone/edited':
      return 'deleted in the CRM, but changed in the mailbox';
    default:
      if (crm === 'out') return 'it left the user’s scope in the CRM';
      if (mailbox === 'out') return 'it left the synchronised folder';
      return op === 'remove' ? 'its counterpart is gone' : 'both sides are to hold the same';
  }
}
