-- ── partners: keys that rotate, where they come from, limits, who changed what, and the log of requests (docs/adr/0017) ──
-- `hmac_encoding` is how X-SIGNATURE of a transaction is written, whichever kind it is. Empty networks and certificates = not bound to any.
alter table partner
  add column signature_kind text not null default 'symmetric' check (signature_kind in ('symmetric', 'asymmetric')),
  add column networks text[] not null default '{}' check (cardinality(networks) <= 64),
  add column certificates text[] not null default '{}' check (cardinality(certificates) <= 16),
  add column daily_amount_max_sen bigint check (daily_amount_max_sen > 0),
  add column daily_count_max bigint check (daily_count_max > 0),
  alter column public_key drop not null,
  alter column secret drop not null;

-- Public keys and client secrets, sealed (AES-256-GCM) under a key that only core and its operator hold; the seal covers the partner,
-- the kind and the dates, so that a row written or changed by hand is not believed. A revoked one loses its text.
create table partner_key (
  id text primary key,
  partner_id text not null references partner,
  kind text not null check (kind in ('public', 'secret')),
  sealed text,
  valid_from timestamptz not null,
  valid_until timestamptz check (valid_until > valid_from),
  revoked_at timestamptz,
  made_at timestamptz not null,
  check ((revoked_at is null) = (sealed is not null))
);
create index partner_key_partner on partner_key (partner_id);

-- Absent = the partner's requests per second alone.
create table partner_limit (
  partner_id text not null references partner,
  service_group text not null check (service_group in ('token', 'inquiry', 'payment')),
  per_second_max integer check (per_second_max > 0),
  per_minute_max integer check (per_minute_max > 0),
  concurrent_max integer check (concurrent_max > 0),
  primary key (partner_id, service_group)
);

-- Who changed what, with the signatures of those who did. What loosens has two people (I5).
create table partner_change (
  id text primary key,
  partner_id text not null references partner,
  body text not null,
  loosens boolean not null,
  made_by text not null,
  made_signature text not null,
  approved_by text,
  approved_signature text,
  made_at timestamptz not null,
  constraint partner_change_two_people check (approved_by <> made_by),
  constraint partner_change_loosens check (not loosens or (approved_by is not null and approved_signature is not null))
);
create index partner_change_partner on partner_change (partner_id, made_at);
create trigger partner_change_append_only before update or delete on partner_change for each row execute function refuse_change();

-- The log of requests: one row per some hundreds of requests, masked, as JSON lines compressed by zstd. Kept for ten years (domain.md 3.1).
create table partner_request (
  id text not null,
  on_date date not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  partner_ids text[] not null,
  request_count integer not null check (request_count > 0),
  body bytea not null,
  primary key (id, on_date)
) partition by range (on_date);
-- Compressed already.
alter table partner_request alter column body set storage external;
create table partner_request_default partition of partner_request default;
create index partner_request_at on partner_request (from_at);
create trigger partner_request_append_only before update or delete on partner_request for each row execute function refuse_change();

create or replace function ensure_partitions(at_date date) returns void language plpgsql security definer set search_path = public as $$
declare month_start date; parent text; child text;
begin
  for i in 0..2 loop
    month_start := (date_trunc('month', at_date) + make_interval(months => i))::date;
    foreach parent in array array['event', 'transfer', 'partner_request'] loop
      child := format('%s_%s', parent, to_char(month_start, 'YYYYMM'));
      if to_regclass(child) is null then
        -- Another process may be faster; and a month whose rows already went to the default partition stays there.
        begin
          execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent, month_start, (month_start + interval '1 month')::date);
        exception when duplicate_table or check_violation then null;
        end;
      end if;
    end loop;
  end loop;
end $$;

-- Partners are written by their operator, never by a process that listens.
revoke insert, update on partner from pulih_core;
grant select on partner_key, partner_limit to pulih_core;
grant select, insert on partner_request to pulih_core;
grant select (on_date) on partner_request_default to pulih_guard;
-- The guard has no business with keys in any form.
revoke select on partner, partner_token from pulih_guard;
grant select (id, name, state) on partner to pulih_guard;
