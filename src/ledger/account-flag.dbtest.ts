import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { setClosedUntil, setMayGoNegative } from './account-flag.ts';
import type { Leg } from './port.ts';
import {
  hold,
  NOON_WIB_MS,
  postHold,
  request,
  reverse,
  single,
  withLedger,
  type TestLedger,
} from './test-ledger.ts';

const WHO = { by: 'stf_1', reason: 'court order' };
const UNTIL_MS = NOON_WIB_MS + 60_000;

function actor(bank: TestLedger) {
  let run = 0;
  return {
    async post(...legs: readonly Leg[]): Promise<string> {
      const result = await bank.ledger.post(request(`r${run++}`, legs));
      return result.ok ? 'ok' : `${result.reason} ${result.account}`;
    },
    closeUntil: (number: string, untilMs: number | null) =>
      bank.db.tx((tx) => setClosedUntil(tx, { ...WHO, nowMs: bank.clock.nowMs, number, untilMs })),
    mayGoNegative: (number: string, to: boolean) =>
      bank.db.tx((tx) => setMayGoNegative(tx, { ...WHO, nowMs: bank.clock.nowMs, number, to })),
  };
}

test('setClosedUntil() refuses new money either way until the instant, by the clock of the batch, and ends holds', async () => {
  await withLedger(async (bank) => {
    const { post, closeUntil } = actor(bank);
    const before = await bank.ledger.post(
      request('h', [
        hold('1001', CHART.bifastOut, rupiah(10)),
        hold(CHART.bifastIn, '1001', rupiah(10)),
        single('1002', '1001', rupiah(1)),
      ]),
    );
    assert(before.ok);
    const [outward, inward, moved] = before.posted.transferIds as [bigint, bigint, bigint];
    assert.deepEqual(await closeUntil('9999', UNTIL_MS), { ok: false, reason: 'not_found' });
    assert.deepEqual(await closeUntil('1001', NOON_WIB_MS), { ok: false, reason: 'not_in_future' });
    assert.deepEqual(await closeUntil('1001', UNTIL_MS), { ok: true });
    assert.deepEqual(await closeUntil('1001', UNTIL_MS), { ok: true });
    assert.equal((await bank.ledger.balance('1001'))?.closedUntilMs, UNTIL_MS);
    const debit = single('1001', '1002', rupiah(1));
    const credit = single('1002', '1001', rupiah(1));
    for (const leg of [debit, credit, hold('1001', CHART.bifastOut, rupiah(1)), reverse(moved)])
      assert.equal(await post(leg), 'account_closed 1001');
    assert.equal(await post(postHold(outward)), 'ok');
    assert.equal(await post(postHold(inward)), 'ok');
    bank.clock.nowMs = UNTIL_MS - 1;
    assert.equal(await post(debit), 'account_closed 1001');
    bank.clock.nowMs = UNTIL_MS;
    assert.equal(await post(debit), 'ok');
    assert.equal(await post(credit), 'ok');
  });
});

test('setClosedUntil() is undone early with null, and tells the stream each change once', async () => {
  await withLedger(async (bank) => {
    const { post, closeUntil } = actor(bank);
    await closeUntil('1001', UNTIL_MS);
    await closeUntil('1001', UNTIL_MS);
    await closeUntil('1001', null);
    assert.equal(await post(single('1001', '1002', rupiah(1))), 'ok');
    const told = await bank.db.query<{ data: string }>(
      sql`select data from event where kind = 'account.closed_until' order by id`,
    );
    assert.deepEqual(
      told.map((row) => JSON.parse(row.data) as unknown),
      [
        { ...WHO, untilMs: UNTIL_MS, beforeMs: null },
        { ...WHO, untilMs: null, beforeMs: UNTIL_MS },
      ],
    );
  });
});

test('setMayGoNegative() takes effect at once, and is not taken back from an account below zero, holds counted', async () => {
  await withLedger(async (bank) => {
    const { post, mayGoNegative } = actor(bank);
    assert.deepEqual(await mayGoNegative('9999', true), { ok: false, reason: 'not_found' });
    const much = hold('1001', CHART.bifastOut, rupiah(1_500));
    assert.equal(await post(much), 'insufficient_funds 1001');
    assert.deepEqual(await mayGoNegative('1001', true), { ok: true });
    assert.deepEqual(await mayGoNegative('1001', true), { ok: true });
    assert.equal(await post(much), 'ok');
    assert.deepEqual(await mayGoNegative('1001', false), { ok: false, reason: 'overdrawn' });
    assert.equal(await post(single('1002', '1001', rupiah(500))), 'ok');
    assert.deepEqual(await mayGoNegative('1001', false), { ok: true });
    assert.equal(await post(single('1001', '1002', rupiah(1))), 'insufficient_funds 1001');
    const kinds = await bank.db.query<{ kind: string }>(
      sql`select kind from event where kind like 'account.overdraft%' order by id`,
    );
    assert.deepEqual(
      kinds.map((row) => row.kind),
      ['account.overdraft_allowed', 'account.overdraft_forbidden'],
    );
  });
});
