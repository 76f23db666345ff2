/** `liaison sync USER`: one pass now, or only what it would do. */
import type { Command } from 'commander';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { Liaison, Pass } from '#server/liaison.ts';
import { rehearse } from '#server/rehearsal.ts';
import type { Pair } from '#store/port.ts';
import { baseCommand, type CommonOptions, complain, pairNamed, type Surroundings, withLiaison } from '../command.ts';
import type { Console } from '../console.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { planLines, planText } from '../plan-text.ts';
import { showProgress } from '../progress/show-progress.ts';

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
      const written = { crm: 0, mailbox: 0 };
      const code = await withLiaison(
        surroundings,
        options,
        async (liaison, ports) => {
          const found = await pairNamed(liaison, console, user);
          if (found === undefined) return exitCode.failed;
          if (options.dryRun) return await rehearseOne(liaison, found.pair, options, { console, ports });
          const pass = await liaison.runOnce(found.pair);
          display.end();
          return report(pass, found.pair, written, options, console);
        },
        {
          log: 'errors',
          progress(pair, step) {
            if (step.stage === 'write') written[step.side] += step.items;
            display.step(pair.mailbox, step);
          },
          passed: (pair) => display.passed(pair.mailbox),
        },
      );
      end(code);
    });
}

function report(
  pass: Pass | undefined,
  pair: Pair,
  written: { readonly crm: number; readonly mailbox: number },
  options: SyncOptions,
  console: Console,
): ExitCode {
  if (pass === undefined) return busy(pair, console);
  const { outcome, troubles } = pass;
  if (options.json) console.out(JSON.stringify({ mailbox: pair.mailbox, ...outcome, written, troubles }));
  else {
    const seconds = (outcome.durationMs / 1_000).toFixed(1);
    console.out(
      `${pair.mailbox}: ${outcome.result} in ${seconds} s; written: ${written.crm} in the CRM, ${written.mailbox} in the mailbox`,
    );
    for (const line of troubleLines(troubles)) console.out(line);
  }
  return outcome.result === 'failed' ? exitCode.failed : exitCode.ok;
}

function troubleLines(troubles: Pass['troubles']): readonly string[] {
  return troubles.map(({ side, kind, fault }) => {
    const where = side === 'crm' ? 'CRM' : 'mailbox';
    return `  ${where}${kind === null ? '' : `, ${kind}`}: ${fault.message} (${fault.code}${fault.source === undefined ? '' : `, ${fault.source}`})`;
  });
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
  if (options.json) console.out(JSON.stringify({ mailbox: pair.mailbox, dryRun: true, writes: lines, troubles }));
  else {
    console.out(planText(lines));
    for (const line of troubleLines(troubles)) console.out(line);
  }
  return outcome.result === 'failed' ? exitCode.failed : exitCode.ok;
}
