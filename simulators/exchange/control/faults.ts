/** Faults that can be switched on, one by one, per operation and mailbox. The F numbers are those of the test plan. */

/** How "busy" looks on the wire; a real server uses all of these. */
export type BusyForm =
  | 'fault'
  | 'message'
  | 'http503'
  | 'redirect'
  | 'html500'
  | 'casHeader'
  | 'close'
  | 'unauthorized'
  | 'connectionCount';

/** What goes wrong. */
export type FaultKind =
  /** F1: the connection closes before anything is done. */
  | 'dropRequest'
  /** F2: everything is done and the answer is lost. */
  | 'loseReply'
  /** F3: the request is carried out twice. */
  | 'duplicateRequest'
  /** F4: the client gets no answer in time; the request is carried out `delayMs` later. */
  | 'lateRequest'
  /** F5. */
  | 'truncateReply'
  | 'garbleReply'
  | 'wrongContentType'
  /** F6: an HTTP status with a page of HTML. */
  | 'httpStatus'
  | 'resetConnection'
  | 'slowReply'
  /** F7: throttled in the form `form`, with `backOffMs` when given. */
  | 'busy'
  /** F8: 401 although signed in. */
  | 'expireSignIn'
  /** F9: the page before is sent again, rows come twice or in another order, fresh changes are held back. */
  | 'repeatPage'
  | 'repeatRows'
  | 'reorderRows'
  | 'hideFreshChanges'
  /** F10. */
  | 'invalidSyncState'
  /** F11: the state is taken for the one of an empty client. */
  | 'rewindSyncState'
  /** F12: somebody else saves the item just before. */
  | 'conflict'
  /** F13: one item answers with `code`, or with a character XML forbids in its text. */
  | 'poisonItem'
  | 'illegalCharacter'
  /** F14: the server changes the item once more right after the write. */
  | 'rewriteAfterWrite'
  /** F15: all items of the folder get new ids, as after a mailbox move. */
  | 'changeIds'
  /** F16: the user copies the item that was just written. */
  | 'userCopy'
  /** F17: a listing without rows; `folderGone` and `accessDenied` as errors. */
  | 'emptyListing'
  | 'folderGone'
  | 'accessDenied'
  /** F18: the server's clock is `offsetMs` away from true time and runs away by `driftMs` a minute, until calmed. */
  | 'clockOffset'
  /** F25: the batch stops at item `item` (0-based) with `code`. */
  | 'stopBatch'
  /** F26: searches find nothing, or only part. */
  | 'staleSearch'
  | 'partialSearch';

/** Every kind, for seeded choice and for input checks. */
export const faultKinds: readonly FaultKind[] = [
  'dropRequest',
  'loseReply',
  'duplicateRequest',
  'lateRequest',
  'truncateReply',
  'garbleReply',
  'wrongContentType',
  'httpStatus',
  'resetConnection',
  'slowReply',
  'busy',
  'expireSignIn',
  'repeatPage',
  'repeatRows',
  'reorderRows',
  'hideFreshChanges',
  'invalidSyncState',
  'rewindSyncState',
  'conflict',
  'poisonItem',
  'illegalCharacter',
  'rewriteAfterWrite',
  'changeIds',
  'userCopy',
  'emptyListing',
  'folderGone',
  'accessDenied',
  'stopBatch',
  'staleSearch',
  'partialSearch',
  'clockOffset',
];

export interface Fault {
  readonly kind: FaultKind;
  /** Operation it strikes, e.g. `CreateItem`; any when absent. */
  readonly operation?: string | undefined;
  /** Primary address of the mailbox it strikes; any when absent. */
  readonly mailbox?: string | undefined;
  /** How often it strikes; once when absent. */
  readonly times?: number | undefined;
  /** Matching requests that pass unharmed first. */
  readonly after?: number | undefined;
  /** Chance per matching request, 0 to 1; certain when absent. */
  readonly chance?: number | undefined;
  readonly form?: BusyForm | undefined;
  readonly backOffMs?: number | undefined;
  readonly status?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly offsetMs?: number | undefined;
  readonly driftMs?: number | undefined;
  readonly item?: number | undefined;
  readonly code?: string | undefined;
}

/** A fault with what is left of it. */
export interface ArmedFault {
  readonly fault: Fault;
  remaining: number;
  toSkip: number;
}

/** Where a request is, for matching. */
export interface FaultSite {
  readonly operation: string;
  readonly mailbox: string;
}

export function armed(fault: Fault): ArmedFault {
  return { fault, remaining: fault.times ?? 1, toSkip: fault.after ?? 0 };
}

/** Whether an armed fault strikes here now; counts the strike. `fraction` is a random number in [0, 1). */
export function strikes(one: ArmedFault, site: FaultSite, fraction: () => number): boolean {
  const { fault } = one;
  if (one.remaining <= 0) return false;
  if (fault.operation !== undefined && fault.operation !== site.operation) return false;
  if (fault.mailbox !== undefined && fault.mailbox.toLowerCase() !== site.mailbox.toLowerCase()) return false;
  if (one.toSkip > 0) {
    one.toSkip -= 1;
    return false;
  }
  if (fault.chance !== undefined && fraction() >= fault.chance) return false;
  one.remaining -= 1;
  return true;
}
