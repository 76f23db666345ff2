/**
 * A message opened for writing. Nothing is visible to others until the mailbox saves it, and saving knows exactly which
 * parts were touched, which is what conflict resolution needs. A draft of an occurrence writes into the exception.
 */
import {
  type Attachment,
  attachmentsOf,
  type Item,
  noAttachments,
  noRecipients,
  type Part,
  type Recipient,
  recipientsOf,
  type View,
} from './item.ts';
import { Properties, type PropertyKey, type PropertyValue, sameValue } from './properties.ts';
import type { Occurrence, Series } from './series.ts';

export class Draft {
  readonly view: View | undefined;
  readonly touched: Set<Part> = new Set();
  #properties: Properties;
  #removed: Set<unknown>;
  #recipients: readonly Recipient[] | undefined;
  #attachments: readonly Attachment[] | undefined;
  #series: Series | undefined;

  /** A draft of a new message (no view), of an item, or of one occurrence of it. */
  constructor(view?: View) {
    this.view = view;
    const exception = view?.occurrence?.exception;
    if (view === undefined) this.#properties = new Properties();
    else if (view.occurrence === undefined) this.#properties = view.item.properties.clone();
    else this.#properties = exception?.properties.clone() ?? new Properties();
    this.#removed = new Set(exception?.removed ?? []);
    this.#recipients = exception?.recipients;
    this.#attachments = exception?.attachments;
    this.#series = view?.item.series;
  }

  get item(): Item | undefined {
    return this.view?.item;
  }

  get occurrence(): Occurrence | undefined {
    return this.view?.occurrence;
  }

  get isNew(): boolean {
    return this.view === undefined;
  }

  get<T extends PropertyValue>(key: PropertyKey<T>): T | undefined {
    const own = this.#properties.get(key);
    if (own !== undefined) return own;
    if (this.occurrence === undefined || this.#removed.has(key)) return undefined;
    return this.view?.item.properties.get(key);
  }

  /** Writes a value; writing the value already there touches nothing. */
  set<T extends PropertyValue>(key: PropertyKey<T>, value: T): void {
    if (sameValue(this.get(key), value)) return;
    this.#properties.set(key, value);
    this.#removed.delete(key);
    this.touched.add(key);
  }

  delete(key: PropertyKey): void {
    if (this.get(key) === undefined) return;
    this.#properties.delete(key);
    if (this.occurrence !== undefined) this.#removed.add(key);
    this.touched.add(key);
  }

  /** Sets, or deletes when there is no value. */
  put<T extends PropertyValue>(key: PropertyKey<T>, value: T | undefined): void {
    if (value === undefined) this.delete(key);
    else this.set(key, value);
  }

  get recipients(): readonly Recipient[] {
    return this.#recipients ?? (this.view === undefined ? noRecipients : recipientsOf(this.view));
  }

  set recipients(value: readonly Recipient[]) {
    this.#recipients = value;
    this.touched.add('recipients');
  }

  get attachments(): readonly Attachment[] {
    return this.#attachments ?? (this.view === undefined ? noAttachments : attachmentsOf(this.view));
  }

  set attachments(value: readonly Attachment[]) {
    this.#attachments = value;
    this.touched.add('attachments');
  }

  get series(): Series | undefined {
    return this.#series;
  }

  set series(value: Series | undefined) {
    this.#series = value;
    this.touched.add('series');
  }

  /** The parts to store; recipients and attachments only where the draft has its own. */
  get content(): {
    readonly properties: Properties;
    readonly removed: ReadonlySet<unknown>;
    readonly recipients: readonly Recipient[] | undefined;
    readonly attachments: readonly Attachment[] | undefined;
  } {
    return {
      properties: this.#properties,
      removed: this.#removed,
      recipients: this.#recipients,
      attachments: this.#attachments,
    };
  }
}
