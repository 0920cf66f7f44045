-- ── online interbank transfers over the ATM and interbank switch ──────────────────────────────────────────────────
alter table payment drop constraint payment_kind_check;
alter table payment add constraint payment_kind_check
  check (kind in ('onus', 'bifast_out', 'bifast_in', 'bifast_return', 'switch_out', 'switch_in'));

-- A credit comes once, whatever the rail.
drop index payment_inbound;
create unique index payment_inbound on payment (counterparty_bank, biz_msg_idr) where kind in ('bifast_in', 'switch_in');
drop index payment_out_id;
create index payment_out_id on payment (biz_msg_idr) where kind in ('bifast_out', 'bifast_return', 'switch_out');

alter table fee_tariff drop constraint fee_tariff_rail_check;
alter table fee_tariff add constraint fee_tariff_rail_check check (rail in ('bifast', 'onus', 'switch'));
insert into fee_tariff (rail, kind, version, fee_sen, valid_from, source) values
  ('switch', 'credit_transfer', 0, 650000, '1970-01-01T00:00:00Z', 'online interbank transfer: Rp6.500 in the market [mem]');

-- The way that a customer chose is part of what they agree to; null = the bank's usual one, as before there was a choice.
alter table consent add column route text check (route in ('bifast', 'switch'));

-- A partner's transfers go over this way where the request names none.
alter table partner add column route text not null default 'bifast' check (route in ('bifast', 'switch'));
