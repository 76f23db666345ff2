/** Companies of contacts as accounts of the CRM. */
import type { Queryable } from '#postgres/database.ts';

/**
 * What becomes of a company name typed in a mailbox.
 * - create: linked to the account of that name, which is made when there is none.
 * - link: linked when there is such an account, else kept as text.
 * - text: always kept as text.
 */
export type AccountPolicy = 'create' | 'link' | 'text';

/** Columns of `crm.contact`: the name is kept beside the link when it is not the account's letter by letter. */
export interface CompanyColumns {
  readonly account_id: number | null;
  readonly company_name: string | null;
}

export const noCompany: CompanyColumns = { account_id: null, company_name: null };

/** The columns for each company name. Names are matched without case; an equal one is preferred, then the oldest. */
export async function companyColumns(
  queryable: Queryable,
  policy: AccountPolicy,
  companies: readonly string[],
): Promise<ReadonlyMap<string, CompanyColumns>> {
  const names = [...new Set(companies)].sort();
  const columns = new Map<string, CompanyColumns>(
    names.map((name) => [name, { account_id: null, company_name: name }]),
  );
  if (policy === 'text' || names.length === 0) return columns;
  let accounts = await find(queryable, names);
  if (policy === 'create' && accounts.length < names.length) {
    const found = new Set(accounts.map((account) => account.company));
    await createMissing(
      queryable,
      names.filter((name) => !found.has(name)),
    );
    accounts = await find(queryable, names);
  }
  for (const { company, id, name } of accounts) {
    columns.set(company, { account_id: id, company_name: name === company ? null : company });
  }
  return columns;
}

interface Found {
  readonly company: string;
  readonly id: number;
  readonly name: string;
}

function find(queryable: Queryable, names: readonly string[]): Promise<readonly Found[]> {
  return queryable.query<Found>(
    'crm.account.find',
    `select distinct on (asked.company) asked.company, a.id, a.name
       from unnest($1::text[]) as asked (company) join crm.account a on lower(a.name) = lower(asked.company)
      order by asked.company, a.name = asked.company desc, a.id`,
    [names],
  );
}

/** Two writers of one new company take turns, so that it is made once. */
async function createMissing(queryable: Queryable, names: readonly string[]): Promise<void> {
  await queryable.query(
    'crm.account.lock',
    `select pg_advisory_xact_lock(number) from (
       select distinct hashtextextended('crm.account ' || lower(name), 0) as number
         from unnest($1::text[]) as asked (name) order by 1) numbers`,
    [names],
  );
  await queryable.query(
    'crm.account.create',
    `insert into crm.account (name)
     select distinct on (lower(asked.name)) asked.name from unnest($1::text[]) as asked (name)
      where not exists (select from crm.account a where lower(a.name) = lower(asked.name))
      order by lower(asked.name), asked.name`,
    [names],
  );
}
