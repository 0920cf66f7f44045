-- ── what staff do about merchants: opened, closed and refunded for, by two people (I5) ────────────────────────────────
-- A closed merchant is paid no more; what it sold may still be given back. Final: whoever comes back is opened anew.
alter table merchant add column closed_at timestamptz;
grant update (closed_at) on merchant to pulih_core;

create table merchant_request (
  id text primary key check (id ~ '^mrq_[0-9a-f]{32}$'),
  kind text not null check (kind in ('open', 'close', 'refund')),
  -- Of one to open the id that it will have.
  merchant_id text not null,
  sale_id text references merchant_sale,
  amount_sen bigint not null check (amount_sen >= 0),
  -- The merchant to open, as canonical JSON.
  draft text check (length(draft) between 2 and 4000),
  reason text not null check (length(reason) between 5 and 256),
  asked_by text not null references staff,
  asked_at timestamptz not null,
  check ((kind = 'open') = (draft is not null)),
  check ((kind = 'refund') = (sale_id is not null)),
  check ((kind = 'refund') = (amount_sen > 0)),
  unique (id, kind, asked_by, amount_sen)
);
create index merchant_request_recent on merchant_request (asked_at desc);
create trigger merchant_request_append_only before update or delete on merchant_request for each row execute function refuse_change();

-- The one word about a request. A refund up to a configured sum takes one person, everything else two.
create table merchant_decision (
  request_id text primary key,
  kind text not null,
  asked_by text not null,
  amount_sen bigint not null,
  alone_max_sen bigint not null check (alone_max_sen >= 0),
  decision text not null check (decision in ('approved', 'withdrawn')),
  decided_by text not null references staff,
  decided_at timestamptz not null,
  foreign key (request_id, kind, asked_by, amount_sen) references merchant_request (id, kind, asked_by, amount_sen),
  constraint merchant_decision_two_people
    check (decision <> 'approved' or asked_by <> decided_by or (kind = 'refund' and amount_sen <= alone_max_sen))
);
create trigger merchant_decision_append_only before update or delete on merchant_decision for each row execute function refuse_change();

-- What became of an approved refund; a missing row means that nobody knows yet: it is carried out again, under the same number.
create table merchant_request_end (
  request_id text primary key references merchant_decision,
  payment_id text references payment,
  refusal text check (length(refusal) between 1 and 64),
  ended_at timestamptz not null,
  check ((payment_id is null) <> (refusal is null))
);
create trigger merchant_request_end_append_only before update or delete on merchant_request_end for each row execute function refuse_change();

-- Scanned codes that speak against themselves: somebody may have pasted them over a merchant's own. Who scanned is a key, never a name.
create table merchant_code_warning (
  id text primary key,
  -- Of ours, where the code names one.
  merchant_id text references merchant,
  nmid text check (length(nmid) <= 32),
  acquirer text check (acquirer ~ '^[0-9]{8}$'),
  warnings text[] not null check (cardinality(warnings) between 1 and 10),
  channel text not null check (channel in ('mobile', 'snap')),
  scanned_by text not null check (scanned_by ~ '^[0-9a-f]{16}$'),
  code_hash bytea not null check (length(code_hash) = 32),
  on_date date not null,
  seen_at timestamptz not null,
  -- Scanning it again on the same day tells nothing new.
  unique (code_hash, scanned_by, on_date)
);
create index merchant_code_warning_recent on merchant_code_warning (seen_at desc);
create index merchant_code_warning_reader on merchant_code_warning (scanned_by, on_date);
create trigger merchant_code_warning_append_only before update or delete on merchant_code_warning for each row execute function refuse_change();

grant select, insert on merchant_request, merchant_decision, merchant_request_end, merchant_code_warning to pulih_core;
