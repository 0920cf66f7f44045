import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { ArchiveFault, fileName, openMonthFile, readMonthFile } from './file.ts';
import { headerLine } from './line.ts';

const WHICH = { table: 'event', month: '2026-01' } as const;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-archive-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function read(folder: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const block of readMonthFile(folder, WHICH)) lines.push(...block);
  return lines;
}

test('readMonthFile() gives what was written, and nothing before the file has its name', () =>
  inFolder(async (folder) => {
    const file = openMonthFile(folder, WHICH);
    const lines = Array.from({ length: 3_000 }, (_, i) => `${i}\t${'é'.repeat(i % 50)}`);
    await file.write(lines.slice(0, 2_000));
    await file.write(lines.slice(2_000));
    await assert.rejects(read(folder), ArchiveFault);
    await file.finish();
    assert.deepEqual(await read(folder), lines);
  }));

test('readMonthFile() refuses a small file that would fill the memory with one line', () =>
  inFolder(async (folder) => {
    const text = `${headerLine(WHICH)}\n${'x'.repeat(20_000_000)}`;
    writeFileSync(join(folder, fileName('event', '2026-01')), zstdCompressSync(text));
    await assert.rejects(
      read(folder),
      (error: unknown) => error instanceof ArchiveFault && /a line is too long/.test(error.message),
    );
  }));
