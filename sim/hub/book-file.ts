/** The hub's book on disk: one event a line, appended before the hub answers, read back at the next start. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Book, BookEvent } from './book.ts';

/** Where events go besides the book in memory. */
export interface BookFile {
  append(event: BookEvent): void;
  close(): void;
}

/** Replays `hub.jsonl` of `folder` into the book and appends to it from then on. A half-written last line, the mark of a
 * kill, is cut off. Synchronous on purpose: an event is with the operating system before the hub's answer leaves. */
export function openBookFile(folder: string, book: Book): BookFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'hub.jsonl');
  if (existsSync(path)) {
    const bytes = readFileSync(path);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) truncateSync(path, whole);
    for (const line of bytes.subarray(0, whole).toString('utf8').split('\n')) {
      if (line) book.apply(JSON.parse(line) as BookEvent);
    }
  }
  const file = openSync(path, 'a', 0o600);
  return {
    append: (event) => appendFileSync(file, `${JSON.stringify(event)}\n`),
    close: () => closeSync(file),
  };
}
