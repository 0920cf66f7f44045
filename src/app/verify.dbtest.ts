import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify as verifyBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { makeCheckpoint } from '../audit/checkpoint.ts';
import { untilVisible } from '../audit/test-stream.ts';
import { fillLedger } from '../bench/fill-ledger.ts';
import type { Db } from '../db/pool.ts';
import { withTestDb } from '../db/test-database.ts';
import { wallTime } from '../kernel/time.ts';
import { verifyAll, type VerifyInput, type VerifyProgress } from './verify.ts';

const AT_MS = Date.parse('2026-08-01T05:00:00Z');
const TRANSFERS = 20_000;
const keys = generateKeyPairSync('ed25519');

interface Large {
  readonly db: Db;
  readonly stateFile: string;
  run(more?: Partial<VerifyInput>): ReturnType<typeof verifyAll>;
  /** Runs until `pages` pages of 1,000 events were compared, then stops. */
  stopAfter(pages: number): Promise<void>;
  tamper(statement: string): Promise<void>;
}

async function withLarge(
  work: (large: Large) => Promise<void>,
  transfers = TRANSFERS,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-verify-'));
  const stateFile = join(folder, 'verify.state');
  try {
    await withTestDb(async (db) => {
      await fillLedger(db, { transfers, accounts: 50, atMs: AT_MS, onDate: '2026-08-01' });
      await untilVisible(db);
      const signer = { nowMs: AT_MS, sign: (bytes: Buffer) => sign(null, bytes, keys.privateKey) };
      while ((await makeCheckpoint(db, signer))?.hasMore);
      const run: Large['run'] = (more = {}) =>
        verifyAll({
          db,
          time: wallTime(),
          verifySignature: (bytes, signature) =>
            verifyBytes(null, bytes, keys.publicKey, signature),
          stateFile,
          archiveFolder: folder,
          pageRows: 1_000,
          saveEveryMs: 0,
          ...more,
        });
      await work({
        db,
        stateFile,
        run,
        async stopAfter(pages) {
          let seen = 0;
          assert.equal(await run({ isStopped: () => ++seen >= pages }), undefined);
        },
        tamper: (statement) =>
          db.script(`begin; set local session_replication_role = replica; ${statement}; commit`),
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('verifyAll() that was interrupted goes on and finds the same as one that was not', async () => {
  await withLarge(async ({ run, stopAfter, stateFile }) => {
    const whole = await run();
    assert.equal(existsSync(stateFile), false);
    assert.deepEqual(
      [whole?.ledger.problems, whole?.ledger.transfers, whole?.audit.ok, whole?.audit.size],
      [[], BigInt(TRANSFERS), true, BigInt(TRANSFERS)],
    );
    await stopAfter(7);
    await stopAfter(5);
    const seen: VerifyProgress[] = [];
    assert.deepEqual(await run({ onProgress: (progress) => void seen.push(progress) }), whole);
    assert.deepEqual(
      { done: seen[0]?.done, resumedAt: seen[0]?.resumedAt, total: seen[0]?.total },
      { done: 13_000, resumedAt: 12_000, total: TRANSFERS },
    );
    assert.equal(existsSync(stateFile), false);
  });
});

test('verifyAll() keeps what it found before the interruption, and finds what lies behind it', async () => {
  await withLarge(async ({ run, stopAfter, tamper }) => {
    await tamper('update transfer set amount_sen = amount_sen + 1 where id in (1001, 15001)');
    await stopAfter(5);
    const report = await run();
    const wrong = report?.ledger.problems.filter(({ kind }) => kind === 'transfer');
    assert.deepEqual(
      wrong?.map(({ id }) => id),
      ['1001', '15001'],
    );
    assert.deepEqual(await run({ isFresh: true }), report);
  });
});

test('verifyAll() --fresh begins again: what was changed behind the kept place is found', async () => {
  await withLarge(async ({ run, stopAfter, tamper }) => {
    await stopAfter(5);
    await tamper('update event set subject = \'pay_x\' where data like \'%"id":"3"%\'');
    await stopAfter(1);
    const report = await run({ isFresh: true });
    assert.equal(report?.ledger.problems[0]?.id, '3');
    assert.equal(report?.audit.problems[0]?.kind, 'event_changed');
  });
});

test('verifyAll() names an event that holds the separators where a page ends', async () => {
  await withLarge(async ({ run, tamper }) => {
    await tamper("update event set data = data || E'\\x1ex\\x1fx' where id = 1000");
    const report = await run();
    assert.deepEqual(
      report?.ledger.problems.map(({ kind, id }) => ({ kind, id })),
      [{ kind: 'transfer', id: '1000' }],
    );
    assert.deepEqual(report?.audit.problems, [
      { kind: 'event_changed', position: 999n, eventId: 1_000n },
    ]);
  }, 3_000);
});

test('verifyAll() goes on beside new postings, whose balances count', async () => {
  await withLarge(async ({ db, run, stopAfter }) => {
    await stopAfter(5);
    await db.script(`
      insert into transfer (id, booked_on, kind, debit_account, credit_account, amount_sen, payment_id, line, booked_at, value_date, business_date)
        values (20001, '2026-08-01', 'single', 1, 2, 500, 'pay_n', 'principal', to_timestamp(${AT_MS / 1000}), '2026-08-01', '2026-08-01');
      insert into event (on_date, at, kind, subject, data) values ('2026-08-01', to_timestamp(${AT_MS / 1000}), 'ledger.posted', 'pay_n',
        '{"transfers":[{"amountSen":"500","credit":"2","debit":"1","id":"20001","kind":"single","line":"principal"}]}');
      update account set posted_debit_sen = posted_debit_sen + 500 where id = 1;
      update account set posted_credit_sen = posted_credit_sen + 500 where id = 2;`);
    const report = await run();
    assert.deepEqual(report?.ledger.problems, []);
    assert.equal(report?.ledger.transfers, BigInt(TRANSFERS + 1));
  });
});

test('verifyAll() begins again with a state that is torn or of another ledger', async () => {
  await withLarge(async ({ run, stopAfter, stateFile }) => {
    await stopAfter(5);
    const kept = readFileSync(stateFile, 'utf8');
    const first = async (): Promise<number | undefined> => {
      const seen: VerifyProgress[] = [];
      const report = await run({ onProgress: (progress) => void seen.push(progress) });
      assert.deepEqual(report?.ledger.problems, []);
      return seen[0]?.done;
    };
    writeFileSync(stateFile, kept.replace('"rowCount":"5000"', '"rowCount":"5001"'));
    assert.equal(await first(), 1_000);
    writeFileSync(stateFile, kept);
    assert.equal(await first(), 6_000);
    await withLarge(async (other) => {
      writeFileSync(other.stateFile, kept);
      await other.tamper("update event set subject = 'pay_y' where id = 5000");
      const report = await other.run();
      assert.equal(report?.audit.problems[0]?.kind, 'event_changed');
    });
  });
});
