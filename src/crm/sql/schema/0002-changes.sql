-- Versions and the change feed, kept by triggers whoever writes.
--
-- Feed: one row per (kind, record, employee) that a change may concern. Readers take a row as a hint and look at the
-- record itself, so the order of rows of concurrent transactions does not matter; `what` and `reason` say what the
-- writer did. A row is offered once every older transaction of this database has ended: readers stay below the oldest
-- running one (crm.horizon), so no row ever appears behind a reader's position (xid, seq).
--
-- Locking: who becomes concerned with a record (sync list, participant) and who changes it write the same row of the
-- record, so that one of the two sees the other.

create sequence crm.change_seq;

create table crm.change (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('crm.change_seq'),
  at timestamptz not null default now(),
  kind varchar(10) not null,
  record_id bigint not null,
  employee_id bigint not null,
  what varchar(10) not null check (what in ('present', 'gone', 'out')),
  reason varchar(12) check (reason in ('unlisted', 'reassigned', 'converted')),
  primary key (employee_id, kind, xid, seq)
);
create index change_at on crm.change using brin (at);

-- One row: transactions below `trimmed_before` may be missing from the feed.
create table crm.feed (
  one boolean primary key default true check (one),
  trimmed_before xid8 not null default '0'
);
insert into crm.feed default values;

-- Every transaction of this database below the answer was over in the caller's snapshot. Of the transactions running then,
-- one counts unless it is seen to belong to another database of the server; one that has ended since is not seen and
-- counts, which only delays. (A process number used again meanwhile has a later backend_start.)
create function crm.horizon() returns xid8 language sql stable as $$
  select coalesce(
    (select min(running.xid) from pg_snapshot_xip(pg_current_snapshot()) as running (xid)
      where not exists (
        select from pg_locks l join pg_stat_activity a using (pid)
         where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted
           and l.transactionid = running.xid::xid
           and a.datname <> current_database() and a.backend_start < statement_timestamp())),
    pg_snapshot_xmax(pg_current_snapshot()))
$$;

-- Forgets feed rows older than `keep`, but never those of the last `transactions`; a reader that found nothing for 100,000
-- transactions moves its position. Answers how many.
create function crm.trim_change(keep interval default '30 days', transactions bigint default 200000)
returns bigint language plpgsql as $$
declare
  bound xid8;
  forgotten bigint;
begin
  select max(xid) into bound from crm.change
   where at < now() - keep
     and xid::text::numeric < pg_snapshot_xmin(pg_current_snapshot())::text::numeric - transactions;
  if bound is null then return 0; end if;
  update crm.feed set trimmed_before = greatest(trimmed_before, bound);
  delete from crm.change where xid < bound;
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

create function crm.kind_of(display text) returns text language sql immutable parallel safe as $$
  select case display when 'Calendar and Activities' then 'event' when 'To Do and Activities' then 'task' end
$$;

-- A new version for every real change of a record. `stamped` names the transaction that gave the version: further
-- changes of that transaction need no other one.
create function crm.stamp() returns trigger language plpgsql as $$
begin
  new.version := nextval('crm.version');
  new.stamped := pg_current_xact_id();
  new.updated_at := now();
  return new;
end $$;

create function crm.contact_prepare() returns trigger language plpgsql as $$
begin
  -- The company as typed belongs to the account link it was typed with.
  if new.account_id is distinct from old.account_id and new.company_name is not distinct from old.company_name then
    new.company_name := null;
  end if;
  return new;
end $$;

create function crm.activity_prepare() returns trigger language plpgsql as $$
begin
  if new.time_zone is null and not new.all_day and new.planned_start is not null then
    new.time_zone := (select time_zone from crm.employee where id = new.owner_employee_id);
  end if;
  -- Mailboxes cannot hold a completed task without its day: the day is the owner's today.
  if new.status = 'Done' and new.done_date is null then
    new.done_date := (select now() at time zone time_zone from crm.employee where id = new.owner_employee_id)::date;
  end if;
  return new;
end $$;

-- Alphabetical order of names is the order in which triggers run: prepare before stamp.
create trigger contact_1_prepare before update on crm.contact for each row execute function crm.contact_prepare();
create trigger contact_2_stamp_new before insert on crm.contact for each row execute function crm.stamp();
create trigger contact_2_stamp before update on crm.contact for each row
  when (new is distinct from old) execute function crm.stamp();
create trigger activity_1_prepare before insert or update on crm.activity for each row
  when (new.time_zone is null or new.status = 'Done') execute function crm.activity_prepare();
create trigger activity_2_stamp_new before insert on crm.activity for each row execute function crm.stamp();
create trigger activity_2_stamp before update on crm.activity for each row
  when (new is distinct from old) execute function crm.stamp();

-- Contacts.

create function crm.contact_changed() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    -- Its sync list falls with it and tells the employees.
    delete from crm.link_key using old_rows o where kind = 'contact' and record_id = o.id;
    return null;
  end if;
  if tg_op = 'INSERT' then
    perform from crm.account where id in (select account_id from new_rows) for share;
    return null;
  end if;
  perform from crm.account where id in (
    select n.account_id from new_rows n join old_rows o using (id) where n.account_id is distinct from o.account_id)
    for share;
  insert into crm.change (kind, record_id, employee_id, what)
  select 'contact', n.id, s.employee_id, 'present'
    from new_rows n
    join old_rows o on o.id = n.id and o.version <> n.version
    join crm.sync_list s on s.contact_id = n.id;
  return null;
end $$;

create trigger contact_inserted after insert on crm.contact referencing new table as new_rows
  for each statement execute function crm.contact_changed();
create trigger contact_updated after update on crm.contact referencing old table as old_rows new table as new_rows
  for each statement execute function crm.contact_changed();
create trigger contact_deleted after delete on crm.contact referencing old table as old_rows
  for each statement execute function crm.contact_changed();

-- Rows of a contact's own tables: the contact gets a new version, once per transaction.
create function crm.contact_part_changed() returns trigger language plpgsql as $$
declare
  ids bigint[];
begin
  case tg_op
    when 'INSERT' then select array_agg(distinct contact_id) into ids from new_rows;
    when 'DELETE' then select array_agg(distinct contact_id) into ids from old_rows;
    else
      select array_agg(distinct contact_id) into ids from (
        (select * from new_rows except select * from old_rows) union all
        (select * from old_rows except select * from new_rows)) changed;
  end case;
  if ids is null then return null; end if;
  update crm.contact set version = -1 where id = any (ids) and stamped <> pg_current_xact_id();
  return null;
end $$;

create function crm.account_changed() returns trigger language plpgsql as $$
begin
  update crm.contact c set company_name = null, version = -1
    from new_rows n join old_rows o using (id)
   where n.name <> o.name and c.account_id = n.id;
  return null;
end $$;

create trigger account_updated after update on crm.account referencing old table as old_rows new table as new_rows
  for each statement execute function crm.account_changed();

create function crm.sync_list_changed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into crm.change (kind, record_id, employee_id, what, reason)
    select 'contact', o.contact_id, o.employee_id,
           case when c.id is null then 'gone' else 'out' end,
           case when c.id is not null then 'unlisted' end
      from old_rows o left join crm.contact c on c.id = o.contact_id;
  end if;
  if tg_op <> 'DELETE' then
    -- Changes nothing; waits for whoever is changing the contact without knowing of the new entry.
    update crm.contact set id = id
     where id in (select contact_id from new_rows) and stamped <> pg_current_xact_id();
    insert into crm.change (kind, record_id, employee_id, what)
    select 'contact', contact_id, employee_id, 'present' from new_rows;
  end if;
  return null;
end $$;

create trigger sync_list_inserted after insert on crm.sync_list referencing new table as new_rows
  for each statement execute function crm.sync_list_changed();
create trigger sync_list_updated after update on crm.sync_list referencing old table as old_rows new table as new_rows
  for each statement execute function crm.sync_list_changed();
create trigger sync_list_deleted after delete on crm.sync_list referencing old table as old_rows
  for each statement execute function crm.sync_list_changed();

-- Activities.

create function crm.activity_changed() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into crm.change (kind, record_id, employee_id, what)
    select crm.kind_of(n.display), n.id, n.owner_employee_id, 'present'
      from new_rows n where crm.kind_of(n.display) is not null;
    return null;
  end if;
  if tg_op = 'DELETE' then
    delete from crm.link_key using old_rows o where kind <> 'contact' and record_id = o.id;
    -- Its participants fall with it and tell the other employees.
    insert into crm.change (kind, record_id, employee_id, what)
    select crm.kind_of(o.display), o.id, o.owner_employee_id, 'gone'
      from old_rows o where crm.kind_of(o.display) is not null;
    return null;
  end if;
  insert into crm.change (kind, record_id, employee_id, what, reason)
  with changed as materialized (
    select n.id, crm.kind_of(o.display) as old_kind, crm.kind_of(n.display) as new_kind,
           o.owner_employee_id as old_owner, n.owner_employee_id as new_owner
      from new_rows n join old_rows o on o.id = n.id and o.version <> n.version
  )
  select new_kind, id, new_owner, 'present', null from changed where new_kind is not null
  union all
  select old_kind, id, old_owner, 'out',
         case when old_kind is distinct from new_kind then 'converted' else 'reassigned' end
    from changed where old_kind is not null and (old_kind is distinct from new_kind or old_owner <> new_owner)
  union all
  select 'event', c.id, p.employee_id, case when new_kind = 'event' then 'present' else 'out' end,
         case when new_kind is distinct from 'event' then 'converted' end
    from changed c join crm.activity_employee p on p.activity_id = c.id
   where 'event' in (old_kind, new_kind);
  return null;
end $$;

create trigger activity_inserted after insert on crm.activity referencing new table as new_rows
  for each statement execute function crm.activity_changed();
create trigger activity_updated after update on crm.activity referencing old table as old_rows new table as new_rows
  for each statement execute function crm.activity_changed();
create trigger activity_deleted after delete on crm.activity referencing old table as old_rows
  for each statement execute function crm.activity_changed();

create function crm.activity_part_changed() returns trigger language plpgsql as $$
declare
  ids bigint[];
begin
  case tg_op
    when 'INSERT' then select array_agg(distinct activity_id) into ids from new_rows;
    when 'DELETE' then select array_agg(distinct activity_id) into ids from old_rows;
    else
      select array_agg(distinct activity_id) into ids from (
        (select * from new_rows except select * from old_rows) union all
        (select * from old_rows except select * from new_rows)) changed;
  end case;
  if ids is null then return null; end if;
  update crm.activity set version = -1 where id = any (ids) and stamped <> pg_current_xact_id();
  return null;
end $$;

-- An employee who becomes or ceases to be a participant.
create function crm.activity_employee_changed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into crm.change (kind, record_id, employee_id, what, reason)
    select 'event', o.activity_id, o.employee_id,
           case when a.id is null then 'gone' else 'out' end,
           case when a.id is not null then 'unlisted' end
      from old_rows o left join crm.activity a on a.id = o.activity_id
     where a.id is null or crm.kind_of(a.display) = 'event';
  end if;
  if tg_op <> 'DELETE' then
    insert into crm.change (kind, record_id, employee_id, what)
    select 'event', n.activity_id, n.employee_id, 'present'
      from new_rows n join crm.activity a on a.id = n.activity_id and crm.kind_of(a.display) = 'event';
  end if;
  return null;
end $$;

create trigger activity_employee_2_inserted after insert on crm.activity_employee referencing new table as new_rows
  for each statement execute function crm.activity_employee_changed();
create trigger activity_employee_2_updated after update on crm.activity_employee
  referencing old table as old_rows new table as new_rows
  for each statement execute function crm.activity_employee_changed();
create trigger activity_employee_2_deleted after delete on crm.activity_employee referencing old table as old_rows
  for each statement execute function crm.activity_employee_changed();

do $$
declare
  part record;
begin
  for part in
    select * from (values
      ('contact_email', 'contact'), ('contact_im', 'contact'), ('contact_phone', 'contact'),
      ('contact_address', 'contact'), ('activity_employee', 'activity'), ('activity_contact', 'activity'),
      ('activity_other', 'activity'), ('activity_repeat', 'activity'), ('activity_exception', 'activity')
    ) parts (name, record)
  loop
    execute format('create trigger %1$s_1_inserted after insert on crm.%1$s referencing new table as new_rows
      for each statement execute function crm.%2$s_part_changed()', part.name, part.record);
    execute format('create trigger %1$s_1_updated after update on crm.%1$s
      referencing old table as old_rows new table as new_rows
      for each statement execute function crm.%2$s_part_changed()', part.name, part.record);
    execute format('create trigger %1$s_1_deleted after delete on crm.%1$s referencing old table as old_rows
      for each statement execute function crm.%2$s_part_changed()', part.name, part.record);
  end loop;
end $$;

-- Participants keep the address and name they were invited under.
create function crm.employee_invited() returns trigger language plpgsql as $$
begin
  select coalesce(new.address, e.email), coalesce(new.name, nullif(concat_ws(' ', e.first_name, e.last_name), ''))
    into new.address, new.name from crm.employee e where e.id = new.employee_id;
  return new;
end $$;

create function crm.contact_invited() returns trigger language plpgsql as $$
begin
  select coalesce(new.address, m.address), coalesce(new.name, nullif(concat_ws(' ', c.first_name, c.last_name), ''))
    into new.address, new.name
    from crm.contact c left join crm.contact_email m on m.contact_id = c.id
   where c.id = new.contact_id order by m.slot limit 1;
  return new;
end $$;

create trigger activity_employee_0_invited before insert on crm.activity_employee for each row
  when (new.address is null) execute function crm.employee_invited();
create trigger activity_contact_0_invited before insert on crm.activity_contact for each row
  when (new.address is null) execute function crm.contact_invited();

-- TRUNCATE fires none of the triggers above, so it would leave no trace in the feed.
create function crm.refuse_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'Use DELETE: TRUNCATE of crm.% would not be noticed by synchronisation.', tg_table_name;
end $$;

create trigger contact_truncate before truncate on crm.contact execute function crm.refuse_truncate();
create trigger activity_truncate before truncate on crm.activity execute function crm.refuse_truncate();
create trigger sync_list_truncate before truncate on crm.sync_list execute function crm.refuse_truncate();
create trigger activity_employee_truncate before truncate on crm.activity_employee
  execute function crm.refuse_truncate();
