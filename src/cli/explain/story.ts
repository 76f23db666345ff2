/** Everything about one item in words, newest last. Pure. */
import { type FaultCode, faultCodes } from '#contract/fault.ts';
import type { Loser } from '#engine/plan/merge.ts';
import { remedyOf } from '#server/remedies.ts';
import type { HeldValue, JournalRow } from '#store/port.ts';
import { shortName } from '../item-name.ts';
import { parkedText } from '../parked-text.ts';
import { valueText } from '../value-text.ts';
import type { FoundItem } from './find-items.ts';
import { eventSentence, reasonSentence, ruleSentences } from './sentences.ts';

export interface Story {
  readonly kind: string;
  readonly name: string;
  readonly linkKey: string | null;
  readonly ids: { readonly crm: string | null; readonly mailbox: string | null };
  /** How it stands now. */
  readonly now: string;
  readonly decisions: readonly Decision[];
}

export interface Decision {
  /** Number of the journal entry. */
  readonly decision: number;
  readonly at: string;
  readonly event: string;
  readonly side: string | null;
  readonly what: string;
  /** One sentence per reason. */
  readonly why: readonly string[];
  readonly detail: JournalRow['detail'];
}

export function storyOf(found: FoundItem): Story {
  const { kind, name, view, row, journal } = found;
  const alone = row === null ? {} : { [row.side]: row.id };
  return {
    kind,
    name,
    linkKey: view?.link.linkKey ?? null,
    ids: view?.link.ids ?? { crm: null, mailbox: null, ...alone },
    now: nowOf(found),
    decisions: journal.map(decisionOf),
  };
}

export function storyText({ kind, name, linkKey, ids, now, decisions }: Story): string {
  const what = name === '' ? 'without a name' : JSON.stringify(shortName(name));
  const known = [
    ...(linkKey === null ? [] : [`link ${linkKey}`]),
    ...(ids.crm === null ? [] : [`CRM ${ids.crm}`]),
    ...(ids.mailbox === null ? [] : [`mailbox ${ids.mailbox}`]),
  ];
  const lines = decisions.flatMap(({ decision, at, what: happened, why }) => [
    `  ${at}  #${decision}  ${happened}`,
    ...why.map((reason) => `      ${reason}`),
  ]);
  const none = '  Nothing was decided about it yet.';
  return [`${kind} ${what} (${known.join(', ')})`, ...(lines.length === 0 ? [none] : lines), `  Now: ${now}`].join(
    '\n',
  );
}

function nowOf({ view, row }: FoundItem): string {
  const parked = [row, view?.crm, view?.mailbox].find((one) => (one?.parked ?? null) !== null);
  const code = parked?.parked ?? null;
  if (view?.link.ended) return `the pair has ended: ${reasonSentence(view.link.ended.reason)}`;
  if (view?.link.quarantine) {
    const { fault, side, since, attempts } = view.link.quarantine;
    const where = side === 'crm' ? 'CRM' : 'mailbox';
    return `in quarantine since ${since}, ${attempts} tries; ${where}: ${fault.message} (${fault.code}) ${remedyOf(fault)}`;
  }
  if (code !== null) return `left alone: ${parkedText(code)}${remedyText(code)}`;
  if (view === null) return 'waits for the next pass';
  if (view.link.make !== undefined) return 'waits to be made on both sides';
  if (view.link.base === null) return 'waits to be brought to the other side';
  if (view.link.holds.length > 0) return 'a conflict of it waits for a person: liaison conflicts';
  return view.crm?.pending || view.mailbox?.pending ? 'a change of it waits' : 'the same on both sides';
}

function remedyText(code: string): string {
  const known: FaultCode | undefined = faultCodes.find((one) => one === code);
  return known === undefined ? '' : `: ${remedyOf({ code: known })}`;
}

function decisionOf({ sequence, at, event, side, detail }: JournalRow): Decision {
  const { cell, reason, code, message, path, overruled, held } = detail;
  const why: string[] = typeof detail.why === 'string' ? [detail.why] : [];
  if (typeof reason === 'string') why.push(reasonSentence(reason));
  else if (typeof cell === 'string') why.push(reasonSentence(cell));
  if (typeof code === 'string') why.push(`${message}${typeof path === 'string' ? ` (${path})` : ''} (${code})`);
  if (Array.isArray(held)) why.push(...(held as readonly HeldValue[]).map(heldText));
  if (Array.isArray(overruled)) why.push(...(overruled as readonly Loser[]).map(loserText));
  return { decision: sequence, at, event, side, what: eventSentence(event, side), why, detail };
}

function heldText({ path, base, crm, mailbox }: HeldValue): string {
  const what = path === '' ? 'the whole record' : path;
  return `${what}: before ${valueText(base)}, in the CRM ${valueText(crm)}, in the mailbox ${valueText(mailbox)}`;
}

function loserText({ path, side, value, kept, rule }: Loser): string {
  const whose = side === 'crm' ? 'the CRM’s' : 'the mailbox’s';
  const because = ruleSentences[rule] ?? rule;
  return `${path}: ${whose} ${valueText(value)} gave way to ${valueText(kept)}: ${because}`;
}
