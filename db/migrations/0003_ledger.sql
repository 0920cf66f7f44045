-- The ledger complete: balance after every entry, reversals, accounts closed for a time, the chart as data.

-- ── reversals ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- A reversal is a `single` the other way that names what it gives back.
alter table transfer add column reverses bigint;
alter table transfer add constraint transfer_reverses check (reverses is null or (kind = 'single' and reverses < id));
create table reversal (
  transfer_id bigint primary key,
  amount_sen bigint not null,
  reversed_sen bigint not null,
  -- T7: never more than once over, whoever asks and under whatever key.
  constraint reversal_at_most_once_over check (reversed_sen > 0 and reversed_sen <= amount_sen)
);
grant select, insert, update on reversal to pulih_core;
grant select on reversal to pulih_guard;

-- ── accounts closed for a time ────────────────────────────────────────────────────────────────────────────────────
alter table account add column closed_until timestamptz;

-- ── chart of accounts: db/chart.json, loaded by version ──────────────────────────────────────────────────────────
create table chart (version integer primary key check (version > 0), checksum bytea not null, loaded_at timestamptz not null);
create trigger chart_append_only before update or delete on chart for each row execute function refuse_change();
grant select, insert on chart to pulih_core;
grant select on chart to pulih_guard;

-- ── statements ────────────────────────────────────────────────────────────────────────────────────────────────────
-- The posted balance of either account right after this transfer; null where nothing was posted (hold, void).
alter table transfer add column debit_balance_sen bigint, add column credit_balance_sen bigint;
alter table transfer add constraint transfer_balance_both check ((debit_balance_sen is null) = (credit_balance_sen is null));

-- Transfers of before get theirs: ids rise on each account in the order of posting.
do $$ begin
  if exists (select from transfer) then
    alter table transfer disable trigger transfer_append_only;
    with entry as (
      select id, booked_on, debit_account as account, -amount_sen as change, true as is_debit from transfer where kind in ('single', 'post')
      union all
      select id, booked_on, credit_account, amount_sen, false from transfer where kind in ('single', 'post')
    ), summed as (
      select id, booked_on, is_debit, sum(change) over (partition by account order by id) as balance from entry
    ), whole as (
      select id, booked_on, max(balance) filter (where is_debit) as debit, max(balance) filter (where not is_debit) as credit
      from summed group by id, booked_on
    )
    update transfer t set debit_balance_sen = w.debit, credit_balance_sen = w.credit
    from whole w where w.id = t.id and w.booked_on = t.booked_on;
    alter table transfer enable trigger transfer_append_only;
  end if;
end $$;

-- By day, so that a period is found at once; holds and voids are on no statement and cost no entry here.
drop index transfer_debit;
drop index transfer_credit;
create index transfer_debit on transfer (debit_account, booked_on, id) where kind in ('single', 'post');
create index transfer_credit on transfer (credit_account, booked_on, id) where kind in ('single', 'post');
