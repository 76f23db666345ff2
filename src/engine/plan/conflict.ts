/**
 * Who wins a conflict in one group. Pure: the rule, what each side knows about its item beside the content, and the pair's
 * fallback give the answer; where a rule cannot tell, the fallback is named in the journal with the rule.
 */
import { type Group, groupOf } from '#model/groups.ts';
import type { Kind } from '#model/item.ts';
import type { Facts, Side } from '#store/port.ts';
import { type ConflictRule, conflictRule, directionOf, type Policy } from '../policy.ts';

/** `rule` as the journal names it. */
interface Winner {
  readonly kind: 'winner';
  readonly side: Side;
  readonly rule: string;
}

export type Verdict = Winner | { readonly kind: 'hold' } | { readonly kind: 'keepBoth' };

export type FactsOfBoth = Readonly<Record<Side, Facts>>;

/** @param path a group, or a key of a map */
export function judge(kind: Kind, group: Group, path: string, facts: FactsOfBoth, policy: Policy): Verdict {
  const name = groupOf(path);
  // A group with a direction has one side with the say; there is nothing to decide.
  const say = sideWithTheSay(policy, kind, name);
  if (say !== undefined) return { kind: 'winner', side: say, rule: 'oneWay' };
  return byRule(conflictRule(policy, kind, name), kind, group, facts, policy);
}

/** The side whose values of a group go to the other one and never back; undefined when they go both ways. */
export function sideWithTheSay(policy: Policy, kind: Kind, group: string): Side | undefined {
  const direction = directionOf(policy, kind, group);
  if (direction === 'toCrm') return 'mailbox';
  return direction === 'toMailbox' ? 'crm' : undefined;
}

/** The same for the conflict of two whole items. */
export function judgeItem(kind: Kind, group: Group, facts: FactsOfBoth, policy: Policy): Side {
  const verdict = byRule(conflictRule(policy, kind, group.name), kind, group, facts, policy);
  return verdict.kind === 'winner' ? verdict.side : fallback(policy, '').side;
}

function byRule(rule: ConflictRule, kind: Kind, group: Group, facts: FactsOfBoth, policy: Policy): Verdict {
  switch (rule) {
    case 'crmWins':
      return { kind: 'winner', side: 'crm', rule };
    case 'mailboxWins':
      return { kind: 'winner', side: 'mailbox', rule };
    case 'newestWins':
      return newest(facts, policy);
    case 'organizerWins':
      return kind === 'event' ? organizers(group, facts, policy) : fallback(policy, rule);
    case 'owner':
      if (facts.crm.owned === undefined) return fallback(policy, rule);
      return { kind: 'winner', side: facts.crm.owned ? 'mailbox' : 'crm', rule };
    case 'keepBoth':
      return kind === 'event' ? fallback(policy, rule) : { kind: 'keepBoth' };
    case 'hold':
      return { kind: 'hold' };
  }
}

function newest(facts: FactsOfBoth, policy: Policy): Winner {
  const crm = Date.parse(facts.crm.modifiedAt ?? '');
  const mailbox = Date.parse(facts.mailbox.modifiedAt ?? '');
  // A side that tells no time, or too close to call: stamps are whole seconds of two clocks.
  if (!(Math.abs(crm - mailbox) > policy.newestSkewMs)) return fallback(policy, 'newestWins');
  return { kind: 'winner', side: crm > mailbox ? 'crm' : 'mailbox', rule: 'newestWins' };
}

/**
 * A meeting that somebody else organizes: Exchange brings the organizer's word to the mailbox. One that the CRM has under
 * another employee is theirs. What the user organizes on both sides is no matter of organizing.
 */
function organizers(group: Group, facts: FactsOfBoth, policy: Policy): Winner {
  const rule = 'organizerWins';
  if (group.nature === 'personal') return { kind: 'winner', side: 'mailbox', rule };
  if (facts.mailbox.organizing === false) return { kind: 'winner', side: 'mailbox', rule };
  if (facts.crm.owned === false) return { kind: 'winner', side: 'crm', rule };
  return fallback(policy, rule);
}

function fallback(policy: Policy, rule: string): Winner {
  const side = policy.undecided === 'crmWins' ? 'crm' : 'mailbox';
  return { kind: 'winner', side, rule: rule === '' ? policy.undecided : `${rule}.undecided` };
}
