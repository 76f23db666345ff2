-- Where the mailbox of a pair was found last, by directory or autodiscover.
create table liaison.location (
  pair_id text collate "C" primary key,
  location json not null,
  checked_at_ms bigint not null,
  -- A connector met signs since then that the mailbox is elsewhere.
  doubted boolean not null
);
