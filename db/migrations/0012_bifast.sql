-- ── what a network says of itself: who is open, what lies on our settlement account ──────────────────────────────
-- The newest whole word of each kind. `made_at` is the network's clock, `heard_at` ours: its age is told wherever it is used.
create table network_word (
  rail text not null,
  kind text not null check (kind in ('participants', 'position')),
  made_at timestamptz not null,
  heard_at timestamptz not null,
  -- participants: banks that only one of us knows; position: amounts in sen.
  body text not null,
  primary key (rail, kind)
);
grant select, insert, update on network_word to pulih_core;
grant select on network_word to pulih_guard;

-- ── proxies: a mobile number or an e-mail address that stands for an account ─────────────────────────────────────
-- Contacts that the bank has proved to be the customer's own: only these can be registered.
create table customer_contact (
  customer_id text not null references customer,
  kind text not null check (kind in ('01', '02')),
  value text not null,
  proved_at timestamptz not null,
  primary key (customer_id, kind, value)
);
create table proxy (
  customer_id text not null,
  kind text not null,
  value text not null,
  -- `asked`: a first registration of which nothing is known yet.
  state text not null check (state in ('asked', 'none', 'active', 'suspended', 'ended', 'moved')),
  account text not null,
  registration_id text,
  -- What the directory was asked and has not answered; it is never asked again blindly.
  pending text check (pending in ('NEWR', 'AMND', 'DEAC', 'SUSP', 'ACTV', 'PORT')),
  pending_account text,
  pending_at timestamptz,
  -- The directory's last refusal, or the bank that has it now.
  code text,
  changed_at timestamptz not null,
  primary key (customer_id, kind, value),
  foreign key (customer_id, kind, value) references customer_contact,
  check ((pending is null) = (pending_at is null)),
  check (state not in ('active', 'suspended') or registration_id is not null)
);
create index proxy_value on proxy (kind, value);
-- One customer's number is registered by one customer.
create unique index proxy_live on proxy (kind, value) where state in ('active', 'suspended');
-- Who asked for names behind numbers, for the bounds of a day and of a window; the numbers themselves are not kept.
create table proxy_lookup (
  id bigint generated always as identity primary key,
  customer_id text not null,
  made_at timestamptz not null
);
create index proxy_lookup_customer on proxy_lookup (customer_id, made_at desc);
alter table name_check add column proxy text;
alter table consent add column payee_proxy text, add column payee_registered_name text,
  add constraint consent_proxy_named check ((payee_proxy is null) = (payee_registered_name is null));
alter table payment add column creditor_proxy text;
grant select, insert, update on proxy to pulih_core;
grant select, insert on proxy_lookup to pulih_core;
grant select on customer_contact to pulih_core;
grant usage on sequence proxy_lookup_id_seq to pulih_core;
grant select on proxy, proxy_lookup, customer_contact to pulih_guard;
