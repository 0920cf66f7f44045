-- ── who ended a break is believed when the guard has read both signatures ─────────────────────────────────────────────
-- The explanation that the guard has proven. While it is not the one that the break ended by, the break counts as open for a release. What was closed
-- before this watch is believed as it stands.
alter table match_break add column proven_end text;
update match_break set proven_end = explained_by where explained_by is not null;
create index match_break_unproven on match_break (id) where explained_by is not null and explained_by is distinct from proven_end;

-- A release explains breaks by the guard's hand alone, which has verified it: core ends them by proposals.
create or replace function refuse_unexplained() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if new.closed_at is null or new.kind = 'missing' and new.explained_by is null and current_user <> 'pulih_core' then return new; end if;
  if tg_op = 'UPDATE' and old.closed_at is not null and new.explained_by is not distinct from old.explained_by then return new; end if;
  if exists (select from break_proposal where id = new.explained_by and break_id = new.id and state = 'done' and approved_at >= new.opened_at) then return new; end if;
  if current_user <> 'pulih_core'
    and exists (select from release_request where id = new.explained_by and approved_by is not null and proposed_at >= new.opened_at) then return new; end if;
  raise exception 'a break ends with an explanation of two people';
end $$;

-- Core writes what one person proposed; its end is a change of its own.
revoke insert on break_proposal from pulih_core;
grant insert (id, break_id, break_amount_sen, debit_account, credit_account, amount_sen, reason, proposed_by, proposed_at, proposed_signature)
  on break_proposal to pulih_core;
