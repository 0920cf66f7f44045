-- ── a function that guards reads and writes the tables of the bank, never a temporary one of the same name ──────────────
-- A search path without pg_temp is searched behind it: whoever made a temporary `event` or `break_proposal` would have heard its events alone, or
-- have explained a break to itself.
alter function tell_change() set search_path = public, pg_temp;
alter function ensure_partitions(date) set search_path = public, pg_temp;
alter function prune_counters(date, integer) set search_path = public, pg_temp;
alter function drop_archived_month(date, bigint, bigint) set search_path = public, pg_temp;
alter function refuse_live_leaf() set search_path = public, pg_temp;
alter function refuse_unexplained() set search_path = public, pg_temp;
-- Core writes what one person proposed; the end of an entry is a change of its own.
revoke insert on treasury_entry from pulih_core;
grant insert (id, rail, direction, amount_sen, reference, proposed_by, proposed_at, proposed_signature) on treasury_entry to pulih_core;
