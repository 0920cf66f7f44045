/** Gets a database ready: the embedded one or the bank's own, migrated, with one login per process. */
import { join } from 'node:path';
import { migrate } from '../db/migrate.ts';
import { ensurePartitions } from '../db/partition.ts';
import { openDb } from '../db/pool.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import type { Config } from './config.ts';
import { processFolder } from './key-file.ts';
import { writeSecret } from './keys.ts';
import { processOwner, ROOT } from './place.ts';
import type { PortMap } from './port-map.ts';
import {
  ensureDatabase,
  ensureLogins,
  rolePassword,
  startPostgres,
  type Postgres,
} from './postgres.ts';

const DATABASE = 'pulih';
const MIGRATIONS = join(ROOT, 'db/migrations');

/** Which role each process signs in as. */
const ROLE: Readonly<Record<string, string>> = {
  'core-1': 'pulih_core',
  'core-2': 'pulih_core',
  signer: 'pulih_signer',
  guard: 'pulih_guard',
};

/** A database that takes connections. */
export interface Server {
  /** May do everything; for migrations and seeds. */
  readonly adminUrl: string;
  /** Undefined when the database is the bank's own. */
  readonly embedded: Postgres | undefined;
}

/** The folder of the embedded server. */
export function postgresFolder(config: Config): string {
  return join(config.folder, 'postgres');
}

/** Starts the embedded server, or takes the bank's own as it is. */
export async function startServer(input: {
  readonly config: Config;
  readonly ports: PortMap;
  readonly time: Time;
  readonly say: (line: string) => void;
}): Promise<Server> {
  const { config, time, say } = input;
  if (config.databaseUrl) return { adminUrl: config.databaseUrl, embedded: undefined };
  const embedded = await startPostgres({
    folder: postgresFolder(config),
    port: input.ports.of('postgres'),
    time,
    durability: 'power',
    say,
  });
  await ensureDatabase(embedded, DATABASE, time);
  return { adminUrl: embedded.superuserUrl(DATABASE), embedded };
}

/** Applies missing migrations and makes the partitions of the months ahead. Returns the names applied. */
export async function migrateServer(
  server: Pick<Server, 'adminUrl'>,
  time: Time,
): Promise<readonly string[]> {
  const db = openDb({ url: server.adminUrl, size: 1, time, name: 'migrate' });
  try {
    const applied = await migrate(db, MIGRATIONS);
    await ensurePartitions(db, wibDate(time.now()));
    return applied;
  } finally {
    await db.close();
  }
}

/** Gives each process its own login, in a file that only the process reads. */
export async function giveLogins(input: {
  readonly config: Config;
  readonly server: Server;
  readonly time: Time;
}): Promise<void> {
  const { config, server, time } = input;
  const password = rolePassword(postgresFolder(config));
  await ensureLogins({ adminUrl: server.adminUrl, password, time });
  for (const [name, role] of Object.entries(ROLE)) {
    const url = new URL(server.adminUrl);
    url.username = role;
    url.password = password;
    writeSecret(
      join(processFolder(config.folder, name), 'database-url'),
      url.href,
      processOwner(name),
    );
  }
}
