-- ── what is remembered of people ends ─────────────────────────────────────────────────────────────────────────────────
-- A summary index: it moves with the rows and keeps their updates short.
create index payee_history_last on payee_history using brin (last_at);
create index presented_code_ended on presented_code (valid_until) where payment_id is null;

-- A code that paid is kept with its payment; one that paid nothing ends.
create function refuse_code_delete() returns trigger language plpgsql set search_path = public as $$
begin
  if old.payment_id is not null or old.valid_until > current_timestamp - interval '29 days' then
    raise exception 'codes that paid, and those of the last month, are kept' using errcode = 'check_violation';
  end if;
  return old;
end $$;
drop trigger presented_code_kept on presented_code;
create trigger presented_code_kept before delete on presented_code for each row execute function refuse_code_delete();

-- Core forgets in small rounds, and nothing that is younger than it may be.
create function prune_memory(what text, before_at timestamptz, row_limit integer) returns integer
language plpgsql security definer set search_path = public as $$
declare deleted integer;
begin
  if before_at > current_timestamp - (case what when 'code' then interval '29 days' else interval '390 days' end) then
    raise exception 'too young to be forgotten' using errcode = 'check_violation';
  end if;
  if what = 'payee' then
    with old as (
      select payer, payee from payee_history where last_at < before_at order by payer, payee limit row_limit for update skip locked
    )
    delete from payee_history h using old where h.payer = old.payer and h.payee = old.payee;
  elsif what = 'device' then
    with old as (
      select device, kind, subject from signed_device where last_at < before_at order by device, kind, subject limit row_limit for update skip locked
    )
    delete from signed_device d using old where d.device = old.device and d.kind = old.kind and d.subject = old.subject;
  elsif what = 'code' then
    with old as (
      select id from presented_code where payment_id is null and valid_until < before_at order by id limit row_limit for update skip locked
    )
    delete from presented_code c using old where c.id = old.id;
  else
    raise exception 'nothing of this name is forgotten' using errcode = 'check_violation';
  end if;
  get diagnostics deleted = row_count;
  return deleted;
end $$;
revoke execute on function prune_memory(text, timestamptz, integer) from public;
grant execute on function prune_memory(text, timestamptz, integer) to pulih_core;
revoke delete on signed_device from pulih_core;
