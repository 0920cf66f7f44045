/** Forward-only migrations: `db/migrations/NNNN_words.sql`, one transaction each, checksum kept. Applied files never change. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../kernel/canonical.ts';
import type { Db } from './pool.ts';
import { sql } from './sql.ts';

const FILE = /^\d{4}_[a-z0-9_]+\.sql$/;
/** Any constant: keeps two migrators apart. */
const MIGRATE_LOCK = 7_262_021;

/** Applies what is missing, in order; the names applied. Throws when an applied file was changed afterwards. */
export async function migrate(db: Db, folder: string): Promise<readonly string[]> {
  await db.script(
    'create table if not exists schema_migration (name text primary key, checksum bytea not null, applied_at timestamptz not null default clock_timestamp())',
  );
  const applied: string[] = [];
  for (const name of readdirSync(folder)
    .filter((file) => FILE.test(file))
    .sort()) {
    const text = readFileSync(join(folder, name), 'utf8');
    const checksum = sha256(text);
    const known = await db.query<{ checksum: Buffer }>(
      sql`select checksum from schema_migration where name = ${name}`,
    );
    if (known[0]) {
      if (!known[0].checksum.equals(checksum))
        throw new Error(`Cannot migrate: applied file ${name} was changed`);
      continue;
    }
    const quoted = `'\\x${checksum.toString('hex')}'`;
    await db.script(`begin;
      set local lock_timeout = '10s';
      select pg_advisory_xact_lock(${MIGRATE_LOCK});
      ${text}
      ;insert into schema_migration (name, checksum) values ('${name}', ${quoted});
      commit;`);
    applied.push(name);
  }
  return applied;
}
