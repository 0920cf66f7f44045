-- ── two people close an incident, with a report ───────────────────────────────────────────────────────────────────────
create table incident_closing (
  incident_id text primary key references incident,
  cause text not null check (length(cause) between 20 and 2000),
  remedy text not null check (length(remedy) between 20 and 2000),
  -- Under which the final report went to the regulators.
  reference text not null check (reference ~ '^[A-Za-z0-9/._-]{3,60}$'),
  asked_by text not null references staff,
  asked_at timestamptz not null,
  approved_by text references staff,
  approved_at timestamptz,
  check ((approved_by is null) = (approved_at is null)),
  constraint incident_closing_two_people check (approved_by <> asked_by)
);
grant select, insert on incident_closing to pulih_core;
grant update (cause, remedy, reference, asked_by, asked_at, approved_by, approved_at) on incident_closing to pulih_core;
grant select on incident_closing to pulih_guard;

create function refuse_lone_closing() returns trigger language plpgsql set search_path = public as $$
begin
  if old.closed_at is not null and new.closed_at is distinct from old.closed_at then
    raise exception 'a closed incident stays closed' using errcode = 'check_violation';
  end if;
  if new.closed_at is not null and old.closed_at is null
    and not exists (select 1 from incident_closing c where c.incident_id = new.id and c.approved_by is not null) then
    raise exception 'two people close an incident' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger incident_closing_of_two before update on incident for each row execute function refuse_lone_closing();
