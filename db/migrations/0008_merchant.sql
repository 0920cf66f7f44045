-- ── merchants whose acquirer we are, their terminals, and the QRIS codes that we made for them ────────────────────
create table merchant (
  id text primary key,
  -- Digits 9 to 18 of the PAN.
  serial bigint not null unique check (serial between 1 and 9999999999),
  -- Given by the central repository.
  nmid text not null unique check (nmid ~ '^ID[0-9]{13}$'),
  pan text not null unique check (pan ~ '^[0-9]{19}$'),
  name text not null check (name ~ '^[\x20-\x7b\x7d\x7e]{1,25}$'),
  city text not null check (city ~ '^[\x20-\x7b\x7d\x7e]{1,15}$'),
  postal_code text not null check (postal_code ~ '^[0-9]{5}$'),
  category text not null check (category ~ '^[0-9]{4}$'),
  class text not null check (class in ('UMI', 'UKE', 'UME', 'UBE', 'URE', 'PSO', 'BLU', 'EDU', 'FUEL', 'FREE')),
  settlement_account text not null,
  -- The partner that may make codes for it.
  partner_id text,
  made_at timestamptz not null
);

create table merchant_terminal (
  merchant_id text not null references merchant,
  label text not null check (label ~ '^[A-Za-z0-9]{1,16}$'),
  made_at timestamptz not null,
  primary key (merchant_id, label)
);

-- What a code says never changes: core may only note the payment that used it. Whether one has expired follows from the clock.
create table merchant_code (
  id text primary key,
  merchant_id text not null,
  terminal text not null,
  foreign key (merchant_id, terminal) references merchant_terminal,
  method text not null check (method in ('static', 'dynamic')),
  -- 62-05: what tells two dynamic codes of one amount apart.
  reference text unique check (reference ~ '^[0-9A-Z]{16}$'),
  amount_sen bigint check (amount_sen > 0),
  bill_number text check (length(bill_number) between 1 and 25),
  valid_until timestamptz,
  payload text not null check (length(payload) between 1 and 512),
  payment_id text unique,
  partner_id text,
  partner_reference_no text,
  request_hash bytea,
  made_at timestamptz not null,
  used_at timestamptz,
  check ((method = 'dynamic') = (reference is not null)),
  check ((method = 'dynamic') = (amount_sen is not null)),
  check ((method = 'dynamic') = (valid_until is not null)),
  check (method = 'dynamic' or payment_id is null),
  check ((payment_id is null) = (used_at is null)),
  check ((partner_id is null) = (partner_reference_no is null) and (partner_id is null) = (request_hash is null)),
  unique (partner_id, partner_reference_no)
);
-- One static code per terminal: it is printed once and reused for ever.
create unique index merchant_code_static on merchant_code (merchant_id, terminal) where method = 'static';

grant select, insert on merchant, merchant_terminal, merchant_code to pulih_core;
grant update (payment_id, used_at) on merchant_code to pulih_core;
