/** The audit tree stands beside the ledger, never in its way. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { makeCheckpoint } from '../audit/checkpoint.ts';
import { recordEvents } from '../audit/record.ts';
import { untilVisible } from '../audit/test-stream.ts';
import type { Db, Tx } from '../db/pool.ts';
import { rupiah } from '../kernel/money.ts';
import { request, single, withLedger, type TestLedger } from './test-ledger.ts';

/** Far above a commit, far below a wait for somebody else's. */
const POST_MS_MAX = 5_000;

/** A database whose next transactions do all their work and then wait with their commit until `letGo`. */
function heldBack(db: Db): { readonly db: Db; readonly reached: Promise<void>; letGo(): void } {
  let letGo = (): void => {};
  let reach = (): void => {};
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const tx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    db.tx(async (inner) => {
      const result = await work(inner);
      reach();
      await gate;
      return result;
    });
  return { db: { ...db, tx }, reached, letGo: () => letGo() };
}

async function postsSoon(bank: TestLedger, key: string): Promise<void> {
  const results = Promise.all(
    [bank.ledger, bank.another()].map((ledger, i) =>
      ledger.post(request(`${key}${i}`, [single(`100${2 * i + 1}`, `100${2 * i + 2}`, rupiah(1))])),
    ),
  );
  const late = bank.time.sleep(POST_MS_MAX).then(() => 'late' as const);
  const first = await Promise.race([results, late]);
  assert.notEqual(first, 'late', 'no payment waits for the audit');
  assert.ok((await results).every(({ ok }) => ok));
}

const signer = { nowMs: 0, sign: (): Buffer => Buffer.alloc(64, 1) };

test("T17 post() waits neither for a checkpoint that has not committed nor for another's events", async () => {
  await withLedger(async (bank) => {
    await postsSoon(bank, 'before');
    await untilVisible(bank.db);
    const checkpoint = heldBack(bank.db);
    const made = makeCheckpoint(checkpoint.db, signer);
    await checkpoint.reached;
    try {
      await postsSoon(bank, 'checkpoint');
    } finally {
      checkpoint.letGo();
    }
    assert.ok((await made)!.added >= 2);

    const other = heldBack(bank.db);
    const event = { atMs: 0, kind: 'test.happened', subject: 'other', data: {} };
    const recorded = other.db.tx((tx) => recordEvents(tx, [event]));
    await other.reached;
    try {
      await postsSoon(bank, 'events');
    } finally {
      other.letGo();
    }
    await recorded;
    await untilVisible(bank.db);
    assert.ok((await makeCheckpoint(bank.db, signer))!.added >= 5);
  });
});
