/** The switch's book on disk: one event a line, appended before the switch answers, read back at the next start; and one settlement
 * file per business date. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Book, BookEvent } from './book.ts';

export interface BookFile {
  append(event: BookEvent): void;
  /** Keeps the settlement of a closed business date. */
  settle(date: string, text: string): void;
}

/** Replays `switch.jsonl` of `folder` into the book and appends to it from then on. A half-written last line, the mark of a kill,
 * is cut off. Synchronous on purpose: an event is with the operating system before the answer leaves. */
export function openBookFile(folder: string, book: Book): BookFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'switch.jsonl');
  if (existsSync(path)) {
    const bytes = readFileSync(path);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) truncateSync(path, whole);
    for (const line of bytes.subarray(0, whole).toString('utf8').split('\n')) {
      if (line) book.apply(JSON.parse(line) as BookEvent);
    }
  }
  return {
    append: (event) => appendFileSync(path, `${JSON.stringify(event)}\n`, { mode: 0o600 }),
    settle: (date, text) =>
      writeFileSync(join(folder, `settlement-${date}.txt`), text, { mode: 0o600 }),
  };
}
