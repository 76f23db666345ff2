/** What all commands share: the console, the configuration, an open Liaison, an exit code. */
import { Command } from 'commander';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { databaseTrouble } from '#postgres/database.ts';
import { FolderInUse } from '#postgres/embedded.ts';
import { MigrationRefused } from '#postgres/migrate.ts';
import { problemText, readConfig } from '#server/config.ts';
import type { Config } from '#server/config-schema.ts';
import { SecretMissing } from '#server/database-address.ts';
import { type Liaison, type LiaisonOptions, openLiaison } from '#server/liaison.ts';
import { openLog } from '#server/log.ts';
import { type PairStatus, StoreUnavailable, type Troubled } from '#store/port.ts';
import type { Console } from './console.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { overdueMs } from './pair-state.ts';

/** What a command gets from the program. */
export interface Surroundings {
  readonly console: Console;
  /** Aborts when the user or the system asks the process to stop. */
  readonly signal: AbortSignal;
  /** Reports how the command ended. */
  readonly end: (code: ExitCode) => void;
}

export interface CommonOptions {
  readonly config: string;
  readonly json: boolean;
}

const configFileDefault = './liaison.yaml';

/** A command with the options every command has. */
export function baseCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-c, --config <file>', 'configuration file', configFileDefault)
    .option('--json', 'print JSON', false);
}

/** Says something is wrong in one line on standard error. */
export function complain(console: Console, message: string): void {
  console.err(`liaison: ${message}`);
}

/** Reads the configuration; undefined after its problems were printed. */
export async function loadConfig(console: Console, file: string): Promise<Config | undefined> {
  const reply = await readConfig(file);
  if (reply.ok) return reply.config;
  for (const problem of reply.problems) console.err(problemText(problem));
  return undefined;
}

export interface LiaisonNeeds extends Partial<Omit<LiaisonOptions, 'environment'>> {
  /** configured: as the configuration says. By default only warnings, to standard error: they concern who typed. */
  readonly log?: 'configured' | 'errors';
}

/** Opens Liaison as configured, runs `work`, and closes it; expected trouble becomes a sentence and an exit code. */
export async function withLiaison(
  surroundings: Surroundings,
  options: CommonOptions,
  work: (liaison: Liaison, ports: Ports) => Promise<ExitCode>,
  needs: LiaisonNeeds = {},
): Promise<ExitCode> {
  const { console } = surroundings;
  const config = await loadConfig(console, options.config);
  if (config === undefined) return exitCode.usage;
  const { log: wanted, ...hooks } = needs;
  const log = openLog(wanted === 'configured' ? config.log : { level: wanted === 'errors' ? 'error' : 'warn' });
  const ports = systemPorts(log);
  let liaison: Liaison;
  try {
    liaison = await openLiaison(config, { environment: console.environment, join: true, ...hooks }, ports);
  } catch (error) {
    return sayWhyNot(console, error);
  }
  try {
    return await work(liaison, ports);
  } catch (error) {
    return sayWhyNot(console, error);
  } finally {
    await liaison.close();
  }
}

/** Expected trouble in words; anything else is a defect and stays an exception. */
function sayWhyNot(console: Console, error: unknown): ExitCode {
  if (error instanceof SecretMissing) {
    complain(console, error.message);
    return exitCode.usage;
  }
  if (databaseTrouble(error) === 'readOnly') {
    complain(console, 'the database of the CRM is read-only (SQLSTATE 25006): name a writable one in crm.url');
    return exitCode.failed;
  }
  const expected =
    error instanceof FolderInUse || error instanceof MigrationRefused || error instanceof StoreUnavailable;
  if (!expected && !isSocketError(error)) throw error;
  const message = (error as Error).message;
  complain(console, isSocketError(error) ? `the database does not answer: ${message}` : message);
  return exitCode.failed;
}

function isSocketError(error: unknown): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return error instanceof Error && typeof code === 'string' && /^(E[A-Z]+|28P01|28000|3D000)$/.test(code);
}

/** The pair of that mailbox or CRM login; undefined after saying that there is none. */
export async function pairNamed(liaison: Liaison, console: Console, name: string): Promise<PairStatus | undefined> {
  const found = await liaison.store.findPair(name);
  if (found === undefined) {
    complain(console, `nobody in the user map has the mailbox or CRM login ${name} (liaison users list)`);
  }
  return found;
}

const pageUsers = 500;

/** Every pair of the user map, or those with trouble, page by page in order of mailbox address. */
export async function* pairPages(
  { store }: Liaison,
  { after = null, limit = Number.POSITIVE_INFINITY, troubled }: PairQuery = {},
): AsyncGenerator<readonly PairStatus[]> {
  let last = after;
  for (let left = limit; left > 0; left -= pageUsers) {
    const asked = Math.min(left, pageUsers);
    const page = await store.pairs(last, asked, troubled);
    if (page.length > 0) yield page;
    if (page.length < asked) return;
    last = page.at(-1)?.pair.mailbox ?? null;
  }
}

export interface PairQuery {
  /** Only those after this mailbox address. */
  readonly after?: string | null;
  readonly limit?: number;
  readonly troubled?: Troubled;
}

/** The same one by one. */
export async function* allPairs(liaison: Liaison, query: PairQuery = {}): AsyncGenerator<PairStatus> {
  for await (const page of pairPages(liaison, query)) yield* page;
}

/** Users with trouble at this moment. */
export function troubledAt(nowMs: number): Troubled {
  return { overdueBeforeMs: nowMs - overdueMs };
}

/** The named pair, or all that the query asks for; undefined when the name is unknown. */
export async function pairsFor(
  liaison: Liaison,
  console: Console,
  name: string | undefined,
  query: PairQuery = {},
): Promise<readonly PairStatus[] | undefined> {
  if (name !== undefined) {
    const found = await pairNamed(liaison, console, name);
    return found === undefined ? undefined : [found];
  }
  return await Array.fromAsync(allPairs(liaison, query));
}
