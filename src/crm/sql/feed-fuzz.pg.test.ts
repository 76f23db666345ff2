import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connector } from '#contract/connector.ts';
import { type Kind, kinds } from '#model/item.ts';
import { databaseTrouble, openDatabase } from '#postgres/database.ts';
import { type TestCrm, testCrm } from '#testing/sql-crm.ts';

const writers = 5;
const transactionsEach = 40;
const records = 10;

test('whatever people do at the same time, what each user was told is what each user has', async (t) => {
  const crm = await testCrm(t);
  const employees = [await crm.employ('ada'), await crm.employ('bob'), await crm.employ('eve')];
  await crm.database.script(`
    insert into crm.account (name) select 'a' || n from generate_series(1, 3) n;
    insert into crm.contact (id, last_name, account_id) select n, 'c' || n, 1 + n % 3 from generate_series(1, ${records}) n;
    insert into crm.activity (id, display, owner_employee_id, planned_start, planned_completion)
    select n, 'Calendar and Activities', 1 + n % 3, '2026-03-05 09:00', '2026-03-05 10:00'
      from generate_series(1, ${records}) n`);
  const seed = Number(process.env.LIAISON_SEED ?? 20260302);
  t.diagnostic(`seed ${seed}`);
  const edits = fc.sample(fc.array(edit(employees), { minLength: 1, maxLength: 3 }), {
    numRuns: writers * transactionsEach,
    seed,
  });
  const users = ['ada', 'bob', 'eve'].map((login) => new User(crm.connector(login)));
  const pool = openDatabase(crm.url, { max: writers });
  t.after(() => pool.close());
  let writing = true;
  const reading = (async () => {
    while (writing) for (const user of users) await user.catchUp();
  })();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; n < transactionsEach; n += 1) await attempt(pool, edits[writer * transactionsEach + n]!);
    }),
  );
  writing = false;
  await reading;
  for (const [at, user] of users.entries()) {
    await user.catchUp();
    assert.deepEqual(user.told(), await scope(crm, employees[at]!), `user ${at}, seed ${seed}`);
  }
});

/** What a user has been told: versions by kind and id. */
class User {
  readonly #connector: Connector;
  readonly #cursors = new Map<Kind, string>();
  readonly #versions = new Map<string, string>();

  constructor(connector: Connector) {
    this.#connector = connector;
  }

  async catchUp(): Promise<void> {
    for (const kind of kinds) {
      for (let complete = false; !complete; ) {
        const reply = await this.#connector.changes(kind, this.#cursors.get(kind) ?? null);
        assert.ok(reply.ok, JSON.stringify(reply));
        for (const change of reply.value.changes) {
          if (change.kind === 'present') this.#versions.set(`${kind} ${change.id}`, change.version);
          else this.#versions.delete(`${kind} ${change.id}`);
        }
        this.#cursors.set(kind, reply.value.cursor);
        complete = reply.value.complete;
      }
    }
  }

  told(): readonly string[] {
    return [...this.#versions].map(([id, version]) => `${id} ${version}`).sort();
  }
}

/** What a user has, asked in the plainest way. */
async function scope(crm: TestCrm, employeeId: number): Promise<readonly string[]> {
  const rows = await crm.database.query<{ line: string }>(
    'test.scope',
    `select 'contact ' || c.id || ' ' || version as line
       from crm.contact c join crm.sync_list s on s.contact_id = c.id and s.employee_id = $1
     union
     select 'event ' || a.id || ' ' || version from crm.activity a
       left join crm.activity_employee p on p.activity_id = a.id and p.employee_id = $1
      where display = 'Calendar and Activities' and planned_start is not null
        and (owner_employee_id = $1 or p.employee_id = $1)
     union
     select 'task ' || id || ' ' || version from crm.activity
      where display = 'To Do and Activities' and owner_employee_id = $1`,
    [employeeId],
  );
  return rows.map((row) => row.line).sort();
}

/** One statement somebody may run. */
function edit(employees: readonly number[]): fc.Arbitrary<string> {
  const id = fc.integer({ min: 1, max: records });
  const employee = fc.constantFrom(...employees);
  const text = (...parts: readonly ((id: number, employee: number, n: number) => string)[]) =>
    fc.tuple(fc.constantFrom(...parts), id, employee, fc.nat(5)).map(([make, one, who, n]) => make(one, who, n));
  return text(
    (one, who) => `insert into crm.sync_list values (${one}, ${who}) on conflict do nothing`,
    (one, who) => `delete from crm.sync_list where contact_id = ${one} and employee_id = ${who}`,
    (one, _who, n) => `update crm.contact set comments = 'n${n}' where id = ${one}`,
    (one, _who, n) => `insert into crm.contact_phone values (${one}, 'home', 'n${n}')
                       on conflict (contact_id, slot) do update set number = excluded.number`,
    (one) => `delete from crm.contact_phone where contact_id = ${one}`,
    (one, _who, n) => `update crm.contact set account_id = ${1 + (n % 3)} where id = ${one}`,
    (_one, _who, n) => `update crm.account set name = 'x${n}' where id = ${1 + (n % 3)}`,
    (one, who) => `update crm.activity set owner_employee_id = ${who} where id = ${one}`,
    (one, _who, n) => `update crm.activity set description = 'n${n}' where id = ${one}`,
    (one) => `update crm.activity set display = case display when 'To Do and Activities' then 'Calendar and Activities'
                else 'To Do and Activities' end where id = ${one}`,
    (one) => `update crm.activity set planned_start = case when planned_start is null then timestamp '2026-03-05 09:00'
                end where id = ${one}`,
    (one, who) => `insert into crm.activity_employee values (${one}, ${who}) on conflict do nothing`,
    (one, who) => `delete from crm.activity_employee where activity_id = ${one} and employee_id = ${who}`,
    (one) => `insert into crm.activity_repeat (activity_id, frequency) values (${one}, 'Daily') on conflict do nothing`,
    (one) => `delete from crm.activity where id = ${one} and id > ${records - 3}`,
    (one) => `delete from crm.contact where id = ${one} and id > ${records - 3}`,
    () => 'savepoint s',
    () => 'select pg_sleep(0.003)',
  );
}

/** A transaction as people's programs run it: again after a deadlock, given up when a record is gone. */
async function attempt(pool: ReturnType<typeof openDatabase>, statements: readonly string[]): Promise<void> {
  for (;;) {
    const trouble = await pool
      .transaction(async (queryable) => {
        for (const statement of statements) await queryable.script(statement);
      })
      .then(() => undefined, databaseTrouble);
    if (trouble === undefined || trouble === 'constraint') return;
    assert.equal(trouble, 'serialization');
  }
}
