-- ── online interbank transfers over the ATM and interbank switch ──────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{switch_out,switch_in}');
select add_to_check('fee_tariff', 'rail', 'fee_tariff_rail_check', '{switch}');

-- A credit comes once, whatever the rail.
drop index payment_inbound;
create unique index payment_inbound on payment (counterparty_bank, biz_msg_idr) where kind in ('bifast_in', 'switch_in');

insert into fee_tariff (rail, kind, version, fee_sen, valid_from, source) values
  ('switch', 'credit_transfer', 0, 650000, '1970-01-01T00:00:00Z', 'online interbank transfer: Rp6.500 in the market [mem]');

-- The way that a customer chose is part of what they agree to; null = within the bank, or from before there was a choice.
alter table consent add column route text check (route in ('bifast', 'switch'));

-- A partner's transfers go over this way where the request names none.
alter table partner add column route text not null default 'bifast' check (route in ('bifast', 'switch'));
