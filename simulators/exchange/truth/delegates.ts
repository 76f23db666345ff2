/** Who may work in whose mailbox, and how far ([MS-OXWSDLGM] 2.2.4, [MS-OXODLGT]). */
import type { Folder, WellKnownName } from './folder.ts';

export type DelegateLevel = 'None' | 'Reviewer' | 'Author' | 'Editor';

/** Folders that have a level of their own; what lies below them has the same. */
export const delegateFolders = ['calendar', 'tasks', 'inbox', 'contacts', 'notes', 'journal'] as const;

export type DelegateFolder = (typeof delegateFolders)[number] & WellKnownName;

export interface Delegate {
  /** Primary address of the delegate's own mailbox. */
  readonly address: string;
  readonly levels: Readonly<Record<DelegateFolder, DelegateLevel>>;
  readonly receivesCopies: boolean;
  readonly viewsPrivate: boolean;
}

/** How meeting requests reach an owner who has delegates (DeliverMeetingRequestsType). */
export type MeetingDelivery = 'DelegatesOnly' | 'DelegatesAndMe' | 'DelegatesAndSendInformationToMe' | 'NoForward';

/** What somebody wants to do in a folder. */
export type Intent = 'read' | 'create' | 'edit';

/** All delegates of the organisation, by the lower-case primary address of the owner. */
export class Delegations {
  readonly #byOwner = new Map<string, Map<string, Delegate>>();
  readonly #delivery = new Map<string, MeetingDelivery>();

  /** The delegates of an owner, in the order they were added. */
  of(owner: string): readonly Delegate[] {
    return [...(this.#byOwner.get(owner.toLowerCase())?.values() ?? [])];
  }

  find(owner: string, delegate: string): Delegate | undefined {
    return this.#byOwner.get(owner.toLowerCase())?.get(delegate.toLowerCase());
  }

  /** Whether anybody at all has made this person a delegate. */
  isDelegate(address: string): boolean {
    const name = address.toLowerCase();
    for (const delegates of this.#byOwner.values()) if (delegates.has(name)) return true;
    return false;
  }

  put(owner: string, delegate: Delegate): void {
    const key = owner.toLowerCase();
    const delegates = this.#byOwner.get(key) ?? new Map<string, Delegate>();
    this.#byOwner.set(key, delegates.set(delegate.address.toLowerCase(), delegate));
  }

  /** Whether there was such a delegate. */
  remove(owner: string, delegate: string): boolean {
    const delegates = this.#byOwner.get(owner.toLowerCase());
    const had = delegates?.delete(delegate.toLowerCase()) ?? false;
    if (delegates?.size === 0) this.#byOwner.delete(owner.toLowerCase());
    return had;
  }

  deliveryOf(owner: string): MeetingDelivery {
    return this.#delivery.get(owner.toLowerCase()) ?? 'DelegatesAndMe';
  }

  setDelivery(owner: string, delivery: MeetingDelivery): void {
    this.#delivery.set(owner.toLowerCase(), delivery);
  }

  /** Everything as plain data, for a snapshot. */
  out(): DelegationsOut {
    const delegates = [...this.#byOwner].map(([owner, all]) => [owner, [...all.values()]] as const);
    return { delegates, delivery: [...this.#delivery] };
  }

  restore(kept: DelegationsOut): void {
    for (const [owner, all] of kept.delegates) for (const one of all) this.put(owner, one);
    for (const [owner, delivery] of kept.delivery) this.setDelivery(owner, delivery);
  }
}

export interface DelegationsOut {
  readonly delegates: readonly (readonly [owner: string, delegates: readonly Delegate[]])[];
  readonly delivery: readonly (readonly [owner: string, delivery: MeetingDelivery])[];
}

/** Whether a delegate may do this in a folder. */
export function permits(delegate: Delegate, folder: Folder, intent: Intent): boolean {
  const level = levelIn(delegate, folder);
  switch (intent) {
    case 'read':
      return level !== 'None';
    case 'create':
      return level === 'Author' || level === 'Editor';
    case 'edit':
      return level === 'Editor';
  }
}

function levelIn(delegate: Delegate, folder: Folder): DelegateLevel {
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) {
    const name = delegateFolders.find((one) => one === at?.wellKnown);
    if (name !== undefined) return delegate.levels[name];
  }
  return 'None';
}
