/** Which items of two sides belong together, judged by the items alone. Pure. */
import type { LinkKey, RemoteId } from '#contract/connector.ts';

/** What is held of an item: enough to match it and to see whether it is equal. */
export interface Candidate {
  readonly id: RemoteId;
  readonly linkKey: LinkKey | null;
  /** Of the whole item in the comparable form. */
  readonly print: string;
  /** Strongest first. */
  readonly matchKeys: readonly string[];
}

export interface MatchedUp {
  readonly couples: readonly (readonly [crm: Candidate, mailbox: Candidate])[];
  readonly onlyInCrm: readonly Candidate[];
  readonly onlyInMailbox: readonly Candidate[];
}

/**
 * By link key first, then by match keys, strongest rank first. Where several items share a key (a user's copies), equal
 * ones are coupled before unequal ones, so that a copy never looks like a change.
 */
export function matchUp(crm: readonly Candidate[], mailbox: readonly Candidate[]): MatchedUp {
  const couples: (readonly [Candidate, Candidate])[] = [];
  let ours = crm;
  let theirs = mailbox;
  const round = (keyOf: (candidate: Candidate) => readonly string[]): void => {
    const matched = coupleBy(ours, theirs, keyOf);
    couples.push(...matched);
    const taken = new Set<Candidate>(matched.flat());
    ours = ours.filter((candidate) => !taken.has(candidate));
    theirs = theirs.filter((candidate) => !taken.has(candidate));
  };
  const byLink = ({ linkKey }: Candidate): readonly string[] => (linkKey === null ? [] : [linkKey]);
  const byLinkAndPrint = (candidate: Candidate): readonly string[] =>
    byLink(candidate).map((key) => `${key} ${candidate.print}`);
  round(byLinkAndPrint);
  round(byLink);
  const ranks = new Set([...ours, ...theirs].flatMap(({ matchKeys }) => matchKeys.map(rankOf)));
  for (const rank of [...ranks].sort()) {
    const byRank = ({ matchKeys }: Candidate): readonly string[] => matchKeys.filter((key) => rankOf(key) === rank);
    round((candidate) => byRank(candidate).map((key) => `${key} ${candidate.print}`));
    round(byRank);
  }
  return { couples, onlyInCrm: ours, onlyInMailbox: theirs };
}

/** Couples candidates that share a key, each candidate once, in the order given. */
function coupleBy(
  ours: readonly Candidate[],
  theirs: readonly Candidate[],
  keysOf: (candidate: Candidate) => readonly string[],
): readonly (readonly [Candidate, Candidate])[] {
  const waiting = new Map<string, Candidate[]>();
  for (const candidate of theirs.toReversed()) {
    for (const key of keysOf(candidate)) {
      const stack = waiting.get(key);
      if (stack === undefined) waiting.set(key, [candidate]);
      else stack.push(candidate);
    }
  }
  const couples: (readonly [Candidate, Candidate])[] = [];
  const taken = new Set<Candidate>();
  for (const candidate of ours) {
    const partner = firstFree(keysOf(candidate), waiting, taken);
    if (partner === undefined) continue;
    taken.add(partner);
    couples.push([candidate, partner]);
  }
  return couples;
}

function firstFree(
  keys: readonly string[],
  waiting: ReadonlyMap<string, Candidate[]>,
  taken: ReadonlySet<Candidate>,
): Candidate | undefined {
  for (const key of keys) {
    const stack = waiting.get(key) ?? [];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (!taken.has(top)) return top;
      stack.pop();
    }
  }
  return undefined;
}

function rankOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}
