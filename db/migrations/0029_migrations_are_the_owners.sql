-- Which migrations ran is the owner's word: the guard tells an upgrade from a hand by it.
revoke insert, update on schema_migration from pulih_core;
grant select on schema_migration to pulih_guard;
