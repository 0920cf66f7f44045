-- What rules of one payment go by (ADR 0034).

-- Whom a payer paid before, over all networks; keys in place of numbers, as in the event stream. Written in the commit of the payment.
create table payee_history (
  payer text not null check (length(payer) = 16),
  payee text not null check (length(payee) = 16),
  first_at timestamptz not null,
  last_at timestamptz not null,
  last_amount_sen bigint not null check (last_amount_sen > 0),
  primary key (payer, payee)
) with (fillfactor = 90);

-- Whom we neither pay nor let pay. One person blocks; the block is never changed and never ends by a timer: at `review_at` people look at it.
create table blocked_party (
  id text primary key,
  kind text not null check (kind in ('account', 'merchant')),
  -- Of an account its key, of a merchant its id; never a number.
  subject text not null check (length(subject) between 1 and 64),
  -- The last four digits, to be told apart by people.
  shown text not null check (length(shown) <= 8),
  reason text not null check (length(reason) between 1 and 500),
  placed_by text not null references staff,
  made_at timestamptz not null,
  review_at timestamptz not null check (review_at > made_at)
);
create trigger blocked_party_append_only before update or delete on blocked_party for each row execute function refuse_change();

-- Two people lift it (I5).
create table blocked_party_lift (
  block_id text primary key references blocked_party,
  asked_by text not null references staff,
  reason text not null check (length(reason) between 1 and 500),
  asked_at timestamptz not null,
  approved_by text references staff,
  approved_at timestamptz,
  check ((approved_by is null) = (approved_at is null)),
  constraint blocked_party_lift_two_people check (approved_by <> asked_by)
);

-- What the customer was asked about this payment, after the PIN and before any money: only what was asked can be answered.
alter table consent add column asked text[] check (cardinality(asked) between 1 and 10);

grant select, insert on payee_history, blocked_party, blocked_party_lift to pulih_core;
grant update (last_at, last_amount_sen) on payee_history to pulih_core;
grant update (approved_by, approved_at) on blocked_party_lift to pulih_core;
grant select on payee_history, blocked_party, blocked_party_lift to pulih_guard;
