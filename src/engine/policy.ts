/** What people decide in advance: who wins, what a deletion does, when to stop and ask. Chosen per pair. */
import type { Kind } from '#model/item.ts';
import type { Side } from '#store/port.ts';

/**
 * Both sides changed the same group to different values: whose value stays. Every overruled value goes to the journal.
 * - crmWins, mailboxWins: plain.
 * - newestWins: the later of the two changes by each side's own stamp; within `newestSkewMs`, or when a side tells no time,
 *   `undecided` decides.
 * - organizerWins: of a meeting, the organizer's copy decides what it is; personal matters stay with the mailbox.
 * - owner: a record that the user owns follows the mailbox, anybody else's follows the CRM.
 * - keepBoth: two items are made of the two versions (not for events).
 * - hold: each side keeps its value until a person settles it or changes one of them; everything else of the item goes on.
 */
export type ConflictRule = 'crmWins' | 'mailboxWins' | 'newestWins' | 'organizerWins' | 'owner' | 'keepBoth' | 'hold';

/** One side edited what the other deleted. editWins: made again where it was deleted. hold: both stay until a person acts. */
export type EditAgainstDelete = 'editWins' | 'deleteWins' | 'hold';

/**
 * Where the values of one group may go. toCrm: the mailbox has the say, its group is never written. off: never compared
 * and never written. An edit against the direction stays where it was made until the side with the say changes the group.
 */
export type Direction = 'both' | 'toCrm' | 'toMailbox' | 'off';

/** What differs for one kind from the pair's policy. */
export interface KindPolicy {
  readonly conflict?: ConflictRule | undefined;
  /** Rules of single groups (`#model/groups.ts`) that differ from the kind's. */
  readonly groups?: Readonly<Record<string, ConflictRule>> | undefined;
  readonly editAgainstDelete?: EditAgainstDelete | undefined;
  /** Directions of groups that do not go both ways. */
  readonly directions?: Readonly<Record<string, Direction>> | undefined;
}

export interface Policy {
  readonly conflict: ConflictRule;
  /** Who wins where the rule cannot tell. */
  readonly undecided: 'crmWins' | 'mailboxWins';
  /** Two changes closer together than this count as made at the same time. */
  readonly newestSkewMs: number;
  readonly editAgainstDelete: EditAgainstDelete;
  readonly kinds?: { readonly [kind in Kind]?: KindPolicy | undefined } | undefined;
  /** May a deletion be carried to this side at all? If not, the link ends and the copy stays. */
  readonly deletions: Readonly<Record<Side, boolean>>;
  /** The item left the user's scope (taken off the sync list, given to somebody else). removeCopy: so does its copy. */
  readonly scopeExit: 'removeCopy' | 'leave';
  /**
   * What vanishes from the mailbox this many days after its end was archived, not deleted: its CRM record stays. 0: every
   * deletion is one.
   */
  readonly archiveDays: Readonly<Record<'event' | 'task', number>>;
  /** Events and tasks that ended more days ago than this are not paired any more; what is paired stays so. 0: all are. */
  readonly pastDays: Readonly<Record<'event' | 'task', number>>;
  /** A changed occurrence whose series has a new rule without it: dropped, or made a single event on both sides. */
  readonly orphans: 'drop' | 'keepSingle';
  readonly brake: BrakeLimits;
}

/** More than `itemsMin` items and more than `share` of the links of a kind, in one cycle, stop and ask. */
export interface BrakeLimits {
  readonly removals: { readonly itemsMin: number; readonly share: number };
  readonly overwrites: { readonly itemsMin: number; readonly share: number };
  /** Brakes held for this many other mailboxes at once hold all mass changes and all removals everywhere. */
  readonly fusePairs: number;
}

export const defaultPolicy: Policy = {
  conflict: 'crmWins',
  undecided: 'crmWins',
  newestSkewMs: 60_000,
  editAgainstDelete: 'editWins',
  deletions: { crm: true, mailbox: true },
  scopeExit: 'removeCopy',
  archiveDays: { event: 0, task: 0 },
  pastDays: { event: 0, task: 0 },
  orphans: 'drop',
  brake: {
    removals: { itemsMin: 20, share: 0.1 },
    overwrites: { itemsMin: 200, share: 0.5 },
    fusePairs: 10,
  },
};

/** The rule for a conflict in one group of one kind. */
export function conflictRule(policy: Policy, kind: Kind, group: string): ConflictRule {
  const own = policy.kinds?.[kind];
  return own?.groups?.[group] ?? own?.conflict ?? policy.conflict;
}

/** What an edit against a deletion does for one kind. */
export function editAgainstDelete(policy: Policy, kind: Kind): EditAgainstDelete {
  return policy.kinds?.[kind]?.editAgainstDelete ?? policy.editAgainstDelete;
}

/** Where the values of one group of one kind may go. */
export function directionOf(policy: Policy, kind: Kind, group: string): Direction {
  return policy.kinds?.[kind]?.directions?.[group] ?? 'both';
}

/** May this group be written on this side, as far as its direction goes? */
export function mayCross(policy: Policy, kind: Kind, group: string, side: Side): boolean {
  const direction = directionOf(policy, kind, group);
  return direction === 'both' || direction === (side === 'crm' ? 'toCrm' : 'toMailbox');
}

/** Groups an item is not whole without: they go both ways always. */
export const essentialGroups: Readonly<Record<Kind, readonly string[]>> = {
  contact: ['name'],
  event: ['when', 'recurrence', 'overrides', 'showAs'],
  task: ['progress', 'recurrence'],
};
