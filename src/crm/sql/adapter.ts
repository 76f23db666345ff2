/**
 * The CRM in PostgreSQL, as seen by one employee: contacts on their sync list, appointments they own or take part in,
 * to-dos they own. Plain reads and one transaction per batch of writes; certainty comes from the database: everything it
 * refused is rejected, only a connection lost during a commit is unknown.
 */
import type { Connector, Probe, Reply, WriteOutcome } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { CalendarEvent, Contact, Item, Kind, Task } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import type { Database } from '#postgres/database.ts';
import { writeBatch } from './batch.ts';
import { sqlCrmCapabilities } from './capabilities.ts';
import { faultOf } from './faults.ts';
import { changesAfter } from './feed.ts';
import { lengthFault } from './lengths.ts';
import type { TaskRecord } from './mapping/task.ts';
import type { AccountPolicy } from './operations/accounts.ts';
import { contactTable, type StoredContact } from './operations/contacts.ts';
import { eventTable, type StoredEvent } from './operations/events.ts';
import type { KindTable } from './operations/kind-table.ts';
import { findByKey, readAll } from './operations/read.ts';
import { taskTable } from './operations/tasks.ts';
import { createAll, removeAll, updateAll } from './operations/write.ts';

const noEmployee = fault(
  'mailbox.notFound',
  'The CRM has no employee with this login; add the row to crm.employee, or correct the user map.',
);

export interface SqlCrmOptions {
  /** Shared by all users; the adapter never closes it. */
  readonly database: Database;
  readonly employeeLogin: string;
  /** What becomes of a company name typed in a mailbox. */
  readonly accounts?: AccountPolicy;
}

/** The table of any kind; the flows keep record and item types together. */
type AnyTable = KindTable<StoredContact | StoredEvent | TaskRecord, Item>;

/** A connector for one employee. Nothing is read before the first call. */
export function openSqlCrm(options: SqlCrmOptions, ports: Ports): Connector {
  const { database } = options;
  const tables: { readonly [K in Kind]: AnyTable } = {
    contact: contactTable(options.accounts ?? 'create') satisfies KindTable<StoredContact, Contact> as AnyTable,
    event: eventTable satisfies KindTable<StoredEvent, CalendarEvent> as AnyTable,
    task: taskTable satisfies KindTable<TaskRecord, Task> as AnyTable,
  };
  let employee: number | undefined;

  /** The employee's id; a fault when the login is nobody's. */
  async function employeeId(): Promise<Reply<number>> {
    if (employee !== undefined) return { ok: true, value: employee };
    const [row] = await database.query<{ id: number }>('crm.employee', 'select id from crm.employee where login = $1', [
      options.employeeLogin,
    ]);
    if (row === undefined) return { ok: false, fault: noEmployee };
    employee = row.id;
    return { ok: true, value: row.id };
  }

  async function reading<T>(read: (employeeId: number) => Promise<Reply<T>>): Promise<Reply<T>> {
    try {
      const found = await employeeId();
      return found.ok ? await read(found.value) : found;
    } catch (error) {
      return { ok: false, fault: faultOf(error) };
    }
  }

  async function writing<Write, T>(
    writes: readonly Write[],
    write: (employeeId: number) => Promise<readonly WriteOutcome<T>[]>,
  ): Promise<readonly WriteOutcome<T>[]> {
    const found = await reading(async (id) => ({ ok: true, value: id }));
    return found.ok ? write(found.value) : writes.map(() => rejected(found.fault));
  }

  return {
    capabilities: sqlCrmCapabilities,
    probe: () => reading((id) => probe(database, id, ports)),
    changes: (kind, cursor) => reading((id) => changesAfter(database, id, kind, cursor)),
    read: (kind, ids) =>
      reading(async (id) => ({ ok: true, value: await readAll(database, tables[kind], id, ids, ports.clock.now()) })),
    findByLinkKey: (kind, key) =>
      reading(async (id) => ({ ok: true, value: await findByKey(database, tables[kind], id, key) })),
    create: (kind, creates) =>
      writing(creates, (id) => writeBatch(database, creates, (q, part) => createAll(q, tables[kind], id, part))),
    update: (kind, updates) =>
      writing(updates, (id) => writeBatch(database, updates, (q, part) => updateAll(q, tables[kind], id, part))),
    remove: (kind, removes) =>
      writing(removes, (id) => writeBatch(database, removes, (q, part) => removeAll(q, tables[kind], id, part))),
    check: async (_kind, drafts) => drafts.map(({ item, paths }) => lengthFault(item, paths) ?? null),
    close: async () => {},
  };
}

async function probe(database: Database, employeeId: number, ports: Ports): Promise<Reply<Probe>> {
  const [row] = await database.query<{ version: string; zone: string; now_ms: number }>(
    'crm.probe',
    `select current_setting('server_version') as version, time_zone as zone,
            floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms
       from crm.employee where id = $1`,
    [employeeId],
  );
  if (row === undefined) return { ok: false, fault: noEmployee };
  const clockOffsetMs = row.now_ms - ports.clock.now();
  return { ok: true, value: { product: `PostgreSQL ${row.version}`, zone: row.zone, clockOffsetMs } };
}

function rejected(reason: Fault): WriteOutcome<never> {
  return { kind: 'rejected', fault: reason };
}
