/** Counts over all tables of one pair. */
import type { Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import type { PairDetails, PairId, Tally, Waiting } from '../port.ts';

interface WaitingColumns {
  readonly kind: Kind;
  readonly pending_links: number;
  readonly set_aside: number;
  readonly unlinked: number;
  readonly leaving_crm: number;
  readonly leaving_mailbox: number;
  readonly unreadable: number;
  readonly held_brakes: number;
  readonly active_links: number;
}

/** Reads only the indexes of pending items, links without base and active links. `pair` names the pair's id in SQL. */
function waitingText(pair: string): string {
  return `with pending as materialized (
   select kind, side, id, presence, link_key, parked
     from liaison.item where pair_id = ${pair} and pending and link_key is null
   union all
   select kind, side, id, presence, link_key, parked
     from liaison.item where pair_id = ${pair} and pending and link_key is not null
 ), work as (
   select pending.kind, pending.link_key, named.aside
     from pending cross join lateral (
       select link.probe_at_ms is not null as aside from liaison.link
        where link.pair_id = ${pair} and link.link_key = pending.link_key and link.kind = pending.kind and link.active
          and pending.id = case pending.side when 'crm' then link.crm_id else link.mailbox_id end
       offset 0
     ) as named
   union
   select kind, link_key, probe_at_ms is not null from liaison.link where pair_id = ${pair} and base is null and active
 ), links as (
   select kind, count(*) as pending_links, count(*) filter (where aside) as set_aside from work
    where not exists (select from liaison.intent where intent.pair_id = ${pair} and intent.link_key = work.link_key)
    group by kind
 ), items as (
   select kind,
          count(*) filter (where presence = 'present' and link_key is null and parked is null) as unlinked,
          count(*) filter (where side = 'crm' and presence in ('gone', 'out')) as leaving_crm,
          count(*) filter (where side = 'mailbox' and presence in ('gone', 'out')) as leaving_mailbox,
          count(*) filter (where presence = 'unreadable') as unreadable
     from pending group by kind
 ), brakes as (
   select kind, count(*) as held_brakes from liaison.brake where pair_id = ${pair} and state = 'held' group by kind
 ), active as (
   select kind, count(*) as active_links from liaison.link where pair_id = ${pair} and active group by kind
 )
 select kind, coalesce(pending_links, 0) as pending_links, coalesce(set_aside, 0) as set_aside,
        coalesce(unlinked, 0) as unlinked, coalesce(leaving_crm, 0) as leaving_crm,
        coalesce(leaving_mailbox, 0) as leaving_mailbox,
        coalesce(unreadable, 0) as unreadable, coalesce(held_brakes, 0) as held_brakes,
        coalesce(active_links, 0) as active_links
   from links full join items using (kind) full join brakes using (kind) full join active using (kind)`;
}

const waitingOfOne = waitingText('$1');
const waitingOfMany = ofMany(waitingText('asked.pair_id'));

/** The statement about one pair for each of several; its subject is `asked.pair_id`. */
function ofMany(text: string): string {
  return `select asked.pair_id, said.* from unnest($1::text[]) as asked (pair_id) cross join lateral (${text}) as said`;
}

/** Asked in every cycle. */
export async function readWaiting(queryable: Queryable, pairId: PairId): Promise<readonly Waiting[]> {
  return waitingFrom(await queryable.query<WaitingColumns>('totals.waiting', waitingOfOne, [pairId]));
}

function waitingFrom(rows: readonly WaitingColumns[]): readonly Waiting[] {
  return kinds.map((kind) => {
    const row = rows.find((each) => each.kind === kind);
    return {
      kind,
      pendingLinks: row?.pending_links ?? 0,
      setAside: row?.set_aside ?? 0,
      unlinked: row?.unlinked ?? 0,
      leaving: { crm: row?.leaving_crm ?? 0, mailbox: row?.leaving_mailbox ?? 0 },
      unreadable: row?.unreadable ?? 0,
      heldBrakes: row?.held_brakes ?? 0,
      activeLinks: row?.active_links ?? 0,
    };
  });
}

interface TallyColumns {
  readonly kind: Kind;
  readonly name: string;
  readonly count: number;
}

function talliesText(pair: string): string {
  return `select kind, ' paired' as name, count(*) as count
     from liaison.link
    where pair_id = ${pair} and active and crm_id is not null and mailbox_id is not null group by kind
   union all
   select kind, ' quarantined', count(*)
     from liaison.link where pair_id = ${pair} and active and probe_at_ms is not null group by kind
   union all
   select kind, ' held', count(*)
     from liaison.link where pair_id = ${pair} and active and holds is not null group by kind
   union all
   select kind, ' review', count(*)
     from liaison.item where pair_id = ${pair} and parked is not null group by kind
   union all
   select kind, event || coalesce('.' || side, ''), count(*)
     from liaison.journal where pair_id = ${pair} group by kind, event, side`;
}

const talliesOfOne = talliesText('$1');
const talliesOfMany = ofMany(talliesText('asked.pair_id'));

export async function readTallies(queryable: Queryable, pairId: PairId): Promise<readonly Tally[]> {
  return talliesFrom(await queryable.query<TallyColumns>('totals.tallies', talliesOfOne, [pairId]));
}

function talliesFrom(rows: readonly TallyColumns[]): readonly Tally[] {
  return kinds.map((kind) => {
    const counts = new Map(rows.filter((row) => row.kind === kind).map((row) => [row.name, row.count]));
    return {
      kind,
      paired: counts.get(' paired') ?? 0,
      quarantined: counts.get(' quarantined') ?? 0,
      review: counts.get(' review') ?? 0,
      held: counts.get(' held') ?? 0,
      events: Object.fromEntries([...counts].filter(([name]) => !name.startsWith(' '))),
    };
  });
}

interface OfPair {
  readonly pair_id: PairId;
}

/** Waiting work and totals of several pairs, in two statements. */
export async function readTotals(
  queryable: Queryable,
  pairIds: readonly PairId[],
): Promise<(pairId: PairId) => Pick<PairDetails, 'waiting' | 'tallies'>> {
  const [waiting, tallies] = await Promise.all([
    queryable.query<WaitingColumns & OfPair>('totals.waitingOfMany', waitingOfMany, [pairIds]),
    queryable.query<TallyColumns & OfPair>('totals.talliesOfMany', talliesOfMany, [pairIds]),
  ]);
  const waitingOf = Map.groupBy(waiting, (row) => row.pair_id);
  const talliesOf = Map.groupBy(tallies, (row) => row.pair_id);
  return (pairId) => ({
    waiting: waitingFrom(waitingOf.get(pairId) ?? []),
    tallies: talliesFrom(talliesOf.get(pairId) ?? []),
  });
}
