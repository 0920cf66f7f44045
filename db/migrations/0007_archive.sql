-- ── archive: closed months leave for files, and the log vouches for the files (docs/adr/0012) ─────────────────────
-- One row per month whose events and transfers are in files. `facts` is the very text of the event `archive.month_archived`.
create table archive_month (
  month date primary key check (extract(day from month) = 1),
  facts text not null,
  -- Leaves below it may go: all events below are in files, and the stored nodes hold what a proof needs of them.
  leaf_floor bigint not null check (leaf_floor >= 0 and leaf_floor % 256 = 0)
);
create trigger archive_month_append_only before update or delete on archive_month for each row execute function refuse_change();

-- What each account's transfers of an archived month posted, so that a trial balance of the past stays exact.
create table account_month (
  month date not null references archive_month deferrable initially deferred,
  account bigint not null references account,
  debit_sen bigint not null check (debit_sen >= 0),
  credit_sen bigint not null check (credit_sen >= 0),
  primary key (month, account)
);
create trigger account_month_append_only before update or delete on account_month for each row execute function refuse_change();
grant select on archive_month, account_month to pulih_core, pulih_guard;

-- A leaf may go once its event is in a file that the log vouches for; never be changed. Only the owner may delete at all.
drop trigger audit_leaf_append_only on audit_leaf;
create trigger audit_leaf_append_only before update on audit_leaf for each row execute function refuse_change();
create function refuse_live_leaf() returns trigger language plpgsql as $$
begin
  if exists (select from gone where position >= (select coalesce(max(leaf_floor), 0) from archive_month)) then
    raise exception 'table audit_leaf is append-only above the archive' using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger audit_leaf_archived after delete on audit_leaf referencing old table as gone for each statement execute function refuse_live_leaf();

-- Drops the partitions of a month that `archive_month` tells of, when they still hold as many rows as the files. By the rights of the
-- caller, who must own the tables. The month is locked against writing while it is counted; the tables only for the drop itself.
create function drop_archived_month(month_start date, events bigint, transfers bigint) returns void
language plpgsql set search_path = public as $$
declare child_event text := 'event_' || to_char(month_start, 'YYYYMM'); child_transfer text := 'transfer_' || to_char(month_start, 'YYYYMM');
  counted bigint;
begin
  if not exists (select from archive_month where month = month_start) then
    raise exception 'month % is not archived', month_start using errcode = 'check_violation';
  end if;
  execute format('lock table only %I, only %I in share mode', child_event, child_transfer);
  execute format('select count(*) from only %I', child_event) into counted;
  if counted <> events then raise exception 'month % has % events, its file %', month_start, counted, events using errcode = 'check_violation'; end if;
  execute format('select count(*) from only %I', child_transfer) into counted;
  if counted <> transfers then raise exception 'month % has % transfers, its file %', month_start, counted, transfers using errcode = 'check_violation'; end if;
  execute format('drop table %I', child_event);
  execute format('drop table %I', child_transfer);
end $$;
revoke execute on function drop_archived_month(date, bigint, bigint) from public;
