/**
 * Subscriptions to changes of folders and items (reference on Exchange 2007, section 1.11). They carry no content: a client
 * polls, or is told by a datagram that repeats until it polls, and then asks for the manifest.
 */
import type { Ports } from '#ports/ports.ts';
import { type Folder, isWithin } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import type { Mailbox, StoreEvent } from '../../truth/mailbox.ts';

export type NotificationType = 'update' | 'update/newmember' | 'delete' | 'move' | 'newmail';

export interface Subscription {
  readonly id: number;
  readonly mailbox: Mailbox;
  /** Path of the folder or item, as it was subscribed to; POLL and renewal must name the same. */
  readonly path: string;
  readonly type: NotificationType;
  /** Told where to send datagrams; undefined for one that is polled. */
  readonly callback: { readonly host: string; readonly port: number; readonly url: string } | undefined;
  readonly delayMs: number;
  untilMs: number;
  hasEvents: boolean;
}

/** What is watched. */
export type Watched = { readonly folder: Folder; readonly isDeep: boolean } | { readonly item: Item };

/** Sends one datagram. */
export type SendDatagram = (host: string, port: number, text: string) => void;

/** Subscriptions of one mailbox at most; the oldest go first. */
const subscriptionsMax = 1000;

/** A datagram is repeated this often at most, with pauses that double from the first. */
const repeatsMax = 5;
const firstPauseMs = 2000;

interface Entry {
  readonly subscription: Subscription;
  readonly stop: () => void;
}

export class Subscriptions {
  readonly #ports: Pick<Ports, 'clock' | 'timer'>;
  readonly #send: SendDatagram;
  readonly #entries = new Map<number, Entry>();
  /** Aborted when nobody is to be told any more. */
  readonly #ending = new AbortController();
  #nextId = 1;

  constructor(ports: Pick<Ports, 'clock' | 'timer'>, send: SendDatagram) {
    this.#ports = ports;
    this.#send = send;
  }

  add(
    wanted: Pick<Subscription, 'mailbox' | 'path' | 'type' | 'callback' | 'delayMs'>,
    watched: Watched,
    lifeMs: number,
  ): Subscription {
    const subscription: Subscription = {
      ...wanted,
      id: this.#nextId++,
      untilMs: this.#ports.clock.now() + lifeMs,
      hasEvents: false,
    };
    const listener = (event: StoreEvent): void => {
      if (!concerns(event, subscription.type, watched)) return;
      const wasQuiet = !subscription.hasEvents;
      subscription.hasEvents = true;
      if (wasQuiet && subscription.callback !== undefined) void this.#notify(subscription);
    };
    wanted.mailbox.listeners.add(listener);
    const stop = (): void => void wanted.mailbox.listeners.delete(listener);
    this.#entries.set(subscription.id, { subscription, stop });
    this.#forgetOld();
    return subscription;
  }

  /** A living subscription to this path. */
  find(id: number, path: string): Subscription | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.subscription.untilMs <= this.#ports.clock.now()) {
      this.remove(id);
      return undefined;
    }
    return entry.subscription.path === path ? entry.subscription : undefined;
  }

  /** Whether anything happened since the last poll; asking also renews. */
  poll(subscription: Subscription, lifeMs: number): boolean {
    const { hasEvents } = subscription;
    subscription.hasEvents = false;
    subscription.untilMs = Math.max(subscription.untilMs, this.#ports.clock.now() + lifeMs);
    return hasEvents;
  }

  renew(subscription: Subscription, lifeMs: number): void {
    subscription.untilMs = this.#ports.clock.now() + lifeMs;
  }

  remove(id: number): void {
    this.#entries.get(id)?.stop();
    this.#entries.delete(id);
  }

  /** All at once, when the server stops. */
  forget(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
    this.#ending.abort();
  }

  #forgetOld(): void {
    while (this.#entries.size > subscriptionsMax) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) return;
      this.remove(oldest);
    }
  }

  async #notify(subscription: Subscription): Promise<void> {
    const { callback, id } = subscription;
    if (callback === undefined) return;
    const { signal } = this.#ending;
    if (subscription.delayMs > 0) await this.#ports.timer.sleep(subscription.delayMs, signal);
    let pauseMs = firstPauseMs;
    for (let n = 0; n < repeatsMax; n += 1) {
      if (!subscription.hasEvents || !this.#entries.has(id)) return;
      this.#send(callback.host, callback.port, `NOTIFY ${callback.url} HTTP/1.1\r\nSubscription-id: ${id}\r\n\r\n`);
      await this.#ports.timer.sleep(pauseMs, signal);
      pauseMs *= 2;
    }
  }
}

function concerns(event: StoreEvent, type: NotificationType, watched: Watched): boolean {
  if (!('item' in event)) return type === 'update' && 'folder' in watched && isWatched(event.folder, watched);
  const { item } = event;
  const left = event.kind === 'moved' ? event.old : undefined;
  const isHere = 'item' in watched ? item.counter === watched.item.counter : isWatched(item.folder, watched);
  const wasHere =
    left !== undefined && ('item' in watched ? left.counter === watched.item.counter : isWatched(left.folder, watched));
  switch (type) {
    case 'update':
      return isHere || wasHere;
    case 'update/newmember':
      return isHere && (event.kind === 'created' || event.kind === 'moved' || event.kind === 'copied');
    case 'delete':
      return isHere && event.kind === 'deleted';
    case 'move':
      return wasHere;
    case 'newmail':
      return isHere && event.kind === 'newMail';
  }
}

function isWatched(folder: Folder, watched: Extract<Watched, { folder: Folder }>): boolean {
  return watched.isDeep ? isWithin(folder, watched.folder) : folder === watched.folder;
}
