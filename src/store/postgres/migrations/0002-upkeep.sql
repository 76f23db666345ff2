-- What people see, and what is forgotten in time.

-- An item of a pair may be parked too: one that became unreadable after it was paired.
drop index liaison.item_parked;
create index item_parked on liaison.item (pair_id, side, kind, id) where parked is not null;

-- The tombstones alone, for their retirement.
create index link_ended on liaison.link (pair_id, link_key) where not active;

-- Decisions that a person wants undone, by their journal numbers; the next cycle answers them.
create table liaison.undo (
  pair_id text collate "C" not null,
  decision bigint not null,
  primary key (pair_id, decision)
);
