/** `liaison doctor`: is everything there that Liaison needs? */
import type { Command } from 'commander';
import { systemPorts } from '#ports/system-ports.ts';
import type { Config } from '#server/config-schema.ts';
import { connectorHosts } from '#server/connector-hosts.ts';
import { openDirectories } from '#server/directories.ts';
import type { Check } from '#server/doctor/check.ts';
import { checkDatabases } from '#server/doctor/check-databases.ts';
import { checkDirectory } from '#server/doctor/check-directory.ts';
import { checkHosts } from '#server/doctor/check-hosts.ts';
import { checkMachine } from '#server/doctor/check-machine.ts';
import { checkServer } from '#server/doctor/check-server.ts';
import { type Liaison, openLiaison } from '#server/liaison.ts';
import { baseCommand, type CommonOptions, loadConfig, type Surroundings } from '../command.ts';
import { type Console, isColoured } from '../console.ts';
import { exitCode } from '../exit-code.ts';

export function doctorCommand(surroundings: Surroundings): Command {
  const { console, end } = surroundings;
  return baseCommand('doctor', 'check configuration, database, servers and sign-in').action(
    async (options: CommonOptions) => {
      const config = await loadConfig(console, options.config);
      if (config === undefined) return end(exitCode.usage);
      const checks: Check[] = [];
      const add = (check: Check): void => {
        checks.push(check);
        if (!options.json) console.out(checkText(check, console));
      };
      add({ name: 'configuration', state: 'ok', message: options.config });
      for (const check of await checkMachine(config)) add(check);
      const hosts = connectorHosts(config, systemPorts());
      for (const check of await checkHosts(config, hosts)) add(check);
      await hosts.close();
      const closing: (() => Promise<void>)[] = [];
      const liaison = await opened(config, console, add);
      try {
        if (liaison !== undefined) for (const check of await checkDatabases(liaison)) add(check);
        const directories = liaison?.directories ?? (await openDirectories(config, console.environment, systemPorts()));
        closing.push(() => directories.close());
        for (const [name, directory] of Object.entries(config.directories)) {
          for (const check of await checkDirectory(name, directory, directories, console.environment)) add(check);
        }
        for (const [name, server] of Object.entries(config.servers)) {
          for (const check of await checkServer(name, server, liaison, console.environment, systemPorts().clock.now()))
            add(check);
        }
      } finally {
        for (const close of closing) await close();
        await liaison?.close();
      }
      if (options.json) console.out(JSON.stringify(checks));
      end(checks.some(({ state }) => state === 'fail') ? exitCode.failed : exitCode.ok);
    },
  );
}

async function opened(config: Config, console: Console, add: (check: Check) => void): Promise<Liaison | undefined> {
  try {
    return await openLiaison(config, { environment: console.environment, join: true }, systemPorts());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const remedy = 'Check the keys database and crm, and that PostgreSQL runs and lets this user in.';
    add({ name: 'database', state: 'fail', message, remedy });
    return undefined;
  }
}

const colours = { ok: 32, warn: 33, fail: 31 } as const;

function checkText({ name, state, message, remedy }: Check, console: Console): string {
  const word = state.padEnd(4);
  const shown = isColoured(console) ? `\u001b[${colours[state]}m${word}\u001b[0m` : word;
  return `${shown}  ${name}: ${message}${remedy === undefined ? '' : `\n      ${remedy}`}`;
}
