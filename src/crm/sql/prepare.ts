/** The CRM's schema: made and brought up to date by the numbered files in `schema/`. */
import { fileURLToPath } from 'node:url';
import type { Database } from '#postgres/database.ts';
import { migrate } from '#postgres/migrate.ts';

/** Answers the names of the files applied now. Throws `MigrationRefused`. */
export function prepareSqlCrm(database: Database): Promise<readonly string[]> {
  return migrate(database, { schema: 'crm', folder: fileURLToPath(new URL('./schema', import.meta.url)) });
}
