/** A CRM in PostgreSQL for tests: the schema in a database of its own, and employees to work with. */

import type { Connector } from '#contract/connector.ts';
import { openSqlCrm, type SqlCrmOptions } from '#crm/sql/adapter.ts';
import { prepareSqlCrm } from '#crm/sql/prepare.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { Database } from '#postgres/database.ts';
import { type Cleanup, testDatabase } from './postgres.ts';

export interface TestCrm {
  readonly url: string;
  readonly database: Database;
  /** Adds an employee; answers the id. */
  employ(login: string, more?: { readonly email?: string; readonly zone?: string }): Promise<number>;
  connector(login: string, more?: Partial<SqlCrmOptions>): Connector;
}

export async function testCrm(t: Cleanup): Promise<TestCrm> {
  const { url, database } = await testDatabase(t);
  await prepareSqlCrm(database);
  return {
    url,
    database,
    async employ(login, more = {}) {
      const [row] = await database.query<{ id: number }>(
        'test.employ',
        'insert into crm.employee (login, last_name, email, time_zone) values ($1, $1, $2, $3) returning id',
        [login, more.email ?? `${login}@crm.example`, more.zone ?? 'Europe/Berlin'],
      );
      return row!.id;
    },
    connector: (login, more = {}) => openSqlCrm({ database, employeeLogin: login, ...more }, systemPorts()),
  };
}
