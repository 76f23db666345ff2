/** The databases, now that they are open: versions, schemas, people. */
import type { PairStatus } from '#store/port.ts';
import type { Liaison } from '../liaison.ts';
import { type Check, fail, ok, warn } from './check.ts';

const postgresMajorLeast = 15;
const pairsLooked = 500;
const namesShown = 5;

export async function checkDatabases(liaison: Liaison): Promise<readonly Check[]> {
  const [version] = await liaison.database.query<{ version: string; major: number }>(
    'doctor.version',
    `select current_setting('server_version') as version,
            current_setting('server_version_num')::integer / 10000 as major`,
  );
  const where = {
    external: 'your server',
    started: 'the embedded one',
    joined: 'the embedded one, run by another process',
  };
  const text = `PostgreSQL ${version?.version ?? '?'} (${where[liaison.databaseServer]})`;
  const database =
    (version?.major ?? 0) >= postgresMajorLeast
      ? ok('database', text)
      : fail('database', text, `Use PostgreSQL ${postgresMajorLeast} or newer.`);
  const checks: Check[] = [database];
  for (const [name, schema, held] of [
    ['state schema', 'liaison', liaison.database],
    ['CRM schema', 'crm', liaison.crm],
  ] as const) {
    const rows = await held.query<{ name: string }>(
      `doctor.${schema}`,
      `select name from ${schema}.migration order by number desc limit 1`,
    );
    checks.push(ok(name, `up to date (${rows[0]?.name ?? 'no migrations'})`));
  }
  checks.push(await checkEmployees(liaison));
  return checks;
}

/** Is everybody in the user map known to the CRM? */
async function checkEmployees(liaison: Liaison): Promise<Check> {
  const name = 'CRM users';
  const [people] = await liaison.crm.query<{ count: number }>('doctor.employees', 'select count(*) from crm.employee');
  const count = people?.count ?? 0;
  const fill = 'Fill crm.employee, or point crm.url at the CRM’s database (docs/crm-schema.md).';
  if (count === 0) return warn(name, 'crm.employee is empty', fill);
  const unknown: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: readonly PairStatus[] = await liaison.store.pairs(after, pairsLooked);
    const last = page.at(-1);
    if (last === undefined) break;
    const rows = await liaison.crm.query<{ login: string }>(
      'doctor.unknown',
      'select login from unnest($1::text[]) as login where login not in (select employee.login from crm.employee)',
      [page.map(({ pair }) => pair.crmUser)],
    );
    unknown.push(...rows.map(({ login }) => login));
    after = last.pair.mailbox;
  }
  if (unknown.length === 0) return ok(name, `${count} in crm.employee, everybody in the user map among them`);
  const some = unknown.slice(0, namesShown).join(', ') + (unknown.length > namesShown ? ', …' : '');
  const correct = 'Correct the CRM logins in the user map; upper and lower case count.';
  return fail(name, `${unknown.length} in the user map are not in crm.employee: ${some}`, correct);
}
