/** `liaison audit`: are both sides the same? Asked of the two sides themselves, not of Liaison's memory. */
import type { Command } from 'commander';
import { type AuditResult, comparePair, type Difference, type KindAudit } from '#audit/compare.ts';
import { type Kind, kinds } from '#model/item.ts';
import type { Liaison } from '#server/liaison.ts';
import type { Pair } from '#store/port.ts';
import { baseCommand, type CommonOptions, complain, pairsFor, type Surroundings, withLiaison } from '../command.ts';
import type { Console } from '../console.ts';
import { exitCode } from '../exit-code.ts';
import { type Explained, explain } from '../explain-audit.ts';
import { faultText } from '../fault-text.ts';
import { table } from '../table.ts';

interface AuditOptions extends CommonOptions {
  readonly details: boolean;
}

export interface PairAudit {
  readonly mailbox: string;
  readonly result: AuditResult;
  readonly explained: readonly Explained[];
  readonly inSync: boolean;
}

export function auditCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('audit', 'compare both sides field by field')
    .argument('[user]', 'mailbox or CRM login')
    .option('--details', 'list every item that differs', false)
    .action(async (user: string | undefined, options: AuditOptions) => {
      end(
        await withLiaison(
          surroundings,
          options,
          async (liaison) => {
            const pairs = await pairsFor(liaison, console, user);
            if (pairs === undefined) return exitCode.failed;
            const audits: PairAudit[] = [];
            let failed = false;
            for (const { pair } of pairs) {
              const audit = await auditPair(liaison, pair, options.json);
              if (typeof audit === 'string') {
                complain(console, audit);
                failed = true;
              } else audits.push(audit);
            }
            if (options.json) console.out(JSON.stringify(audits));
            else if (audits.length > 0 || !failed)
              printAudits(audits, { details: options.details, complete: !failed }, console);
            return failed || audits.some(({ inSync }) => !inSync) ? exitCode.failed : exitCode.ok;
          },
          { log: 'errors' },
        ),
      );
    });
}

/** Audits one pair; a sentence when a side cannot be read. */
export async function auditPair(liaison: Liaison, pair: Pair, values: boolean): Promise<PairAudit | string> {
  const wanted: readonly Kind[] = kinds.filter((kind) => pair.levels[kind] !== 'none');
  const crm = await liaison.open(pair, 'crm', 'initial');
  if (!crm.ok) return `${pair.mailbox}: ${faultText(crm.fault, 'crm', pair, liaison.config)}`;
  const mailbox = await liaison.open(pair, 'mailbox', 'initial');
  try {
    if (!mailbox.ok) return `${pair.mailbox}: ${faultText(mailbox.fault, 'mailbox', pair, liaison.config)}`;
    const reply = await comparePair(crm.value, mailbox.value, {
      kinds: wanted,
      values,
      self: pair.mailbox.toLowerCase(),
    });
    if (!reply.ok) return `${pair.mailbox}: ${faultText(reply.fault, reply.side, pair, liaison.config, reply.kind)}`;
    const { explained, inSync } = await explain(liaison.store, pair, reply.value);
    return { mailbox: pair.mailbox, result: reply.value, explained, inSync };
  } finally {
    await crm.value.close();
    if (mailbox.ok) await mailbox.value.close();
  }
}

interface Printing {
  readonly details: boolean;
  /** False: a side of somebody could not be read, which was said already. */
  readonly complete: boolean;
}

function printAudits(audits: readonly PairAudit[], { details, complete }: Printing, console: Console): void {
  const titles = ['mailbox', 'kind'];
  const numbers = ['CRM', 'mailbox', 'equal', 'different', 'only CRM', 'only mailbox', 'unreadable', 'explained'];
  const rows = audits.flatMap(({ mailbox, result, explained }) =>
    result.kinds.map((kind) => [
      mailbox,
      kind.kind,
      ...[
        kind.crm,
        kind.mailbox,
        kind.equal,
        kind.different.length,
        kind.onlyInCrm.length,
        kind.onlyInMailbox.length,
      ].map(String),
      String(kind.unreadable.length),
      String(explained.filter((one) => one.kind === kind.kind).length),
    ]),
  );
  const columns = [
    ...titles.map((title) => ({ title })),
    ...numbers.map((title) => ({ title, align: 'right' as const })),
  ];
  console.out(table(columns, rows));
  if (details) for (const audit of audits) for (const line of detailLines(audit)) console.out(line);
  const bad = audits.filter(({ inSync }) => !inSync).map(({ mailbox }) => mailbox);
  console.out(
    bad.length === 0
      ? `\n${complete ? 'In sync.' : 'What could be read is the same on both sides; not everything could be read.'}`
      : `\nNot in sync: ${bad.join(', ')}${details ? '' : ' (--details lists the items)'}`,
  );
}

function detailLines({ mailbox, result, explained }: PairAudit): readonly string[] {
  const reasons = new Map(explained.map((one) => [`${one.side} ${one.id}`, one.reason]));
  const reason = (side: 'crm' | 'mailbox', id: string): string => {
    const known = reasons.get(`${side} ${id}`);
    return known === undefined ? '' : ` (${known})`;
  };
  const lineOf = (kind: KindAudit, difference: Difference): string => {
    const why = reason('crm', difference.crm) || reason('mailbox', difference.mailbox);
    return `${mailbox} ${kind.kind}: CRM ${difference.crm} and mailbox ${difference.mailbox} differ in ${difference.paths.join(', ')}${why}`;
  };
  return result.kinds.flatMap((kind) => [
    ...kind.different.map((difference) => lineOf(kind, difference)),
    ...kind.onlyInCrm.map((id) => `${mailbox} ${kind.kind}: only in the CRM: ${id}${reason('crm', id)}`),
    ...kind.onlyInMailbox.map((id) => `${mailbox} ${kind.kind}: only in the mailbox: ${id}${reason('mailbox', id)}`),
    ...kind.unreadable.map(
      ({ side, id, fault }) => `${mailbox} ${kind.kind}: ${side} cannot show ${id}: ${fault.message}`,
    ),
  ]);
}
