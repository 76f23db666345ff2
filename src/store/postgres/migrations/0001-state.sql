-- The state of Liaison. Every table is keyed by pair first, so that all of them partition by mailbox.
--
-- There are no foreign keys: every write of a pair's state holds the row lock of its schedule, and dropping a pair takes
-- the same lock first, so no row can be left behind and no row pays for the check.
--
-- Identifiers are compared byte by byte (collate "C"): remote ids differ in case only, and paging needs one stable order.
-- Items and the like are json, not jsonb: they are returned as they were given and no query looks inside.

-- One row per user of the user map. Unique at the end of a statement, so that two users can swap their mailboxes.
create table liaison.pair (
  pair_id text collate "C" primary key,
  crm_user text collate "C" not null,
  mailbox text collate "C" not null,
  server text not null,
  levels json not null,
  zone text,
  constraint pair_crm_user_once unique (crm_user) deferrable initially immediate,
  constraint pair_mailbox_once unique (mailbox) deferrable initially immediate
);

-- When a pair is worked on, and by whom. While it is leased, next_at_ms is the end of the lease.
create table liaison.pair_schedule (
  pair_id text collate "C" primary key,
  -- The pair is switched on. Kept here, because it decides what is due.
  enabled boolean not null,
  next_at_ms bigint not null default 0,
  owner text collate "C",
  lease_until_ms bigint not null default 0,
  -- Grows with every claim; guards every commit.
  fence bigint not null default 0,
  -- The first signal since the running cycle was claimed.
  signalled_at_ms bigint,
  attempts integer not null default 0,
  last_outcome json,
  last_good_at text
) with (fillfactor = 50);

create index pair_schedule_due on liaison.pair_schedule (next_at_ms, pair_id) where enabled;

create table liaison.feed (
  pair_id text collate "C" not null,
  side text collate "C" not null check (side in ('crm', 'mailbox')),
  kind text collate "C" not null check (kind in ('contact', 'event', 'task')),
  epoch integer not null,
  cursor text,
  listed boolean not null,
  verified boolean not null,
  primary key (pair_id, side, kind)
) with (fillfactor = 70);

-- What a side last said about one of its items. The primary key also serves the search for items not seen in a listing.
create table liaison.item (
  pair_id text collate "C" not null,
  side text collate "C" not null check (side in ('crm', 'mailbox')),
  kind text collate "C" not null check (kind in ('contact', 'event', 'task')),
  id text collate "C" not null,
  version text not null,
  presence text collate "C" not null check (presence in ('present', 'gone', 'out', 'unreadable')),
  evidence text,
  out_reason text,
  item json,
  link_key text collate "C",
  claimed_key text,
  epoch integer not null,
  pending boolean not null,
  -- Each key carries pair, kind and side in front, so that one index serves all mailboxes.
  match_keys text[] collate "C" not null,
  parked text,
  primary key (pair_id, side, kind, id)
) with (fillfactor = 85);

create index item_pending_unlinked on liaison.item (pair_id, kind, side, id) where pending and link_key is null;
create index item_pending_linked on liaison.item (pair_id, kind, link_key) where pending and link_key is not null;
create index item_parked on liaison.item (pair_id, side, kind, id) where parked is not null and link_key is null;
create index item_match on liaison.item using gin (match_keys) with (fastupdate = off)
  where link_key is null and presence = 'present' and match_keys <> '{}';

-- Two items that are the same thing. A link that has ended stays as the tombstone.
create table liaison.link (
  pair_id text collate "C" not null,
  link_key text collate "C" not null,
  kind text collate "C" not null check (kind in ('contact', 'event', 'task')),
  origin text not null check (origin in ('crm', 'mailbox', 'match')),
  crm_id text collate "C",
  mailbox_id text collate "C",
  base json,
  crm_prints json,
  mailbox_prints json,
  quarantine json,
  -- The quarantine's next try; null exactly when there is no quarantine.
  probe_at_ms bigint,
  ended_reason text,
  ended_at text,
  active boolean not null generated always as (ended_at is null) stored,
  primary key (pair_id, link_key),
  check ((quarantine is null) = (probe_at_ms is null)),
  check ((ended_reason is null) = (ended_at is null)),
  check ((crm_prints is null) = (mailbox_prints is null))
) with (fillfactor = 85);

-- The indexes name active, not ended_at: before the first statistics PostgreSQL takes any "is null" for rare, and would
-- choose the index of all active links where the one of the few without base is meant.
create index link_active on liaison.link (pair_id, link_key) include (kind) where active;
create index link_without_base on liaison.link (pair_id, kind, link_key) where base is null and active;
create index link_quarantined on liaison.link (pair_id, link_key) where probe_at_ms is not null and active;

-- Remote writes that may or may not have happened; a settled one is deleted.
create table liaison.intent (
  pair_id text collate "C" not null,
  intent_id text collate "C" not null,
  link_key text collate "C" not null,
  kind text collate "C" not null check (kind in ('contact', 'event', 'task')),
  side text collate "C" not null check (side in ('crm', 'mailbox')),
  op text not null check (op in ('create', 'update', 'remove')),
  state text not null check (state in ('armed', 'sent')),
  remote_id text collate "C",
  expected_version text,
  target json,
  paths text[] not null,
  first_sent_at_ms bigint,
  attempts integer not null,
  cell text not null,
  primary key (pair_id, intent_id),
  constraint intent_once_per_link unique (pair_id, link_key) deferrable initially immediate
) with (fillfactor = 70);

-- Append-only. Commits of one pair follow one another, so its sequence numbers become visible in order.
create table liaison.journal (
  pair_id text collate "C" not null,
  sequence bigint generated always as identity,
  at text not null,
  kind text collate "C" not null check (kind in ('contact', 'event', 'task')),
  link_key text collate "C",
  event text collate "C" not null,
  side text collate "C" check (side in ('crm', 'mailbox')),
  detail json not null,
  primary key (pair_id, sequence)
);

create index journal_of_link on liaison.journal (pair_id, link_key, sequence) where link_key is not null;

create table liaison.brake (
  pair_id text collate "C" not null,
  side text collate "C" not null check (side in ('crm', 'mailbox')),
  kind text collate "C" not null check (kind in ('contact', 'event', 'task')),
  work text collate "C" not null check (work in ('removals', 'overwrites')),
  count integer not null,
  links integer not null,
  plan text not null,
  sample text[] not null,
  since text not null,
  state text not null check (state in ('held', 'released', 'cleared')),
  primary key (pair_id, side, kind, work)
);
