/** `liaison users`: who is synchronised with which mailbox. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type Kind, kinds } from '#model/item.ts';
import { isZone } from '#model/zones.ts';
import { autoServer, type Config } from '#server/config-schema.ts';
import type { Liaison } from '#server/liaison.ts';
import type { Pair, SyncLevel } from '#store/port.ts';
import {
  allPairs,
  baseCommand,
  type CommonOptions,
  complain,
  pairNamed,
  pairsFor,
  type Surroundings,
  troubledAt,
  withLiaison,
} from '../command.ts';
import type { Console } from '../console.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { moreText, type PageOptions, pageQuery, withPageOptions } from '../page-options.ts';
import { table } from '../table.ts';
import { putUsers } from '../users/put-users.ts';
import { isMailboxAddress, readUserFile, syncLevels, type User, writeUserFile } from '../users/user-file.ts';
import { discoverCommand } from './users-discover.ts';

export function usersCommand(surroundings: Surroundings): Command {
  const command = new Command('users').description('the user map: which CRM user goes with which mailbox');
  command.addCommand(importCommand(surroundings));
  command.addCommand(addCommand(surroundings));
  command.addCommand(switchCommand(surroundings, 'enable', true));
  command.addCommand(switchCommand(surroundings, 'disable', false));
  command.addCommand(removeCommand(surroundings));
  command.addCommand(listCommand(surroundings));
  command.addCommand(exportCommand(surroundings));
  command.addCommand(discoverCommand(surroundings));
  return command;
}

interface ImportOptions extends CommonOptions {
  readonly skipBad: boolean;
}

function importCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('import', 'add or change users from a CSV file')
    .argument('<file>', 'columns: crmLogin, mailbox, server, enabled, contact, event, task, zone')
    .option('--skip-bad', 'import the good lines although others are wrong', false)
    .action(async (file: string, options: ImportOptions) => {
      let text: string;
      try {
        text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
      } catch (error) {
        const undecodable = error instanceof TypeError;
        const why = undecodable
          ? 'is not UTF-8 text; save it as “CSV UTF-8”'
          : `cannot be read (${(error as NodeJS.ErrnoException).code})`;
        complain(console, `${file} ${why}`);
        return end(exitCode.usage);
      }
      end(
        await withLiaison(surroundings, options, (liaison, ports) =>
          importUsers(text, file, options, { liaison, console, ports }),
        ),
      );
    });
}

interface ImportContext {
  readonly liaison: Liaison;
  readonly console: Console;
  readonly ports: Parameters<Parameters<typeof withLiaison>[2]>[1];
}

async function importUsers(
  text: string,
  file: string,
  options: ImportOptions,
  { liaison, console, ports }: ImportContext,
): Promise<ExitCode> {
  const { users, problems } = readUserFile(text, defaultsOf(liaison.config));
  for (const { line, column, message } of problems) console.err(`${file}:${line}:${column}: ${message}`);
  if (problems.length > 0 && !options.skipBad) {
    complain(console, `nothing was imported; correct the ${problems.length} mistakes above, or add --skip-bad`);
    return exitCode.usage;
  }
  const done = await putUsers(liaison.store, users, ports.random, options.skipBad);
  for (const { message } of done.refused) complain(console, message);
  const { added, changed, unchanged } = done;
  if (options.json) console.out(JSON.stringify({ added, changed, unchanged, refused: done.refused.length, problems }));
  else console.out(`${added} added, ${changed} changed, ${unchanged} unchanged`);
  return problems.length + done.refused.length > 0 ? exitCode.failed : exitCode.ok;
}

function defaultsOf(config: Config): { readonly servers: readonly string[]; readonly levels: Pair['levels'] } {
  return { servers: serverNames(config), levels: config.sync.levels };
}

/** The names a user's server may have. */
function serverNames({ servers, directories }: Config): readonly string[] {
  return [...Object.keys(servers), ...(Object.keys(directories).length > 0 ? [autoServer] : [])];
}

interface AddOptions extends CommonOptions {
  readonly server?: string;
  readonly contact?: string;
  readonly event?: string;
  readonly task?: string;
  readonly zone?: string;
  readonly disabled: boolean;
}

function addCommand(surroundings: Surroundings): Command {
  const { end } = surroundings;
  const levels = syncLevels.join(', ');
  return baseCommand('add', 'add or change one user')
    .argument('<crmLogin>', 'login of the CRM user')
    .argument('<mailbox>', 'primary SMTP address')
    .option('--server <name>', 'server of the configuration; auto: the one the directories lead to')
    .option('--contact <level>', levels)
    .option('--event <level>', levels)
    .option('--task <level>', levels)
    .option('--zone <zone>', 'the user’s time zone, e.g. Europe/Berlin')
    .option('--disabled', 'add without synchronising yet', false)
    .action(async (crmLogin: string, mailbox: string, options: AddOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison, ports) => {
          const { console } = surroundings;
          const user = userFrom(crmLogin, mailbox, options, liaison.config, console);
          if (user === undefined) return exitCode.usage;
          const done = await putUsers(liaison.store, [user], ports.random);
          for (const { message } of done.refused) complain(console, message);
          if (done.refused.length > 0) return exitCode.failed;
          if (options.json) console.out(JSON.stringify(user));
          else console.out(`${user.mailbox}: ${done.added > 0 ? 'added' : done.changed > 0 ? 'changed' : 'unchanged'}`);
          return exitCode.ok;
        }),
      );
    });
}

/** Undefined after saying what is wrong. */
function userFrom(
  crmLogin: string,
  mailbox: string,
  options: AddOptions,
  config: Config,
  console: Console,
): User | undefined {
  const problems: string[] = [];
  const servers = serverNames(config);
  const server = options.server ?? (servers.length === 1 ? servers[0] : undefined);
  if (server === undefined || !servers.includes(server)) {
    problems.push(`name the server with --server, one of: ${servers.join(', ')}`);
  }
  if (!isMailboxAddress(mailbox)) problems.push(`${mailbox} is no e-mail address`);
  if (options.zone !== undefined && !isZone(options.zone)) problems.push(`there is no time zone ${options.zone}`);
  const levels: Record<Kind, SyncLevel> = { ...config.sync.levels };
  for (const kind of kinds) {
    const wanted = options[kind];
    const level = syncLevels.find((one) => one === wanted);
    if (level !== undefined) levels[kind] = level;
    else if (wanted !== undefined) problems.push(`--${kind} must be one of: ${syncLevels.join(', ')}`);
  }
  for (const problem of problems) complain(console, problem);
  if (problems.length > 0 || server === undefined) return undefined;
  return {
    crmUser: crmLogin,
    mailbox: mailbox.toLowerCase(),
    enabled: !options.disabled,
    server,
    levels,
    ...(options.zone !== undefined && { zone: options.zone }),
  };
}

function switchCommand(surroundings: Surroundings, name: 'enable' | 'disable', enabled: boolean): Command {
  const { console, end } = surroundings;
  return baseCommand(name, enabled ? 'synchronise a user (again)' : 'stop synchronising a user; everything is kept')
    .argument('<user>', 'mailbox or CRM login')
    .action(async (user: string, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const found = await pairNamed(liaison, console, user);
          if (found === undefined) return exitCode.failed;
          if (found.pair.enabled !== enabled) await liaison.store.putPairs([{ ...found.pair, enabled }]);
          if (options.json) console.out(JSON.stringify({ ...found.pair, enabled }));
          else console.out(`${found.pair.mailbox}: ${enabled ? 'enabled' : 'disabled'}`);
          return exitCode.ok;
        }),
      );
    });
}

function removeCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('remove', 'forget a user with all pairs; items on both sides stay as they are')
    .argument('<user>', 'mailbox or CRM login')
    .action(async (user: string, options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const found = await pairNamed(liaison, console, user);
          if (found === undefined) return exitCode.failed;
          await liaison.store.dropPair(found.pair.pairId);
          if (options.json) console.out(JSON.stringify({ removed: found.pair.mailbox }));
          else console.out(`${found.pair.mailbox}: removed`);
          return exitCode.ok;
        }),
      );
    });
}

function listCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return withPageOptions(baseCommand('list', 'list the users')).action(async (options: PageOptions) => {
    end(
      await withLiaison(surroundings, options, async (liaison, ports) => {
        const nowMs = ports.clock.now();
        const query = pageQuery(options, nowMs);
        const found = await pairsFor(liaison, console, options.user, query);
        if (found === undefined) return exitCode.failed;
        const pairs = found.map(({ pair }) => pair);
        if (options.json) {
          console.out(JSON.stringify(pairs));
          return exitCode.ok;
        }
        console.out(userTable(pairs));
        const more = options.user === undefined ? moreText(query, found) : undefined;
        if (more !== undefined) console.out(`\n${more}`);
        if (options.user === undefined) {
          const { users, disabled } = await liaison.store.summary(troubledAt(nowMs));
          console.out(`\n${users} ${users === 1 ? 'user' : 'users'}, ${disabled} disabled`);
        }
        return exitCode.ok;
      }),
    );
  });
}

function exportCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('export', 'print the user map as a CSV file for `users import`; keep it with your backups').action(
    async (options: CommonOptions) => {
      end(
        await withLiaison(surroundings, options, async (liaison) => {
          const pairs = (await Array.fromAsync(allPairs(liaison))).map(({ pair }) => pair);
          console.out(options.json ? JSON.stringify(pairs) : writeUserFile(pairs).trimEnd());
          return exitCode.ok;
        }),
      );
    },
  );
}

function userTable(pairs: readonly Pair[]): string {
  const titles = ['mailbox', 'CRM login', 'server', 'enabled', 'contact', 'event', 'task', 'zone'];
  const rows = pairs.map(({ mailbox, crmUser, server, enabled, levels, zone }) => [
    mailbox,
    crmUser,
    server,
    enabled ? 'yes' : 'no',
    levels.contact,
    levels.event,
    levels.task,
    zone ?? '',
  ]);
  return table(
    titles.map((title) => ({ title })),
    rows,
  );
}
