/** A small bank with three months of history for tests of the archive: singles, holds posted and voided over the edge of a month, reversals,
 * and events of two months that interleave where the months meet. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify as verifyBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { archiveMonth } from '../archive/run.ts';
import { makeCheckpoint } from '../audit/checkpoint.ts';
import { untilVisible } from '../audit/test-stream.ts';
import { ensurePartitions } from '../db/partition.ts';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import type { Leg, PostResult } from '../ledger/port.ts';
import {
  hold,
  postHold,
  request,
  reverse,
  single,
  voidHold,
  withLedger,
  type TestLedger,
} from '../ledger/test-ledger.ts';
import { verifyAll, type VerifyInput, type WholeReport } from './verify.ts';

const keys = generateKeyPairSync('ed25519');

export interface OldBank extends TestLedger {
  readonly folder: string;
  readonly stateFile: string;
  /** The transfer of January that was reversed in parts in January and February. */
  readonly reversedId: bigint;
  post(...legs: readonly Leg[]): Promise<PostResult>;
  checkpoint(): Promise<void>;
  archive(month: string): ReturnType<typeof archiveMonth>;
  verify(more?: Partial<VerifyInput>): Promise<WholeReport>;
  tamper(statement: string): Promise<void>;
  /** Rewrites a file as somebody would who has the key to nothing but the folder. */
  rewrite(file: string, change: (lines: string[]) => readonly string[]): void;
}

/** Midday in WIB of a day of 2026. */
export function dayMs(day: string): number {
  return Date.parse(`2026-${day}T05:00:00Z`);
}

/** Gives `work` the bank on 10 April 2026, with everything under a checkpoint. */
export async function withOldBank(work: (bank: OldBank) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-archive-'));
  try {
    await withLedger(
      async (ledger) => {
        let run = 0;
        const post: OldBank['post'] = (...legs) => ledger.ledger.post(request(`m${run++}`, legs));
        const checkpoint = async (): Promise<void> => {
          await untilVisible(ledger.db);
          const nowMs = ledger.clock.nowMs;
          const signBytes = (bytes: Buffer): Buffer => sign(null, bytes, keys.privateKey);
          while ((await makeCheckpoint(ledger.db, { nowMs, sign: signBytes }))?.hasMore);
        };
        const reversedId = await makeHistory(ledger, post);
        await checkpoint();
        const stateFile = join(folder, 'verify.state');
        const { db, time } = ledger;
        await work({
          ...ledger,
          folder,
          stateFile,
          reversedId,
          post,
          checkpoint,
          archive: (month) => archiveMonth({ db, time, folder, by: 'tester' }, month),
          verify: async (more = {}) =>
            (await verifyAll({
              db,
              time,
              verifySignature: (bytes, signature) =>
                verifyBytes(null, bytes, keys.publicKey, signature),
              stateFile,
              archiveFolder: folder,
              pageRows: 50,
              ...more,
            }))!,
          tamper: (statement) =>
            db.script(`begin; set local session_replication_role = replica; ${statement}; commit`),
          rewrite(file, change) {
            const path = join(folder, file);
            const lines = zstdDecompressSync(readFileSync(path)).toString().split('\n');
            writeFileSync(path, zstdCompressSync(change(lines).join('\n')));
          },
        });
      },
      { startMs: dayMs('01-15') },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function idOf(result: PostResult): bigint {
  if (!result.ok) throw new Error(`Cannot make history: ${result.reason}`);
  return result.posted.transferIds[0]!;
}

async function makeHistory(ledger: TestLedger, post: OldBank['post']): Promise<bigint> {
  const { clock, db } = ledger;
  await ensurePartitions(db, '2026-04-01');
  const some = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const [from, to] = i % 2 === 0 ? ['1001', '1002'] : ['1002', '1003'];
      idOf(await post(single(from!, to!, rupiah(i + 1))));
    }
  };
  clock.nowMs = dayMs('01-20');
  await some(30);
  const original = idOf(await post(single('1001', '1004', rupiah(50))));
  idOf(await post(reverse(original, rupiah(20))));
  const early = idOf(await post(hold('1003', '1004', rupiah(5))));
  const across = idOf(await post(hold('1003', '1004', rupiah(7))));
  idOf(await post(voidHold(early)));
  // Two processes whose clocks differ where the months meet.
  for (let i = 0; i < 300; i++) {
    clock.nowMs = i % 3 === 0 ? dayMs('02-01') : dayMs('01-31');
    idOf(await post(single('1002', '1001', rupiah(1))));
    if (i % 2 === 0) idOf(await post(single('1001', '1002', rupiah(1))));
  }
  clock.nowMs = dayMs('02-10');
  idOf(await post(postHold(across)));
  idOf(await post(reverse(original, rupiah(10))));
  await some(30);
  clock.nowMs = dayMs('03-10');
  await some(30);
  clock.nowMs = dayMs('04-10');
  await some(10);
  return original;
}

/** Nothing is wrong at all. */
export function assertClean(report: WholeReport): void {
  const { ledger, audit, payments, archive } = report;
  assert.deepEqual(
    [archive.problems, ledger.problems, audit.problems, payments, ledger.balanced, audit.ok],
    [[], [], [], [], true, true],
  );
}

export function problemsOf(report: WholeReport): readonly string[] {
  const { ledger, audit, archive } = report;
  return [...archive.problems, ...audit.problems, ...ledger.problems].map((one) =>
    `${one.kind} ${'file' in one && one.file ? `${one.file} ` : ''}${'position' in one ? one.position : ''}`.trim(),
  );
}

export async function archiveTwo(bank: OldBank): Promise<void> {
  await bank.archive('2026-01');
  await bank.archive('2026-02');
  await bank.checkpoint();
}

export async function countOf(
  bank: OldBank,
  table: 'event' | 'transfer' | 'leaf',
): Promise<bigint> {
  const [row] = await bank.db.query<Record<typeof table, bigint>>(
    sql`select (select count(*) from event) as event, (select count(*) from transfer) as transfer, (select count(*) from audit_leaf) as leaf`,
  );
  return row![table];
}

/** The files of January. */
export const FILE = 'event-2026-01.tsv.zst';
/** Its transfers. */
export const TRANSFERS = 'transfer-2026-01.tsv.zst';
