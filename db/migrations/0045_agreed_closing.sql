-- ── what two people agreed to about an incident stays as they read it, and one statement writes no second name ─────────────
create trigger incident_closing_agreed before update on incident_closing for each row
  when (old.approved_by is not null) execute function refuse_change();
revoke insert on incident_closing from pulih_core;
grant insert (incident_id, cause, remedy, reference, asked_by, asked_at) on incident_closing to pulih_core;
