/**
 * Every decision in words: cells of the decision table, rules by which a value gave way, events of the journal. The tables
 * are total over what the engine can write; a test compares them with its sources.
 */
import type { OutReason } from '#contract/connector.ts';
import { type Action, cellOf, type State } from '#engine/plan/cells.ts';
import type { Side } from '#store/port.ts';

const stateWords: Readonly<Record<State, (where: string) => string>> = {
  same: (where) => `unchanged in the ${where}`,
  edited: (where) => `changed in the ${where}`,
  gone: (where) => `deleted in the ${where}`,
  out: (where) => `no longer this user’s in the ${where}`,
  new: (where) => `new in the ${where}`,
  absent: (where) => `not in the ${where}`,
  unknown: (where) => `not readable in the ${where}`,
};

const actionWords: Readonly<Record<Action, string>> = {
  nothing: 'nothing was to be done',
  wait: 'it had to wait until both sides can be told',
  merge: 'both sides were to hold the same',
  createInCrm: 'it was to be made in the CRM',
  createInMailbox: 'it was to be made in the mailbox',
  editOrDelete: 'the change and the deletion met, and the policy decided (sync.policy.editAgainstDelete)',
  removeFromCrm: 'it was to be removed from the CRM',
  removeFromMailbox: 'it was to be removed from the mailbox',
  leaveScope: 'its copy was to go too, or to be left alone, as the reason and the policy say (sync.policy.scopeExit)',
  end: 'there was nothing left to keep the same',
};

const states = Object.keys(stateWords) as readonly State[];

/** In place of a cell where nobody consulted the table. */
const otherCells: Readonly<Record<string, string>> = {
  undo: 'a person asked for the overruled value back',
  settled: 'a person decided the conflict',
  make: 'it was to be made on both sides',
  lateTwin: 'an earlier request to make it arrived late, so this second one was removed',
};

/** Why a link ended, where it is not a cell. */
const endWords: Readonly<
  Record<`out.${OutReason | 'unknown'}` | 'deletionNotCarried' | 'archived' | 'keptBoth', string>
> = {
  archived: 'it vanished from the mailbox so long after its end that it was archived (sync.policy.archiveDays)',
  keptBoth: 'both versions were kept, as two records',
  deletionNotCarried: 'the deletion is not carried to the other side (sync.policy.deletions, or a one-way level)',
  'out.unlisted': 'the user was taken off the record’s list',
  'out.reassigned': 'the record was given to somebody else',
  'out.moved': 'the item was moved out of the synchronised folder',
  'out.window': 'the item left the period that is synchronised',
  'out.access': 'the user lost access to the record',
  'out.converted': 'the record became something of another kind',
  'out.unknown': 'the item left the user’s scope',
};

/** The sentence of a cell or of a reason why a link ended; unknown ones are told as they are. */
export function reasonSentence(reason: string): string {
  const [crm, mailbox] = reason.split('/').map((name) => states.find((state) => state === name));
  if (crm !== undefined && mailbox !== undefined) {
    const { action } = cellOf(crm, mailbox);
    return `${stateWords[crm]('CRM')}, ${stateWords[mailbox]('mailbox')}: ${actionWords[action]}`;
  }
  return otherCells[reason] ?? endWords[reason as keyof typeof endWords] ?? reason;
}

/** Why one value gave way to another. */
export const ruleSentences: Readonly<Record<string, string>> = {
  crmWins: 'both sides had changed it, and the CRM wins (sync.policy.conflict)',
  mailboxWins: 'both sides had changed it, and the mailbox wins (sync.policy.conflict)',
  newestWins: 'both sides had changed it, and the later change wins (sync.policy.conflict)',
  'newestWins.undecided': 'both sides had changed it at the same time, so the fallback decided (sync.policy.undecided)',
  organizerWins: 'both sides had changed it, and the organizer’s copy wins (sync.policy.conflict)',
  'organizerWins.undecided': 'no side is more the organizer’s, so the fallback decided (sync.policy.undecided)',
  owner: 'both sides had changed it, and the owner’s side wins (sync.policy.conflict)',
  'owner.undecided': 'the record has no owner, so the fallback decided (sync.policy.undecided)',
  keepBoth: 'both sides had changed it, and both versions were kept (sync.policy.conflict)',
  'keepBoth.undecided': 'events are never kept twice, so the fallback decided (sync.policy.undecided)',
  'firstSync.oneWay': 'the sides met for the first time, and this group crosses in one direction only',
  'firstSync.identity': 'the sides met for the first time, and the CRM decides who somebody is',
  'firstSync.personal': 'the sides met for the first time, and the mailbox decides personal matters',
  oneWay: 'this kind crosses in one direction only',
  unsoundMerge: 'both changes together made no valid record, so one side’s was kept whole',
  keptByServer: 'the other side accepted the write but kept a value of its own',
  settled: 'both sides had changed it, and a person decided',
  undone: 'a person asked for the overruled value back',
  orphan: 'the occurrence no longer belongs to the series, and was dropped (sync.policy.orphans)',
  orphanSingle:
    'the changed occurrence no longer belongs to the series, and became an event of its own (sync.policy.orphans)',
};

const places: Readonly<Record<Side, string>> = { crm: 'the CRM', mailbox: 'the mailbox' };

/** What happened, by the journal’s event. */
export const eventSentences: Readonly<Record<string, (side: string) => string>> = {
  matched: () => 'the records of both sides were taken for the same and paired',
  ambiguous: (side) => `in ${side}: several records could be its counterpart, so it was left alone`,
  recognised: (side) => `in ${side}: recognised by its key`,
  remapped: (side) => `in ${side}: recognised under a new id`,
  adopted: () => 'both sides held the same already; nothing was written',
  created: (side) => `made in ${side}`,
  updated: (side) => `changed in ${side}`,
  removed: (side) => `removed from ${side}`,
  ended: () => 'the pair was ended; nothing was written',
  conflict: () => 'values were overruled',
  difference: () => 'at the first meeting values were overruled',
  orphaned: () => 'occurrences no longer belonged to their series',
  singled: () => 'a changed occurrence that lost its series is made an event of its own on both sides',
  quarantined: (side) => `set aside because of ${side}`,
  held: () => 'both sides had changed it; each keeps its value until a person decides',
  keptBoth: () => 'both versions were kept: each became a record of its own',
  brakeCleared: (side) => `a mass change in ${side} that waited is no longer due`,
  settled: (side) => `a person decided the conflict: what stands in ${side} stays`,
  settleRefused: () => 'the conflict could not be settled as asked',
  undone: () => 'it was undone as asked',
  undoRefused: () => 'it could not be undone as asked',
  remade: () => 'what had been removed is made again on both sides, as asked',
  brakeTripped: (side) => `a mass change in ${side} stopped and waits for a person`,
  foundByKey: (side) => `in ${side}: the write whose answer was lost had happened`,
  neverArrived: (side) => `in ${side}: the write whose answer was lost had not happened`,
  twinRemoved: (side) => `in ${side}: a second item of the same write was removed`,
};

export function eventSentence(event: string, side: Side | null): string {
  return eventSentences[event]?.(side === null ? 'both sides' : places[side]) ?? event;
}
