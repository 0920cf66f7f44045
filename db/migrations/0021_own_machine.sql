-- ── our own machines: what is drawn and paid in at them, what other banks' cards draw there, and their day ─────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{atm_withdrawal,atm_deposit,atm_deposit_back,atm_load,atm_acquired}');
-- One row per request of a card or machine, whatever it asks.
drop index payment_card_request;
create unique index payment_card_request on payment (counterparty_bank, biz_msg_idr)
  where kind in ('card_withdrawal', 'atm_withdrawal', 'atm_deposit', 'atm_acquired');
-- What went back of it: asked when the same request comes again.
create index payment_return_of on payment (related_payment_id) where kind in ('card_return', 'atm_deposit_back');

-- The request that changed the PIN last: its repeat is answered the same, and costs no try.
alter table card add column pin_changed_by text check (pin_changed_by ~ '^[0-9]{31}$');
-- A chip card's counter of transactions only rises: what was overheard once is refused.
alter table card add column is_chip boolean not null default false;
alter table card add column last_counter integer check (last_counter between 0 and 65535);
grant update (pin_changed_by, last_counter) on card to pulih_core;

-- What a machine counted, beside what the ledger said at that instant. Rows stay as they were written.
create table atm_report (
  -- The request's name on the link: a repeat is the same report.
  id text primary key check (id ~ '^[0-9]{31}$'),
  terminal text not null check (terminal ~ '^[0-9A-Z]{8}$'),
  business_date date not null,
  -- Counted in its cassettes.
  cash_sen bigint not null check (cash_sen >= 0),
  dispensed_sen bigint not null check (dispensed_sen >= 0),
  deposited_sen bigint not null check (deposited_sen >= 0),
  -- Reversals that it still owes us: until they are here the two may differ.
  owed_count integer not null check (owed_count >= 0),
  ledger_sen bigint not null,
  verdict text not null check (verdict in ('balanced', 'differs', 'owed')),
  check ((verdict = 'balanced') = (cash_sen = ledger_sen)),
  made_at timestamptz not null
);
create index atm_report_terminal on atm_report (terminal, made_at desc);
grant select, insert on atm_report to pulih_core;
