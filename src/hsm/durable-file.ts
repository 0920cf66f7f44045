/** Files that are whole or not there: written beside, flushed, renamed, and the folder flushed too. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

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
