/** What people decide in advance: who wins, what a deletion does, when to stop and ask. Chosen per pair. */
import type { Side } from '#store/port.ts';

export interface Policy {
  /** Both sides changed the same group to different values: whose value stays. The other value goes to the journal. */
  readonly conflict: 'crmWins' | 'mailboxWins';
  /** One side edited what the other deleted. editWins: the item is made again where it was deleted. */
  readonly editAgainstDelete: 'editWins' | 'deleteWins';
  /** May a deletion be carried to this side at all? If not, the link ends and the copy stays. */
  readonly deletions: Readonly<Record<Side, boolean>>;
  /** The item left the user's scope (taken off the sync list, given to somebody else). removeCopy: so does its copy. */
  readonly scopeExit: 'removeCopy' | 'leave';
  readonly brake: BrakeLimits;
}

/** More than `itemsMin` items and more than `share` of the links of a kind, in one cycle, stop and ask. */
export interface BrakeLimits {
  readonly removals: { readonly itemsMin: number; readonly share: number };
  readonly overwrites: { readonly itemsMin: number; readonly share: number };
}

export const defaultPolicy: Policy = {
  conflict: 'crmWins',
  editAgainstDelete: 'editWins',
  deletions: { crm: true, mailbox: true },
  scopeExit: 'removeCopy',
  brake: {
    removals: { itemsMin: 20, share: 0.1 },
    overwrites: { itemsMin: 200, share: 0.5 },
  },
};
