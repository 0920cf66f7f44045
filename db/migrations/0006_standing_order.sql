-- ── standing orders: transfers that a customer agreed to once, for later ──────────────────────────────────────────
-- The schedule that a consent is for, in the form of src/standing/schedule.ts; null: one transfer, now.
alter table consent add column schedule text;

create table standing_order_move (from_state text not null, to_state text not null, primary key (from_state, to_state));
insert into standing_order_move (from_state, to_state) values
  ('new', 'active'),
  ('active', 'paused'), ('active', 'cancelled'), ('active', 'ended'),
  ('paused', 'active'), ('paused', 'cancelled'), ('paused', 'ended');

-- Dates are WIB. What is agreed never changes: core may only move the state and the place in the schedule.
create table standing_order (
  id text primary key,
  customer_id text not null references customer,
  -- One consent makes one order.
  consent_id text not null unique references consent,
  state text not null,
  previous_state text not null,
  foreign key (previous_state, state) references standing_order_move,
  -- Why we paused it; null where the customer did.
  reason text,
  debit_account text not null,
  payee_bank text not null,
  payee_account text not null,
  payee_name text not null,
  amount_sen bigint not null check (amount_sen > 0),
  -- The highest fee per transfer that the customer agreed to.
  fee_max_sen bigint not null check (fee_max_sen >= 0),
  remark text not null default '',
  repetition text not null check (repetition in ('once', 'weekly', 'monthly')),
  first_date date not null,
  until_date date check (until_date >= first_date),
  times_max integer check (times_max between 1 and 520),
  -- How many dates have a run, and the next date that has none; null after the last.
  opened_count integer not null default 0 check (opened_count >= 0),
  next_date date check (next_date >= first_date),
  made_at timestamptz not null,
  changed_at timestamptz not null,
  check (until_date is null or times_max is null),
  check (repetition <> 'once' or (until_date is null and times_max is null)),
  check (opened_count <= coalesce(times_max, opened_count)),
  check (state <> 'ended' or next_date is null)
) with (fillfactor = 80);
create index standing_order_customer on standing_order (customer_id, made_at desc);
create index standing_order_next on standing_order (next_date) where next_date is not null and state in ('active', 'paused');

-- One date of an order. The row is the work queue: an open run is due, and a lease tells peers that somebody works on it.
create table standing_order_run (
  order_id text not null references standing_order,
  date date not null,
  number integer not null check (number > 0),
  state text not null check (state in ('waiting', 'submitting', 'submitted', 'missed')),
  -- Part of the key of the payment: it rises only when the answer to the one before is known.
  attempt integer not null default 1 check (attempt > 0),
  reason text,
  payment_id text unique,
  due_at timestamptz,
  leased_until timestamptz,
  made_at timestamptz not null,
  changed_at timestamptz not null,
  version bigint not null default 0,
  primary key (order_id, date),
  unique (order_id, number),
  check ((state in ('waiting', 'submitting')) = (due_at is not null)),
  check ((state = 'submitted') = (payment_id is not null)),
  check (state <> 'missed' or reason is not null)
) with (fillfactor = 70);
create index standing_order_run_due on standing_order_run (due_at) where due_at is not null;

grant select, insert on standing_order, standing_order_run to pulih_core;
grant update (state, previous_state, reason, opened_count, next_date, changed_at) on standing_order to pulih_core;
grant update (state, attempt, reason, payment_id, due_at, leased_until, changed_at, version) on standing_order_run to pulih_core;
grant select on standing_order_move to pulih_core;
grant select on standing_order, standing_order_run, standing_order_move to pulih_guard;
-- `pulih verify` and a restart look for the answers under the keys of runs.
create index ledger_request_standing on ledger_request (key) where starts_with(key, 'standing:');
