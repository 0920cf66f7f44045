-- ── bulk: lists of transfers that a company orders at once ────────────────────────────────────────────────────────────
-- Which company may send lists, and what by them on a WIB day: two people of onboarding write it with the owner's role. Core reads.
create table bulk_agreement (
  id text primary key,
  customer_id text not null references customer,
  row_max integer not null check (row_max between 1 and 10000),
  day_max_sen bigint not null check (day_max_sen > 0),
  proposed_by text not null references staff,
  approved_by text not null references staff,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint bulk_agreement_two_people check (proposed_by <> approved_by)
);
create unique index bulk_agreement_live on bulk_agreement (customer_id) where ended_at is null;

create table bulk_move (from_state text not null, to_state text not null, primary key (from_state, to_state));
insert into bulk_move (from_state, to_state) values
  ('new', 'checking'),
  ('checking', 'ready'), ('checking', 'cancelled'), ('checking', 'expired'),
  ('ready', 'running'), ('ready', 'cancelled'), ('ready', 'expired'),
  ('running', 'paused'), ('running', 'done'), ('running', 'cancelled'),
  ('paused', 'running'), ('paused', 'cancelled'), ('paused', 'expired');

-- The row is the work queue: due, and a lease while a process works on it. What was agreed is written once.
create table bulk (
  id text primary key,
  customer_id text not null references customer,
  upload_key text not null,
  file_hash bytea not null check (length(file_hash) = 32),
  name text not null check (name <> ''),
  debit_account text not null,
  row_count integer not null check (row_count between 1 and 10000),
  state text not null,
  previous_state text not null,
  foreign key (previous_state, state) references bulk_move,
  reason text,
  agreed_at timestamptz,
  agreed_count integer check (agreed_count between 1 and row_count),
  agreed_sen bigint check (agreed_sen > 0),
  agreed_fee_sen bigint check (agreed_fee_sen >= 0),
  agreed_key text,
  text_shown text,
  language text check (language in ('id', 'en')),
  session_hash bytea,
  device text,
  -- Until when it waits for the PIN, and from then on until when its rows are tried.
  ends_at timestamptz not null,
  due_at timestamptz,
  leased_until timestamptz,
  made_at timestamptz not null,
  changed_at timestamptz not null,
  version bigint not null default 0,
  unique (customer_id, upload_key),
  check (num_nonnulls(agreed_at, agreed_count, agreed_sen, agreed_fee_sen, agreed_key, text_shown, language, session_hash, device) in (0, 9)),
  check (state not in ('running', 'paused', 'done') or agreed_at is not null)
) with (fillfactor = 70);
create index bulk_customer on bulk (customer_id, made_at desc);
create index bulk_due on bulk (due_at) where due_at is not null;

create table bulk_row (
  bulk_id text not null references bulk,
  position integer not null check (position > 0),
  bank text not null,
  account text not null,
  name text not null,
  amount_sen bigint check (amount_sen > 0),
  remark text not null,
  state text not null check (state in ('unchecked', 'faulty', 'checked', 'submitting', 'submitted', 'refused')),
  -- Why it cannot be paid, was not paid, or waits.
  reason text,
  fee_sen bigint check (fee_sen >= 0),
  -- Part of the key of the payment: it rises only when the answer to the one before is known.
  attempt integer not null default 1 check (attempt > 0),
  payment_id text unique,
  due_at timestamptz,
  primary key (bulk_id, position),
  check (state = 'faulty' or amount_sen is not null),
  check (state in ('unchecked', 'faulty') or fee_sen is not null),
  check ((state = 'submitted') = (payment_id is not null)),
  check (state not in ('faulty', 'refused') or reason is not null)
) with (fillfactor = 70);
create index bulk_row_open on bulk_row (bulk_id, state, position) where state in ('unchecked', 'checked', 'submitting');

-- Of a list's own payments its payer hears once.
alter table payment add column bulk_id text;

grant select on bulk_agreement, bulk_move to pulih_core;
grant update (ended_at) on bulk_agreement to pulih_core;
grant select, insert on bulk, bulk_row to pulih_core;
grant update (state, previous_state, reason, agreed_at, agreed_count, agreed_sen, agreed_fee_sen, agreed_key, text_shown, language, session_hash,
  device, ends_at, due_at, leased_until, changed_at, version) on bulk to pulih_core;
grant update (state, reason, fee_sen, attempt, payment_id, due_at) on bulk_row to pulih_core;
grant select on bulk, bulk_row, bulk_move, bulk_agreement to pulih_guard;
-- `pulih verify` looks for the answers under the keys of rows.
create index ledger_request_bulk on ledger_request (key) where starts_with(key, 'bulk:');

-- ── direct debit: a code by message before a larger payment is taken ─────────────────────────────────────────────────
-- Only hashes; the code's hash is over the token too, so that who reads the table cannot try a million codes.
create table direct_debit_challenge (
  id text primary key,
  partner_id text not null references partner,
  partner_reference_no text not null,
  request_hash bytea not null check (length(request_hash) = 32),
  grant_id text not null references access_grant,
  token_hash bytea not null unique check (length(token_hash) = 32),
  code_hash bytea not null check (length(code_hash) = 32),
  try_count integer not null default 0 check (try_count between 0 and 3),
  expires_at timestamptz not null,
  passed_at timestamptz,
  made_at timestamptz not null
);
create index direct_debit_challenge_grant on direct_debit_challenge (grant_id, made_at);
grant select, insert on direct_debit_challenge to pulih_core;
grant update (try_count, passed_at) on direct_debit_challenge to pulih_core;
