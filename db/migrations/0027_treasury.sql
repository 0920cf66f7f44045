-- ── treasury moves money to and from the account that a network settles on: two people, one posting ────────────────────
create table treasury_entry (
  id text primary key,
  rail text not null check (rail in ('bifast', 'switch', 'qris', 'biller')),
  direction text not null check (direction in ('top_up', 'withdrawal')),
  amount_sen bigint not null check (amount_sen > 0),
  -- Of the transfer itself (RTGS, the bank that settles).
  reference text not null check (reference ~ '^[A-Za-z0-9/._-]{3,60}$'),
  state text not null default 'proposed' check (state in ('proposed', 'done', 'withdrawn')),
  proposed_by text not null references staff,
  proposed_at timestamptz not null,
  proposed_signature text not null,
  approved_by text references staff,
  approved_at timestamptz,
  approved_signature text,
  -- I5: nobody approves their own.
  constraint treasury_entry_two_people check (approved_by <> proposed_by),
  check ((state = 'done') = (approved_by is not null and approved_at is not null and approved_signature is not null))
);
-- The same transfer is entered once, unless it was taken back.
create unique index treasury_entry_reference on treasury_entry (rail, reference) where state <> 'withdrawn';
create index treasury_entry_recent on treasury_entry (proposed_at desc);
create function refuse_treasury_change() returns trigger language plpgsql as $$
begin
  if old.state <> 'proposed' then raise exception 'an entry that ended stays as it is'; end if;
  return new;
end $$;
create trigger treasury_entry_ends_once before update on treasury_entry for each row execute function refuse_treasury_change();
create trigger treasury_entry_stays before delete on treasury_entry for each row execute function refuse_change();
grant select, insert on treasury_entry to pulih_core;
grant update (state, approved_by, approved_at, approved_signature) on treasury_entry to pulih_core;
grant select on treasury_entry to pulih_guard;
