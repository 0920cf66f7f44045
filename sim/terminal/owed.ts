/** What an ATM concentrator owes its bank: reversals by reference, on disk when there is a folder, as an ATM's own journal is. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fields } from '../switch/codec.ts';

export interface Owed {
  /** With the operating system before it returns. */
  write(reference: string, fields: Fields): void;
  settle(reference: string): void;
  find(reference: string): Fields | undefined;
  open(): readonly (readonly [string, Fields])[];
}

/** Reads `owed.jsonl` of `folder` and goes on with it; a half-written last line, the mark of a kill, counts as none. */
export function openOwed(folder: string | undefined): Owed {
  const open = new Map<string, Fields>();
  const path = folder === undefined ? undefined : join(folder, 'owed.jsonl');
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const append = (text: string): void => {
    if (path !== undefined) appendFileSync(path, `${text}\n`, { mode: 0o600 });
  };
  if (path !== undefined && existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    for (const line of text.split('\n')) readLine(line, open);
    if (text !== '' && !text.endsWith('\n')) append('');
  }
  return {
    write(reference, fields) {
      append(JSON.stringify({ reference, fields }));
      open.set(reference, fields);
    },
    settle(reference) {
      append(JSON.stringify({ reference }));
      open.delete(reference);
    },
    find: (reference) => open.get(reference),
    open: () => [...open],
  };
}

function readLine(line: string, open: Map<string, Fields>): void {
  try {
    const event = JSON.parse(line || '{}') as { reference?: string; fields?: Fields };
    if (event.reference === undefined) return;
    if (event.fields) open.set(event.reference, event.fields);
    else open.delete(event.reference);
  } catch {
    // Half of a line: it was not sent either.
  }
}
