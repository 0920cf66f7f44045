import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from './sql.ts';
import { withTestDb } from './test-database.ts';

test('every function of ours that reads a table looks for temporary ones last, so that nobody shadows the bank’s', async () => {
  await withTestDb(async (db) => {
    const rows = await db.query<{ name: string; config: readonly string[] | null }>(sql`
      select p.oid::regprocedure::text as name, p.proconfig as config
      from pg_proc p join pg_language l on l.oid = p.prolang
      where p.pronamespace = 'public'::regnamespace and l.lanname in ('plpgsql', 'sql')
        and (p.prosecdef or p.prosrc ~* '\\m(from|join|into|update)\\s+[a-z_]+')
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      order by 1`);
    assert.ok(rows.length > 5, 'there are such functions');
    const shadowed = rows.filter(({ config }) => !config?.includes('search_path=public, pg_temp'));
    assert.deepEqual(shadowed, []);
  });
});
