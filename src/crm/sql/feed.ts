/**
 * Pages of changes: first the listing, then the change feed from the position taken before the listing began. Feed rows
 * are hints; what is answered is the record's present state, read in the same statement.
 */
import type { Change, ChangePage, Cursor, OutReason, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';

/** Records per page of a listing, rows per page of the feed. */
const pageRowsMax = 500;

/**
 * An idle position moves up only when this many transactions have passed, so that an unchanged mailbox is not written
 * for. Fewer than `crm.trim_change` always keeps.
 */
const idleTransactionsMax = 100_000n;

/** One page after `cursor`; `mailbox.cursorInvalid` when the feed no longer reaches back to it. */
export async function changesAfter(
  queryable: Queryable,
  employeeId: number,
  kind: Kind,
  cursor: Cursor | null,
): Promise<Reply<ChangePage>> {
  const position = cursor === null ? await beginning(queryable, employeeId) : decodeCursor(cursor);
  if (position === undefined) return invalid('The position is none of this CRM.');
  return position.kind === 'listing'
    ? listingPage(queryable, employeeId, kind, position)
    : feedPage(queryable, employeeId, kind, position);
}

/** The database's identity and history, and the employee's row. */
const epochText = `(select system_identifier from pg_control_system())::text || '-' ||
  (select timeline_id from pg_control_checkpoint()) || '-' || $1::bigint`;

async function beginning(queryable: Queryable, employeeId: number): Promise<Position> {
  const [row] = await queryable.query<{ epoch: string; xid: string }>(
    'crm.feed.begin',
    `select ${epochText} as epoch, crm.horizon()::text as xid`,
    [employeeId],
  );
  return { kind: 'listing', epoch: row!.epoch, xid: row!.xid, afterId: 0 };
}

const listingTexts: Readonly<Record<Kind, string>> = {
  contact: `select c.id, c.version from crm.sync_list s join crm.contact c on c.id = s.contact_id
     where s.employee_id = $1 and s.contact_id > $2 order by s.contact_id limit ${pageRowsMax}`,
  event: `select a.id, a.version from (
      (select id from crm.activity where owner_employee_id = $1 and display = 'Calendar and Activities'
          and planned_start is not null and planned_completion is not null and id > $2
        order by id limit ${pageRowsMax})
      union
      (select b.id from crm.activity_employee p join crm.activity b on b.id = p.activity_id
        where p.employee_id = $1 and p.activity_id > $2 and b.display = 'Calendar and Activities'
          and b.planned_start is not null and b.planned_completion is not null
        order by p.activity_id limit ${pageRowsMax})
    ) mine join crm.activity a on a.id = mine.id order by a.id limit ${pageRowsMax}`,
  task: `select id, version from crm.activity
     where owner_employee_id = $1 and display = 'To Do and Activities' and id > $2 order by id limit ${pageRowsMax}`,
};

/**
 * A full page is followed by another one; the last one by the feed. Only the feed says "complete": a record that came back
 * behind the listing's position is in the feed.
 */
async function listingPage(
  queryable: Queryable,
  employeeId: number,
  kind: Kind,
  position: Position & { readonly kind: 'listing' },
): Promise<Reply<ChangePage>> {
  const rows = await queryable.query<{ id: number; version: number }>(`crm.feed.list.${kind}`, listingTexts[kind], [
    employeeId,
    position.afterId,
  ]);
  const { epoch, xid } = position;
  const next: Position =
    rows.length < pageRowsMax ? { kind: 'feed', epoch, xid, seq: 0 } : { ...position, afterId: rows.at(-1)!.id };
  const changes = rows.map(({ id, version }): Change => ({ kind: 'present', id: `${id}`, version: `${version}` }));
  return { ok: true, value: { changes, cursor: encodeCursor(next), complete: false } };
}

/** State of a record as seen by one employee: version when in scope, else whether and why not. */
const stateTexts: Readonly<Record<Kind, string>> = {
  contact: `select c.version, s.contact_id is not null as mine, 'unlisted' as why
     from crm.contact c left join crm.sync_list s on s.contact_id = c.id and s.employee_id = $1
     where c.id = hint.record_id`,
  event: `select a.version,
       a.display = 'Calendar and Activities' and a.planned_start is not null and a.planned_completion is not null
         and (a.owner_employee_id = $1 or exists (select from crm.activity_employee p
               where p.activity_id = a.id and p.employee_id = $1)) as mine,
       case when a.display <> 'Calendar and Activities' or a.planned_start is null or a.planned_completion is null
            then 'converted' else coalesce(hint.reason, 'unlisted') end as why
     from crm.activity a where a.id = hint.record_id`,
  task: `select a.version, a.display = 'To Do and Activities' and a.owner_employee_id = $1 as mine,
       case when a.display <> 'To Do and Activities' then 'converted' else 'reassigned' end as why
     from crm.activity a where a.id = hint.record_id`,
};

/**
 * The horizon costs a look at the server's locks, so it is asked only when there are rows; an idle position is content
 * with the cheaper lower bound.
 */
function feedText(kind: Kind): string {
  return `
    with candidate as materialized (
      select c.xid, c.seq, c.record_id, c.reason from crm.change c
       where c.employee_id = $1 and c.kind = '${kind}' and (c.xid, c.seq) > ($2::xid8, $3::bigint)
       order by c.xid, c.seq limit ${pageRowsMax}
    ), bound as materialized (
      select crm.horizon() as xid
    ), page as materialized (
      select * from candidate where xid < (select xid from bound)
    ), hint as (
      select distinct on (record_id) record_id, reason from page order by record_id, xid desc, seq desc
    )
    select ${epochText} as epoch, trimmed_before > $2::xid8 as lost, (select count(*) from page) as rows,
           case when exists (select from page) then (select xid from bound)
                else pg_snapshot_xmin(pg_current_snapshot()) end::text as horizon,
           (select json_build_array(xid::text, seq) from page order by xid desc, seq desc limit 1) as last,
           (select json_agg(json_build_array(hint.record_id, state.version, state.mine, state.why))
              from hint left join lateral (${stateTexts[kind]}) state on true) as states
      from crm.feed`;
}

const feedTexts: Readonly<Record<Kind, string>> = {
  contact: feedText('contact'),
  event: feedText('event'),
  task: feedText('task'),
};

interface FeedRow {
  readonly horizon: string;
  readonly epoch: string;
  readonly lost: boolean;
  readonly rows: number;
  readonly last: readonly [xid: string, seq: number] | null;
  readonly states: readonly State[] | null;
}

type State = readonly [id: number, version: number | null, mine: boolean | null, why: OutReason | null];

async function feedPage(
  queryable: Queryable,
  employeeId: number,
  kind: Kind,
  position: Position & { readonly kind: 'feed' },
): Promise<Reply<ChangePage>> {
  const [row] = await queryable.query<FeedRow>(`crm.feed.page.${kind}`, feedTexts[kind], [
    employeeId,
    position.xid,
    position.seq,
  ]);
  if (row === undefined) return invalid('The change feed has no row in crm.feed.');
  if (row.epoch !== position.epoch) return invalid('The database has been restored or failed over since.');
  if (row.lost) return invalid('The change feed has been trimmed beyond the position.');
  const changes = (row.states ?? []).map(changeOf);
  const cursor = encodeCursor(nextPosition(position, row));
  return { ok: true, value: { changes, cursor, complete: row.rows < pageRowsMax } };
}

function nextPosition(position: Position & { readonly kind: 'feed' }, row: FeedRow): Position {
  if (row.rows === pageRowsMax) return { ...position, xid: row.last![0], seq: row.last![1] };
  const idle = row.rows === 0 && BigInt(row.horizon) - BigInt(position.xid) < idleTransactionsMax;
  return idle ? position : { ...position, xid: row.horizon, seq: 0 };
}

function changeOf([recordId, version, mine, why]: State): Change {
  const id = `${recordId}`;
  if (version === null) return { kind: 'gone', id };
  return mine === true ? { kind: 'present', id, version: `${version}` } : { kind: 'out', id, reason: why! };
}

function invalid(message: string): Reply<ChangePage> {
  return { ok: false, fault: fault('mailbox.cursorInvalid', message) };
}
