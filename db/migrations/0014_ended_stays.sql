-- What people or customers ended stays ended: core may end, and no role begins anew what was ended (I5, I6). A new row says so with its own
-- people, or its own consent.
create function refuse_after_end() returns trigger language plpgsql as $$
begin
  raise exception 'ended: % does not change any more', tg_table_name using errcode = 'restrict_violation';
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['partner_account', 'partner_endpoint', 'va_service', 'va_channel', 'debit_merchant', 'access_grant'] loop
    execute format('create trigger %I before update on %I for each row when (old.ended_at is not null) execute function refuse_after_end()',
      name || '_ended', name);
  end loop;
end $$;
