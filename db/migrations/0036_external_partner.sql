-- ── alarms that a partner or the operator of a network tells us itself, signed ────────────────────────────────────────
alter table external_alarm alter column raised_by drop not null;
alter table external_alarm add column raised_partner text references partner;
alter table external_alarm add constraint external_alarm_raised_check check (num_nonnulls(raised_by, raised_partner) = 1);
-- Of a partner: its id, a stroke, and its own reference.
alter table external_alarm drop constraint external_alarm_reference_check;
alter table external_alarm add constraint external_alarm_reference_check check (reference ~ '^[A-Za-z0-9/._-]{3,110}$');
create index external_alarm_of_partner on external_alarm (raised_partner) where acknowledged_at is null;
