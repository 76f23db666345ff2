/** `liaison demo`: the whole thing from nothing: a CRM, a simulated Exchange, people on both sides, and Liaison between. */
import { readdir } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { openLog } from '#server/log.ts';
import { complain, type Surroundings } from '../command.ts';
import { exitCode } from '../exit-code.ts';

export interface DemoOptions {
  readonly exitWhenQuiet: boolean;
  readonly json: boolean;
  readonly seconds?: number;
  readonly seed: number;
  readonly mailboxes: number;
  /** one: all mailboxes on one server. mixed: some on Exchange 2007 (WebDAV), one of which moves to SE meanwhile. */
  readonly estate: 'one' | 'mixed';
  readonly data?: string;
}

export function demoCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return new Command('demo')
    .description('see it work: nothing needed, nothing left behind')
    .option('--exit-when-quiet', 'one round of edits, then compare both sides and end', false)
    .option('--json', 'print one JSON document at the end; progress goes to standard error', false)
    .option('--seconds <n>', 'how long people edit', numberFrom(1, 86_400))
    .option('--seed <n>', 'of all made-up content and edits', numberFrom(0, 2 ** 31), 1)
    .option('--mailboxes <n>', 'how many users', numberFrom(1, 50), 5)
    .addOption(
      new Option('--estate <which>', 'one server, or a mixed estate: Exchange 2007 and SE, with a mailbox that moves')
        .choices(['one', 'mixed'])
        .default('one'),
    )
    .option('--data <folder>', 'keep the database in this folder instead of a temporary one')
    .action(async (options: DemoOptions) => {
      if (options.data !== undefined && (await holdsFiles(options.data))) {
        complain(console, `${options.data} is not empty; name a new folder for --data`);
        return end(exitCode.usage);
      }
      // Loaded only here: an engine must not carry the simulated servers in its memory.
      const { runDemo } = await import('../demo/run-demo.ts');
      const ports: Ports = systemPorts(openLog({ level: 'error' }));
      end((await runDemo(options, surroundings, ports)) ? exitCode.ok : exitCode.failed);
    });
}

async function holdsFiles(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.length > 0;
}

function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`write a whole number from ${least} to ${most}`);
  };
}
