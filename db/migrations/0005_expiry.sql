-- ── holds that end by time ────────────────────────────────────────────────────────────────────────────────────────
-- Null: it stands until it is posted or voided, as every hold does that an authorisation refers to (I4).
alter table hold add column expires_at timestamptz;
create index hold_expires on hold (expires_at) where state = 'held' and expires_at is not null;

-- ── counters of days long past are no use to anybody ──────────────────────────────────────────────────────────────
grant delete on ledger_counter to pulih_core;
