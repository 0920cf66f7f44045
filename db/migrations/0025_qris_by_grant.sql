-- A merchant is paid by QRIS through a partner, for its customer, within what the customer granted: the scope `qris` has limits as `debit` has.
alter table access_grant drop constraint access_grant_debit_has_limits;
alter table access_grant add constraint access_grant_money_has_limits
  check ((scopes && array['debit', 'qris']) = (limit_sen is not null) and (limit_sen is null) = (day_limit_sen is null));

-- Which code a partner asked to pay, by which grant: written before the engine hears of it, never changed. What became of it is the payment's.
create table qris_debit (
  id text primary key,
  partner_id text not null references partner,
  partner_reference_no text not null,
  request_hash bytea not null check (length(request_hash) = 32),
  grant_id text not null references access_grant,
  customer_id text not null,
  account text not null,
  payload text not null check (length(payload) between 1 and 512),
  -- Tip included.
  amount_sen bigint not null check (amount_sen > 0),
  tip_sen bigint not null check (tip_sen >= 0 and tip_sen < amount_sen),
  made_at timestamptz not null,
  unique (partner_id, partner_reference_no)
);
create trigger qris_debit_append_only before update or delete on qris_debit for each row execute function refuse_change();
grant select, insert on qris_debit to pulih_core;
grant select on qris_debit to pulih_guard;
