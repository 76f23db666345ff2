/** `liaison undo`: a person's word that an overruled value is to be put back; the next pass carries it out. */
import type { Command } from 'commander';
import { undoable } from '#engine/undo/undoable.ts';
import { baseCommand, type CommonOptions, complain, pairNamed, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';

interface UndoOptions extends CommonOptions {
  readonly user: string;
}

export function undoCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('undo', 'put an overruled value back on both sides, in the next pass')
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
          const [next] = await liaison.store.journal(pairId, { after: decision - 1, limit: 1 });
          const entry = next?.sequence === decision ? next : undefined;
          const [view] = entry?.linkKey ? await liaison.store.links(pairId, [entry.linkKey]) : [];
          const verdict = undoable(entry, view);
          if (verdict.kind === 'no') {
            complain(console, `decision ${decision} of ${mailbox} cannot be undone: ${verdict.reason}`);
            return exitCode.failed;
          }
          await liaison.store.askUndo(pairId, decision);
          await liaison.store.signal([pairId], ports.clock.now());
          if (options.json) console.out(JSON.stringify({ mailbox, decision, asked: true }));
          else console.out(`${mailbox}: the next pass puts back what decision ${decision} overruled`);
          return exitCode.ok;
        }),
      );
    });
}
