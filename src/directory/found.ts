/** What a directory answers about a mailbox. */
import type { Fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';

export type Found =
  | { readonly kind: 'found'; readonly location: MailboxLocation }
  /** Another address stands for the mailbox there, in another organisation; it is to be asked for instead. */
  | { readonly kind: 'redirected'; readonly address: string }
  /** The directory is sure that there is no such mailbox. */
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'failed'; readonly fault: Fault };

/** What was asked and what came of it, one sentence each, for people. Bounded by `trailStepsMax`. */
export type Trail = string[];

const trailStepsMax = 100;

export function note(trail: Trail, step: string): void {
  if (trail.length < trailStepsMax) trail.push(step);
}
