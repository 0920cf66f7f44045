/** Where Pulih keeps its state on this machine, and as whom each process runs. */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** The folder of this clone. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** A user and group by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Root-owned folder for state when started as root: every user can pass through it, wherever the clone lies. */
const SYSTEM_FOLDER = '/var/lib/pulih';
/** First of the numeric users that processes run as; a range no distribution hands out. They need no entry in /etc/passwd. */
const PROCESS_UID_FIRST = 58_100;
/** Position decides the number, so new ones go last. */
const PROCESS_ORDER: readonly string[] = [
  'core-1',
  'core-2',
  'signer',
  'gateway-1',
  'guard',
  'status',
  'sim',
  'hsm',
];
const STANDS_ALONE: readonly string[] = ['signer', 'sim', 'hsm'];

/** True when started as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The state folder. As root `/var/lib/pulih/<clone>-<hash of its path>`, because a database refuses to run as root and its
 * user must reach the files; otherwise `data/` in the clone. `chosen` (from `--state`) wins. */
export function stateFolder(chosen: string | undefined): string {
  if (chosen) return resolve(chosen);
  if (!isRoot()) return join(ROOT, 'data');
  const hash = createHash('sha256').update(ROOT).digest('hex').slice(0, 8);
  return join(SYSTEM_FOLDER, `${basename(ROOT)}-${hash}`);
}

/** Where binaries are copied to when started as root; shared by all clones of this machine. */
export function systemFolder(): string {
  return SYSTEM_FOLDER;
}

/** A folder for one test run, which another user can reach. */
export function temporaryParent(): string {
  return isRoot() && !isOpenToAll(tmpdir()) ? SYSTEM_FOLDER : tmpdir();
}

/** The user PostgreSQL runs as when we are root: `postgres` where there is one, else `nobody`. initdb needs a named user. */
export function databaseOwner(): Owner | undefined {
  if (!isRoot()) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new Error(
    'Cannot start PostgreSQL as root: this system has neither a user "postgres" nor "nobody"',
  );
}

/** Own numeric users per process, when we are root and they can read the clone; undefined = everything runs as the caller.
 * Those that write or read the status folder share a group; `signer`, `sim` and `hsm` stand alone. */
export function processOwner(name: string): Owner | undefined {
  if (!isRoot() || !isOpenToAll(ROOT)) return undefined;
  const place = PROCESS_ORDER.indexOf(name);
  if (place < 0) throw new Error(`Cannot choose a user for ${name}: it is not a process of ours`);
  const uid = PROCESS_UID_FIRST + place;
  return { uid, gid: STANDS_ALONE.includes(name) ? uid : PROCESS_UID_FIRST };
}

/** The group of those that share the status folder. */
export function sharedOwner(): Owner | undefined {
  return isRoot() && isOpenToAll(ROOT) ? { uid: 0, gid: PROCESS_UID_FIRST } : undefined;
}

/** True when any user may read `path` and pass through all folders above it. */
export function isOpenToAll(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false;
  for (let at = dirname(path); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Makes a folder that only `owner` may open (all may pass with `mode` 0o755). */
export function makeFolder(path: string, owner?: Owner, mode = 0o700): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  if (owner) chownSync(path, owner.uid, owner.gid);
  return path;
}
