/** The user map as a file: one line per user, columns by the names in its first line. Pure. */
import { kinds } from '#model/item.ts';
import { isZone } from '#model/zones.ts';
import { nearest } from '#server/nearest.ts';
import type { Pair, SyncLevel } from '#store/port.ts';
import { type CsvProblem, type Field, readCsv } from './csv.ts';

/**
 * A user as a file or a command line tells it. The pair's id is given only when an exported user map is imported again: the
 * marks inside the items carry it, so with it pairs are found again although all state was lost.
 */
export type User = Omit<Pair, 'pairId'> & { readonly pairId?: string };

export interface UserFile {
  readonly users: readonly User[];
  /** In the order of the file. A line with a problem gives no user. */
  readonly problems: readonly CsvProblem[];
}

/** What fills in columns that are absent or empty. */
export interface UserDefaults {
  /** Names of the configured servers; with one, the column may be left out. */
  readonly servers: readonly string[];
  readonly levels: Pair['levels'];
}

export const userColumns = [
  'crmLogin',
  'mailbox',
  'server',
  'enabled',
  'contact',
  'event',
  'task',
  'zone',
  'pairId',
] as const;
type Column = (typeof userColumns)[number];

export const syncLevels: readonly SyncLevel[] = ['full', 'export', 'import', 'none'];

const loginCharactersMax = 320;
const usersMax = 1_000_000;

/** Reads the whole file; every mistake in it is found, each with its place and what to do. */
export function readUserFile(text: string, defaults: UserDefaults): UserFile {
  const { records, problems } = readCsv(text);
  const found = [...problems];
  const [header, ...lines] = records;
  if (header === undefined) {
    found.push({ line: 1, column: 1, message: `the file is empty; its first line must be: ${userColumns.join(',')}` });
    return { users: [], problems: found };
  }
  const columns = readHeader(header, found);
  const taken = { crmUser: new Map<string, number>(), mailbox: new Map<string, number>() };
  const users: User[] = [];
  for (const record of lines.slice(0, usersMax)) {
    const before = found.length;
    const user = readUser(record, columns, header.length, defaults, found);
    if (user === undefined || found.length > before) continue;
    const line = record[0]?.line ?? 0;
    for (const field of ['crmUser', 'mailbox'] as const) {
      const other = taken[field].get(user[field].toLowerCase());
      if (other === undefined) taken[field].set(user[field].toLowerCase(), line);
      else {
        const what = field === 'mailbox' ? 'mailbox' : 'CRM login';
        found.push({
          line,
          column: 1,
          message: `the ${what} ${user[field]} stands on line ${other} already; keep one`,
        });
      }
    }
    const broken = problems.some((problem) => problem.line === line);
    if (found.length === before && !broken) users.push(user);
  }
  return { users, problems: found.sort((a, b) => a.line - b.line || a.column - b.column) };
}

type Columns = ReadonlyMap<Column, number>;

/** Case, blanks, `_` and `-` in the names do not count: `CRM login` is `crmLogin`. */
function readHeader(header: readonly Field[], problems: CsvProblem[]): Columns {
  const columns = new Map<Column, number>();
  const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');
  for (const [at, { text, line, column }] of header.entries()) {
    const name = userColumns.find((one) => plain(one) === plain(text));
    if (name === undefined) {
      const near = nearest(text, userColumns);
      const instead = near === undefined ? `use: ${userColumns.join(', ')}` : `did you mean ${near}?`;
      problems.push({ line, column, message: `there is no column ${JSON.stringify(text)}; ${instead}` });
    } else if (columns.has(name)) {
      problems.push({ line, column, message: `the column ${name} stands here twice; remove one` });
    } else columns.set(name, at);
  }
  for (const name of ['crmLogin', 'mailbox'] as const) {
    if (!columns.has(name)) problems.push({ line: 1, column: 1, message: `the column ${name} is missing; add it` });
  }
  return columns;
}

/** Undefined when the line cannot be understood at all; problems say why. */
function readUser(
  record: readonly Field[],
  columns: Columns,
  width: number,
  defaults: UserDefaults,
  problems: CsvProblem[],
): User | undefined {
  const first = record[0] as Field;
  if (!columns.has('crmLogin') || !columns.has('mailbox')) return undefined;
  if (record.length > width) {
    const extra = record[width] as Field;
    const message = `the line has ${record.length} fields, the first line has ${width}; quote a field that holds a separator`;
    problems.push({ line: extra.line, column: extra.column, message });
    return undefined;
  }
  const fieldOf = (name: Column): Field => {
    const field = record[columns.get(name) ?? -1];
    return field === undefined ? { ...first, text: '' } : { ...field, text: field.text.trim() };
  };
  const refuse = (field: Field, message: string): void => {
    problems.push({ line: field.line, column: field.column, message });
  };
  const crmLogin = fieldOf('crmLogin');
  if (crmLogin.text === '') refuse(crmLogin, 'the CRM login is missing; write it');
  if (crmLogin.text.length > loginCharactersMax) {
    refuse(crmLogin, `the CRM login is longer than ${loginCharactersMax} characters; correct it`);
  }
  const nul = record.find(({ text }) => text.includes('\0'));
  if (nul !== undefined) refuse(nul, 'the field holds a NUL character, which no database takes; remove it');
  const mailbox = fieldOf('mailbox');
  if (!isMailboxAddress(mailbox.text)) {
    const found = mailbox.text === '' ? 'is missing' : `${JSON.stringify(mailbox.text)} is no e-mail address`;
    refuse(mailbox, `the mailbox ${found}; write its primary SMTP address`);
  }
  const zone = fieldOf('zone');
  if (zone.text !== '' && !isZone(zone.text)) {
    refuse(zone, `there is no time zone ${JSON.stringify(zone.text)}; write one such as Europe/Berlin`);
  }
  const pairId = fieldOf('pairId');
  if (pairId.text !== '' && !/^[0-9a-z]{8}$/.test(pairId.text)) {
    refuse(pairId, `there is no pair id ${JSON.stringify(pairId.text)}; leave it empty, or copy it from an export`);
  }
  return {
    ...(pairId.text !== '' && { pairId: pairId.text }),
    crmUser: crmLogin.text,
    mailbox: mailbox.text.toLowerCase(),
    enabled: readEnabled(fieldOf('enabled'), refuse),
    server: readServer(fieldOf('server'), defaults.servers, refuse),
    levels: readLevels(fieldOf, defaults.levels, refuse),
    ...(zone.text !== '' && { zone: zone.text }),
  };
}

type Refuse = (field: Field, message: string) => void;

const yes = ['', 'true', 'yes', '1'];
const no = ['false', 'no', '0'];

function readEnabled(field: Field, refuse: Refuse): boolean {
  const word = field.text.toLowerCase();
  if (!yes.includes(word) && !no.includes(word)) {
    refuse(field, `enabled cannot be ${JSON.stringify(field.text)}; write true or false`);
  }
  return yes.includes(word);
}

function readServer(field: Field, servers: readonly string[], refuse: Refuse): string {
  const [only] = servers;
  if (field.text === '' && only !== undefined && servers.length === 1) return only;
  if (!servers.includes(field.text)) {
    const found = field.text === '' ? 'the server is missing' : `there is no server ${JSON.stringify(field.text)}`;
    refuse(field, `${found}; write one of those in the configuration: ${servers.join(', ')}`);
  }
  return field.text;
}

function readLevels(fieldOf: (name: Column) => Field, defaults: Pair['levels'], refuse: Refuse): Pair['levels'] {
  const levels = { ...defaults };
  for (const kind of kinds) {
    const field = fieldOf(kind);
    if (field.text === '') continue;
    const level = syncLevels.find((one) => one === field.text.toLowerCase());
    if (level !== undefined) levels[kind] = level;
    else
      refuse(field, `the level ${JSON.stringify(field.text)} does not exist; write one of: ${syncLevels.join(', ')}`);
  }
  return levels;
}

/** The user map as such a file, pair ids included. */
export function writeUserFile(pairs: readonly Pair[]): string {
  const quoted = (text: string): string => (/[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = pairs.map(({ crmUser, mailbox, server, enabled, levels, zone, pairId }) =>
    [crmUser, mailbox, server, String(enabled), levels.contact, levels.event, levels.task, zone ?? '', pairId]
      .map(quoted)
      .join(','),
  );
  return [userColumns.join(','), ...lines, ''].join('\n');
}

/** One `@` with something on both sides and no blanks: the server knows the rest. */
export function isMailboxAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 320;
}
