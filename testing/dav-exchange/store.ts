/** The items of one imitated mailbox: properties as they were written, numbers as Exchange gives them. */

export interface Value {
  readonly ns: string;
  readonly name: string;
  readonly type: string | undefined;
  readonly text: string;
  /** Of a property with several values. */
  readonly values?: readonly string[] | undefined;
}

export interface StoredItem {
  readonly number: number;
  readonly folder: string;
  /** Last segment of the address, decoded. */
  name: string;
  change: number;
  readonly values: Map<string, Value>;
}

export const folderNames = ['Kontakte', 'Kalender', 'Aufgaben', 'Gelöschte Objekte'] as const;

const replica = 'c3d2e1f0a9b87654321fedcba9876543';

function hex(number: number): string {
  return number.toString(16).padStart(12, '0');
}

export class DavStore {
  readonly items = new Map<number, StoredItem>();
  /** Numbers of items that left a folder, with the change at which they did. */
  readonly departed: { readonly number: number; readonly folder: string; readonly change: number }[] = [];
  #last = 0x13572b;

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  get last(): number {
    return this.#last;
  }

  add(folder: string, name: string): StoredItem {
    const item: StoredItem = { number: this.next(), folder, name, change: this.next(), values: new Map() };
    this.items.set(item.number, item);
    return item;
  }

  named(folder: string, name: string): StoredItem | undefined {
    return [...this.items.values()].find(
      (one) => one.folder === folder && one.name.toLowerCase() === name.toLowerCase(),
    );
  }

  of(folder: string): readonly StoredItem[] {
    return [...this.items.values()].filter((one) => one.folder === folder);
  }

  /** An item that moves is another one there. */
  move(item: StoredItem, folder: string, name: string): StoredItem {
    this.items.delete(item.number);
    this.departed.push({ number: item.number, folder: item.folder, change: this.next() });
    const moved: StoredItem = { ...item, number: this.next(), folder, name, change: this.next() };
    this.items.set(moved.number, moved);
    return moved;
  }
}

export function replIdOf(number: number): string {
  return `rid:${replica}${hex(number)}`;
}

export function entityTagOf(item: StoredItem): string {
  return `"${replica}${hex(item.change)}"`;
}

export function resourceTagOf(item: StoredItem): string {
  return `rt:${replica}${hex(item.number)}${replica}${hex(item.change)}`;
}

/** Below the mailbox's root. */
export function permanentPathOf(item: StoredItem): string {
  const folder = 0x100 + folderNames.indexOf(item.folder as (typeof folderNames)[number]);
  return `-FlatUrlSpace-/${replica}-${folder.toString(16)}/${replica}-${item.number.toString(16)}`;
}
