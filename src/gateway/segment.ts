/** The journal's files: JSON lines, each with the CRC of its entry, in segments named by their first position. Appends are
 * written and flushed in groups; what a power cut tore off the last group is cut off at open, any other damage refuses to open. */
import { open, readFile, readdir, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { parseJson } from '../kernel/wire.ts';
import type { JournalEntry } from '../rail/journal-entry.ts';

/** A new segment starts above this size, so that one file stays quick to read at start. */
export const SEGMENT_BYTES_MAX = 32 * 1_048_576;
/** One remembered file offset per so many entries. */
const MARK_EVERY = 64;

const SEGMENT_FILE = /^journal-(\d{12})\.jsonl$/;

interface Mark {
  readonly position: number;
  readonly segment: number;
  readonly offset: number;
}

export interface SegmentStore {
  /** Writes and flushes entries; durable when it resolves. One call at a time. */
  write(entries: readonly JournalEntry[]): Promise<void>;
  /** At most `limit` entries after a position, oldest first. */
  read(after: number, limit: number): Promise<readonly JournalEntry[]>;
  close(): Promise<void>;
}

/** Opens the files of `folder`, hands every entry in order to `visit`, repairs a torn tail. Throws when an entry is damaged
 * or missing: such a journal needs people. */
export async function openSegments(input: {
  readonly folder: string;
  readonly segmentBytesMax: number;
  readonly visit: (entry: JournalEntry) => void;
}): Promise<SegmentStore> {
  const { folder, visit } = input;
  const segments = (await readdir(folder))
    .flatMap((name) => SEGMENT_FILE.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const marks: Mark[] = [];
  let last = 0;
  let size = 0;
  for (const [i, segment] of segments.entries()) {
    const bytes = await readFile(pathOf(folder, segment));
    const end = scan({
      bytes,
      segment,
      last,
      marks,
      visit: (entry) => (visit(entry), void (last = entry.position)),
    });
    if (end < bytes.length) {
      const rest = bytes.subarray(end);
      if (i < segments.length - 1 || !isTorn(rest) || hasGoodLine(rest)) {
        throw new Error(`Cannot open journal: damaged after position ${last} (segment ${segment})`);
      }
      await truncate(pathOf(folder, segment), end);
    }
    size = end;
  }
  return store({
    folder,
    marks,
    segment: segments.at(-1),
    size,
    segmentBytesMax: input.segmentBytesMax,
  });
}

function store(state: {
  folder: string;
  marks: Mark[];
  segment: number | undefined;
  size: number;
  segmentBytesMax: number;
}): SegmentStore {
  let { segment, size } = state;
  let count = 0;
  let handle: FileHandle | undefined;
  return {
    async write(entries) {
      const first = entries[0]!; // callers never pass an empty group
      if (segment === undefined || size >= state.segmentBytesMax) {
        await handle?.close();
        handle = undefined;
        segment = first.position;
        size = 0;
      }
      handle ??= await openAppend(state.folder, segment);
      const lines: Buffer[] = [];
      let offset = size;
      for (const entry of entries) {
        if (offset === 0 || count++ % MARK_EVERY === 0)
          state.marks.push({ position: entry.position, segment, offset });
        const line = Buffer.from(encodeLine(entry));
        lines.push(line);
        offset += line.length;
      }
      const bytes = Buffer.concat(lines);
      await handle.appendFile(bytes);
      await handle.datasync();
      size = offset;
    },
    read: (after, limit) => readAfter({ folder: state.folder, marks: state.marks, after, limit }),
    async close() {
      await handle?.close();
      handle = undefined;
    },
  };
}

async function openAppend(folder: string, segment: number): Promise<FileHandle> {
  const handle = await open(pathOf(folder, segment), 'a', 0o600);
  // The name of a new file must survive too.
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return handle;
}

/** Visits good lines from the start; the offset where they end. */
function scan(input: {
  bytes: Buffer;
  segment: number;
  last: number;
  marks: Mark[];
  visit: (entry: JournalEntry) => void;
}): number {
  let offset = 0;
  let { last } = input;
  for (let count = 0; offset < input.bytes.length; count++) {
    const end = input.bytes.indexOf(10, offset);
    if (end < 0) return offset;
    const entry = decodeLine(input.bytes.toString('utf8', offset, end));
    if (!entry) return offset;
    // A gap is allowed only where two people reopened an older journal beyond what the guard has seen of it.
    const isReopened = entry.body.kind === 'opened' && entry.body.isNew && entry.position > last;
    if (entry.position !== last + 1 && !isReopened)
      throw new Error(`Cannot open journal: position ${entry.position} follows ${last}`);
    if (count % MARK_EVERY === 0)
      input.marks.push({ position: entry.position, segment: input.segment, offset });
    input.visit(entry);
    last = entry.position;
    offset = end + 1;
  }
  return offset;
}

/** A write that never ended leaves part of a line, or pages of zeros. A line that stands whole with a wrong sum was on disk once,
 * and something may have left on its word. */
function isTorn(rest: Buffer): boolean {
  return rest.indexOf(10) < 0 || rest.includes(0);
}

function hasGoodLine(bytes: Buffer): boolean {
  return bytes
    .toString('utf8')
    .split('\n')
    .some((line) => decodeLine(line) !== undefined);
}

async function readAfter(input: {
  folder: string;
  marks: readonly Mark[];
  after: number;
  limit: number;
}): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  const start = startMark(input.marks, input.after);
  const segments = [...new Set(input.marks.slice(start).map(({ segment }) => segment))];
  for (const segment of segments) {
    const mark = input.marks[start];
    const bytes = await readFile(pathOf(input.folder, segment));
    let offset = mark && mark.segment === segment ? mark.offset : 0;
    for (let end = bytes.indexOf(10, offset); end >= 0; end = bytes.indexOf(10, offset)) {
      const entry = decodeLine(bytes.toString('utf8', offset, end));
      if (entry && entry.position > input.after) entries.push(entry);
      if (!entry || entries.length >= input.limit) return entries;
      offset = end + 1;
    }
  }
  return entries;
}

/** The last mark at or before the position after `after`. */
function startMark(marks: readonly Mark[], after: number): number {
  let low = 0;
  let high = marks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (marks[middle]!.position <= after + 1) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

function encodeLine(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `{"crc":"${checksum(text)}","entry":${text}}\n`;
}

const HEAD_CHARS = '{"crc":"00000000","entry":'.length;

function decodeLine(line: string): JournalEntry | undefined {
  const text = line.slice(HEAD_CHARS, -1);
  if (line !== `{"crc":"${checksum(text)}","entry":${text}}`) return undefined;
  return parseJson(text) as JournalEntry | undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function pathOf(folder: string, segment: number): string {
  return join(folder, `journal-${String(segment).padStart(12, '0')}.jsonl`);
}
