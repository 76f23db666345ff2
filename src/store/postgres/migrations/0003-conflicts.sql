-- What conflicts are decided by, and those that wait for a person.

-- What the side knows about the item beside its content; kept with the item.
alter table liaison.item add column facts json;

-- Null when nothing waits.
alter table liaison.link add column holds json;

create index link_held on liaison.link (pair_id, link_key) where holds is not null and active;

-- How many mailboxes are held is asked across all of them.
create index brake_held on liaison.brake (pair_id) where state = 'held';
