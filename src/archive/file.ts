/** Archive files: text lines, compressed by zstd with a checksum of its own. Written under another name, put on the disk, then renamed;
 * read line by line in bounded memory. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { headerLine, trailerLine, type ArchiveTable } from './line.ts';

/** Characters of a line: far above any event. A file that was made to fill the memory is refused instead. */
const LINE_MAX = 4_194_304;

/** A file that is missing, torn or not what it says. `row` is how many rows were read before. */
export class ArchiveFault extends Error {
  override name = 'ArchiveFault';
  readonly file: string;
  readonly row: bigint;
  constructor(
    message: string,
    input: { readonly file: string; readonly row: bigint; readonly cause?: unknown },
  ) {
    super(message, { cause: input.cause });
    this.file = input.file;
    this.row = input.row;
  }
}

/** `event-2026-01.tsv.zst` */
export function fileName(table: ArchiveTable, month: string): string {
  return `${table}-${month}.tsv.zst`;
}

/** A file that is being written. */
export interface MonthFile {
  write(lines: readonly string[]): Promise<void>;
  /** Ends it, puts it on the disk and gives it its name. */
  finish(): Promise<void>;
  /** Lets go of what was not finished. */
  close(): void;
}

/** Opens a file of a month for writing; until it is finished it has another name. */
export function openMonthFile(
  folder: string,
  input: { readonly table: ArchiveTable; readonly month: string },
): MonthFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, fileName(input.table, input.month));
  const plain = new PassThrough();
  const packed = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const done = pipeline(plain, packed, createWriteStream(`${path}.new`, { mode: 0o600 }));
  // Told to whoever writes next.
  done.catch(() => {});
  let rows = 0n;
  const put = async (text: string): Promise<void> => {
    if (!plain.write(text)) await Promise.race([once(plain, 'drain'), done]);
  };
  const headed = put(`${headerLine(input)}\n`);
  return {
    async write(lines) {
      await headed;
      if (lines.length === 0) return;
      rows += BigInt(lines.length);
      await put(`${lines.join('\n')}\n`);
    },
    async finish() {
      await headed;
      plain.end(`${trailerLine(rows)}\n`);
      await done;
      await syncPath(`${path}.new`);
      await keepOther(path);
      await rename(`${path}.new`, path);
      await syncPath(dirname(path));
    },
    close() {
      plain.destroy();
    },
  };
}

/** A file of this name that says something else, perhaps of another bank, is put aside and never written over. */
async function keepOther(path: string): Promise<void> {
  const [known, made] = [await digestFile(path), await digestFile(`${path}.new`)];
  if (known && known.sha256 !== made?.sha256)
    await rename(path, `${path}.${known.sha256.slice(0, 8)}`);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Lines of a file in order, some at a time, between header and end, which are checked. Throws ArchiveFault. */
export async function* readMonthFile(
  folder: string,
  input: { readonly table: ArchiveTable; readonly month: string },
): AsyncGenerator<readonly string[]> {
  const file = fileName(input.table, input.month);
  let row = 0n;
  const fault = (message: string, cause?: unknown): ArchiveFault =>
    new ArchiveFault(message, { file, row, cause });
  let isHeaded = false;
  let isEnded = false;
  try {
    for await (const lines of linesOf(join(folder, file))) {
      if (!isHeaded && lines.shift() !== headerLine(input)) throw fault('it has another header');
      isHeaded = true;
      if (isEnded && lines.length > 0) throw fault('it goes on after its end');
      const last = lines.at(-1);
      if (last?.startsWith('{"end"')) {
        isEnded = true;
        lines.pop();
      }
      row += BigInt(lines.length);
      if (isEnded && last !== trailerLine(row)) throw fault('it ends with another number of rows');
      yield lines;
    }
  } catch (error) {
    if (error instanceof ArchiveFault) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw fault('it is missing', error);
    throw fault(`it cannot be read: ${(error as Error).message}`, error);
  }
  if (!isEnded) throw fault('it was cut');
}

async function* linesOf(path: string): AsyncGenerator<string[]> {
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  const plain = createZstdDecompress();
  const done = pipeline(source, plain);
  done.catch(() => {});
  let rest = '';
  plain.setEncoding('utf8');
  try {
    for await (const chunk of plain as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      if (rest.length > LINE_MAX) throw new Error('a line is too long');
      if (lines.length > 0) yield lines;
    }
    await done;
  } finally {
    source.destroy();
    plain.destroy();
  }
  if (rest) yield [rest];
}

/** Size and SHA-256 of a file; undefined when there is none. */
export async function digestFile(
  path: string,
): Promise<{ readonly bytes: bigint; readonly sha256: string } | undefined> {
  if (!existsSync(path)) return undefined;
  const hash = createHash('sha256');
  let bytes = 0n;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += BigInt((chunk as Buffer).length);
  }
  return { bytes, sha256: hash.digest('hex') };
}
