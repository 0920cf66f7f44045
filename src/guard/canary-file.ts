/** Files that nobody has a reason to open: planted by the process that watches them, read by nobody of ours. A read is seen by the time of
 * access, which is set back each time it is looked at, so that file systems that note only the first read since a change (relatime) note
 * it; where none is noted (noatime), a change, an exchange and a removal are still seen. */
import { lstat, mkdir, open, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '../kernel/random.ts';

/** What a look sees of a file; `undefined` = it is not there. JSON-safe. */
export interface FilePrint {
  readonly inode: number;
  readonly size: number;
  readonly changedMs: number;
  readonly writtenMs: number;
  readonly readMs: number;
}

export type FileTouch = 'gone' | 'changed' | 'read';

/** So far back that any read is later than it. */
const SET_BACK_MS = 60_000;
const KEY_BYTES = 600;

/** Plants a file where there is none; what stands there is left alone. Looks like a private key, and opens nothing. */
export async function plantFile(path: string, random: Random): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const body = (random.bytes(KEY_BYTES).toString('base64').match(/.{64}/g) ?? []).join('\n');
  const file = await open(path, 'wx', 0o600).catch(orThere);
  await file?.writeFile(
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}\n-----END ENCRYPTED PRIVATE KEY-----\n`,
  );
  await file?.close();
}

function orThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error;
  return undefined;
}

/** Sets the time of access back; what it is from then on. */
export async function armFile(path: string): Promise<FilePrint | undefined> {
  const now = await printOf(path);
  if (!now) return undefined;
  await utimes(path, (now.writtenMs - SET_BACK_MS) / 1_000, now.writtenMs / 1_000);
  return printOf(path);
}

/** What the disk says of a file that is there for nobody: whoever hides one must not stop the look at the others. */
const HIDDEN: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
]);

/** What a file is now; one that cannot be reached any more is gone. Throws what else the disk says. */
export async function printOf(path: string): Promise<FilePrint | undefined> {
  try {
    const { ino, size, ctimeMs, mtimeMs, atimeMs } = await lstat(path);
    return { inode: ino, size, changedMs: ctimeMs, writtenMs: mtimeMs, readMs: atimeMs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (HIDDEN.has(code)) return undefined;
    throw error;
  }
}

/** What happened between two looks; undefined = nothing. Pure. */
export function touchOf(
  before: FilePrint | undefined,
  now: FilePrint | undefined,
): FileTouch | undefined {
  if (!now) return before && 'gone';
  if (!before) return 'changed';
  const isSame =
    before.inode === now.inode && before.size === now.size && before.changedMs === now.changedMs;
  if (!isSame) return 'changed';
  return now.readMs > before.readMs ? 'read' : undefined;
}
