-- ── what people or a customer ended stays ended ─────────────────────────────────────────────────────────────────────────────────────────
-- Core may end, and begins nothing anew (I5, I6). It may not write when a row was made, so only who registers it with two people can.
create function refuse_after_end() returns trigger language plpgsql as $$
begin
  raise exception 'ended: % does not begin anew', tg_table_name using errcode = 'restrict_violation';
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['partner_endpoint', 'va_service', 'va_channel', 'debit_merchant', 'access_grant'] loop
    execute format('create trigger %I before update on %I for each row
      when (old.ended_at is not null and new.made_at = old.made_at) execute function refuse_after_end()', name || '_ended', name);
  end loop;
end $$;
create trigger partner_account_ended before update on partner_account for each row
  when (old.ended_at is not null) execute function refuse_after_end();
