-- Payments that wait for a person before anything of them may leave (ADR 0029).
insert into payment_move (from_state, to_state) values
  ('new', 'withheld'), ('withheld', 'held'), ('withheld', 'settled'), ('withheld', 'cancelled');

-- Why a payment waits, and what will be authorised if two people say so. Written in the commit that holds its money, never changed.
create table payment_review (
  payment_id text primary key references payment,
  -- Codes, the strictest first.
  reasons text[] not null check (cardinality(reasons) between 1 and 20),
  restriction_id text,
  -- The authorisation in the making, complete but for its network ids; null within the bank. No signer reads it.
  draft text check (length(draft) <= 20000),
  made_at timestamptz not null
);
create trigger payment_review_append_only before update or delete on payment_review for each row execute function refuse_change();

-- The first of two people. A request that nobody joins ends with the payment.
create table payment_release (
  payment_id text primary key references payment_review,
  asked_by text not null references staff,
  reason text not null check (length(reason) between 1 and 500),
  asked_at timestamptz not null
);
create trigger payment_release_append_only before update or delete on payment_release for each row execute function refuse_change();

-- The one word about a payment that waited, in the commit of its money.
create table payment_review_decision (
  payment_id text primary key references payment_review,
  decision text not null check (decision in ('released', 'refused', 'ended', 'withdrawn')),
  decided_by text references staff,
  asked_by text references staff,
  amount_sen bigint not null check (amount_sen > 0),
  -- Up to here one person was enough when it was decided.
  alone_max_sen bigint not null check (alone_max_sen >= 0),
  reason text not null check (length(reason) <= 500),
  decided_at timestamptz not null,
  -- A clock and a customer have no staff id; people have.
  check ((decided_by is null) = (decision in ('ended', 'withdrawn'))),
  check (decision <> 'released' or amount_sen <= alone_max_sen or (asked_by is not null and asked_by <> decided_by))
);
create trigger payment_review_decision_append_only before update or delete on payment_review_decision for each row execute function refuse_change();

grant select, insert on payment_review, payment_release, payment_review_decision to pulih_core;
grant select on payment_review, payment_release, payment_review_decision to pulih_guard;
revoke update on payment_review, payment_release, payment_review_decision from pulih_core;
