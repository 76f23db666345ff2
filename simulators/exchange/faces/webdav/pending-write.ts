/** A write in progress: the draft, and what the request said that only makes sense as a whole. */
import { Draft } from '../../truth/draft.ts';
import type { View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import type { EmailKeys } from '../../truth/property-keys.ts';

/** A recurrence in words, which the server turns into the binary form. */
export interface RecurrenceWords {
  rules?: readonly string[] | undefined;
  /** Starts of deleted instances, UTC milliseconds. */
  deletedTimes?: readonly number[] | undefined;
  /** VTIMEZONE. */
  timeZone?: string | undefined;
  /** CDO's number. */
  timeZoneNumber?: number | undefined;
  instanceType?: number | undefined;
  /** UTC milliseconds. */
  patternEnd?: number | undefined;
}

export class PendingWrite {
  readonly mailbox: Mailbox;
  readonly draft: Draft;
  /** Addresses written by `email1` … `email3`. */
  readonly emails = new Map<EmailKeys, { readonly name: string; readonly address: string }>();
  readonly recurrence: RecurrenceWords = {};
  contentClass: string | undefined;
  isRead: boolean | undefined;

  /** Without a view the write makes a new item. */
  constructor(mailbox: Mailbox, view?: View) {
    this.mailbox = mailbox;
    this.draft = new Draft(view);
  }
}
