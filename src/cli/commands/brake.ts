/** `liaison brake`: mass changes that wait for a person. */
import { Command } from 'commander';
import type { Brake, Pair } from '#store/port.ts';
import {
  allPairs,
  baseCommand,
  type CommonOptions,
  complain,
  pairNamed,
  type Surroundings,
  troubledAt,
  withLiaison,
} from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { table } from '../table.ts';

export function brakeCommand(surroundings: Surroundings): Command {
  const command = new Command('brake').description('mass changes that wait for a person');
  command.addCommand(listCommand(surroundings));
  command.addCommand(releaseCommand(surroundings));
  return command;
}

function listCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('list', 'what is held, for whom, and how much').action(async (options: CommonOptions) => {
    end(
      await withLiaison(surroundings, options, async (liaison, ports) => {
        const troubled = troubledAt(ports.clock.now());
        const held: { readonly pair: Pair; readonly brake: Brake }[] = [];
        for await (const { pair } of allPairs(liaison, { troubled })) {
          const brakes = await liaison.store.brakes(pair.pairId);
          held.push(...brakes.filter(({ state }) => state === 'held').map((brake) => ({ pair, brake })));
        }
        if (options.json)
          console.out(JSON.stringify(held.map(({ pair, brake }) => ({ mailbox: pair.mailbox, ...brake }))));
        else console.out(held.length === 0 ? 'Nothing is held.' : heldTable(held));
        return exitCode.ok;
      }),
    );
  });
}

function heldTable(held: readonly { readonly pair: Pair; readonly brake: Brake }[]): string {
  const titles = ['mailbox', 'kind', 'would', 'plan', 'since'];
  const rows = held.map(({ pair, brake }) => {
    const where = brake.side === 'crm' ? 'the CRM' : 'the mailbox';
    const what = brake.work === 'removals' ? 'remove' : 'overwrite';
    return [pair.mailbox, brake.kind, `${what} ${brake.count} of ${brake.links} in ${where}`, brake.plan, brake.since];
  });
  const release = 'Let one pass, exactly as it stands: liaison brake release MAILBOX PLAN';
  return `${table(
    titles.map((title) => ({ title })),
    rows,
  )}\n\n${release}`;
}

function releaseCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('release', 'let exactly this plan pass; a different one stops again')
    .argument('<user>', 'mailbox or CRM login')
    .argument('<plan>', 'as shown by `liaison brake list`')
    .action(async (user: string, plan: string, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const found = await pairNamed(liaison, console, user);
          if (found === undefined) return exitCode.failed;
          const { pairId, mailbox } = found.pair;
          const brake = (await liaison.store.brakes(pairId)).find((one) => one.plan === plan && one.state === 'held');
          const released =
            brake !== undefined && (await liaison.store.releaseBrake(pairId, brake.side, brake.kind, plan));
          if (!released) {
            complain(
              console,
              `${mailbox} has no held plan ${plan}; it may have changed meanwhile (liaison brake list)`,
            );
            return exitCode.failed;
          }
          await liaison.store.signal([pairId], ports.clock.now());
          if (options.json) console.out(JSON.stringify({ mailbox, released: plan }));
          else console.out(`${mailbox}: plan ${plan} released; the next pass carries it out`);
          return exitCode.ok;
        }),
      );
    });
}
