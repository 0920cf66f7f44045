-- ── a change is told as of now, whatever time its row names ───────────────────────────────────────────────────────────
-- A row dated back told its change in a month that is long closed. The time that a row names counts from the newest event of the stream on: the
-- stream's own clock, because the clock of a drill is not the database's.
create or replace function tell_change() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  kind text := tg_argv[0]; subject_column text := tg_argv[1]; time_column text := tg_argv[2];
  told jsonb; at timestamptz := clock_timestamp(); said timestamptz; newest timestamptz;
begin
  if tg_level = 'STATEMENT' then
    insert into event (on_date, at, kind, subject, data) values ((at at time zone 'Asia/Jakarta')::date, at, kind, '*',
      jsonb_build_object('operation', lower(tg_op), 'databaseUser', session_user)::text);
    return null;
  end if;
  told := case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  if tg_op = 'UPDATE' and to_jsonb(old) = told then return null; end if;
  if tg_op = 'INSERT' and time_column <> '' then
    said := (told ->> time_column)::timestamptz;
    select e.at into newest from event e order by e.id desc limit 1;
    if said < at then at := least(at, greatest(said, coalesce(newest, said))); end if;
  end if;
  -- Staff are written before any process has made the month's partition; in the default one the row would block the month.
  perform ensure_partitions((at at time zone 'Asia/Jakarta')::date);
  insert into event (on_date, at, kind, subject, data) values ((at at time zone 'Asia/Jakarta')::date, at, kind, told ->> subject_column,
    jsonb_strip_nulls(jsonb_build_object('operation', lower(tg_op), 'databaseUser', session_user,
      'databaseAt', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'version', told -> 'version',
      'by', coalesce(told ->> 'set_by', told ->> 'proposed_by'), 'approvedBy', told ->> 'approved_by',
      'ticket', substring(told ->> 'source' from '\m[A-Z]{2,8}-[0-9]{3,12}\M')))::text);
  return null;
end $$;
