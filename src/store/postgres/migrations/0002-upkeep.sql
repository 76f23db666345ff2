-- What people see and ask for, and what is forgotten in time.

-- An item of a pair may be parked too: one that became unreadable after it was paired.
drop index liaison.item_parked;
create index item_parked on liaison.item (pair_id, side, kind, id) where parked is not null;

-- The tombstones alone, for their retirement.
create index link_ended on liaison.link (pair_id, link_key) where not active;

-- What a person asked for; the next pass carries it out and deletes it.
create table liaison.request (
  pair_id text collate "C" not null,
  -- The journal entry that is to be undone.
  decision bigint not null,
  at text not null,
  -- The link under which a removed item is being made again; null before.
  made text collate "C",
  primary key (pair_id, decision)
);
