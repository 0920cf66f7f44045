-- ── a function that guards reads the tables of the bank, never a temporary one of the same name (0031) ──────────────────
-- Whoever made a temporary `incident_closing` would have closed an incident alone. `src/db/function.dbtest.ts` asks it of every function.
alter function refuse_lone_closing() set search_path = public, pg_temp;
alter function refuse_code_delete() set search_path = public, pg_temp;
alter function prune_memory(text, timestamptz, integer) set search_path = public, pg_temp;
alter function add_to_check(regclass, text, text, text[]) set search_path = public, pg_temp;
