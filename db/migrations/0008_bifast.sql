-- ── what a network says of itself: who is open, what lies on our settlement account ──────────────────────────────
-- The newest whole word of each kind. `made_at` is the network's clock, `heard_at` ours: its age is told wherever it is used.
create table network_word (
  rail text not null,
  kind text not null check (kind in ('participants', 'position')),
  made_at timestamptz not null,
  heard_at timestamptz not null,
  -- participants: banks that only one of us knows; position: amounts in sen.
  body text not null,
  primary key (rail, kind)
);
grant select, insert, update on network_word to pulih_core;
grant select on network_word to pulih_guard;
