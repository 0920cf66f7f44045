-- ── QRIS codes that customers of ours show at a till ──────────────────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{qris_presented}');
-- One row per message of the network.
create unique index payment_presented on payment (counterparty_bank, biz_msg_idr) where kind = 'qris_presented';

-- A refund names the payment by the RRN of the bank that asked.
create index payment_presented_rrn on payment (counterparty_bank, msg_id) where kind = 'qris_presented';

-- What the code is paid with is in the code alone: here is its hash.
create table presented_code (
  id text primary key check (id ~ '^qpc_[0-9A-Z]{26}$'),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  -- An alias, as for every payment by QRIS.
  pan text not null check (pan ~ '^[0-9]{16,19}$'),
  customer_id text not null references customer,
  account text not null,
  limit_sen bigint not null check (limit_sen > 0),
  made_at timestamptz not null,
  valid_until timestamptz not null check (valid_until > made_at),
  -- It pays once: of a payment and its cancellation one passes, by a counter of the ledger.
  payment_id text unique references payment,
  cancelled_at timestamptz,
  check (cancelled_at is null or payment_id is null),
  -- What a till asked for in vain: DE39 and amount of the last time.
  refused_count integer not null default 0 check (refused_count between 0 and 100),
  refused_code text check (refused_code ~ '^[0-9]{2}$'),
  refused_sen bigint check (refused_sen > 0)
) with (fillfactor = 80);
create index presented_code_customer on presented_code (customer_id, valid_until);
create trigger presented_code_kept before delete on presented_code for each row execute function refuse_change();

grant select, insert on presented_code to pulih_core;
grant update (payment_id, cancelled_at, refused_count, refused_code, refused_sen) on presented_code to pulih_core;
