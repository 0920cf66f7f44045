-- ── a merchant of ours is paid within the bank ────────────────────────────────────────────────────────────────────
-- What a merchant pays for a payment is a line of its own, out of what came in. Validated at once: what is there has fewer lines.
alter table transfer drop constraint transfer_line_check;
alter table transfer add constraint transfer_line_check check (line in ('principal', 'fee', 'tax', 'mdr', 'opening', 'correction'));
alter table payment_line drop constraint payment_line_line_check;
alter table payment_line add constraint payment_line_line_check check (line in ('principal', 'fee', 'tax', 'mdr'));

-- The QRIS payload that a consent is for; null: a transfer.
alter table consent add column qris_payload text check (length(qris_payload) between 1 and 512);
