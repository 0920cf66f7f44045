-- ── cards: whose they are, and what is drawn with them ────────────────────────────────────────────────────────────
select add_to_check('payment', 'kind', 'payment_kind_check', '{card_withdrawal,card_return,card_fee}');
-- A withdrawal of ours is approved in its first commit: the cash may be out, the settlement is still to come.
insert into payment_move (from_state, to_state) values ('new', 'accepted');
create unique index payment_card_request on payment (counterparty_bank, biz_msg_idr) where kind = 'card_withdrawal';

-- Blocking is one way: there is no move back.
create table card_move (from_state text not null, to_state text not null, primary key (from_state, to_state));
insert into card_move (from_state, to_state) values
  ('new', 'active'),
  ('active', 'blocked'), ('active', 'lost'), ('active', 'stolen'),
  ('blocked', 'lost'), ('blocked', 'stolen');

-- No card number: a token of it, and the digits that people may see.
create table card (
  id text primary key,
  token bytea not null unique check (length(token) = 32),
  masked_pan text not null check (masked_pan ~ '^[0-9]{6}[*]{3,9}[0-9]{4}$'),
  customer_id text not null references customer,
  account text not null,
  state text not null,
  previous_state text not null,
  foreign key (previous_state, state) references card_move,
  -- YYMM, good through its last day.
  expiry text not null check (expiry ~ '^[0-9]{2}(0[1-9]|1[0-2])$'),
  -- Made by the HSM, worthless without its key.
  pin_value text not null check (length(pin_value) between 1 and 200),
  -- Counted before the HSM is asked.
  pin_tries integer not null default 0 check (pin_tries between 0 and 3),
  -- Null: what the settings say.
  daily_sen_max bigint check (daily_sen_max >= 0),
  daily_count_max integer check (daily_count_max >= 0),
  made_at timestamptz not null,
  changed_at timestamptz not null
) with (fillfactor = 80);
create index card_customer on card (customer_id);

grant select on card, card_move to pulih_core;
grant update (state, previous_state, pin_value, pin_tries, changed_at) on card to pulih_core;
