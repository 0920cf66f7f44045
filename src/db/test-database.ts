/** Databases for tests: each call gets its own clone of a migrated template on a real server. The test runner starts the
 * server and puts its superuser URL into PULIH_TEST_DATABASE_URL. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { wallTime, type Time } from '../kernel/time.ts';
import { migrate } from './migrate.ts';
import { ensurePartitions } from './partition.ts';
import { openDb, type Db } from './pool.ts';

const MIGRATIONS = join(import.meta.dirname, '../../db/migrations');
/** Keeps two test processes from making the template at once. */
const TEMPLATE_LOCK = 7_262_022;

let template: Promise<string> | undefined;

/** Makes a fresh database and hands its pool and URL to `work`; drops it afterwards, also when `work` throws.
 * `time` lets a drill in virtual time own the pool. Throws when PULIH_TEST_DATABASE_URL is missing: never a silent skip. */
export async function withTestDb<T>(
  work: (db: Db, url: string) => Promise<T>,
  options: { readonly time?: Time; readonly poolSize?: number } = {},
): Promise<T> {
  const made = await makeTestDb();
  const db = openDb({
    url: made.url,
    size: options.poolSize ?? 4,
    time: options.time ?? wallTime(),
    name: 'test',
  });
  try {
    return await work(db, made.url);
  } finally {
    await db.close();
    await made.drop();
  }
}

/** The same for suites that need the database across several tests; call `drop` at the end. */
export async function makeTestDb(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const server = serverUrl();
  template ??= makeTemplate(server);
  const from = await template;
  const name = `t_${randomBytes(8).toString('hex')}`;
  await onServer(server, (db) =>
    db.script(`create database ${name} template ${from} strategy file_copy`),
  );
  return {
    url: withName(server, name),
    drop: () => onServer(server, (db) => db.script(`drop database if exists ${name} with (force)`)),
  };
}

function serverUrl(): string {
  const url = process.env['PULIH_TEST_DATABASE_URL'];
  if (!url)
    throw new Error(
      'Cannot run database tests: PULIH_TEST_DATABASE_URL is not set (npm test sets it)',
    );
  return url;
}

/** The template is named by its migrations' text, so a changed migration makes a new one. */
async function makeTemplate(server: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const { readdirSync, readFileSync } = await import('node:fs');
  const hash = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS).sort())
    hash.update(readFileSync(join(MIGRATIONS, file)));
  const name = `template_${hash.digest('hex').slice(0, 16)}`;
  await onServer(server, async (db) => {
    await db.script(`select pg_advisory_lock(${TEMPLATE_LOCK})`);
    const known = await db.query<{ n: number }>({
      name: 'template_known',
      text: 'select 1 as n from pg_database where datname = $1 and datistemplate',
      values: [name],
    });
    if (known.length > 0) return;
    await db.script(`drop database if exists ${name}`);
    await db.script(`create database ${name}`);
    const target = openDb({
      url: withName(server, name),
      size: 1,
      time: wallTime(),
      name: 'template',
    });
    try {
      await migrate(target, MIGRATIONS);
      await ensurePartitions(target, new Date().toISOString().slice(0, 10));
    } finally {
      await target.close();
    }
    await db.script(`alter database ${name} with is_template true`);
  });
  return name;
}

async function onServer(server: string, work: (db: Db) => Promise<void>): Promise<void> {
  const db = openDb({ url: server, size: 1, time: wallTime(), name: 'test-server' });
  try {
    await work(db);
  } finally {
    await db.close();
  }
}

function withName(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
