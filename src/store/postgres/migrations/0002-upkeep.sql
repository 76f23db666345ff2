-- What people see, and what is forgotten in time.

-- An item of a pair may be parked too: one that became unreadable after it was paired.
drop index liaison.item_parked;
create index item_parked on liaison.item (pair_id, side, kind, id) where parked is not null;

-- The tombstones alone, for their retirement.
create index link_ended on liaison.link (pair_id, link_key) where not active;
