-- The whole of Pulih's first schema. Times come as parameters from the process clock (never now()), so that drills run in
-- virtual time. Amounts are bigint sen. Every date in WIB terms is a `date`; every instant is UTC `timestamptz`.

do $$
declare role_name text;
begin
  foreach role_name in array array['pulih_core', 'pulih_signer', 'pulih_guard'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end $$;

-- ── audit: one ordered stream; every state change leaves a row, which is also the audit leaf ──────────────────────
-- Readers order by (xid, id) and never pass pg_snapshot_xmin, so that a late commit is never skipped (I10).
create table event (
  id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  on_date date not null,
  at timestamptz not null,
  kind text not null,
  subject text not null,
  data text not null,
  primary key (id, on_date)
) partition by range (on_date);
create index event_order on event (xid, id);
create index event_subject on event (subject, id);
create table event_default partition of event default;

create table audit_checkpoint (
  size bigint primary key,
  root bytea not null,
  cursor_xid xid8 not null,
  cursor_id bigint not null,
  made_at timestamptz not null,
  signature bytea not null
);
create table audit_leaf (
  position bigint primary key,
  event_id bigint not null,
  event_on_date date not null,
  hash bytea not null
);
create index audit_leaf_event on audit_leaf (event_id);
-- Roots of full subtrees of 2^8, 2^16, … leaves: a checkpoint or a proof reads at most 255 hashes per height.
create table audit_node (
  height integer not null check (height > 0 and height % 8 = 0),
  position bigint not null,
  hash bytea not null,
  primary key (height, position)
);

-- ── ledger ────────────────────────────────────────────────────────────────────────────────────────────────────────
create table ledger_book (book text primary key, description text not null);
insert into ledger_book values
  ('customer', 'customer deposits'), ('settlement', 'settlement per rail and direction'), ('fee', 'fee income'),
  ('tax', 'tax payable'), ('suspense', 'money whose owner is being found'), ('nostro', 'mirror of our account elsewhere'),
  ('equity', 'opening balances');

create table account (
  id bigint generated always as identity primary key,
  number text not null unique,
  book text not null references ledger_book,
  name text not null,
  customer_id text,
  account_type text not null default 'SVGS' check (account_type in ('SVGS', 'CACC', 'LOAN', 'CCRD', 'UESB', 'OTHR')),
  may_go_negative boolean not null,
  state text not null default 'open' check (state in ('open', 'closed', 'frozen')),
  posted_debit_sen bigint not null default 0 check (posted_debit_sen >= 0),
  posted_credit_sen bigint not null default 0 check (posted_credit_sen >= 0),
  pending_debit_sen bigint not null default 0 check (pending_debit_sen >= 0),
  pending_credit_sen bigint not null default 0 check (pending_credit_sen >= 0),
  version bigint not null default 0,
  opened_at timestamptz not null,
  -- T8: holds count in the available balance.
  constraint account_not_overdrawn check (may_go_negative or posted_credit_sen - posted_debit_sen - pending_debit_sen >= 0)
) with (fillfactor = 70);
create index account_customer on account (customer_id) where customer_id is not null;

-- Taken after the accounts are locked and never cached per connection: on each account, ids rise in the order of posting.
create sequence transfer_id_seq;
create table transfer (
  id bigint not null default nextval('transfer_id_seq'),
  booked_on date not null,
  kind text not null check (kind in ('single', 'hold', 'post', 'void')),
  debit_account bigint not null,
  credit_account bigint not null,
  amount_sen bigint not null check (amount_sen > 0),
  hold_id bigint,
  payment_id text,
  line text not null check (line in ('principal', 'fee', 'tax', 'opening', 'correction')),
  booked_at timestamptz not null,
  value_date date not null,
  business_date date not null,
  primary key (id, booked_on),
  check (debit_account <> credit_account),
  check ((kind in ('post', 'void')) = (hold_id is not null))
) partition by range (booked_on);
create index transfer_debit on transfer (debit_account, id);
create index transfer_credit on transfer (credit_account, id);
create index transfer_payment on transfer (payment_id) where payment_id is not null;
create table transfer_default partition of transfer default;

-- A hold is one row with a compare-and-set state: a voided hold can never be posted (T9). `id` is its transfer's id.
create table hold (
  id bigint primary key,
  debit_account bigint not null references account,
  credit_account bigint not null references account,
  amount_sen bigint not null check (amount_sen > 0),
  posted_sen bigint not null default 0 check (posted_sen >= 0 and posted_sen <= amount_sen),
  state text not null check (state in ('held', 'posted', 'voided')),
  payment_id text,
  line text not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'held') = (ended_at is null)),
  check (state = 'posted' or posted_sen = 0)
) with (fillfactor = 80);
create index hold_payment on hold (payment_id);

-- Durable idempotency with the hash of the request: kept for ever (T6).
create table ledger_request (
  key text primary key,
  request_hash bytea not null,
  result text not null,
  made_at timestamptz not null
);

-- Ids on the networks come from one registry (DESIGN.md 1.1). An id that is not here was never issued.
create table id_sequence (
  series text not null,
  day date not null,
  last bigint not null,
  primary key (series, day)
);
create table id_registry (
  id text primary key,
  rail text not null,
  payment_id text not null,
  allocated_on date not null,
  allocated_at timestamptz not null
);
create index id_registry_payment on id_registry (payment_id);

create table authorisation (
  jti text primary key,
  payment_id text not null,
  attempt integer not null check (attempt > 0),
  hold_id bigint not null references hold,
  rail text not null,
  audience text not null,
  env text not null check (env in ('prod', 'drill')),
  instruction text not null,
  instruction_hash bytea not null check (length(instruction_hash) = 32),
  amount_sen bigint not null check (amount_sen > 0),
  made_at timestamptz not null,
  unique (payment_id, attempt)
);

-- ── payment: the row is the work queue ────────────────────────────────────────────────────────────────────────────
create table payment_move (from_state text not null, to_state text not null, primary key (from_state, to_state));

create table payment (
  id text primary key,
  kind text not null check (kind in ('onus', 'bifast_out', 'bifast_in', 'bifast_return')),
  channel text not null check (channel in ('snap', 'mobile', 'network', 'console', 'synthetic')),
  state text not null,
  previous_state text not null,
  foreign key (previous_state, state) references payment_move,
  customer_id text,
  partner_id text,
  partner_reference_no text,
  debit_account text not null,
  credit_account text not null,
  debtor_name text not null,
  creditor_name text not null,
  counterparty_bank text,
  amount_sen bigint not null check (amount_sen > 0),
  fee_sen bigint not null default 0 check (fee_sen >= 0),
  remark text not null default '',
  consent_id text,
  cohort_bucket integer not null default 0 check (cohort_bucket between 0 and 9999),
  is_staff boolean not null default false,
  is_synthetic boolean not null default false,
  jti text,
  biz_msg_idr text,
  msg_id text,
  principal_hold bigint,
  fee_hold bigint,
  outcome_code text,
  outcome_source text,
  related_payment_id text,
  made_at timestamptz not null,
  value_date date not null,
  business_date date not null,
  changed_at timestamptz not null,
  settled_at timestamptz,
  promise_at timestamptz,
  promise_renewals integer not null default 0,
  resolve_by timestamptz,
  -- The last business date whose statement can still hold it; null until it may have left.
  statement_date date,
  inquire_at timestamptz,
  due_at timestamptz,
  leased_until timestamptz,
  attempt_count integer not null default 0,
  inquiry_count integer not null default 0,
  version bigint not null default 0
) with (fillfactor = 70);
create unique index payment_partner_reference on payment (partner_id, partner_reference_no) where partner_id is not null;
create unique index payment_inbound on payment (counterparty_bank, biz_msg_idr) where kind = 'bifast_in';
create index payment_due on payment (due_at) where due_at is not null;
create index payment_out_id on payment (biz_msg_idr) where kind in ('bifast_out', 'bifast_return');
create index payment_consent on payment (consent_id) where consent_id is not null;
create index payment_related on payment (related_payment_id) where related_payment_id is not null;
create index payment_customer on payment (customer_id, made_at desc);
create index payment_open on payment (state) where state not in ('settled', 'refunded', 'refused', 'cancelled', 'rejected', 'returned');

-- The statements whose lines the engine has posted: from then on, "not in it" means "did not settle" (I2).
create table payment_statement (
  rail text not null,
  business_date date not null,
  applied_at timestamptz not null,
  primary key (rail, business_date)
);

create table payment_line (
  payment_id text not null,
  line text not null check (line in ('principal', 'fee', 'tax')),
  amount_sen bigint not null check (amount_sen > 0),
  debit_account text not null,
  credit_account text not null,
  value_date date not null,
  business_date date not null,
  primary key (payment_id, line)
);

-- ── channels ──────────────────────────────────────────────────────────────────────────────────────────────────────
create table customer (
  id text primary key,
  name text not null,
  username text unique,
  password_hash text,
  pin_hash text,
  failed_count integer not null default 0,
  locked_until timestamptz,
  -- Counted apart from sign-in: a right password must not buy new guesses at the PIN.
  pin_failed_count integer not null default 0,
  pin_locked_until timestamptz,
  language text not null default 'id' check (language in ('id', 'en')),
  is_staff boolean not null default false,
  cohort_bucket integer not null check (cohort_bucket between 0 and 9999),
  made_at timestamptz not null
);
create table staff (
  id text primary key,
  name text not null,
  username text not null unique,
  role text not null check (role in ('operator', 'risk', 'service_desk', 'compliance', 'admin')),
  password_hash text not null,
  failed_count integer not null default 0,
  locked_until timestamptz,
  language text not null default 'id',
  public_key text not null,
  sealed_key text not null,
  made_at timestamptz not null
);
create table session (
  token_hash bytea primary key,
  kind text not null check (kind in ('customer', 'staff')),
  subject text not null,
  csrf_hash bytea not null,
  device text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null
);
-- The name another bank (or we) gave for an account, shown to the customer before an amount is agreed.
create table name_check (
  id text primary key,
  customer_id text not null references customer,
  bank text not null,
  account text not null,
  name text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null
);
-- What the customer agreed to, and the very words shown. One consent pays once: `used_key` is the Idempotency-Key that used it.
create table consent (
  id text primary key,
  customer_id text not null references customer,
  session_hash bytea not null,
  device text not null,
  debit_account text not null,
  amount_sen bigint not null check (amount_sen > 0),
  fee_sen bigint not null check (fee_sen >= 0),
  payee_bank text not null,
  payee_account text not null,
  payee_name text not null,
  remark text not null default '',
  text_shown text not null,
  language text not null check (language in ('id', 'en')),
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  used_key text,
  check ((used_at is null) = (used_key is null))
);
create unique index consent_used_key on consent (customer_id, used_key) where used_key is not null;
create table partner (
  id text primary key,
  name text not null,
  public_key text not null,
  secret text not null,
  hmac_encoding text not null check (hmac_encoding in ('base64', 'hex')),
  duplicate_conflict boolean not null default false,
  amount_max_sen bigint not null,
  -- Account numbers, or a prefix of at least three characters and `*`; a bare `*` matches nothing.
  source_accounts text[] not null,
  -- CHANNEL-ID values agreed with the partner; empty = any of the right form.
  channel_ids text[] not null default '{}',
  requests_per_second_max integer not null default 1000 check (requests_per_second_max > 0),
  state text not null default 'active' check (state in ('active', 'suspended')),
  made_at timestamptz not null
);
create table partner_token (
  token_hash bytea primary key,
  partner_id text not null references partner,
  expires_at timestamptz not null
);
-- X-EXTERNAL-ID: unique per partner per WIB day (domain.md 3.3).
create table partner_external_id (
  partner_id text not null,
  day date not null,
  external_id text not null,
  primary key (partner_id, day, external_id)
);
create table participant (
  bic text primary key,
  name text not null,
  short_name text not null,
  bank_code text not null unique,
  state text not null default 'open' check (state in ('open', 'closed')),
  changed_at timestamptz not null
);

-- ── configuration: versioned, two-person where it loosens ──────────────────────────────────────────────────────────
create table setting (
  key text not null,
  version integer not null,
  value text not null,
  effective_from timestamptz not null,
  set_by text not null,
  approved_by text,
  source text not null,
  primary key (key, version),
  check (approved_by is null or approved_by <> set_by)
);

-- ── restrictions and recovery ─────────────────────────────────────────────────────────────────────────────────────
create table restriction (
  id text primary key,
  body text not null,
  level integer not null check (level between 0 and 5),
  placed_by text not null,
  is_automatic boolean not null,
  state text not null check (state in ('active', 'recovering', 'lifted')),
  made_at timestamptz not null,
  review_at timestamptz,
  changed_at timestamptz not null
);
create table restriction_set (
  version bigint primary key,
  body text not null,
  signature text not null,
  made_at timestamptz not null
);
-- Staff ask; the guard acts. Tightening needs one person.
create table stop_request (
  id text primary key,
  scope text not null,
  reason text not null,
  asked_by text not null references staff,
  asked_at timestamptz not null,
  done_at timestamptz,
  restriction_id text
);
-- Loosening needs two distinct people (I5): here in SQL, again by signature in the gateway.
create table release_request (
  id text primary key,
  plan text not null,
  plan_hash bytea not null,
  restriction_id text,
  latch_id text,
  state text not null check (state in ('proposed', 'approved', 'running', 'completed', 'rolled_back', 'withdrawn', 'refused')),
  proposed_by text not null references staff,
  proposed_signature text not null,
  proposed_at timestamptz not null,
  approved_by text references staff,
  approved_signature text,
  approved_at timestamptz,
  note text not null default '',
  constraint release_two_people check (approved_by is null or approved_by <> proposed_by),
  check ((restriction_id is null) <> (latch_id is null)),
  check (state in ('proposed', 'withdrawn', 'refused') or (approved_by is not null and approved_signature is not null))
);
create unique index release_one_open on release_request (coalesce(restriction_id, latch_id)) where state in ('proposed', 'approved', 'running');
create table recovery_stage (
  release_id text not null references release_request,
  stage integer not null,
  name text not null,
  percent integer not null,
  staff_only boolean not null,
  cap_sen bigint,
  started_at timestamptz not null,
  ended_at timestamptz,
  verdict text check (verdict in ('pass', 'fail', 'not_enough_evidence')),
  evidence text not null default '{}',
  primary key (release_id, stage)
);

-- ── processes, guard, reconciliation ──────────────────────────────────────────────────────────────────────────────
create table process (
  id text primary key,
  kind text not null,
  target text not null,
  heartbeat_at timestamptz not null,
  restriction_version bigint not null default 0
);
create table guard_leader (singleton boolean primary key default true check (singleton), epoch bigint not null, holder text not null, taken_at timestamptz not null);
insert into guard_leader (epoch, holder, taken_at) values (0, 'nobody', 'epoch');
create table guard_state (name text primary key, body text not null, saved_at timestamptz not null);
create table journal_entry (
  partition text not null,
  position bigint not null,
  kind text not null,
  at timestamptz not null,
  message_id text,
  body text not null,
  primary key (partition, position)
);
create index journal_entry_message on journal_entry (message_id) where message_id is not null;
create table settlement_line (
  line_id text primary key,
  rail text not null,
  direction text not null check (direction in ('out', 'in')),
  biz_msg_idr text not null,
  amount_sen bigint not null,
  counterparty_bank text not null,
  connector text not null,
  settled_at timestamptz not null,
  business_date date not null,
  seen_at timestamptz not null,
  match_state text not null check (match_state in ('open', 'matched', 'orphan', 'mismatch', 'duplicate')),
  payment_id text
);
create index settlement_line_open on settlement_line (seen_at) where match_state = 'open';
create index settlement_line_id on settlement_line (biz_msg_idr);
create table settlement_statement (
  rail text not null,
  business_date date not null,
  received_at timestamptz not null,
  line_count integer not null,
  body_hash bytea not null,
  primary key (rail, business_date)
);
create table match_break (
  id text primary key,
  kind text not null check (kind in ('orphan', 'mismatch', 'duplicate', 'missing', 'settled_after_refund', 'forged')),
  rail text not null,
  biz_msg_idr text not null,
  amount_sen bigint not null,
  detail text not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  unique (kind, biz_msg_idr)
);

-- ── incident and notices ──────────────────────────────────────────────────────────────────────────────────────────
create table incident (
  id text primary key,
  kind text not null,
  rail text not null,
  restriction_id text,
  opened_at timestamptz not null,
  contained_at timestamptz,
  closed_at timestamptz,
  facts text not null
);
create table notice (
  id text primary key,
  incident_id text references incident,
  service text not null,
  template text not null,
  params text not null,
  published_at timestamptz not null,
  next_update_at timestamptz
);
create table customer_message (
  id text primary key,
  customer_id text not null,
  payment_id text,
  template text not null,
  params text not null,
  made_at timestamptz not null,
  read_at timestamptz
);
create index customer_message_customer on customer_message (customer_id, made_at desc);
create table drill_result (
  id text primary key,
  name text not null,
  seed text not null,
  scorecard text not null,
  ran_at timestamptz not null
);

-- ── partitions by month, made ahead ───────────────────────────────────────────────────────────────────────────────
create function ensure_partitions(at_date date) returns void language plpgsql security definer set search_path = public as $$
declare month_start date; parent text; child text;
begin
  for i in 0..2 loop
    month_start := (date_trunc('month', at_date) + make_interval(months => i))::date;
    foreach parent in array array['event', 'transfer'] loop
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

-- ── append-only tables refuse change, whoever asks ────────────────────────────────────────────────────────────────
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger event_append_only before update or delete on event for each row execute function refuse_change();
create trigger transfer_append_only before update or delete on transfer for each row execute function refuse_change();
create trigger authorisation_append_only before update or delete on authorisation for each row execute function refuse_change();
create trigger ledger_request_append_only before update or delete on ledger_request for each row execute function refuse_change();
create trigger audit_leaf_append_only before update or delete on audit_leaf for each row execute function refuse_change();
create trigger audit_node_append_only before update or delete on audit_node for each row execute function refuse_change();
create trigger audit_checkpoint_append_only before update or delete on audit_checkpoint for each row execute function refuse_change();
create trigger id_registry_append_only before update or delete on id_registry for each row execute function refuse_change();

-- ── least privilege ───────────────────────────────────────────────────────────────────────────────────────────────
grant usage on schema public to pulih_core, pulih_signer, pulih_guard;
grant select, insert, update on all tables in schema public to pulih_core;
grant delete on session, partner_token, partner_external_id to pulih_core;
revoke update on event, transfer, authorisation, id_registry, ledger_request, audit_checkpoint, audit_leaf, audit_node, restriction_set from pulih_core;
revoke insert, update on restriction, restriction_set, recovery_stage, settlement_line, match_break, audit_checkpoint, audit_leaf, audit_node, guard_state, guard_leader, staff, setting from pulih_core;
grant update (failed_count, locked_until, language) on staff to pulih_core;
grant usage on all sequences in schema public to pulih_core, pulih_guard;
grant select on authorisation, hold to pulih_signer;
grant select on all tables in schema public to pulih_guard;
grant insert on event, audit_checkpoint, audit_leaf, audit_node to pulih_guard;
grant insert, update on restriction, restriction_set, recovery_stage, release_request, stop_request, process, guard_leader, guard_state, journal_entry, settlement_line, settlement_statement, match_break, incident, notice, customer_message, drill_result to pulih_guard;
grant execute on function ensure_partitions(date) to pulih_core, pulih_guard;

insert into payment_move (from_state, to_state) values
  ('new', 'refused'), ('new', 'settled'), ('new', 'held'), ('new', 'pending_credit'), ('new', 'rejected'),
  ('held', 'sending'), ('held', 'cancelled'),
  ('sending', 'accepted'), ('sending', 'settled'), ('sending', 'unknown'), ('sending', 'refunded'),
  ('accepted', 'settled'), ('accepted', 'refunded'), ('accepted', 'unknown'),
  ('unknown', 'accepted'), ('unknown', 'settled'), ('unknown', 'refunded'), ('unknown', 'review'),
  ('review', 'settled'), ('review', 'refunded'),
  ('pending_credit', 'settled'), ('pending_credit', 'rejected'), ('pending_credit', 'returned');
