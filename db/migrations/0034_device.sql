-- ── Devices that people signed in with ────────────────────────────────────────────────────────────────────────────
-- A device is a random cookie of ours; here is its hash. What rules of risk know of it (ADR 0034).
create table signed_device (
  device text not null check (length(device) = 16),
  kind text not null check (kind in ('customer', 'staff')),
  subject text not null,
  first_at timestamptz not null,
  last_at timestamptz not null check (last_at >= first_at),
  primary key (device, kind, subject)
) with (fillfactor = 90);
create index signed_device_subject on signed_device (kind, subject);
create index signed_device_last on signed_device (last_at);

-- Where a session was opened: its device, and its network under the session's own token, which nobody else has.
alter table session add column signed_device text check (length(signed_device) = 16), add column network_hash bytea check (length(network_hash) = 32);

grant select, insert, delete on signed_device to pulih_core;
grant update (last_at) on signed_device to pulih_core;
