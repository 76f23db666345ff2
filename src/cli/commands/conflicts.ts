/** `liaison conflicts`: values that both sides changed and that wait for a person, and the person's word on them. */
import { type Command, Option } from 'commander';
import { settleable } from '#engine/requests/settleable.ts';
import type { Hold, LinkRow, Side } from '#store/port.ts';
import {
  baseCommand,
  type CommonOptions,
  complain,
  pairNamed,
  pairsFor,
  type Surroundings,
  withLiaison,
} from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { nameOf, shortName } from '../item-name.ts';
import { table } from '../table.ts';
import { valueText } from '../value-text.ts';

const linksMax = 1_000;

export function conflictsCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  const command = baseCommand('conflicts', 'values that both sides changed and that wait for a person')
    .option('--user <user>', 'only this mailbox or CRM login')
    .enablePositionalOptions()
    .action(async (options: CommonOptions & { readonly user?: string }) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const pairs = await pairsFor(liaison, console, options.user);
          if (pairs === undefined) return exitCode.failed;
          const found: Conflict[] = [];
          for (const { pair } of pairs) {
            for (const link of await liaison.store.held(pair.pairId, linksMax)) {
              const name = nameOf(link.base) || link.holds.map(({ crm, mailbox }) => nameIn(crm ?? mailbox)).join('');
              found.push(...link.holds.map((hold) => ({ mailbox: pair.mailbox, name, link, hold })));
            }
          }
          if (options.json) console.out(JSON.stringify(found.map(conflictJson)));
          else console.out(found.length === 0 ? 'No conflict waits.' : conflictTable(found));
          return exitCode.ok;
        }),
      );
    });
  command.addCommand(settleCommand(surroundings));
  return command;
}

interface Conflict {
  readonly mailbox: string;
  readonly name: string;
  readonly link: LinkRow;
  readonly hold: Hold;
}

/** Of an edit against a deletion the values are whole items. */
function nameIn(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? nameOf(value as LinkRow['base']) : '';
}

function conflictJson({ mailbox, name, link: { linkKey, kind, ids }, hold }: Conflict): unknown {
  const { path, since, take = null, base, crm, mailbox: inMailbox } = hold;
  return { mailbox, kind, name, linkKey, ids, path, since, take, values: { base, crm, mailbox: inMailbox } };
}

const valueCharactersMax = 40;

function conflictTable(found: readonly Conflict[]): string {
  const titles = ['user', 'kind', 'name', 'path', 'before', 'CRM', 'mailbox', 'since', 'link'];
  const rows = found.map(({ mailbox, name, link, hold }) => {
    const isWhole = hold.path === '';
    const shown = (value: unknown): string => {
      if (isWhole) return value === null ? 'deleted' : 'changed';
      return valueText(value, valueCharactersMax);
    };
    const path = isWhole ? 'the whole record' : hold.path;
    const before = isWhole ? '' : shown(hold.base);
    const values = [before, shown(hold.crm), shown(hold.mailbox)];
    return [mailbox, link.kind, shortName(name), path, ...values, hold.since, link.linkKey];
  });
  const shown = table(
    titles.map((title) => ({ title })),
    rows,
  );
  return `${shown}\n\nDecide one: liaison conflicts settle LINK --take crm|mailbox --user USER [--path PATH]`;
}

interface SettleOptions extends CommonOptions {
  readonly user: string;
  readonly take: Side;
  readonly path?: string;
}

function settleCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('settle', 'say whose value stays; the next pass carries it out')
    .argument('<link>', 'as shown by `liaison conflicts`')
    .requiredOption('--user <user>', 'mailbox or CRM login')
    .addOption(new Option('--take <side>', 'whose value stays').choices(['crm', 'mailbox']).makeOptionMandatory())
    .option('--path <path>', 'only this path; default all of this link that wait')
    .action(async (linkKey: string, options: SettleOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const found = await pairNamed(liaison, console, options.user);
          if (found === undefined) return exitCode.failed;
          const { pairId, mailbox } = found.pair;
          const { take, path = null } = options;
          const [view] = await liaison.store.links(pairId, [linkKey]);
          const verdict = settleable(view, path);
          if (verdict.kind === 'no') {
            complain(console, `nothing of ${linkKey} of ${mailbox} can be settled: ${verdict.reason}`);
            return exitCode.failed;
          }
          await liaison.store.ask(pairId, { kind: 'settle', linkKey, path, take, seen: verdict.seen });
          await liaison.store.signal([pairId], ports.clock.now());
          const paths = verdict.holds.map((hold) => hold.path);
          if (options.json) console.out(JSON.stringify({ mailbox, linkKey, paths, take, asked: true }));
          else {
            const where = take === 'crm' ? 'the CRM' : 'the mailbox';
            console.out(
              `${mailbox}: the next pass keeps what stands in ${where}: ${paths.join(', ') || 'the whole record'}`,
            );
          }
          return exitCode.ok;
        }),
      );
    });
}
