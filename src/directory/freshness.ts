/** When a mailbox is to be looked for again. Pure. */

export interface Freshness {
  /** A location is looked up again after this time, though nothing spoke against it. */
  readonly refreshMs: number;
  /** One that is doubted, or whose directory did not answer, not before this: a server that is down for all its mailboxes
   * must not bring thousands of questions at once. */
  readonly doubtMs: number;
}

export interface Looked {
  readonly checkedAtMs: number;
  readonly isDoubted: boolean;
}

/** Absent: it was never found. */
export function isDue(looked: Looked | undefined, nowMs: number, { refreshMs, doubtMs }: Freshness): boolean {
  if (looked === undefined) return true;
  const ageMs = nowMs - looked.checkedAtMs;
  // A clock that was turned back makes nothing fresh for years.
  if (ageMs < 0) return true;
  return ageMs >= (looked.isDoubted ? Math.min(doubtMs, refreshMs) : refreshMs);
}
