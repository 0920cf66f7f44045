-- ── breaks are people's work: an owner, notes, and an end that two of them sign ───────────────────────────────────

-- The same id may stand on two networks.
alter table match_break drop constraint match_break_kind_biz_msg_idr_key;
alter table match_break add constraint match_break_name unique (rail, kind, biz_msg_idr);
create index match_break_open on match_break (opened_at) where closed_at is null;

alter table match_break add column owner_id text references staff;
-- The proposal or release that two people signed. Null: open, or a missing line that arrived.
alter table match_break add column explained_by text;

create table break_note (
  id text primary key,
  break_id text not null references match_break,
  written_by text not null references staff,
  written_at timestamptz not null,
  note text not null check (length(note) between 1 and 500)
);
create index break_note_break on break_note (break_id, written_at);
create trigger break_note_append_only before update or delete on break_note for each row execute function refuse_change();

-- How a break ends: with a posting between the bank's own accounts, or with an explanation alone.
create table break_proposal (
  id text primary key,
  break_id text not null references match_break,
  -- What both sign: a break that grew since is another matter.
  break_amount_sen bigint not null,
  debit_account text references account (number),
  credit_account text references account (number),
  amount_sen bigint check (amount_sen > 0 and amount_sen <= break_amount_sen),
  reason text not null check (length(reason) between 20 and 500),
  state text not null default 'proposed' check (state in ('proposed', 'done', 'withdrawn')),
  proposed_by text not null references staff,
  proposed_at timestamptz not null,
  proposed_signature text not null,
  approved_by text references staff,
  approved_at timestamptz,
  approved_signature text,
  check ((debit_account is null) = (credit_account is null) and (debit_account is null) = (amount_sen is null)),
  check (debit_account <> credit_account),
  -- I5: nobody approves their own.
  constraint break_proposal_two_people check (approved_by <> proposed_by),
  check ((state = 'done') = (approved_by is not null and approved_at is not null and approved_signature is not null))
);
create unique index break_proposal_one_open on break_proposal (break_id) where state = 'proposed';
create index break_proposal_break on break_proposal (break_id);

create function refuse_proposal_change() returns trigger language plpgsql as $$
begin
  if old.state <> 'proposed' then raise exception 'a proposal that ended stays as it is'; end if;
  return new;
end $$;
create trigger break_proposal_ends_once before update on break_proposal for each row execute function refuse_proposal_change();
create trigger break_proposal_stays before delete on break_proposal for each row execute function refuse_change();

-- Nothing but a missing line that arrived ends without two people.
update match_break set explained_by = 'before' where closed_at is not null and kind <> 'missing';
create function refuse_unexplained() returns trigger language plpgsql as $$
begin
  if new.closed_at is null or new.kind = 'missing' and new.explained_by is null and current_user <> 'pulih_core' then return new; end if;
  if tg_op = 'UPDATE' and old.closed_at is not null and new.explained_by is not distinct from old.explained_by then return new; end if;
  if exists (select from break_proposal where id = new.explained_by and break_id = new.id and state = 'done' and approved_at >= new.opened_at) then return new; end if;
  if exists (select from release_request where id = new.explained_by and approved_by is not null and proposed_at >= new.opened_at) then return new; end if;
  raise exception 'a break ends with an explanation of two people';
end $$;
create trigger match_break_explained before insert or update on match_break for each row execute function refuse_unexplained();

grant select, insert on break_note, break_proposal to pulih_core;
grant update (state, approved_by, approved_at, approved_signature) on break_proposal to pulih_core;
grant update (owner_id, closed_at, explained_by) on match_break to pulih_core;
grant select on break_note, break_proposal to pulih_guard;

-- ── a business date, three sides ──────────────────────────────────────────────────────────────────────────────────
create index settlement_line_date on settlement_line (business_date);
-- Payments are made in the order of their dates: a few pages of index for all of them, and nearly nothing per payment.
create index payment_business_date on payment using brin (business_date);
