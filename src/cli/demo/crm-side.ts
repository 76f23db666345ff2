/** The CRM's part of the demo: its employees, its own content, and the people who work in it. */
import type { Random } from '#ports/ports.ts';
import type { Database } from '#postgres/database.ts';
import type { Content, Member } from './cast.ts';

/** Answers the employee's id. */
export async function addEmployee(
  database: Database,
  { login, given, surname, mailbox, zone }: Member,
): Promise<number> {
  const [row] = await database.query<{ id: number }>(
    'demo.employee',
    `insert into crm.employee (login, first_name, last_name, email, time_zone) values ($1, $2, $3, $4, $5) returning id`,
    [login, given, surname, mailbox, zone],
  );
  return row?.id ?? 0;
}

export async function seedEmployee(
  _database: Database,
  _employee: number,
  _member: Member,
  _content: Content,
): Promise<void> {}

/** One human-like edit by plain SQL; answers what it was. */
export async function editInCrm(_database: Database, _employee: Member, _random: Random): Promise<string> {
  return 'nothing';
}
