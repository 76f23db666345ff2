/**
 * Numbered `.sql` files, applied in order and forward only. Each file runs in a transaction of its own under an advisory
 * lock, together with the row of `<schema>.migration` that says so: two programs that start at once apply each file once,
 * and a file is applied whole or not at all.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Queryable } from './database.ts';

export interface MigrateOptions {
  /** Created when absent; also names the lock. Lower-case letters and underscores. */
  readonly schema: string;
  /** Holds `0001-name.sql`, `0002-name.sql`, … without gaps. */
  readonly folder: string;
}

/**
 * - changed: a file is not the one that was applied.
 * - newer: the database has a migration this program does not know.
 * - files: the folder's names or numbers are wrong.
 */
export type MigrationTrouble = 'changed' | 'newer' | 'files';

/** The migrations cannot be applied; nothing was changed. */
export class MigrationRefused extends Error {
  readonly trouble: MigrationTrouble;
  constructor(trouble: MigrationTrouble, message: string) {
    super(message);
    this.name = 'MigrationRefused';
    this.trouble = trouble;
  }
}

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Brings the schema up to the last file; answers the names applied now. Throws `MigrationRefused` or the file's own error. */
export async function migrate(database: Database, options: MigrateOptions): Promise<readonly string[]> {
  if (!/^[a-z_]+$/.test(options.schema)) throw new MigrationRefused('files', `No schema name: ${options.schema}`);
  const migrations = await readMigrations(options.folder);
  await database.transaction((queryable) => ensureTable(queryable, options.schema));
  const names: string[] = [];
  for (;;) {
    const name = await database.transaction((queryable) => applyNext(queryable, options.schema, migrations));
    if (name === undefined) return names;
    names.push(name);
  }
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (number !== migrations.length + 1) {
      throw new MigrationRefused('files', `${name} in ${folder} should be number ${migrations.length + 1}.`);
    }
    const text = await readFile(join(folder, name), 'utf8');
    // Line ends do not count: a checkout on another system is the same migration.
    const checksum = createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
    migrations.push({ number, name, text, checksum });
  }
  return migrations;
}

async function ensureTable(queryable: Queryable, schema: string): Promise<void> {
  await lock(queryable, schema);
  await queryable.script(`
    create schema if not exists ${schema};
    create table if not exists ${schema}.migration (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
}

/** Applies the first file that is missing; undefined when none is. */
async function applyNext(
  queryable: Queryable,
  schema: string,
  migrations: readonly Migration[],
): Promise<string | undefined> {
  await lock(queryable, schema);
  const applied = await queryable.query<Applied>(
    `migrate.${schema}.applied`,
    `select number, name, checksum from ${schema}.migration order by number`,
  );
  refuseDifferent(applied, migrations, schema);
  const next = migrations[applied.length];
  if (next === undefined) return undefined;
  await queryable.script(next.text);
  await queryable.query(
    `migrate.${schema}.record`,
    `insert into ${schema}.migration (number, name, checksum) values ($1, $2, $3)`,
    [next.number, next.name, next.checksum],
  );
  return next.name;
}

function refuseDifferent(applied: readonly Applied[], migrations: readonly Migration[], schema: string): void {
  for (const row of applied) {
    const file = migrations[row.number - 1];
    if (file === undefined) {
      throw new MigrationRefused(
        'newer',
        `Schema ${schema} already has migration ${row.name}, which this program does not know: it is older than the data.`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationRefused('changed', `${file.name} is not the file that was applied to schema ${schema}.`);
    }
  }
}

async function lock(queryable: Queryable, schema: string): Promise<void> {
  await queryable.query('migrate.lock', 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `liaison.migrate.${schema}`,
  ]);
}
