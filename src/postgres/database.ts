/**
 * A thin layer over `pg`: named prepared statements, transactions, values as plain JSON. No statement is built here.
 *
 * Trouble is told apart by `databaseTrouble`. The one that matters: when the connection is lost while a commit is under
 * way nobody can say whether it happened, and `transaction` throws `CommitUnknown`. Every other error of `transaction`
 * means that nothing was changed.
 */
import { DatabaseError, Pool, type PoolClient, types } from 'pg';
import type { Log } from '#ports/ports.ts';

export interface Queryable {
  /**
   * Runs one statement, prepared under `name` once per connection; the same name always goes with the same text.
   * Values are passed as they are; arrays become PostgreSQL arrays, so JSON is passed as text. Outside a transaction this
   * is for reading: a lost connection does not tell whether a single write happened.
   */
  query<Row extends object>(name: string, text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs a text of several statements without values (migrations). */
  script(text: string): Promise<void>;
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
}

export interface Database extends Queryable {
  /** Commits when `work` resolves, rolls back when it rejects. Never hold one open across a network call. */
  transaction<T>(work: (queryable: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waits for running statements, then closes all connections. Idempotent. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections at most. */
  readonly max?: number;
  /** Seen in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** A statement that takes longer is cancelled by the server. */
  readonly statementMsMax?: number;
  /** How long a caller waits for a free connection. */
  readonly connectMsMax?: number;
  readonly log?: Log;
}

/** The connection ended while a commit was under way. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('The connection was lost during the commit: it is not known whether it happened.', { cause });
    this.name = 'CommitUnknown';
  }
}

/**
 * - serialization: run the transaction again (serialization failure, deadlock, lock timeout).
 * - connection: no connection, or lost before the commit; nothing was changed.
 * - readOnly: it answers, but takes no writes (a standby, a disk that filled up, an administrator's setting).
 * - commitUnknown: see above.
 * - constraint: the data was refused by an integrity constraint or by a trigger.
 * - value: a bad or too long value.
 * - timeout: cancelled by the statement time limit.
 * - denied: rights or password.
 * - other: everything else, mostly our own mistake.
 */
export type DatabaseTrouble =
  | 'serialization'
  | 'connection'
  | 'readOnly'
  | 'commitUnknown'
  | 'constraint'
  | 'value'
  | 'timeout'
  | 'denied'
  | 'other';

const connectionsMaxDefault = 8;
const statementMsMaxDefault = 60_000;
const connectMsMaxDefault = 30_000;

/** Opens a pool; no connection is made before the first statement. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? connectionsMaxDefault,
    application_name: options.applicationName ?? 'liaison',
    statement_timeout: options.statementMsMax ?? statementMsMaxDefault,
    connectionTimeoutMillis: options.connectMsMax ?? connectMsMaxDefault,
    keepAlive: true,
    options: '-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601',
    types: { getTypeParser },
  });
  // An idle connection that the server closed: the pool drops it and the next statement gets another one.
  pool.on('error', (error) => {
    options.log?.({ level: 'warn', event: 'database.connectionLost', sqlState: sqlState(error) });
  });
  let closing: Promise<void> | undefined;
  return {
    query: async (name, text, values) => (await pool.query({ name, text, values: values as unknown[] })).rows,
    script: async (text) => void (await pool.query(text)),
    transaction: (work, transactionOptions) => runTransaction(pool, work, transactionOptions ?? {}),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

/** The SQLSTATE of an error the server sent, e.g. `23505`; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** What kind of trouble an error thrown by this layer is (PostgreSQL appendix A, error codes). */
export function databaseTrouble(error: unknown): DatabaseTrouble {
  if (error instanceof CommitUnknown) return 'commitUnknown';
  const state = sqlState(error);
  if (state === undefined) return isConnectionError(error) ? 'connection' : 'other';
  if (state === '57014') return 'timeout';
  if (state === '40001' || state === '40P01' || state === '55P03') return 'serialization';
  if (state === '25006') return 'readOnly';
  switch (state.slice(0, 2)) {
    case '08':
    case '53':
    case '57':
      return 'connection';
    case '22':
      return 'value';
    case '23':
    case '44':
    // Raised by a trigger of the database's owner.
    case 'P0':
      return 'constraint';
    case '28':
    case '42':
      return state === '42501' || state.startsWith('28') ? 'denied' : 'other';
    default:
      return 'other';
  }
}

async function runTransaction<T>(
  pool: Pool,
  work: (queryable: Queryable) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  let lost: Error | undefined;
  const onError = (error: Error): void => {
    lost ??= error;
  };
  client.on('error', onError);
  try {
    await client.query(beginText(options));
    const value = await work(queryableOf(client));
    await commit(client);
    return value;
  } catch (error) {
    if (!(error instanceof CommitUnknown) && lost === undefined) {
      await client.query('rollback').catch(onError);
    } else {
      lost ??= error as Error;
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(lost);
  }
}

function beginText(options: TransactionOptions): string {
  const isolation = options.isolation === undefined ? '' : ` isolation level ${options.isolation}`;
  return `begin${isolation}${options.readOnly === true ? ' read only' : ''}`;
}

function queryableOf(client: PoolClient): Queryable {
  return {
    query: async (name, text, values) => (await client.query({ name, text, values: values as unknown[] })).rows,
    script: async (text) => void (await client.query(text)),
  };
}

/**
 * A plain error of the server (a deferred constraint, a serialization failure) means rolled back. Anything else, a fatal
 * error included, may have come after the commit record was on disk.
 */
async function commit(client: PoolClient): Promise<void> {
  const result = await client.query('commit').catch((error: unknown) => {
    if (error instanceof DatabaseError && error.severity === 'ERROR') throw error;
    throw new CommitUnknown(error);
  });
  // PostgreSQL answers a commit with a rollback when an earlier statement failed and somebody swallowed its error.
  if (result.command !== 'COMMIT') throw new Error('The transaction had failed and was rolled back.');
}

/** Errors of the socket and of `pg` itself carry no SQLSTATE. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined && /^E[A-Z]+$/.test(code)) return true;
  return /connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable/i.test(
    error.message,
  );
}

/**
 * Values as plain JSON: int8 as a number (our counters stay far below 2^53; beyond that is a defect), dates and
 * wall-clock times as ISO text without zone, instants as ISO text in UTC.
 */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format === 'binary') return types.getTypeParser(oid, 'binary') as (text: string) => unknown;
  return parsers.get(oid) ?? (types.getTypeParser(oid, 'text') as (text: string) => unknown);
}

const parsers = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, safeInteger],
  [types.builtins.DATE, (text) => text],
  [types.builtins.TIMESTAMP, (text) => text.replace(' ', 'T')],
  [types.builtins.TIMESTAMPTZ, instant],
]);

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The integer ${text} is beyond 2^53.`);
  return value;
}

/** The session's zone is UTC, so the offset is always `+00`. */
function instant(text: string): string {
  return `${text.slice(0, text.lastIndexOf('+')).replace(' ', 'T')}Z`;
}
