-- ── whoever changes what protects says so: the table itself writes the event, also for a hand at the database (ADR 0035) ──
-- Time as the row names it, never ahead of the database's own clock, which stands beside it. No value of a setting and no secret is told.
create function tell_change() returns trigger language plpgsql security definer set search_path = public as $$
declare
  kind text := tg_argv[0]; subject_column text := tg_argv[1]; time_column text := tg_argv[2];
  told jsonb; at timestamptz := clock_timestamp(); said timestamptz;
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
    if said < at then at := said; end if;
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
revoke execute on function tell_change() from public;

create trigger setting_told after insert or update or delete on setting for each row execute function tell_change('setting.changed', 'key', 'effective_from');
create trigger fee_tariff_told after insert on fee_tariff for each row execute function tell_change('tariff.changed', 'rail', 'approved_at');
create trigger staff_told after insert or delete or update of name, username, role, password_hash, public_key, sealed_key on staff
  for each row execute function tell_change('staff.changed', 'id', 'made_at');
create trigger partner_told after insert or update or delete on partner for each row execute function tell_change('partner_terms.changed', 'id', 'made_at');
create trigger partner_key_told after insert or update or delete on partner_key for each row execute function tell_change('partner_key.changed', 'partner_id', 'made_at');
create trigger partner_limit_told after insert or update or delete on partner_limit for each row execute function tell_change('partner_limit.changed', 'partner_id', '');
do $$
declare one text[];
begin
  foreach one slice 1 in array array[['setting', 'setting'], ['fee_tariff', 'tariff'], ['staff', 'staff'], ['partner', 'partner_terms'], ['partner_key', 'partner_key'], ['partner_limit', 'partner_limit']] loop
    execute format('create trigger %I after truncate on %I for each statement execute function tell_change(%L)', one[1] || '_emptied', one[1], one[2] || '.changed');
  end loop;
end $$;
