/** All mailboxes of the simulated organisation, and its address book. */
import type { Ports } from '#ports/ports.ts';
import { Delegations } from './delegates.ts';
import type { WellKnownName } from './folder.ts';
import { guidOf, Mailbox, type MailboxDescription } from './mailbox.ts';

/** One message that left a mailbox, for tests that must know whether anybody was told anything. */
export interface SentMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly itemClass: string;
  readonly subject: string;
  readonly atMs: number;
}

/** Sent messages that are kept for inspection. */
const sentMax = 10_000;

/** Names of well-known folders that are not the usual ones. */
type FolderNames = Readonly<Partial<Record<WellKnownName, string | undefined>>>;

/** A mailbox that exists; the object with its content is made when somebody first looks at it. */
interface Place {
  readonly folderNames: FolderNames;
  readonly description: MailboxDescription;
  readonly fill: ((mailbox: Mailbox) => void) | undefined;
  mailbox: Mailbox | undefined;
}

export class Truth {
  readonly ports: Ports;
  readonly delegations = new Delegations();
  /** UTC milliseconds at which the organisation began: the time mailboxes were filled, whenever that is really done. */
  beganMs: number;
  readonly #byAddress = new Map<string, Place>();
  readonly #byGuid = new Map<string, Place>();
  readonly #sent: SentMessage[] = [];

  constructor(ports: Ports) {
    this.ports = ports;
    this.beganMs = ports.clock.now();
  }

  /**
   * Adds a mailbox. `fill` gives it its first content, deterministically and without looking at other mailboxes, because it
   * is called when the mailbox is first needed.
   */
  add(description: MailboxDescription, fill?: (mailbox: Mailbox) => void, folderNames: FolderNames = {}): void {
    const place: Place = { description, fill, folderNames, mailbox: undefined };
    for (const address of [description.address, ...description.aliases]) {
      this.#byAddress.set(address.toLowerCase(), place);
    }
    this.#byGuid.set(guidOf(description.address), place);
  }

  /** A mailbox by any of its addresses; addresses are not case-sensitive. */
  mailbox(address: string): Mailbox | undefined {
    return this.#open(this.#byAddress.get(address.toLowerCase()));
  }

  mailboxByGuid(guid: string): Mailbox | undefined {
    return this.#open(this.#byGuid.get(guid));
  }

  /** A mailbox without its first content, to be restored from a snapshot; undefined when it is not known. */
  unfilled(address: string): Mailbox | undefined {
    const place = this.#byAddress.get(address.toLowerCase());
    if (place === undefined) return undefined;
    place.mailbox ??= this.#made(place);
    return place.mailbox;
  }

  /** Every mailbox; those not looked at before are made now. */
  get mailboxes(): Iterable<Mailbox> {
    return this.#all();
  }

  /** Mailboxes that somebody looked at. The others are as they began. */
  *opened(): Generator<Mailbox> {
    for (const { mailbox } of this.#byGuid.values()) if (mailbox !== undefined) yield mailbox;
  }

  /** Who has a mailbox. */
  *descriptions(): Generator<MailboxDescription> {
    for (const { description } of this.#byGuid.values()) yield description;
  }

  *#all(): Generator<Mailbox> {
    for (const place of this.#byGuid.values()) yield this.#open(place) as Mailbox;
  }

  #open(place: Place | undefined): Mailbox | undefined {
    if (place === undefined) return undefined;
    if (place.mailbox !== undefined) return place.mailbox;
    const mailbox = this.#made(place);
    place.mailbox = mailbox;
    place.fill?.(mailbox);
    return mailbox;
  }

  #made({ description, folderNames }: Place): Mailbox {
    const mailbox = new Mailbox(description, this.ports, this.beganMs);
    for (const [id, name] of Object.entries(folderNames)) mailbox.wellKnown(id as WellKnownName).name = String(name);
    return mailbox;
  }

  /** Messages sent so far, oldest first. */
  get sent(): readonly SentMessage[] {
    return this.#sent;
  }

  recordSent(message: SentMessage, from: Mailbox): void {
    from.sentCount += 1;
    this.#sent.push(message);
    if (this.#sent.length > sentMax) this.#sent.shift();
  }
}
