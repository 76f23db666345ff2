/** `liaison undo`: a person's word that an overruled value is to be put back, or a removed item to be made again; the next pass carries it out. */
import type { Command } from 'commander';
import { undoCase } from '#engine/requests/undo-case.ts';
import { undoable } from '#engine/requests/undoable.ts';
import { baseCommand, type CommonOptions, complain, pairNamed, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';

interface UndoOptions extends CommonOptions {
  readonly user: string;
}

export function undoCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('undo', 'put back what was overruled, or make again what was removed, in the next pass')
    .argument('<decision>', 'number of the decision, as shown by `liaison explain`')
    .requiredOption('--user <user>', 'mailbox or CRM login')
    .action(async (words: string, options: UndoOptions) => {
      const decision = Number(words.replace(/^#/, ''));
      if (!Number.isSafeInteger(decision) || decision < 1) {
        complain(console, `${words} is no decision; write its number, as shown by liaison explain`);
        return end(exitCode.usage);
      }
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const found = await pairNamed(liaison, console, options.user);
          if (found === undefined) return exitCode.failed;
          const { pairId, mailbox } = found.pair;
          const verdict = undoable(await undoCase(liaison.store, pairId, decision));
          if (verdict.kind === 'no') {
            complain(console, `decision ${decision} of ${mailbox} cannot be undone: ${verdict.reason}`);
            return exitCode.failed;
          }
          await liaison.store.ask(pairId, { kind: 'undo', decision });
          await liaison.store.signal([pairId], ports.clock.now());
          const [what, did] = verdict.kind === 'make' ? ['makes again', 'removed'] : ['puts back', 'overruled'];
          if (options.json) console.out(JSON.stringify({ mailbox, decision, asked: true }));
          else console.out(`${mailbox}: the next pass ${what} what decision ${decision} ${did}`);
          return exitCode.ok;
        }),
      );
    });
}
