/** `liaison quarantine`: records set aside because something is wrong with them alone. */
import type { Command } from 'commander';
import { remedyOf } from '#server/remedies.ts';
import { baseCommand, type CommonOptions, pairsFor, type Surroundings, troubledAt, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { shortName } from '../item-name.ts';
import { type SetAside, setAside } from '../set-aside.ts';
import { table } from '../table.ts';

const rowsMax = 1_000;

interface Found extends SetAside {
  readonly mailbox: string;
}

export function quarantineCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('quarantine', 'pairs set aside, and why')
    .argument('[user]', 'mailbox or CRM login')
    .action(async (user: string | undefined, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const troubled = troubledAt(ports.clock.now());
          const pairs = await pairsFor(liaison, console, user, { troubled });
          if (pairs === undefined) return exitCode.failed;
          const found: Found[] = [];
          for (const { pair } of pairs) {
            const aside = await setAside(liaison.store, pair, rowsMax);
            for (const one of aside) found.push({ mailbox: pair.mailbox, ...one });
          }
          if (options.json) console.out(JSON.stringify(found.map(quarantineJson)));
          else console.out(found.length === 0 ? 'Nothing is set aside.' : quarantineTable(found));
          return exitCode.ok;
        }),
      );
    });
}

function quarantineJson({ mailbox, name, link: { linkKey, kind, ids, quarantine } }: Found): unknown {
  return { mailbox, kind, name, linkKey, ids, ...quarantine };
}

/** The table, and below it what to do about each fault in it. */
function quarantineTable(found: readonly Found[]): string {
  const titles = ['mailbox', 'kind', 'name', 'refused by', 'fault', 'since', 'tries', 'why'];
  const rows = found.map(({ mailbox, name, link: { kind, ids, quarantine } }) => [
    mailbox,
    kind,
    shortName(name === '' ? (ids.crm ?? ids.mailbox ?? '') : name),
    quarantine?.side === 'crm' ? 'CRM' : 'mailbox',
    quarantine?.fault.code ?? '',
    quarantine?.since ?? '',
    String(quarantine?.attempts ?? 0),
    `${quarantine?.fault.message ?? ''}${quarantine?.fault.path === undefined ? '' : ` (${quarantine.fault.path})`}`,
  ]);
  const remedies = new Map(
    found.flatMap(({ link: { quarantine } }) =>
      quarantine === null ? [] : [[quarantine.fault.code, remedyOf(quarantine.fault)]],
    ),
  );
  const shown = table(
    titles.map((title) => ({ title })),
    rows,
  );
  return [shown, '', ...[...remedies].map(([code, remedy]) => `${code}: ${remedy}`)].join('\n');
}
