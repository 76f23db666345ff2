/** What the demo shows at its end. */
import type { Fault } from '#contract/fault.ts';
import { type Kind, kinds } from '#model/item.ts';
import type { Liaison } from '#server/liaison.ts';
import type { Pair, Side } from '#store/port.ts';
import { auditPair, type PairAudit } from '../commands/audit.ts';
import { tallyOf } from '../pair-state.ts';
import { type Column, table } from '../table.ts';

export interface DemoRow {
  readonly mailbox: string;
  readonly kind: Kind;
  readonly paired: number;
  /** Items made, changed and removed on each side by Liaison. */
  readonly created: { readonly crm: number; readonly mailbox: number };
  readonly updated: { readonly crm: number; readonly mailbox: number };
  readonly removed: { readonly crm: number; readonly mailbox: number };
  readonly conflicts: number;
  readonly quarantined: number;
  readonly review: number;
  readonly equal: number;
  readonly different: number;
  readonly onlyInCrm: number;
  readonly onlyInMailbox: number;
  readonly inSync: boolean;
}

export interface DemoReport {
  readonly rows: readonly DemoRow[];
  readonly audits: readonly PairAudit[];
  /** Pairs in quarantine, with the reason. */
  readonly setAside: readonly {
    readonly mailbox: string;
    readonly kind: Kind;
    readonly side: Side;
    readonly fault: Fault;
  }[];
  /** Sides that could not be audited, in sentences. */
  readonly troubles: readonly string[];
  readonly inSync: boolean;
}

const setAsideMax = 100;

/** Asks both sides and the store. */
export async function demoReport(liaison: Liaison, pairs: readonly Pair[]): Promise<DemoReport> {
  const rows: DemoRow[] = [];
  const audits: PairAudit[] = [];
  const setAside: DemoReport['setAside'][number][] = [];
  const troubles: string[] = [];
  for (const pair of pairs) {
    const audit = await auditPair(liaison, pair, true);
    if (typeof audit === 'string') {
      troubles.push(audit);
      continue;
    }
    audits.push(audit);
    const tallies = await liaison.store.tallies(pair.pairId);
    for (const { kind, quarantine } of await liaison.store.quarantined(pair.pairId, setAsideMax)) {
      if (quarantine !== null) {
        setAside.push({ mailbox: pair.mailbox, kind, side: quarantine.side, fault: quarantine.fault });
      }
    }
    for (const kind of kinds) rows.push(rowOf(pair.mailbox, kind, tallyOf({ tallies }, kind), audit));
  }
  return { rows, audits, setAside, troubles, inSync: troubles.length === 0 && audits.every(({ inSync }) => inSync) };
}

function rowOf(mailbox: string, kind: Kind, tally: ReturnType<typeof tallyOf>, audit: PairAudit): DemoRow {
  const found = audit.result.kinds.find((one) => one.kind === kind);
  const ways = (event: string): { readonly crm: number; readonly mailbox: number } => ({
    crm: tally.events[`${event}.crm`] ?? 0,
    mailbox: tally.events[`${event}.mailbox`] ?? 0,
  });
  const open =
    found === undefined
      ? 0
      : found.different.length + found.onlyInCrm.length + found.onlyInMailbox.length + found.unreadable.length;
  const explained = audit.explained.filter((one) => one.kind === kind).length;
  return {
    mailbox,
    kind,
    paired: tally.paired,
    created: ways('created'),
    updated: ways('updated'),
    removed: ways('removed'),
    conflicts: Object.entries(tally.events).reduce(
      (sum, [name, count]) => (/^conflict(\.|$)/.test(name) ? sum + count : sum),
      0,
    ),
    quarantined: tally.quarantined,
    review: tally.review,
    equal: found?.equal ?? 0,
    different: found?.different.length ?? 0,
    onlyInCrm: found?.onlyInCrm.length ?? 0,
    onlyInMailbox: found?.onlyInMailbox.length ?? 0,
    inSync: found !== undefined && open === explained,
  };
}

export function reportText({ rows, setAside, troubles }: DemoReport): string {
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns: readonly Column[] = [
    { title: 'mailbox' },
    { title: 'kind' },
    right('paired'),
    right('created →CRM'),
    right('→mailbox'),
    right('updated →CRM'),
    right('→mailbox'),
    right('removed →CRM'),
    right('→mailbox'),
    right('conflicts'),
    right('quarantine'),
    right('review'),
    { title: 'audit' },
  ];
  const cells = rows.map((row) => [
    row.mailbox,
    row.kind,
    ...[row.paired, row.created.crm, row.created.mailbox, row.updated.crm, row.updated.mailbox].map(String),
    ...[row.removed.crm, row.removed.mailbox, row.conflicts, row.quarantined, row.review].map(String),
    row.inSync ? 'in sync' : 'NOT IN SYNC',
  ]);
  const aside = setAside.map(({ mailbox, kind, side, fault }) => {
    const where = side === 'crm' ? 'CRM' : 'mailbox';
    return `${mailbox}: one ${kind} set aside, refused by the ${where}: ${fault.message} (${fault.code})`;
  });
  return [table(columns, cells), ...aside, ...troubles].join('\n');
}
