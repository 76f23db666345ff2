/**
 * Creating, changing and removing batches of records inside one transaction (`batch.ts` opens it). What is refused here
 * was not sent; what the database refuses throws, and the batch is written again without it.
 */
import type { Create, RemoteId, Remove, Update, WriteOutcome, Written } from '#contract/connector.ts';
import { type FaultCode, fault } from '#contract/fault.ts';
import type { Item } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import { lengthFault } from '../lengths.ts';
import type { KindTable, NewRecord, RecordUpdate, Stored } from './kind-table.ts';
import { readStored, recordId } from './read.ts';

/** Answers per input; a slot that was not refused yet is filled once the records are read back. */
type Answer<Value> = WriteOutcome<Value> | { readonly kind: 'written'; readonly id: RemoteId };

/**
 * One record per create, with its link key in the same transaction. A key the employee's scope holds already answers that
 * record: the same create sent again has one effect.
 */
export async function createAll<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  creates: readonly Create[],
): Promise<readonly WriteOutcome<Written>[]> {
  const keys = await reserve(queryable, table, creates);
  const records: NewRecord<I>[] = [];
  const answers = creates.map((create, at): Answer<Written> => {
    const tooLong = lengthFault(create.item);
    if (tooLong !== undefined) return { kind: 'rejected', fault: tooLong };
    const { id, record_id: existing, employee_id: owner, kind } = keys[at]!;
    if (existing !== null) {
      if (owner === employeeId && kind === table.kind) return { kind: 'written', id: `${existing}` };
      return refused('item.conflict', 'Another record of the CRM carries this link key.');
    }
    records.push({ id, linkKey: create.linkKey, item: create.item as I });
    return { kind: 'written', id: `${id}` };
  });
  if (records.length > 0) await table.insert(queryable, employeeId, records);
  return readBack(queryable, table, employeeId, answers, 'mine');
}

export async function updateAll<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  updates: readonly Update[],
): Promise<readonly WriteOutcome<Written>[]> {
  const found = await lockAndRead(queryable, table, employeeId, updates);
  const changes: RecordUpdate<Rec, I>[] = [];
  const answers = updates.map((update): Answer<Written> => {
    const stored = found.get(update.id);
    if (stored === undefined) return refused('item.gone', 'The record has been deleted.');
    if (!stored.mine) return refused('item.gone', 'The record is not this user’s any more.');
    if (`${stored.version}` !== update.version) return stale;
    const tooLong = lengthFault(update.target, update.paths);
    if (tooLong !== undefined) return { kind: 'rejected', fault: tooLong };
    const { paths, linkKey } = update;
    changes.push({ stored, target: update.target as I, paths, ...(linkKey === undefined ? {} : { linkKey }) });
    return { kind: 'written', id: update.id };
  });
  if (changes.length > 0) await table.update(queryable, employeeId, changes);
  return readBack(queryable, table, employeeId, answers, 'any');
}

/** A record that is gone, or no longer this employee's, is removed already. */
export async function removeAll<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  removes: readonly Remove[],
): Promise<readonly WriteOutcome<null>[]> {
  const found = await lockAndRead(queryable, table, employeeId, removes);
  const records: Stored<Rec>[] = [];
  const outcomes = removes.map((remove): WriteOutcome<null> => {
    const stored = found.get(remove.id);
    if (stored === undefined || !stored.mine) return { kind: 'applied', value: null };
    if (`${stored.version}` !== remove.version) return stale;
    records.push(stored);
    return { kind: 'applied', value: null };
  });
  if (records.length > 0) await table.remove(queryable, employeeId, records);
  return outcomes;
}

interface Reserved {
  /** A fresh id. */
  readonly id: number;
  /** Where the key is already; null when it is free. */
  readonly record_id: number | null;
  readonly employee_id: number | null;
  readonly kind: string | null;
}

async function reserve<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  creates: readonly Create[],
): Promise<readonly Reserved[]> {
  return queryable.query<Reserved>(
    `crm.reserve.${table.sequence}`,
    `select nextval('${table.sequence}') as id, k.record_id, k.employee_id, k.kind
       from unnest($1::text[]) with ordinality as asked (key, at)
       left join crm.link_key k on k.key = asked.key
      order by asked.at`,
    [creates.map((create) => create.linkKey)],
  );
}

/** In two statements: the second one's snapshot sees whatever the lock had to wait for. */
async function lockAndRead<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  writes: readonly { readonly id: RemoteId }[],
): Promise<ReadonlyMap<RemoteId, Stored<Rec>>> {
  const ids = writes.map((write) => write.id);
  await queryable.query(`crm.lock.${table.kind}`, table.lockText, [ids.map(recordId).filter((id) => id !== undefined)]);
  return readStored(queryable, table, employeeId, ids);
}

/** An update that took the record out of the user's scope (their own participation removed) happened all the same. */
async function readBack<Rec, I extends Item>(
  queryable: Queryable,
  table: KindTable<Rec, I>,
  employeeId: number,
  answers: readonly Answer<Written>[],
  scope: 'mine' | 'any',
): Promise<readonly WriteOutcome<Written>[]> {
  const ids = answers.flatMap((answer) => (answer.kind === 'written' ? [answer.id] : []));
  const found = await readStored(queryable, table, employeeId, ids);
  return answers.map((answer) => {
    if (answer.kind !== 'written') return answer;
    const stored = found.get(answer.id);
    if (stored === undefined) return refused('item.gone', 'The record has been deleted.');
    const { id, version, record, mine } = stored;
    // Created earlier, and no longer this user's.
    if (scope === 'mine' && !mine)
      return refused('item.conflict', 'A record that left the user carries this link key.');
    return { kind: 'applied', value: { id: `${id}`, version: `${version}`, item: table.itemOf(record) } };
  });
}

function refused(code: FaultCode, message: string): WriteOutcome<never> {
  return { kind: 'rejected', fault: fault(code, message) };
}

const stale = refused('item.conflict', 'The record has been changed since it was read.');
