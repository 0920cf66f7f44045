-- ── holds that end by time ────────────────────────────────────────────────────────────────────────────────────────
-- Null: it stands until it is posted or voided, as every hold does that an authorisation refers to (I4).
alter table hold add column expires_at timestamptz;
create index hold_expires on hold (expires_at) where state = 'held' and expires_at is not null;

-- ── counters of days long past are no use to anybody ──────────────────────────────────────────────────────────────
-- Core's role deletes none by itself: who could delete today's would have a limit twice. By the server's own clock, whoever asks.
-- A counter that a batch holds is left for the next time.
create function prune_counters(before_day date, row_limit integer) returns integer
language plpgsql security definer set search_path = public as $$
declare deleted integer;
begin
  if before_day > current_date - 100 then
    raise exception 'counters of the last 100 days are kept' using errcode = 'check_violation';
  end if;
  with old as (
    select key from ledger_counter where starts_with(key, 'day|') and right(key, 10) < before_day::text order by key
    limit row_limit for update skip locked
  )
  delete from ledger_counter c using old where c.key = old.key;
  get diagnostics deleted = row_count;
  return deleted;
end $$;
revoke execute on function prune_counters(date, integer) from public;
grant execute on function prune_counters(date, integer) to pulih_core;
