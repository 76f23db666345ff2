/** `liaison review`: items left alone because nobody but a person can say what they belong to, or mend them. */
import type { Command } from 'commander';
import { type FaultCode, faultCodes } from '#contract/fault.ts';
import { remedyOf } from '#server/remedies.ts';
import type { ItemRow } from '#store/port.ts';
import { baseCommand, type CommonOptions, pairsFor, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { parkedText } from '../parked-text.ts';
import { table } from '../table.ts';

const rowsMax = 1_000;

export function reviewCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('review', 'items that wait for a person’s word, and why')
    .argument('[user]', 'mailbox or CRM login')
    .action(async (user: string | undefined, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const pairs = await pairsFor(liaison, console, user);
          if (pairs === undefined) return exitCode.failed;
          const found: { readonly mailbox: string; readonly row: ItemRow }[] = [];
          let held = 0;
          for (const { pair } of pairs) {
            const rows = await liaison.store.review(pair.pairId, rowsMax);
            found.push(...rows.map((row) => ({ mailbox: pair.mailbox, row })));
            held += (await liaison.store.held(pair.pairId, rowsMax)).length;
          }
          if (options.json) console.out(JSON.stringify(found.map(({ mailbox, row }) => reviewJson(mailbox, row))));
          else console.out(found.length === 0 ? 'Nothing waits for review.' : reviewTable(found));
          if (!options.json && held > 0) console.out(conflictsHint(held));
          return exitCode.ok;
        }),
      );
    });
}

function conflictsHint(held: number): string {
  return `${held === 1 ? 'One record has' : `${held} records have`} conflicts that wait for a person: liaison conflicts`;
}

function reviewJson(mailbox: string, { side, kind, id, linkKey, parked }: ItemRow): unknown {
  return { mailbox, side, kind, id, linkKey, reason: parked };
}

function reviewTable(found: readonly { readonly mailbox: string; readonly row: ItemRow }[]): string {
  const rows = found.map(({ mailbox, row }) => [
    mailbox,
    row.kind,
    row.side === 'crm' ? 'CRM' : 'mailbox',
    parkedText(row.parked),
    row.id,
  ]);
  const shown = table(
    ['mailbox', 'kind', 'side', 'why', 'id'].map((title) => ({ title })),
    rows,
  );
  const codes = new Set(found.flatMap(({ row }) => codeOf(row.parked) ?? []));
  return [shown, ...[...codes].map((code) => `${code}: ${remedyOf({ code })}`)].join('\n');
}

function codeOf(parked: string | null): FaultCode | undefined {
  return faultCodes.find((code) => code === parked);
}
