/** `liaison explain`: every decision about one item, with its reasons. */
import type { Command } from 'commander';
import { baseCommand, type CommonOptions, complain, pairNamed, type Surroundings, withLiaison } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { findItems } from '../explain/find-items.ts';
import { storyOf, storyText } from '../explain/story.ts';

interface ExplainOptions extends CommonOptions {
  readonly user: string;
}

const itemsMax = 20;

export function explainCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('explain', 'what was decided about an item, and why')
    .argument('<item>', 'name or part of it, link key, CRM id or mailbox id')
    .requiredOption('--user <user>', 'mailbox or CRM login')
    .action(async (item: string, options: ExplainOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const found = await pairNamed(liaison, console, options.user);
          if (found === undefined) return exitCode.failed;
          const items = await findItems(liaison.store, found.pair, item, itemsMax);
          const stories = items.map(storyOf);
          if (options.json) console.out(JSON.stringify(stories));
          else if (stories.length > 0) console.out(stories.map(storyText).join('\n\n'));
          if (stories.length > 0) return exitCode.ok;
          complain(console, `nothing of ${found.pair.mailbox} is known by ${JSON.stringify(item)}`);
          return exitCode.failed;
        }),
      );
    });
}
