-- ── fees: data with effective dates ───────────────────────────────────────────────────────────────────────────────
-- What a transfer costs, tax included. The layer that began last wins within its channel and band (src/payment/tariff.ts). Rows are
-- never changed: a new price is a new version. It is announced ahead of its beginning, so that every process knows it by then and no
-- fee that was charged is ever made wrong afterwards.
create table fee_tariff (
  rail text not null check (rail in ('bifast', 'onus')),
  kind text not null check (kind in ('credit_transfer')),
  version integer not null check (version >= 0),
  -- Null means every channel.
  channel text check (channel in ('snap', 'mobile', 'console', 'synthetic')),
  -- The band of amounts, first value in, last value out; null means no end.
  amount_from_sen bigint not null default 0 check (amount_from_sen >= 0),
  amount_to_sen bigint check (amount_to_sen > amount_from_sen),
  fee_sen bigint not null check (fee_sen >= 0),
  -- The part of the fee that is tax, as a rate on the rest; null means none.
  tax_basis_points integer check (tax_basis_points between 1 and 10000),
  valid_from timestamptz not null,
  proposed_by text references staff,
  approved_by text references staff,
  approved_at timestamptz,
  source text not null,
  primary key (rail, kind, version),
  -- Version 0 came with the software; every other one is the word of two people (I5).
  constraint fee_tariff_two_people check (version = 0
    or (proposed_by is not null and approved_by is not null and proposed_by <> approved_by)),
  constraint fee_tariff_announced check (version = 0
    or (approved_at is not null and valid_from >= approved_at + interval '1 minute'))
);
insert into fee_tariff (rail, kind, version, fee_sen, valid_from, source) values
  ('bifast', 'credit_transfer', 0, 250000, '1970-01-01T00:00:00Z', 'BI-FAST: at most Rp2.500 for the customer'),
  ('onus', 'credit_transfer', 0, 0, '1970-01-01T00:00:00Z', 'transfers within the bank are free');
create trigger fee_tariff_append_only before update or delete on fee_tariff for each row execute function refuse_change();
grant select on fee_tariff to pulih_core, pulih_guard;

alter table payment add column tax_hold bigint;

-- ── limits: counted beside the money, in its own commit ───────────────────────────────────────────────────────────
-- One row per limit and day, locked after the accounts in ascending key order by whoever posts: processes agree exactly.
create table ledger_counter (
  key text primary key,
  amount_sen bigint not null default 0 check (amount_sen >= 0),
  count bigint not null default 0 check (count >= 0),
  -- Instants in UTC ms of what still lies in a sliding window; at most 1,000.
  recent_ms bigint[] not null default '{}' check (cardinality(recent_ms) <= 1000)
) with (fillfactor = 70);
grant select, insert, update on ledger_counter to pulih_core;
grant select on ledger_counter to pulih_guard;

-- The counter that a payment was counted in, so that a refund gives back there and nowhere else; null = not counted.
alter table payment add column counted_in text;
