-- ── QRIS over the switch: merchants of other banks ────────────────────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{qris_out,qris_refund_in}');

-- A credit comes once, whatever the rail.
drop index payment_inbound;
create unique index payment_inbound on payment (counterparty_bank, biz_msg_idr) where kind in ('bifast_in', 'switch_in', 'qris_refund_in');

-- A refund is found by the payment that it gives back.
create index payment_qris_refund on payment (related_payment_id) where kind = 'qris_refund_in';

-- Of a consent to pay by QRIS: the part of the amount that is a tip.
alter table consent add column qris_tip_sen bigint check (qris_tip_sen >= 0);
