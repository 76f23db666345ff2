-- What people ask for, what is made anew, and under which mapping items are read.

-- A person's word of any kind, in place of the table of undoings alone. A newer one about the same subject takes a new
-- number, so that it is not answered with the older one.
create table liaison.request (
  pair_id text collate "C" not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  number bigint not null generated always as identity,
  request json not null,
  primary key (pair_id, kind, subject)
);

insert into liaison.request (pair_id, kind, subject, request)
select pair_id, 'undo', decision::text, format('{"kind":"undo","decision":%s}', decision)::json
  from liaison.undo order by undo.pair_id, undo.decision;

drop table liaison.undo;

-- What is to be made on both sides, as long as neither has it.
alter table liaison.link add column make json;

-- What a feed is read under, and its first epoch. All that was read so far was read under something older.
alter table liaison.feed add column mapping text not null default '';
alter table liaison.feed alter column mapping drop default;
alter table liaison.feed add column mapped_epoch integer not null default 1;
alter table liaison.feed alter column mapped_epoch drop default;
