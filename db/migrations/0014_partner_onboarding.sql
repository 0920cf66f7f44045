-- ── onboarding of partners: an address for customers' browsers can end, and its row stays ─────────────────────────────────────────────
alter table partner_redirect add column ended_at timestamptz;
