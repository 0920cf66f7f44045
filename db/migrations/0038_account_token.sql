-- ── a customer's account as a partner keeps it: a token instead of a number, for debits (docs/snap.md) ─────────────────────────────────
-- It lives in a grant: what ends the grant ends it. One account of a grant has one token that counts.
create table account_token (
  id text primary key,
  grant_id text not null references access_grant,
  account text not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  -- Narrower than the grant's own limit, where the partner asked for it.
  limit_sen bigint check (limit_sen > 0),
  made_at timestamptz not null,
  ended_at timestamptz
);
create unique index account_token_live on account_token (grant_id, account) where ended_at is null;
create trigger account_token_ended before update on account_token for each row
  when (old.ended_at is not null) execute function refuse_after_end();

grant select, insert on account_token to pulih_core;
grant update (ended_at) on account_token to pulih_core;
