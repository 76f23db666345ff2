/**
 * Subscriptions to changes: what clients asked to hear of, and the events that wait for them. Events are hints: they carry
 * no usable change key, and what is lost with a subscription is lost for good.
 */
import type { Ports } from '#ports/ports.ts';
import type { Node } from '../../affinity.ts';
import type { Folder } from '../../truth/folder.ts';
import { familyOf, type Item, itemClassOf } from '../../truth/item.ts';
import type { Mailbox, StoreEvent } from '../../truth/mailbox.ts';
import { folderKeyType, itemKeyType, parentFolderKey, shortKey } from './change-keys.ts';
import { folderIdText, itemIdText } from './ids.ts';
import { dateTimeText } from './text.ts';

export type SubscriptionKind = 'streaming' | 'pull' | 'push';

/** One waiting event: everything of its element but the watermark, which stands first. */
export interface QueuedEvent {
  readonly number: number;
  readonly name: string;
  readonly content: string;
}

export interface Subscription {
  readonly id: string;
  readonly kind: SubscriptionKind;
  readonly account: string;
  readonly mailbox: Mailbox;
  /** The server that keeps it; the others do not know it. */
  readonly node: Node;
  /** Folders by number; undefined for all of the mailbox. */
  readonly folders: ReadonlySet<number> | undefined;
  readonly eventNames: ReadonlySet<string>;
  readonly timeoutMs: number;
  readonly guid: Uint8Array;
  lastUsedMs: number;
  /** Number of the last event ever queued. */
  lastNumber: number;
  queue: QueuedEvent[];
  /** Wakes whoever delivers this subscription's events. */
  wake: (() => void) | undefined;
  /** Ends the connection that now serves it, because another one takes over. */
  takeOver: (() => void) | undefined;
}

/** A subscription with more waiting events than this is given up. */
export const queuedEventsMax = 10_000;

/** Unused streaming subscriptions live this long. */
const streamingLifeMs = 30 * 60_000;

/** Per account and mailbox, unless a policy says otherwise (EWSMaxSubscriptions from 2013 on). */
const subscriptionsMaxUsual = 5_000;

export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #byMailbox = new Map<Mailbox, Set<Subscription>>();
  readonly #ports: Ports;
  readonly #subscriptionsMax: number;

  constructor(ports: Ports, subscriptionsMax = subscriptionsMaxUsual) {
    this.#ports = ports;
    this.#subscriptionsMax = subscriptionsMax;
  }

  add(wanted: {
    readonly kind: SubscriptionKind;
    readonly account: string;
    readonly mailbox: Mailbox;
    readonly node: Node;
    readonly folders: ReadonlySet<number> | undefined;
    readonly eventNames: ReadonlySet<string>;
    readonly timeoutMs?: number | undefined;
  }): Subscription {
    const nowMs = this.#ports.clock.now();
    const guid = this.#ports.random.bytes(16);
    const subscription: Subscription = {
      ...wanted,
      id: subscriptionId(wanted.node.hostName, guid, nowMs),
      timeoutMs: wanted.timeoutMs ?? streamingLifeMs,
      guid,
      lastUsedMs: nowMs,
      lastNumber: 0,
      queue: [],
      wake: undefined,
      takeOver: undefined,
    };
    this.#byId.set(subscription.id, subscription);
    this.#listen(subscription);
    return subscription;
  }

  /** A living subscription; one that was unused for too long is removed here. */
  find(id: string): Subscription | undefined {
    const found = this.#byId.get(id);
    if (found === undefined) return undefined;
    const isServed = found.takeOver !== undefined || found.kind === 'push';
    if (isServed || this.#ports.clock.now() - found.lastUsedMs <= found.timeoutMs) return found;
    this.remove(found);
    return undefined;
  }

  /** A living subscription that a server keeps. */
  findAt(node: Node, id: string): Subscription | undefined {
    const found = this.find(id);
    return found?.node === node ? found : undefined;
  }

  remove(subscription: Subscription): void {
    this.#byId.delete(subscription.id);
    this.#byMailbox.get(subscription.mailbox)?.delete(subscription);
    subscription.wake?.();
  }

  /** All subscriptions die at once, as when the web service restarts. */
  forget(): void {
    for (const one of [...this.#byId.values()]) this.remove(one);
  }

  /** Whether an account has as many subscriptions to a mailbox as it may; those that nobody used for too long are removed. */
  isFull(account: string, mailbox: Mailbox): boolean {
    const own = [...(this.#byMailbox.get(mailbox) ?? [])].filter((one) => one.account === account);
    if (own.length < this.#subscriptionsMax) return false;
    return own.filter((one) => this.find(one.id) === one).length >= this.#subscriptionsMax;
  }

  get count(): number {
    return this.#byId.size;
  }

  #listen(subscription: Subscription): void {
    const { mailbox } = subscription;
    const known = this.#byMailbox.get(mailbox);
    if (known !== undefined) {
      known.add(subscription);
      return;
    }
    const all = new Set([subscription]);
    this.#byMailbox.set(mailbox, all);
    mailbox.listeners.add((event) => {
      for (const one of all) this.#queue(one, event);
    });
  }

  #queue(subscription: Subscription, event: StoreEvent): void {
    const stamp = dateTimeText(this.#ports.clock.now());
    const events = eventsOf(event, subscription.mailbox, stamp).filter((one) => isWanted(subscription, one));
    if (events.length === 0) return;
    for (const { name, content } of events) {
      subscription.lastNumber += 1;
      subscription.queue.push({ number: subscription.lastNumber, name, content });
    }
    if (subscription.queue.length > queuedEventsMax) this.remove(subscription);
    subscription.wake?.();
  }
}

/** The opaque place in a subscription's events after one of them. */
export function watermarkText(subscription: Subscription, number: number): string {
  const bytes = Buffer.alloc(29);
  bytes.writeUInt32LE(1, 0);
  bytes.set(subscription.guid, 4);
  bytes.writeBigUInt64LE(BigInt(number), 20);
  bytes[28] = number === 0 ? 0 : 1;
  return bytes.toString('base64');
}

/** The event number inside a watermark; undefined when it is none of this subscription. */
export function readWatermark(subscription: Subscription, text: string): number | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 29 || !bytes.subarray(4, 20).equals(Buffer.from(subscription.guid))) return undefined;
  return Number(bytes.readBigUInt64LE(20));
}

interface WireEvent {
  readonly name: string;
  readonly content: string;
  /** Folders whose subscribers hear of it. */
  readonly folders: readonly number[];
}

function isWanted(subscription: Subscription, event: WireEvent): boolean {
  if (!subscription.eventNames.has(event.name)) return false;
  const { folders } = subscription;
  return folders === undefined || event.folders.some((one) => folders.has(one));
}

/** One change in the store is several events on the wire: of the item and of its folder. */
function eventsOf(event: StoreEvent, mailbox: Mailbox, stamp: string): readonly WireEvent[] {
  const time = `<t:TimeStamp>${stamp}</t:TimeStamp>`;
  if ('folder' in event) return folderEvents(event, mailbox, time);
  const { item } = event;
  const parent = folderReference('ParentFolderId', mailbox, item.folder, parentFolderKey);
  const content = `${time}${itemReferenceOf('ItemId', mailbox, item)}${parent}`;
  const folders = [item.folder.counter];
  const beside = [folderModified(mailbox, item.folder, time), ...freeBusy(mailbox, item, time, parent)];
  switch (event.kind) {
    case 'created':
      return [{ name: 'CreatedEvent', content, folders }, ...beside];
    case 'modified':
      return [{ name: 'ModifiedEvent', content, folders }, ...beside];
    case 'deleted':
      return [{ name: 'DeletedEvent', content, folders }, ...beside];
    case 'newMail':
      return [{ name: 'NewMailEvent', content, folders }];
    case 'moved':
    case 'copied': {
      const { old } = event;
      const oldParent = folderReference('OldParentFolderId', mailbox, old.folder, parentFolderKey);
      const whole = `${content}${itemReferenceOf('OldItemId', mailbox, old)}${oldParent}`;
      const name = event.kind === 'moved' ? 'MovedEvent' : 'CopiedEvent';
      return [{ name, content: whole, folders: [...folders, old.folder.counter] }, ...beside];
    }
  }
}

function folderEvents(
  event: Extract<StoreEvent, { folder: Folder }>,
  mailbox: Mailbox,
  time: string,
): readonly WireEvent[] {
  const { folder } = event;
  const id = folderReference('FolderId', mailbox, folder, shortKey(folderKeyType(folder)));
  const parentFolder = folder.parent ?? folder;
  const parent = folderReference('ParentFolderId', mailbox, parentFolder, parentFolderKey);
  const folders = [parentFolder.counter, folder.counter];
  const content = `${time}${id}${parent}`;
  switch (event.kind) {
    case 'folderCreated':
      return [{ name: 'CreatedEvent', content, folders }];
    case 'folderModified':
      return [{ name: 'ModifiedEvent', content, folders }];
    case 'folderDeleted':
      return [{ name: 'DeletedEvent', content, folders }];
    case 'folderMoved':
    case 'folderCopied': {
      const oldParent = event.oldParent ?? parentFolder;
      const oldId = folderReference('OldFolderId', mailbox, folder, shortKey(folderKeyType(folder)));
      const old = folderReference('OldParentFolderId', mailbox, oldParent, parentFolderKey);
      const name = event.kind === 'folderMoved' ? 'MovedEvent' : 'CopiedEvent';
      return [{ name, content: `${content}${oldId}${old}`, folders: [...folders, oldParent.counter] }];
    }
  }
}

function folderModified(mailbox: Mailbox, folder: Folder, time: string): WireEvent {
  const id = folderReference('FolderId', mailbox, folder, shortKey(folderKeyType(folder)));
  const parent = folderReference('ParentFolderId', mailbox, folder.parent ?? folder, parentFolderKey);
  return { name: 'ModifiedEvent', content: `${time}${id}${parent}`, folders: [folder.counter] };
}

function freeBusy(mailbox: Mailbox, item: Item, time: string, parent: string): readonly WireEvent[] {
  if (familyOf(itemClassOf({ item, occurrence: undefined })) !== 'appointment') return [];
  const content = `${time}${itemReferenceOf('ItemId', mailbox, item)}${parent}`;
  return [{ name: 'FreeBusyChangedEvent', content, folders: [item.folder.counter] }];
}

function itemReferenceOf(name: string, mailbox: Mailbox, item: Item): string {
  const id = itemIdText(mailbox, item.folder.counter, item.counter);
  return `<t:${name} Id="${id}" ChangeKey="${shortKey(itemKeyType(item))}" />`;
}

function folderReference(name: string, mailbox: Mailbox, folder: Folder, key: string): string {
  return `<t:${name} Id="${folderIdText(mailbox, folder.counter)}" ChangeKey="${key}" />`;
}

/** Host that owns the subscription, a GUID and the time of creation, as recorded ids have them. */
function subscriptionId(hostName: string, guid: Uint8Array, nowMs: number): string {
  const host = Buffer.from(hostName, 'latin1');
  const bytes = Buffer.alloc(2 + host.length + 4 + 16 + 8);
  bytes.writeUInt16LE(host.length, 0);
  host.copy(bytes, 2);
  bytes.writeUInt32LE(16, 2 + host.length);
  bytes.set(guid, 6 + host.length);
  bytes.writeBigUInt64LE(BigInt(Math.trunc(nowMs)) * 10_000n + 621_355_968_000_000_000n, 22 + host.length);
  return bytes.toString('base64');
}
