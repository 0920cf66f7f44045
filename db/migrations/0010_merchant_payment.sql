-- ── a merchant of ours is paid within the bank ────────────────────────────────────────────────────────────────────
-- What a merchant pays for a payment is a line of its own, out of what came in. Not validated: what is there kept
-- the narrower rule, and a large table is not read under a lock.
alter table transfer drop constraint transfer_line_check;
alter table transfer add constraint transfer_line_check check (line in ('principal', 'fee', 'tax', 'mdr', 'opening', 'correction')) not valid;
alter table payment_line drop constraint payment_line_line_check;
alter table payment_line add constraint payment_line_line_check check (line in ('principal', 'fee', 'tax', 'mdr')) not valid;

-- The QRIS payload that a consent is for; null: a transfer.
alter table consent add column qris_payload text check (length(qris_payload) between 1 and 512);
