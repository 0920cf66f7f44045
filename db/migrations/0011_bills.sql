-- ── bills: a second rail ──────────────────────────────────────────────────────────────────────────────────────────
-- A kind or a rail is added to what is there already, so that several migrations may each add theirs in any order. For migrations
-- alone: no role may call it.
create function add_to_check(of_table regclass, of_column text, constraint_name text, added text[]) returns void
language plpgsql as $$
declare
  known text[];
begin
  select array_agg(distinct m[1]) into known
  from pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
  where c.conrelid = of_table and c.conname = constraint_name;
  execute format('alter table %s drop constraint %I', of_table, constraint_name);
  execute format('alter table %s add constraint %I check (%I in (%s)) not valid', of_table, constraint_name, of_column,
    (select string_agg(distinct quote_literal(one), ', ' order by quote_literal(one)) from unnest(known || added) one));
  execute format('alter table %s validate constraint %I', of_table, constraint_name);
end $$;
select add_to_check('payment', 'kind', 'payment_kind_check', '{bill}');
select add_to_check('fee_tariff', 'rail', 'fee_tariff_rail_check', '{biller}');
select add_to_check('fee_tariff', 'kind', 'fee_tariff_kind_check', '{bill,top_up}');
revoke execute on function add_to_check(regclass, text, text, text[]) from public;

insert into fee_tariff (rail, kind, version, fee_sen, valid_from, source) values
  ('biller', 'bill', 0, 250000, '1970-01-01T00:00:00Z', 'admin Rp2.500 per bill [mem]'),
  ('biller', 'top_up', 0, 0, '1970-01-01T00:00:00Z', 'top-ups are free [rec]');

-- What leaves over any network has a jti, and nothing else has: one index for all rails.
create index payment_sent_id on payment (biz_msg_idr) where jti is not null;
drop index payment_out_id;

-- What an inquiry showed: the amounts that may be paid, so that no client can make one up. Ours alone: a payment must quote it.
create table bill_inquiry (
  id text primary key,
  customer_id text not null references customer,
  product text not null,
  customer_key text not null,
  aggregator text not null,
  inquiry_reference text not null,
  customer_name text not null,
  -- The bill in the form of src/rail/gateway-wire.ts, canonical JSON.
  bill text not null,
  made_at timestamptz not null,
  valid_until timestamptz not null
);
create trigger bill_inquiry_append_only before update or delete on bill_inquiry for each row execute function refuse_change();

-- What a bill payment was for; its row in `payment` has the money. Written in the commit of the hold.
create table bill_payment (
  payment_id text primary key references payment,
  inquiry_id text not null references bill_inquiry,
  product text not null,
  customer_key text not null,
  inquiry_reference text not null,
  period_count integer not null check (period_count >= 0),
  -- The receipt, sealed to core (src/rail/seal.ts): a prepaid token is money. Null until the biller gave it.
  receipt text,
  -- When to ask for the receipt (again); null when there is one, or nothing to ask for.
  receipt_due_at timestamptz,
  receipt_attempts integer not null default 0,
  made_at timestamptz not null,
  check (receipt is null or receipt_due_at is null)
);
create index bill_payment_due on bill_payment (receipt_due_at) where receipt_due_at is not null;

-- The inquiry that a consent is for; null: a transfer.
alter table consent add column bill_inquiry_id text references bill_inquiry;
alter table consent add column period_count integer;
alter table consent add column is_repeat_confirmed boolean;

grant select, insert on bill_inquiry to pulih_core;
grant select, insert on bill_payment to pulih_core;
grant update (receipt, receipt_due_at, receipt_attempts) on bill_payment to pulih_core;
grant select on bill_payment to pulih_guard;
