/** `liaison sync USER`: one pass now, or only what it would do. */
import type { Command } from 'commander';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { Config } from '#server/config-schema.ts';
import type { Liaison, Pass } from '#server/liaison.ts';
import { rehearse } from '#server/rehearsal.ts';
import type { Pair, Tally } from '#store/port.ts';
import { baseCommand, type CommonOptions, complain, pairNamed, type Surroundings, withLiaison } from '../command.ts';
import type { Console } from '../console.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { faultText } from '../fault-text.ts';
import { shortName } from '../item-name.ts';
import { planLines, planText } from '../plan-text.ts';
import { showProgress } from '../progress/show-progress.ts';
import { type SetAside, setAside, setAsideOf } from '../set-aside.ts';

/** Records set aside that are compared before and after. */
const asideMax = 1_000;
const asideLinesMax = 20;

interface SyncOptions extends CommonOptions {
  readonly dryRun: boolean;
}

export function syncCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('sync', 'one pass over one user now')
    .argument('<user>', 'mailbox or CRM login')
    .option('--dry-run', 'print what it would do; write nothing anywhere', false)
    .action(async (user: string, options: SyncOptions) => {
      const display = showProgress(console, options.json ? 'json' : console.terminal ? 'bars' : 'lines', systemPorts());
      const code = await withLiaison(
        surroundings,
        options,
        async (liaison, ports) => {
          const found = await pairNamed(liaison, console, user);
          if (found === undefined) return exitCode.failed;
          if (options.dryRun) return await rehearseOne(liaison, found.pair, options, { console, ports });
          const { pairId } = found.pair;
          const before = await liaison.store.tallies(pairId);
          const asideBefore = new Set(
            (await liaison.store.quarantined(pairId, asideMax)).map(({ linkKey }) => linkKey),
          );
          const pass = await liaison.runOnce(found.pair);
          display.end();
          const did = difference(before, await liaison.store.tallies(pairId));
          const aside = (await setAside(liaison.store, found.pair, asideMax)).filter(
            ({ link }) => !asideBefore.has(link.linkKey),
          );
          return report(pass, { pair: found.pair, did, aside, config: liaison.config }, options, console);
        },
        {
          log: 'errors',
          progress: (pair, step) => display.step(pair.mailbox, step),
          passed: (pair) => display.passed(pair.mailbox),
        },
      );
      end(code);
    });
}

/** What the journal counts: `created.crm`, `updated.mailbox`, `conflict`, … */
type Did = Readonly<Record<string, number>>;

function difference(before: readonly Tally[], after: readonly Tally[]): Did {
  const did: Record<string, number> = {};
  for (const [tallies, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    for (const { events } of tallies) {
      for (const [name, count] of Object.entries(events)) did[name] = (did[name] ?? 0) + sign * count;
    }
  }
  return Object.fromEntries(Object.entries(did).filter(([, count]) => count > 0));
}

interface Done {
  readonly pair: Pair;
  readonly did: Did;
  /** Set aside by this pass. */
  readonly aside: readonly SetAside[];
  readonly config: Config;
}

function report(pass: Pass | undefined, done: Done, options: SyncOptions, console: Console): ExitCode {
  const { pair, did, aside, config } = done;
  if (pass === undefined) return busy(pair, console);
  const { outcome, troubles } = pass;
  if (options.json)
    console.out(JSON.stringify({ mailbox: pair.mailbox, ...outcome, did, troubles, setAside: aside.map(asideJson) }));
  else {
    console.out(`${pair.mailbox}: ${outcome.result} in ${(outcome.durationMs / 1_000).toFixed(1)} s`);
    for (const line of didLines(did)) console.out(line);
    for (const line of asideLines(aside)) console.out(line);
    for (const line of troubleLines(troubles, pair, config)) console.out(line);
  }
  return outcome.result === 'failed' ? exitCode.failed : exitCode.ok;
}

function didLines(did: Did): readonly string[] {
  const side = (name: 'crm' | 'mailbox'): readonly string[] => {
    const parts = ['created', 'updated', 'removed'].flatMap((event) => {
      const count = did[`${event}.${name}`];
      return count === undefined ? [] : [`${count} ${event}`];
    });
    return parts.length === 0 ? [] : [`  ${name === 'crm' ? 'CRM' : 'mailbox'}: ${parts.join(', ')}`];
  };
  const matched = did.matched === undefined ? [] : [`  ${did.matched} records that both sides had already were paired`];
  return [...matched, ...side('crm'), ...side('mailbox')];
}

function asideJson({ name, link: { kind, linkKey, ids, quarantine } }: SetAside): unknown {
  return { kind, name, linkKey, ids, ...quarantine };
}

function asideLines(aside: readonly SetAside[]): readonly string[] {
  if (aside.length === 0) return [];
  const lines = aside.slice(0, asideLinesMax).map(({ name, link: { kind, ids, quarantine } }) => {
    const what = name === '' ? (ids.crm ?? ids.mailbox ?? '') : JSON.stringify(shortName(name));
    return `    ${kind} ${what}: ${quarantine?.fault.message ?? ''} (${quarantine?.fault.code ?? ''})`;
  });
  const more = aside.length - lines.length;
  const head = `  ${aside.length} set aside (liaison quarantine tells what to do):`;
  return [head, ...lines, ...(more > 0 ? [`    and ${more} more`] : [])];
}

function troubleLines(troubles: Pass['troubles'], pair: Pair, config: Config): readonly string[] {
  return troubles.map(({ side, kind, fault }) => `  ${faultText(fault, side, pair, config, kind)}`);
}

function busy(pair: Pair, console: Console): ExitCode {
  complain(console, `another process works on ${pair.mailbox} at this moment; try again shortly`);
  return exitCode.failed;
}

async function rehearseOne(
  liaison: Liaison,
  pair: Pair,
  options: SyncOptions,
  { console, ports }: { readonly console: Console; readonly ports: Ports },
): Promise<ExitCode> {
  const rehearsal = await rehearse(liaison, pair, ports);
  if (rehearsal === undefined) return busy(pair, console);
  const lines = planLines(rehearsal);
  const { outcome, troubles } = rehearsal.pass;
  const aside = setAsideOf(rehearsal.setAside);
  if (options.json) {
    const setAside = aside.map(asideJson);
    console.out(JSON.stringify({ mailbox: pair.mailbox, dryRun: true, writes: lines, setAside, troubles }));
  } else {
    console.out(planText(lines, aside));
    for (const line of troubleLines(troubles, pair, liaison.config)) console.out(line);
  }
  return outcome.result === 'failed' ? exitCode.failed : exitCode.ok;
}
