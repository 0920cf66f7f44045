/** What the database's own catalogue says: rows changed by table, and what protects them. Every role may read it. */
import type { Queryable } from '../db/pool.ts';
import { sql } from '../db/sql.ts';

/** Rows of a table since the statistics began; partitions stand for themselves. */
export function selectRowCounts(
  db: Queryable,
  tables: readonly string[],
): Promise<{ name: string; rows: bigint; updated: bigint; deleted: bigint }[]> {
  return db.query(sql`select relname as name, n_live_tup as rows, n_tup_upd as updated, n_tup_del as deleted
    from pg_stat_user_tables where schemaname = 'public' and relname = any(${tables}) order by relname`);
}

/** One fingerprint per part of what protects: triggers and whether they fire, rights, functions, roles; and how many migrations ran. */
export async function selectFingerprints(db: Queryable): Promise<{
  triggers: string;
  grants: string;
  functions: string;
  roles: string;
  migrations: bigint;
}> {
  const rows = await db.query<{
    triggers: string;
    grants: string;
    functions: string;
    roles: string;
    migrations: bigint;
  }>(sql`select
      (select md5(coalesce(string_agg(c.relname || ' ' || t.tgname || ' ' || t.tgenabled::text || ' ' || t.tgfoid::regproc::text, ',' order by c.relname, t.tgname), ''))
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal and t.tgparentid = 0 and c.relnamespace = 'public'::regnamespace) as triggers,
      (select md5(coalesce(string_agg(relname || ' ' || relowner || ' ' || coalesce(relacl::text, ''), ',' order by relname), ''))
        from pg_class where relnamespace = 'public'::regnamespace and not relispartition and relkind in ('r', 'p', 'S', 'v')) as grants,
      (select md5(coalesce(string_agg(proname || ' ' || prosecdef || ' ' || md5(prosrc), ',' order by proname, md5(prosrc)), ''))
        from pg_proc where pronamespace = 'public'::regnamespace) as functions,
      (select md5(coalesce(string_agg(rolname || rolsuper || rolcreaterole || rolbypassrls || rolcanlogin, ',' order by rolname), ''))
        from pg_roles where rolname not like 'pg\\_%') as roles,
      (select count(*) from schema_migration) as migrations`);
  return rows[0]!;
}
