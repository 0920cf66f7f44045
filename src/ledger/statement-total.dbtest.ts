/** Totals of a period: exact, whatever is posted meanwhile, and never told when they do not add up. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import { statement } from './statement.ts';
import { statementPeriod, statementTotals } from './statement-total.ts';
import { NOON_WIB_MS, request, single, withLedger, type TestLedger } from './test-ledger.ts';

const DAY_MS = 86_400_000;

async function totals(bank: TestLedger, account: string, fromMs: number, toMs: number) {
  const fixed = await statementPeriod(bank.db, account, { fromMs, toMs });
  assert(fixed.ok);
  const sums = await statementTotals(bank, account, fixed.period);
  assert(sums);
  return { ...fixed.period, ...sums };
}

test('statementTotals() of any period is the sum of its entries, from kept days as from a scan, and neighbouring periods share none', async () => {
  await withLedger(async (bank) => {
    let run = 0;
    for (let day = 0; day < 12; day++)
      for (let i = 0; i < 4; i++) {
        bank.clock.nowMs = NOON_WIB_MS + day * DAY_MS + i * 3 * 3_600_000;
        const [from, to] = (day + i) % 3 ? ['1001', '1002'] : ['1002', '1001'];
        await bank.ledger.post(request(`k${run}`, [single(from!, to!, rupiah(1 + (run++ % 7)))]));
      }
    bank.clock.nowMs = NOON_WIB_MS + 20 * DAY_MS;
    const all = await statement(bank.db, '1001', { limit: 200 });
    const hours = fc.integer({ min: -30, max: 13 * 24 });
    await fc.assert(
      fc.asyncProperty(hours, hours, async (one, other) => {
        const fromMs = NOON_WIB_MS + Math.min(one, other) * 3_600_000;
        const toMs = NOON_WIB_MS + Math.max(one, other) * 3_600_000;
        const told = await totals(bank, '1001', fromMs, toMs);
        const inside = all.filter(
          (entry) => entry.bookedAtMs >= fromMs && entry.bookedAtMs <= toMs,
        );
        for (const side of ['credit', 'debit'] as const) {
          const mine = inside.filter((entry) => entry.side === side);
          assert.equal(told[side].count, mine.length);
          assert.equal(
            told[side].amountSen,
            mine.reduce((sum, entry) => sum + entry.amountSen, 0n),
          );
        }
        const listed = await statement(bank.db, '1001', {
          since: told.since,
          toDate: told.until.day,
          beforeId: told.until.id + 1n,
          limit: 200,
        });
        assert.deepEqual(
          listed.map((entry) => entry.id),
          inside.map((entry) => entry.id),
          'the places hold the entries of the period and no other',
        );
        const rest = await totals(bank, '1001', toMs + 1, NOON_WIB_MS + 15 * DAY_MS);
        assert.deepEqual([rest.openingSen, rest.since.id], [told.closingSen, told.until.id]);
      }),
      { numRuns: 30, endOnFailure: true },
    );
    const days = await bank.db.query<{ n: bigint }>(sql`select count(*) as n from account_day`);
    assert.ok(days[0]!.n > 5n, 'days were kept, so the property held for kept days too');
  });
});

test('statementTotals() tells no total that does not add up to the balances of the entries', async () => {
  await withLedger(async (bank) => {
    for (let day = 0; day < 3; day++) {
      bank.clock.nowMs = NOON_WIB_MS + day * DAY_MS;
      await bank.ledger.post(request(`k${day}`, [single('1001', '1002', rupiah(1))]));
    }
    await bank.db.query(sql`
      insert into account_day (account, day, debit_count, debit_sen, credit_count, credit_sen)
      select id, '2026-08-02', 1, 90000, 0, 0 from account where number = '1001'`);
    const fixed = await statementPeriod(bank.db, '1001', {
      fromMs: NOON_WIB_MS - DAY_MS / 2,
      toMs: bank.clock.nowMs,
    });
    assert(fixed.ok);
    await assert.rejects(statementTotals(bank, '1001', fixed.period), { name: 'BugError' });
  });
});

test('statementTotals() keeps no day that can still change', async () => {
  await withLedger(async (bank) => {
    await bank.ledger.post(request('a', [single('1001', '1002', rupiah(1))]));
    bank.clock.nowMs += DAY_MS;
    const ask = () => totals(bank, '1001', NOON_WIB_MS - DAY_MS, bank.clock.nowMs);
    assert.equal((await ask()).debit.count, 1);
    await bank.ledger.post(request('b', [single('1001', '1002', rupiah(1))]));
    assert.equal((await ask()).debit.count, 2);
    assert.deepEqual(
      await bank.db.query(sql`select day from account_day where day >= '2026-08-01'`),
      [],
    );
  });
});
