-- ── QRIS Transfer: to the customer whose code was scanned ─────────────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{qris_transfer_out,qris_transfer_in}');
select add_to_check('fee_tariff', 'rail', 'fee_tariff_rail_check', '{qris}');

-- A credit comes once, whatever the rail.
drop index payment_inbound;
create unique index payment_inbound on payment (counterparty_bank, biz_msg_idr)
  where kind in ('bifast_in', 'switch_in', 'qris_in', 'qris_refund_in', 'qris_transfer_in');

-- A beginning like those of 0002, from before there was a bank: no change that anybody made, and nothing to tell.
alter table fee_tariff disable trigger fee_tariff_told;
insert into fee_tariff (rail, kind, version, fee_sen, valid_from, source) values
  ('qris', 'credit_transfer', 0, 250000, '1970-01-01T00:00:00Z', 'QRIS Transfer: Rp2.000 to Rp2.500 [mem]');
alter table fee_tariff enable trigger fee_tariff_told;
