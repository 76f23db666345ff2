/**
 * The decision table: what to do with a link, by what each side says about its item relative to the base. It is data, so
 * that it can be read at a glance, documented (`docs/invariants.md`) and counted (which cells were ever reached).
 *
 * States of a side. With a base: same, edited, gone (on evidence, I10), out (left the scope). Without a base: new, absent.
 * Always possible: unknown (unreadable now). Waiting costs nothing; guessing may cost a user's data.
 */
export type State = 'same' | 'edited' | 'gone' | 'out' | 'new' | 'absent' | 'unknown';

export type Action =
  | 'nothing'
  | 'wait'
  | 'merge'
  | 'createInCrm'
  | 'createInMailbox'
  | 'editOrDelete'
  | 'removeFromCrm'
  | 'removeFromMailbox'
  | 'leaveScope'
  | 'end';

export interface Cell {
  /** CRM state / mailbox state; stable, used in journal and reports. */
  readonly id: string;
  readonly action: Action;
}

const rows: Readonly<Record<State, Readonly<Record<State, Action>>>> = {
  //          mailbox: same                 edited              gone                 out               new                 absent                    unknown
  same: row('nothing', 'merge', 'removeFromCrm', 'leaveScope', 'wait', 'wait', 'wait'),
  edited: row('merge', 'merge', 'editOrDelete', 'leaveScope', 'wait', 'wait', 'wait'),
  gone: row('removeFromMailbox', 'editOrDelete', 'end', 'end', 'end', 'end', 'wait'),
  out: row('leaveScope', 'leaveScope', 'end', 'end', 'end', 'end', 'wait'),
  new: row('wait', 'wait', 'end', 'end', 'merge', 'createInMailbox', 'wait'),
  absent: row('wait', 'wait', 'end', 'end', 'createInCrm', 'end', 'wait'),
  unknown: row('wait', 'wait', 'wait', 'wait', 'wait', 'wait', 'wait'),
};

function row(
  same: Action,
  edited: Action,
  gone: Action,
  out: Action,
  fresh: Action,
  absent: Action,
  unknown: Action,
): Readonly<Record<State, Action>> {
  return { same, edited, gone, out, new: fresh, absent, unknown };
}

/** The cell for these two states. */
export function cellOf(crm: State, mailbox: State): Cell {
  return { id: `${crm}/${mailbox}`, action: rows[crm][mailbox] };
}
