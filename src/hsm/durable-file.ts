/** Files that are whole or not there: written beside, flushed, renamed, and the folder flushed too. */
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Time } from '../kernel/time.ts';

const writeTo = promisify(write);
const flushTo = promisify(fdatasync);

/** Replaces the file; 0600. On disk when it returns. */
export function replaceFile(path: string, content: string | Buffer): void {
  const bytes = Buffer.from(content as string);
  const next = `${path}.next`;
  const handle = openSync(next, 'w', 0o600);
  try {
    writeSync(handle, bytes);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, path);
  flushFolder(dirname(path));
}

/** Appends one line; on disk when it returns. `handle` was opened for appending. */
export function appendLine(handle: number, line: string): void {
  writeSync(handle, `${line}\n`);
  fsyncSync(handle);
}

/** Lines that are written together: what is added while the disk is busy goes with the next write. After a failed one nothing is
 * durable any more, and whoever waits is told. */
export interface LineWriter {
  add(line: string): void;
  /** Resolves when all that was added is on disk. */
  durable(): Promise<void>;
  isBroken(): boolean;
  /** Waits for the disk, then runs `work` alone: it may put another handle in place. */
  exclusive(work: () => number): void;
  close(): Promise<void>;
}

/** Writes to `handle`, which was opened for appending. */
export function openLineWriter(handle: number, time: Time): LineWriter {
  let at = handle;
  let last: Promise<void> = Promise.resolve();
  let collecting: string[] | undefined;
  let isBroken = false;
  const chain = (work: () => Promise<void>): void => {
    last = last.then(work);
    // Whoever must know waits for `durable` itself.
    last.catch(() => (isBroken = true));
  };
  return {
    add(line) {
      if (!collecting) {
        const batch = (collecting = [] as string[]);
        chain(async () => {
          collecting = undefined;
          await time.track(writeLines(at, batch));
        });
      }
      collecting.push(line);
    },
    durable: () => last,
    isBroken: () => isBroken,
    exclusive(work) {
      // What comes from now on is written after it.
      collecting = undefined;
      chain(async () => {
        closeSync(at);
        at = work();
      });
    },
    async close() {
      await last.catch(() => {});
      closeSync(at);
    },
  };
}

async function writeLines(handle: number, lines: readonly string[]): Promise<void> {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let done = 0; done < bytes.length;)
    done += (await writeTo(handle, bytes, done, bytes.length - done, null)).bytesWritten;
  await flushTo(handle);
}

/** Opens a file of lines for appending, and cuts off a last line that a crash tore. Gives the whole lines. */
export function openLines(path: string): {
  readonly handle: number;
  readonly lines: readonly string[];
} {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text || text === '') replaceFile(path, whole);
  return { handle: openSync(path, 'a', 0o600), lines: whole.split('\n').slice(0, -1) };
}

function flushFolder(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
