/** The options of commands that list users: one of them, a page of them, only those with trouble. */
import { type Command, InvalidArgumentError } from 'commander';
import type { PairStatus } from '#store/port.ts';
import { type CommonOptions, type PairQuery, troubledAt } from './command.ts';

export interface PageOptions extends CommonOptions {
  readonly user?: string;
  readonly trouble: boolean;
  readonly limit?: number;
  readonly after?: string;
}

/** A table longer than this is nobody's reading; programs get everybody. */
const rowsDefault = 200;

export function withPageOptions(command: Command): Command {
  return command
    .option('--user <user>', 'only this mailbox or CRM login')
    .option(
      '--trouble',
      'only users with trouble: failing, overdue, held by a brake, or with records in quarantine',
      false,
    )
    .option('--limit <number>', `at most so many users; default ${rowsDefault}, with --json all`, wholeNumber)
    .option('--after <mailbox>', 'go on after this mailbox');
}

export function pageQuery({ json, trouble, limit, after }: PageOptions, nowMs: number): PairQuery {
  const most = limit ?? (json ? undefined : rowsDefault);
  return {
    ...(after !== undefined && { after: after.toLowerCase() }),
    ...(most !== undefined && { limit: most }),
    ...(trouble && { troubled: troubledAt(nowMs) }),
  };
}

/** How to see the rest; undefined when this page is the last. */
export function moreText({ limit }: PairQuery, shown: readonly PairStatus[]): string | undefined {
  const last = shown.at(-1);
  if (last === undefined || limit === undefined || shown.length < limit) return undefined;
  return `These are ${shown.length}; go on with --after ${last.pair.mailbox}, or say --limit NUMBER.`;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}
