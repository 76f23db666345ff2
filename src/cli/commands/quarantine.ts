/** `liaison quarantine`: records set aside because something is wrong with them alone. */
import type { Command } from 'commander';
import type { LinkRow } from '#store/port.ts';
import { baseCommand, type CommonOptions, pairsFor, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { table } from '../table.ts';

const rowsMax = 1_000;

export function quarantineCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('quarantine', 'pairs set aside, and why')
    .argument('[user]', 'mailbox or CRM login')
    .action(async (user: string | undefined, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const pairs = await pairsFor(liaison, console, user);
          if (pairs === undefined) return exitCode.failed;
          const found: { readonly mailbox: string; readonly link: LinkRow }[] = [];
          for (const { pair } of pairs) {
            const links = await liaison.store.quarantined(pair.pairId, rowsMax);
            found.push(...links.map((link) => ({ mailbox: pair.mailbox, link })));
          }
          if (options.json)
            console.out(JSON.stringify(found.map(({ mailbox, link }) => quarantineJson(mailbox, link))));
          else console.out(found.length === 0 ? 'Nothing is set aside.' : quarantineTable(found));
          return exitCode.ok;
        }),
      );
    });
}

function quarantineJson(mailbox: string, { linkKey, kind, ids, quarantine }: LinkRow): unknown {
  return { mailbox, kind, linkKey, ids, ...quarantine };
}

function quarantineTable(found: readonly { readonly mailbox: string; readonly link: LinkRow }[]): string {
  const titles = ['mailbox', 'kind', 'refused by', 'fault', 'since', 'tries', 'why'];
  const rows = found.map(({ mailbox, link: { kind, quarantine } }) => [
    mailbox,
    kind,
    quarantine?.side === 'crm' ? 'CRM' : 'mailbox',
    quarantine?.fault.code ?? '',
    quarantine?.since ?? '',
    String(quarantine?.attempts ?? 0),
    `${quarantine?.fault.message ?? ''}${quarantine?.fault.path === undefined ? '' : ` (${quarantine.fault.path})`}`,
  ]);
  return table(
    titles.map((title) => ({ title })),
    rows,
  );
}
