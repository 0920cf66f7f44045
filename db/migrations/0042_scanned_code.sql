-- ── shops of ours that scan the codes of other banks' customers ───────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{qris_scanned}');

-- What the network's settlement names it by, beside the codes that it asked us about.
drop index payment_presented;
create unique index payment_presented on payment (counterparty_bank, biz_msg_idr) where kind in ('qris_presented', 'qris_scanned');
