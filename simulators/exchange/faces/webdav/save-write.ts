/** Property updates: reading them into a pending write, saving it, and what the answer says of each property. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import { completeWrite } from './complete-write.ts';
import { readValue } from './data-types.ts';
import { nameItem } from './item-names.ts';
import type { PropStat } from './multistatus.ts';
import { type DavName, namespaces } from './names.ts';
import type { PendingWrite } from './pending-write.ts';
import { propertyOfName, spelledName } from './properties/registry.ts';
import { declaredType, nameOf } from './request-xml.ts';

/** One property of an update, and what became of it. */
export interface Applied {
  readonly name: DavName;
  /** 200, 403 for one that cannot be written, 422 for a value it cannot have. */
  readonly status: number;
}

/** Takes all instructions of a `propertyupdate` in their order. */
export function applyUpdate(pending: PendingWrite, update: XmlElement): readonly Applied[] {
  const applied: Applied[] = [];
  for (const instruction of update.children) {
    const isRemoval = instruction.name === 'remove';
    if (!isRemoval && instruction.name !== 'set') continue;
    for (const one of child(instruction, 'prop')?.children ?? []) {
      const name = spelledName(nameOf(one));
      applied.push({ name, status: isRemoval ? remove(pending, one) : set(pending, one) });
    }
  }
  return applied;
}

function set(pending: PendingWrite, element: XmlElement): number {
  const property = propertyOfName(nameOf(element), declaredType(element));
  if (element.attributes.dt !== undefined && declaredType(element) === undefined) return 422;
  if (property.write === undefined) return 403;
  const value = readValue(property.type, element);
  return value !== undefined && property.write(pending, value) ? 200 : 422;
}

function remove(pending: PendingWrite, element: XmlElement): number {
  const name = nameOf(element);
  const property = propertyOfName(name, declaredType(element));
  if (property.write === undefined) return 403;
  const { item } = pending.draft;
  const place = { mailbox: pending.mailbox, base: '', server: '' };
  const type = item && property.typeOf?.({ kind: 'item', place, view: { item, occurrence: undefined } });
  const stored = type === undefined ? property : propertyOfName(name, type);
  return stored.write?.(pending, undefined) === true ? 200 : 422;
}

/** Completes the write; a recurrence that cannot be held is the fault of its words. */
export function completed(pending: PendingWrite, applied: readonly Applied[]): readonly Applied[] {
  if (applied.some(({ status }) => status !== 200) || completeWrite(pending)) return applied;
  const isRule = ({ name }: Applied): boolean => name.ns === namespaces.calendar && name.name === 'rrule';
  return applied.map((one) => (isRule(one) ? { ...one, status: 422 } : one));
}

export function isGood(applied: readonly Applied[]): boolean {
  return applied.every(({ status }) => status === 200);
}

/** Saves a new item under a name. */
export function saveNew(pending: PendingWrite, folder: Folder, name: string, writer: string): Item {
  const item = pending.mailbox.create(folder, pending.draft, writer);
  nameItem(item, name);
  if (pending.isRead !== undefined) pending.mailbox.setRead(item, pending.isRead);
  return item;
}

/** Saves an update. */
export function saveOld(pending: PendingWrite, writer: string): void {
  const item = pending.mailbox.update(pending.draft, writer);
  if (pending.isRead !== undefined) pending.mailbox.setRead(item, pending.isRead);
}

/** All or nothing: when one property fails, the others fail because of it. `isBrief` leaves out what went well. */
export function updateStats(applied: readonly Applied[], isBrief: boolean): readonly PropStat[] {
  const isWhole = isGood(applied);
  const byStatus = new Map<number, { readonly name: DavName }[]>();
  for (const { name, status } of applied) {
    const shown = isWhole || status !== 200 ? status : 424;
    if (isBrief && shown === 200) continue;
    byStatus.set(shown, [...(byStatus.get(shown) ?? []), { name }]);
  }
  return [...byStatus].map(([status, properties]) => ({ status, properties }));
}
