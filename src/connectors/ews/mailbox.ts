/** One open mailbox: what the parts of the connector share for its life. */
import type { Kind, ZoneId } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import { AddressBook } from './address-book.ts';
import { BatchSize } from './batch.ts';
import { mailboxZone } from './mailbox-zone.ts';
import type { KindMapping, MappingContext } from './mapping/mapping.ts';
import type { EwsSettings } from './options.ts';
import type { Trouble } from './transport/classify.ts';
import type { EwsSession } from './transport/session.ts';

export type Mappings = Readonly<Record<Kind, KindMapping>>;

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: Trouble };

export class Mailbox {
  readonly settings: EwsSettings;
  readonly ports: Ports;
  readonly session: EwsSession;
  readonly mappings: Mappings;
  readonly addresses: AddressBook;
  /** Named in folder ids when the account neither is nor acts as the mailbox's owner. */
  readonly owner: string | undefined;
  readonly writeSize: BatchSize;
  /** Changes per page of the change feed. */
  readonly pageSize: BatchSize;
  readonly #readSizes: ReadonlyMap<Kind, BatchSize>;
  #serverKnowsZones = true;
  #zone: ZoneId | undefined;
  #lookingUp: Promise<Found<ZoneId>> | undefined;

  constructor(settings: EwsSettings, ports: Ports, session: EwsSession, mappings: Mappings) {
    this.settings = settings;
    this.ports = ports;
    this.session = session;
    this.mappings = mappings;
    this.addresses = new AddressBook(session);
    this.owner = settings.impersonate ? undefined : settings.mailbox;
    this.writeSize = new BatchSize(settings.writeBatch);
    this.pageSize = new BatchSize(settings.pageItemsMax);
    this.#readSizes = new Map(kinds.map((kind) => [kind, new BatchSize(settings.readBatch)]));
  }

  now(): number {
    return this.ports.clock.now();
  }

  readSize(kind: Kind): BatchSize {
    return this.#readSizes.get(kind) ?? this.writeSize;
  }

  /** The server refused a zone by name: from now on zones are written out. */
  spellOutZones(): void {
    this.#serverKnowsZones = false;
  }

  /** What the mapping must know. Trouble when the mailbox's zone cannot be asked for: guessing it would shift dates. */
  async context(): Promise<Found<MappingContext>> {
    const zone = await this.zone();
    if (!zone.ok) return zone;
    const context: MappingContext = {
      mailboxZone: zone.value,
      mailbox: this.settings.mailbox,
      smtpOf: (legacyName) => this.addresses.known(legacyName),
      serverKnowsZones: this.#serverKnowsZones,
    };
    return { ok: true, value: context };
  }

  /** The zone the user chose, else the configured one; asked for once. */
  async zone(): Promise<Found<ZoneId>> {
    if (this.#zone !== undefined) return { ok: true, value: this.#zone };
    this.#lookingUp ??= mailboxZone({
      session: this.session,
      mailbox: this.settings.mailbox,
      owner: this.owner,
      configured: this.settings.mailboxZone,
      now: this.now(),
    });
    const found = await this.#lookingUp;
    this.#lookingUp = undefined;
    if (found.ok) this.#zone = found.value;
    return found;
  }
}
