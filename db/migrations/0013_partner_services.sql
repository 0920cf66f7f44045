-- ── whose accounts a partner may read: its own, bound by two people, or a customer's, by that customer's grant ────────────────────
-- Staff of onboarding write it with the owner's role. Core only reads, and may end a binding: tightening needs one person.
create table partner_account (
  id text primary key,
  partner_id text not null references partner,
  account text not null references account (number),
  proposed_by text not null references staff,
  approved_by text not null references staff,
  valid_from timestamptz not null,
  valid_until timestamptz check (valid_until > valid_from),
  ended_at timestamptz,
  constraint partner_account_two_people check (proposed_by <> approved_by)
);
create unique index partner_account_live on partner_account (partner_id, account) where ended_at is null;

-- Where the browser of a customer may be sent back to with a code; compared character by character.
create table partner_redirect (
  partner_id text not null references partner,
  url text not null check (length(url) <= 500),
  proposed_by text not null references staff,
  approved_by text not null references staff,
  made_at timestamptz not null,
  primary key (partner_id, url),
  constraint partner_redirect_two_people check (proposed_by <> approved_by)
);

-- What a customer agreed to with the PIN, and the very words shown. What is agreed never changes: core may only use the one code,
-- count the generation of its tokens up, and end it.
create table access_grant (
  id text primary key,
  partner_id text not null references partner,
  customer_id text not null references customer,
  scopes text[] not null check (cardinality(scopes) between 1 and 8),
  accounts text[] not null check (cardinality(accounts) between 1 and 20),
  redirect_url text not null,
  session_hash bytea not null,
  device text not null,
  text_shown text not null,
  language text not null check (language in ('id', 'en')),
  made_at timestamptz not null,
  expires_at timestamptz not null,
  code_hash bytea not null unique check (length(code_hash) = 32),
  code_expires_at timestamptz not null,
  code_used_at timestamptz,
  -- The pair of tokens that is live; an older one that comes again was copied.
  generation integer not null default 0 check (generation >= 0),
  ended_at timestamptz,
  ended_by text check (ended_by in ('customer', 'replaced', 'reuse')),
  check ((ended_at is null) = (ended_by is null)),
  check (code_used_at is not null or generation = 0)
);
create unique index access_grant_live on access_grant (partner_id, customer_id) where ended_at is null;
create index access_grant_customer on access_grant (customer_id, made_at desc);
create table access_token_pair (
  grant_id text not null references access_grant,
  generation integer not null check (generation > 0),
  access_hash bytea not null unique check (length(access_hash) = 32),
  access_expires_at timestamptz not null,
  refresh_hash bytea not null unique check (length(refresh_hash) = 32),
  made_at timestamptz not null,
  primary key (grant_id, generation)
);
create trigger access_token_pair_append_only before update or delete on access_token_pair for each row execute function refuse_change();

grant select on partner_account, partner_redirect to pulih_core;
grant update (ended_at) on partner_account to pulih_core;
grant select, insert on access_grant, access_token_pair to pulih_core;
grant update (code_used_at, generation, ended_at, ended_by) on access_grant to pulih_core;
grant select on partner_account, partner_redirect to pulih_guard;

-- ── statements: what an account moved on a day that can no longer change ──────────────────────────────────────────────────────────
-- Written when a statement first asks for it; every answer checks it against the balances stored with the entries.
create table account_day (
  account bigint not null references account,
  day date not null,
  debit_count bigint not null check (debit_count >= 0),
  debit_sen bigint not null check (debit_sen >= 0),
  credit_count bigint not null check (credit_count >= 0),
  credit_sen bigint not null check (credit_sen >= 0),
  primary key (account, day)
);
create trigger account_day_append_only before update or delete on account_day for each row execute function refuse_change();
grant select, insert on account_day to pulih_core;

-- ── notices to partners: written with the fact, sent by a leased worker ───────────────────────────────────────────────────────────
-- Where a partner takes notices: the only addresses that core ever calls for them, each the word of two people.
create table partner_endpoint (
  id text primary key,
  partner_id text not null references partner,
  base_url text not null check (length(base_url) <= 300),
  signature text not null check (signature in ('asymmetric', 'symmetric')),
  -- Who we are at the partner's: X-CLIENT-KEY and X-PARTNER-ID of our calls.
  client_id text not null,
  channel_id text not null,
  -- The key of our HMAC at the partner's; asymmetric needs none.
  secret text,
  proposed_by text not null references staff,
  approved_by text not null references staff,
  made_at timestamptz not null,
  ended_at timestamptz,
  check ((signature = 'symmetric') = (secret is not null)),
  constraint partner_endpoint_two_people check (proposed_by <> approved_by)
);
create unique index partner_endpoint_live on partner_endpoint (partner_id) where ended_at is null;

create table partner_notice (
  id text primary key,
  partner_id text not null references partner,
  kind text not null check (kind in ('transfer', 'va_payment')),
  subject text not null,
  -- X-EXTERNAL-ID of every attempt: the partner knows a repeat by it.
  external_id text not null unique check (external_id ~ '^\d{1,36}$'),
  facts text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'stuck')),
  attempt_count integer not null default 0 check (attempt_count >= 0),
  -- From when its 24 hours count; a person who asks for another try begins them anew.
  asked_at timestamptz not null,
  due_at timestamptz,
  leased_until timestamptz,
  last_answer text,
  changed_at timestamptz not null,
  unique (kind, subject),
  check ((state = 'waiting') = (due_at is not null))
) with (fillfactor = 70);
create index partner_notice_due on partner_notice (partner_id, due_at) where due_at is not null;
create index partner_notice_stuck on partner_notice (changed_at) where state = 'stuck';

grant select on partner_endpoint to pulih_core;
grant update (ended_at) on partner_endpoint to pulih_core;
grant select, insert on partner_notice to pulih_core;
grant update (state, attempt_count, asked_at, due_at, leased_until, last_answer, changed_at) on partner_notice to pulih_core;
grant select on partner_notice to pulih_guard;

-- ── virtual accounts: bills of our corporate customers, paid through other partners ───────────────────────────────────────────────
-- A corporate's service id, and the account that its payments go to.
create table va_service (
  service_id text primary key check (service_id ~ '^\d{1,8}$'),
  partner_id text not null references partner,
  account text not null references account (number),
  proposed_by text not null references staff,
  approved_by text not null references staff,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint va_service_two_people check (proposed_by <> approved_by)
);
-- A partner whose customers pay bills, and the account at us that its payments come from.
create table va_channel (
  partner_id text primary key references partner,
  settlement_account text not null references account (number),
  proposed_by text not null references staff,
  approved_by text not null references staff,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint va_channel_two_people check (proposed_by <> approved_by)
);

create table virtual_account (
  number text primary key check (number ~ '^\d{2,28}$'),
  service_id text not null references va_service,
  customer_no text not null,
  name text not null,
  kind text not null check (kind in ('closed', 'open', 'partial', 'min', 'max')),
  -- What is asked in all (closed, partial), per payment at least (min) or at most (max).
  amount_sen bigint check (amount_sen > 0),
  expires_at timestamptz,
  bills text not null default '[]',
  trx_id text not null default '',
  paid_sen bigint not null default 0 check (paid_sen >= 0),
  paid_count bigint not null default 0 check (paid_count >= 0),
  made_at timestamptz not null,
  changed_at timestamptz not null,
  check (number = service_id || customer_no),
  check ((kind = 'open') = (amount_sen is null)),
  -- T6: never paid twice over, whoever asks and under whatever id.
  constraint virtual_account_not_overpaid check (kind not in ('closed', 'partial') or paid_sen <= amount_sen),
  constraint virtual_account_closed_once check (kind <> 'closed' or paid_count <= 1)
) with (fillfactor = 80);
create index virtual_account_service on virtual_account (service_id);

-- Every request to pay and its answer, for ever: a repeat is told the same.
create table va_payment (
  id text primary key,
  partner_id text not null references partner,
  request_id text not null,
  request_hash bytea not null check (length(request_hash) = 32),
  number text not null,
  outcome text not null,
  amount_sen bigint not null check (amount_sen >= 0),
  total_sen bigint check (total_sen > 0),
  transfer_id bigint,
  -- The fields of the first request that its answer repeats.
  echo text not null,
  made_at timestamptz not null,
  unique (partner_id, request_id),
  check ((outcome = 'paid') = (transfer_id is not null))
);
create index va_payment_number on va_payment (number) where outcome = 'paid';
create trigger va_payment_append_only before update or delete on va_payment for each row execute function refuse_change();

grant select on va_service, va_channel to pulih_core;
grant update (ended_at) on va_service, va_channel to pulih_core;
grant select, insert on virtual_account, va_payment to pulih_core;
grant update (paid_sen, paid_count, changed_at) on virtual_account to pulih_core;
grant select on va_service, va_channel, virtual_account, va_payment to pulih_guard;

-- ── direct debit: a partner takes payments from a customer's account, within what the customer granted ────────────────────────────
-- What a grant with the scope `debit` lets a partner take: at once, and in a day.
alter table access_grant add column limit_sen bigint check (limit_sen > 0);
alter table access_grant add column day_limit_sen bigint check (day_limit_sen >= limit_sen);
alter table access_grant add constraint access_grant_debit_has_limits
  check (('debit' = any(scopes)) = (limit_sen is not null) and (limit_sen is null) = (day_limit_sen is null));

-- The account that payments to a partner go to.
create table debit_merchant (
  partner_id text primary key references partner,
  account text not null references account (number),
  proposed_by text not null references staff,
  approved_by text not null references staff,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint debit_merchant_two_people check (proposed_by <> approved_by)
);

create table direct_debit (
  id text primary key,
  partner_id text not null references partner,
  partner_reference_no text not null,
  request_hash bytea not null check (length(request_hash) = 32),
  grant_id text not null references access_grant,
  customer_id text not null,
  account text not null,
  amount_sen bigint not null check (amount_sen >= 0),
  -- Null while nobody knows yet; the same request goes on from there.
  outcome text,
  payment_id text unique,
  made_at timestamptz not null,
  unique (partner_id, partner_reference_no),
  check (coalesce(outcome = 'paid', false) = (payment_id is not null))
) with (fillfactor = 80);

create index direct_debit_open on direct_debit (made_at) where outcome is null;

-- Money given back; the ledger's own reversal rows let no more come back than was taken (T7).
create table direct_debit_return (
  id text primary key,
  debit_id text not null references direct_debit,
  kind text not null check (kind in ('cancel', 'refund')),
  partner_id text not null references partner,
  partner_refund_no text not null,
  request_hash bytea not null check (length(request_hash) = 32),
  amount_sen bigint not null check (amount_sen > 0),
  reason text not null,
  transfer_id bigint not null unique,
  made_at timestamptz not null,
  unique (partner_id, partner_refund_no)
);
create index direct_debit_return_debit on direct_debit_return (debit_id);
create unique index direct_debit_return_cancel on direct_debit_return (debit_id) where kind = 'cancel';
create trigger direct_debit_return_append_only before update or delete on direct_debit_return for each row execute function refuse_change();

grant select on debit_merchant to pulih_core;
grant update (ended_at) on debit_merchant to pulih_core;
grant select, insert on direct_debit, direct_debit_return to pulih_core;
grant update (outcome, payment_id) on direct_debit to pulih_core;
grant select on debit_merchant, direct_debit, direct_debit_return to pulih_guard;
