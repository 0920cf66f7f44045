-- ── what a network, the regulator or another bank told us, and who read it ─────────────────────────────────────────────
create table external_alarm (
  id text primary key check (id ~ '^xal_[0-9A-Za-z]{1,60}$'),
  source text not null check (source in ('switch', 'regulator', 'bank', 'partner', 'customer')),
  -- Theirs: the same reference of the same source is the same alarm.
  reference text not null check (reference ~ '^[A-Za-z0-9/._-]{3,60}$'),
  rail text not null check (rail in ('bifast', 'switch', 'qris', 'biller')),
  raised_by text not null references staff,
  raised_at timestamptz not null,
  acknowledged_by text references staff,
  acknowledged_at timestamptz,
  unique (source, reference),
  check ((acknowledged_by is null) = (acknowledged_at is null))
);
create index external_alarm_open on external_alarm (raised_at) where acknowledged_at is null;
grant select, insert, update (acknowledged_by, acknowledged_at) on external_alarm to pulih_core;
grant select on external_alarm to pulih_guard;
