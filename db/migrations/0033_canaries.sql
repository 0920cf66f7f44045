-- ── canaries: what nobody has a reason to touch ───────────────────────────────────────────────────────────────────────
-- Accounts of invented people. The owner plants them; only the guard knows which they are.
create table canary_account (
  id text primary key check (id ~ '^cnr_[0-9A-Za-z_]{1,40}$'),
  account text not null unique references account (number),
  source text not null check (length(source) >= 3)
);
create trigger canary_account_told after insert or update or delete on canary_account
  for each row execute function tell_change('canary.changed', 'id', '');
create trigger canary_account_emptied after truncate on canary_account for each statement execute function tell_change('canary.changed');
grant select on canary_account to pulih_guard;

-- A table that looks worth stealing. Nothing of ours reads it: PostgreSQL counts who does, the owner and a dump included.
create table customer_card_backup (
  card_number text not null,
  holder text not null,
  expiry text not null
);
insert into customer_card_backup (card_number, holder, expiry)
select '0000' || lpad((n * 7919 % 1000000)::text, 6, '0') || lpad((n * 104729 % 1000000)::text, 6, '0'), 'NASABAH ' || n, '12/29' from generate_series(1, 50) n;
create trigger customer_card_backup_kept before update or delete on customer_card_backup for each row execute function refuse_change();
-- So that a process of ours that was taken over may try.
grant select on customer_card_backup to pulih_core, pulih_signer, pulih_guard;
