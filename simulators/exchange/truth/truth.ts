/** All mailboxes of the simulated organisation, and its address book. */
import type { Ports } from '#ports/ports.ts';
import { Mailbox, type MailboxDescription } from './mailbox.ts';

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

export class Truth {
  readonly ports: Ports;
  readonly #byAddress = new Map<string, Mailbox>();
  readonly #byGuid = new Map<string, Mailbox>();
  readonly #sent: SentMessage[] = [];

  constructor(ports: Ports) {
    this.ports = ports;
  }

  add(description: MailboxDescription): Mailbox {
    const mailbox = new Mailbox(description, this.ports);
    for (const address of [description.address, ...description.aliases]) {
      this.#byAddress.set(address.toLowerCase(), mailbox);
    }
    this.#byGuid.set(mailbox.guid, mailbox);
    return mailbox;
  }

  /** A mailbox by any of its addresses; addresses are not case-sensitive. */
  mailbox(address: string): Mailbox | undefined {
    return this.#byAddress.get(address.toLowerCase());
  }

  mailboxByGuid(guid: string): Mailbox | undefined {
    return this.#byGuid.get(guid);
  }

  get mailboxes(): Iterable<Mailbox> {
    return this.#byGuid.values();
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
