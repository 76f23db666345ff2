/**
 * Three-way merge of one item, field group by field group. Pure.
 *
 * Laws (property-tested): one side unchanged gives the other side's value; equal changes give that value; merging the
 * result again changes nothing; the result holds no value that was in none of the inputs; every value that is overruled
 * is returned as a loser (I1: never merely gone).
 *
 * Without a base (first sync): equal is equal, a blank never erases, and a real difference goes to the side the group's
 * nature names: the CRM for identity, the mailbox for personal matters.
 *
 * A group that is held keeps its base value here and each side's own value there: it is never written while it is held.
 * When a person has settled it, and no side has changed it since, one side's value stays and the other's is overruled.
 */
import { changedPaths, type Prints } from '#model/fingerprint.ts';
import { type Group, groupOf, groups, type Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { valueAt } from '#model/project.ts';
import { type HeldValue, type Hold, otherSide, type Side } from '#store/port.ts';
import type { Policy } from '../policy.ts';
import { type FactsOfBoth, judge, sideWithTheSay } from './conflict.ts';
import { type Single, withoutOrphans } from './orphans.ts';

/** A value that was overruled. */
export interface Loser {
  readonly path: Path;
  readonly side: Side;
  readonly value: unknown;
  readonly kept: unknown;
  readonly rule: string;
}

export interface Merged {
  readonly item: Item;
  readonly losers: readonly Loser[];
  readonly holds: readonly HeldValue[];
  /** The policy makes two items of the two versions; `item` is what it would be otherwise. */
  readonly keepBoth: boolean;
  /** Occurrences that lost their series and become events of their own. */
  readonly singles: readonly Single[];
}

export interface MergeInput {
  readonly base: { readonly item: Item; readonly prints: Readonly<Record<Side, Prints>> } | null;
  readonly crm: { readonly item: Item; readonly prints: Prints };
  readonly mailbox: { readonly item: Item; readonly prints: Prints };
  readonly facts: FactsOfBoth;
  /** Conflicts that wait for a person since an earlier merge. */
  readonly held: readonly Hold[];
}

/** What is gathered while an item is merged. */
interface Findings {
  readonly losers: Loser[];
  readonly holds: HeldValue[];
  keepBoth: boolean;
}

/** Merges two observed items of one link; `base` null for a first meeting. */
export function merge(input: MergeInput, policy: Policy): Merged {
  const found: Findings = { losers: [], holds: [], keepBoth: false };
  const changed =
    input.base === null
      ? null
      : {
          crm: new Set(changedPaths(input.base.prints.crm, input.crm.prints)),
          mailbox: new Set(changedPaths(input.base.prints.mailbox, input.mailbox.prints)),
        };
  const item: Record<string, unknown> = { kind: input.crm.item.kind };
  for (const group of groups[input.crm.item.kind]) {
    if (group.shape === 'server') continue;
    const value = mergeGroup(group, input, changed, policy, found);
    if (value !== undefined) item[group.name] = value;
  }
  if (input.base !== null && changed !== null) holdSchedule(item, input, input.base.item, changed, found.holds);
  const sources = [...(input.base === null ? [] : [input.base.item]), input.crm.item, input.mailbox.item];
  const { orphans, singles, ...rest } = withoutOrphans(normalise(item as unknown as Item), sources, policy.orphans);
  return { ...rest, ...found, losers: [...found.losers, ...orphans], singles };
}

/** Times, rule and occurrences of an event say one thing together: while one of them is held, all are. */
export const schedule: readonly string[] = ['when', 'recurrence', 'overrides'];

function holdSchedule(
  item: Record<string, unknown>,
  input: MergeInput,
  base: Item,
  changed: NonNullable<Changed>,
  holds: HeldValue[],
): void {
  const waiting = input.held.filter(({ path, take }) => take === undefined && !isChanged(path, changed));
  if (item.kind !== 'event' || ![...holds, ...waiting].some(({ path }) => schedule.includes(groupOf(path)))) return;
  for (const name of schedule) {
    const value = groupValue(base, name);
    if (value === undefined) delete item[name];
    else item[name] = value;
  }
  const { crm, mailbox } = input;
  for (const path of new Set([...changed.crm, ...changed.mailbox])) {
    if (!schedule.includes(groupOf(path)) || holds.some((one) => one.path === path)) continue;
    if (crm.prints[path] === mailbox.prints[path]) continue;
    const at = (one: Item): unknown => valueAt(one, path) ?? null;
    holds.push({ path, base: at(base), crm: at(crm.item), mailbox: at(mailbox.item) });
  }
}

type Changed = Readonly<Record<Side, ReadonlySet<Path>>> | null;

function isChanged(path: Path, changed: NonNullable<Changed>): boolean {
  return changed.crm.has(path) || changed.mailbox.has(path);
}

function mergeGroup(group: Group, input: MergeInput, changed: Changed, policy: Policy, found: Findings): unknown {
  const base = groupValue(input.base?.item, group.name);
  const crm = groupValue(input.crm.item, group.name);
  const mailbox = groupValue(input.mailbox.item, group.name);
  if (group.shape === 'map') return mergeMap(group, base, crm, mailbox, input, changed, policy, found);
  if (group.shape === 'set') return mergeSet(group.name, base, crm, mailbox, changed);
  return choose({ path: group.name, group, base, crm, mailbox, changed, input, policy, found });
}

interface Choice {
  readonly path: Path;
  readonly group: Group;
  readonly base: unknown;
  readonly crm: unknown;
  readonly mailbox: unknown;
  readonly changed: Changed;
  readonly input: MergeInput;
  readonly policy: Policy;
  readonly found: Findings;
}

/** One value, one decision. */
function choose(choice: Choice): unknown {
  const { path, group, base, crm, mailbox, changed, input } = choice;
  const equal = input.crm.prints[path] === input.mailbox.prints[path];
  if (changed === null) {
    if (equal || mailbox === undefined) return crm;
    if (crm === undefined) return mailbox;
    const say = sideWithTheSay(choice.policy, input.crm.item.kind, group.name);
    if (say !== undefined) return settle(choice, say, 'firstSync.oneWay', false);
    const winner: Side = group.nature === 'identity' ? 'crm' : 'mailbox';
    return settle(choice, winner, `firstSync.${group.nature}`, group.shape === 'record');
  }
  const byCrm = changed.crm.has(path);
  const byMailbox = changed.mailbox.has(path);
  if (byCrm && byMailbox) return equal ? crm : decideConflict(choice);
  if (byCrm) return crm;
  if (byMailbox) return mailbox;
  const take = input.held.find((hold) => hold.path === path)?.take;
  if (take === undefined) return base;
  return equal ? crm : settle(choice, take, 'settled', false);
}

function decideConflict(choice: Choice): unknown {
  const { path, group, input, policy, found } = choice;
  const { kind } = input.crm.item;
  const verdict = judge(kind, group, path, input.facts, policy);
  switch (verdict.kind) {
    case 'winner':
      return settle(choice, verdict.side, verdict.rule, false);
    case 'keepBoth':
      found.keepBoth = true;
      return settle(choice, policy.undecided === 'crmWins' ? 'crm' : 'mailbox', 'keepBoth', false);
    case 'hold':
      found.holds.push({
        path,
        base: choice.base ?? null,
        crm: choice.crm ?? null,
        mailbox: choice.mailbox ?? null,
      });
      return choice.base;
  }
}

function settle(choice: Choice, winner: Side, rule: string, fill: boolean): unknown {
  const loser = otherSide(winner);
  const kept = choice[winner];
  const lost = choice[loser];
  if (fill) {
    const winning = kept as Record<string, unknown>;
    const losing = lost as Record<string, unknown>;
    for (const [leaf, value] of Object.entries(losing)) {
      if (winning[leaf] === undefined || JSON.stringify(winning[leaf]) === JSON.stringify(value)) continue;
      choice.found.losers.push({ path: `${choice.path}.${leaf}`, side: loser, value, kept: winning[leaf], rule });
    }
    return { ...losing, ...winning };
  }
  choice.found.losers.push({ path: choice.path, side: loser, value: lost ?? null, kept: kept ?? null, rule });
  return kept;
}

function mergeMap(
  group: Group,
  base: unknown,
  crm: unknown,
  mailbox: unknown,
  input: MergeInput,
  changed: Changed,
  policy: Policy,
  found: Findings,
): unknown {
  const maps = { base: asMap(base), crm: asMap(crm), mailbox: asMap(mailbox) };
  const keys = new Set([...Object.keys(maps.base), ...Object.keys(maps.crm), ...Object.keys(maps.mailbox)]);
  if (keys.size === 0) return undefined;
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const value = choose({
      path: `${group.name}.${key}`,
      group,
      base: maps.base[key],
      crm: maps.crm[key],
      mailbox: maps.mailbox[key],
      changed,
      input,
      policy,
      found,
    });
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** What was added on either side stays, what was removed on either side goes. */
function mergeSet(path: Path, base: unknown, crm: unknown, mailbox: unknown, changed: Changed): unknown {
  if (changed !== null && !changed.crm.has(path)) return changed.mailbox.has(path) ? mailbox : base;
  if (changed !== null && !changed.mailbox.has(path)) return crm;
  const before = asList(base);
  const ours = asList(crm);
  const theirs = asList(mailbox);
  const result = new Set([...before, ...ours, ...theirs]);
  for (const one of before) if (!ours.includes(one) || !theirs.includes(one)) result.delete(one);
  return [...result];
}

function groupValue(item: Item | undefined, name: string): unknown {
  return item === undefined ? undefined : (item as unknown as Record<string, unknown>)[name];
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return (value as Record<string, unknown> | undefined) ?? {};
}

function asList(value: unknown): readonly string[] {
  return (value as readonly string[] | undefined) ?? [];
}
