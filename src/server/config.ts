/**
 * Reads the configuration file. Everything that is wrong with it is told at once, each with its place in the file and what
 * to write instead; a file with one mistake configures nothing.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { explainIssue, knownKeys } from './config-issue.ts';
import { type Config, configSchema, type Secret } from './config-schema.ts';

export interface ConfigProblem {
  /** As given by the user. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `servers.main.url`; empty: the file as a whole. */
  readonly key: string;
  /** What is wrong and what to write instead. */
  readonly message: string;
}

export type ConfigReply =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const aliasesMax = 100;
const fileCharactersMax = 1_000_000;

/** Reads and checks a file. A file that cannot be read is a problem like any other. */
export async function readConfig(file: string): Promise<ConfigReply> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = absent
      ? 'there is no such file; `liaison init` writes a commented one, or name yours with --config'
      : `the file cannot be read (${(error as NodeJS.ErrnoException).code})`;
    return { ok: false, problems: [{ file, line: 1, column: 1, key: '', message }] };
  }
  return parseConfig(text, file);
}

/** The same for a text; `file` names it in problems, and relative paths inside it are relative to its folder. */
export function parseConfig(text: string, file: string): ConfigReply {
  const lines = new LineCounter();
  const at = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const whole = { file, line: 1, column: 1, key: '' };
  if (text.length > fileCharactersMax) {
    return { ok: false, problems: [{ ...whole, message: `the file is longer than ${fileCharactersMax} characters` }] };
  }
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      ...at(error.pos[0]),
      key: '',
      message:
        error.code === 'MULTIPLE_DOCS'
          ? 'a second document begins here; put everything into one and remove the line ---'
          : `this is not valid YAML: ${plainly(error.message)}`,
    }));
    return { ok: false, problems };
  }
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: aliasesMax });
  } catch {
    // The only refusals left for a document without errors: aliases that multiply, or one that holds itself.
    const message =
      'the aliases (*name) in this file cannot be resolved or multiply without bound; write the values out';
    return { ok: false, problems: [{ ...whole, message }] };
  }
  const value = filledGroups(plain ?? {}, []);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const found = parsed.error.issues.flatMap((issue) => explainIssue(issue, document, value));
    const problems = found.map(({ offset, key, message }) => ({ file, ...at(offset), key, message }));
    return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
  }
  return { ok: true, config: withAbsolutePaths(parsed.data, dirname(resolve(file))) };
}

/** `file:line:column: key: message`, the form editors make clickable. */
export function problemText(problem: ConfigProblem): string {
  const { file, line, column, key, message } = problem;
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}

/** A group under which every key is commented out counts as left out. */
function filledGroups(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => inner !== null || knownKeys([...path, key]).length === 0)
    .map(([key, inner]) => [key, filledGroups(inner, [...path, key])]);
  return Object.fromEntries(entries);
}

function plainly(message: string): string {
  const sentence = message.split('\n')[0] ?? message;
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const path = (name: string): string => resolve(folder, name);
  const secret = (value: Secret): Secret => ('file' in value ? { file: path(value.file) } : value);
  const servers = Object.entries(config.servers).map(([name, server]) => {
    const { caFile } = server.tls;
    const tls = caFile === undefined ? server.tls : { ...server.tls, caFile: path(caFile) };
    const signIn = { ...server.signIn, password: secret(server.signIn.password) };
    return [name, { ...server, signIn, tls }] as const;
  });
  const directories = Object.entries(config.directories).map(([name, { ldap, autodiscover, ...rest }]) => {
    const placed = <T extends NonNullable<typeof ldap> | NonNullable<typeof autodiscover>>(way: T): T => {
      const { caFile } = way.tls;
      const tls = caFile === undefined ? way.tls : { ...way.tls, caFile: path(caFile) };
      return { ...way, tls, signIn: { ...way.signIn, password: secret(way.signIn.password) } };
    };
    return [
      name,
      {
        ...rest,
        ...(ldap !== undefined && { ldap: placed(ldap) }),
        ...(autodiscover !== undefined && { autodiscover: placed(autodiscover) }),
      },
    ] as const;
  });
  const { database, crm, hosts, log } = config;
  return {
    ...config,
    database: {
      embedded: path(database.embedded),
      ...(database.url !== undefined && { url: secret(database.url) }),
    },
    crm: { ...crm, ...(crm.url !== undefined && { url: secret(crm.url) }) },
    servers: Object.fromEntries(servers),
    hosts: { ...hosts, caFile: path(hosts.caFile), certFile: path(hosts.certFile), keyFile: path(hosts.keyFile) },
    directories: Object.fromEntries(directories),
    log: { ...log, ...(log.file !== undefined && { file: path(log.file) }) },
  };
}
