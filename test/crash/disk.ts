/** A disk that a test can fill up. As root it is a file system in memory of its own, small enough to be filled; otherwise the limit
 * on the size of a file is set to nothing for the processes that write there (RLIMIT_FSIZE), so that their writes fail as well. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '../../src/app/place.ts';

const BLOCK = Buffer.alloc(65_536, 1);
const BALLAST = 'ballast';

/** The disk under one folder. */
export interface SmallDisk {
  readonly kind: 'file system' | 'limit';
  /** From now on nothing more can be written. */
  fill(): void;
  /** Somebody made room. */
  free(): void;
  remove(): void;
}

/** Puts `folder` on a small disk; before anything is in it. `pids` are the processes that write there, for the limit. */
export function smallDisk(input: {
  readonly folder: string;
  readonly megabytes: number;
  readonly pids: () => readonly number[];
}): SmallDisk {
  const { folder, megabytes } = input;
  if (isRoot() && !process.env['CRASH_DISK_LIMIT']) {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', folder]);
    const ballast = join(folder, BALLAST);
    return {
      kind: 'file system',
      fill: () => fill(ballast),
      free: () => rmSync(ballast, { force: true }),
      remove: () => void execFileSync('umount', [folder]),
    };
  }
  const limit = (to: string): void => {
    for (const pid of input.pids()) {
      // As the user of that process: to change another's limits takes a right that root of a container may lack.
      const { uid, gid } = statSync(`/proc/${pid}`);
      const args = [`--pid=${pid}`, `--fsize=${to}:unlimited`];
      execFileSync('prlimit', args, isRoot() ? { uid, gid } : {});
    }
  };
  return {
    kind: 'limit',
    fill: () => limit('0'),
    free: () => limit('unlimited'),
    remove: () => {},
  };
}

/** Every process that works in a folder: those of a database server. */
export function pidsIn(folder: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readlinkSync(`/proc/${name}/cwd`) === folder ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let size = BLOCK.length; size >= 1;) {
      try {
        writeSync(file, BLOCK, 0, size);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error;
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
