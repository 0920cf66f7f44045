import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { silentLog } from '../kernel/log.ts';
import { rupiah } from '../kernel/money.ts';
import { seededRandom } from '../kernel/random.ts';
import { openLedger } from '../ledger/post.ts';
import type { SubmitResult } from './port.ts';
import { BANK, bifast, FEE, OPENING, transfer, withBank, type TestBank } from './test-bank.ts';

const DAY_LIMIT = { mobileDailyLimitSen: rupiah(50_000) };
const HOUR_MS = 3_600_000;

const reason = (result: SubmitResult): string => (result.ok ? 'ok' : result.reason);

async function counters(bank: TestBank): Promise<Record<string, readonly [bigint, bigint]>> {
  const rows = await bank.db.query<{ key: string; amount_sen: bigint; count: bigint }>(
    sql`select key, amount_sen, count from ledger_counter where key like 'day|%' order by key`,
  );
  return Object.fromEntries(rows.map((row) => [row.key, [row.amount_sen, row.count]]));
}

test('submit() cannot pass a limit through several processes: exactly what fits passes', () =>
  withBank(
    async (bank) => {
      const { db, time } = bank;
      const ledgers = [2, 3].map((seed) =>
        openLedger({ db, time, random: seededRandom(seed), log: silentLog, bank: BANK }),
      );
      const engines = [bank.engine, ...ledgers.map((ledger) => bank.another({ ledger }))];
      const results = await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          await time.sleep(i % 7);
          // From two accounts of one customer, so that no account's lock does the work.
          return engines[i % 3]!.submit(transfer({ debitAccount: i % 2 === 0 ? '1001' : '1003' }));
        }),
      );
      const names = results.map(reason);
      assert.equal(names.filter((name) => name === 'ok').length, 5);
      assert.deepEqual(new Set(names), new Set(['ok', 'above_daily_limit']));
      assert.deepEqual(await counters(bank), {
        'day|C1|2026-08-01': [rupiah(50_000), 5n],
      });
      for (const ledger of ledgers) await ledger.stop();
      await bank.checkMoney();
    },
    { settings: DAY_LIMIT, before: `update account set customer_id = 'C1' where number = '1003'` },
  ));

test('refund() gives the counted amount back, once, to the day it was counted on', () =>
  withBank(
    async (bank) => {
      const [first, second] = ['day|C1|2026-08-01', 'day|C1|2026-08-02'];
      bank.rail.onSend = () => 'lose_request';
      const lost = await bank.engine.submit(bifast({ amount: rupiah(50_000) }));
      assert.ok(lost.ok);
      assert.equal(reason(await bank.engine.submit(bifast())), 'above_daily_limit');
      await bank.time.sleep(14 * HOUR_MS);
      // The day after has a count of its own.
      bank.rail.onSend = () => 'settle';
      assert.ok((await bank.engine.submit(bifast({ amount: rupiah(40_000) }))).ok);
      assert.deepEqual(await counters(bank), {
        [first]: [rupiah(50_000), 1n],
        [second]: [rupiah(40_000), 1n],
      });
      for (let i = 0; i < 2; i++) await bank.engine.take(bank.statement('2026-08-01'));
      await bank.workUntil(bank.time.now() + 60_000);
      assert.equal(await bank.state(lost.payment.id), 'refunded');
      assert.deepEqual(await counters(bank), {
        [first]: [0n, 0n],
        [second]: [rupiah(40_000), 1n],
      });
      // What the network turns away at once makes room at once.
      bank.rail.onSend = () => 'reject';
      for (let i = 0; i < 3; i++) {
        const result = await bank.engine.submit(bifast({ amount: rupiah(10_000) }));
        assert.ok(result.ok);
        await bank.engine.awaitOutcome(result.payment.id, 5_000);
        assert.equal(await bank.state(result.payment.id), 'refunded');
      }
      await bank.checkMoney();
    },
    { settings: DAY_LIMIT },
  ));

test('submit() does not count what the ledger refused', () =>
  withBank(
    async (bank) => {
      const refused = await bank.engine.submit(transfer({ amount: rupiah(1_000_001) }));
      assert.equal(reason(refused), 'insufficient_funds');
      assert.deepEqual(await counters(bank), {
        'day|C1|2026-08-01': [0n, 0n],
      });
    },
    { settings: { mobileDailyLimitSen: rupiah(2_000_000) } },
  ));

test('submit() counts a customer over all rails and the app and console, and a partner without a limit not at all', () =>
  withBank(
    async (bank) => {
      const ask = async (result: Promise<SubmitResult>): Promise<string> => reason(await result);
      assert.equal(await ask(bank.engine.submit(transfer({ amount: rupiah(30_000) }))), 'ok');
      assert.equal(await ask(bank.engine.submit(bifast({ amount: rupiah(10_000) }))), 'ok');
      // Neither another rail nor another channel opens the day again.
      for (const change of [{}, { channel: 'console' as const }]) {
        assert.equal(
          await ask(bank.engine.submit(bifast({ amount: rupiah(10_001), ...change }))),
          'above_daily_limit',
        );
      }
      const other = { debitAccount: '1002', creditorAccount: '1003' };
      assert.equal(
        await ask(bank.engine.submit(transfer({ amount: rupiah(50_000), ...other }))),
        'ok',
      );
      const partner = { key: 'snap:P1:R1', partnerId: 'P1', partnerReferenceNo: 'R1' };
      assert.equal(
        await ask(
          bank.engine.submit(transfer({ amount: rupiah(60_000), channel: 'snap', ...partner })),
        ),
        'ok',
      );
      assert.deepEqual(await counters(bank), {
        'day|C1|2026-08-01': [rupiah(40_000), 2n],
        'day|C2|2026-08-01': [rupiah(50_000), 1n],
      });
    },
    { settings: DAY_LIMIT },
  ));

test('quote() tells of a limit ahead, from the count that submit() obeys (I7)', () =>
  withBank(
    async (bank) => {
      const ask = async (amount: number): Promise<string> => {
        const quote = await bank.engine.quote({
          channel: 'mobile',
          debitAccount: '1001',
          creditorBank: BANK.bic,
          amount: rupiah(amount),
        });
        return quote.open ? 'ok' : quote.reason;
      };
      assert.deepEqual([await ask(50_000), await ask(50_001)], ['ok', 'above_daily_limit']);
      for (let i = 0; i < 3; i++) assert.ok((await bank.engine.submit(transfer())).ok);
      assert.deepEqual([await ask(20_000), await ask(20_001)], ['velocity', 'above_daily_limit']);
      await bank.time.sleep(10 * 60_000 + 1);
      assert.deepEqual([await ask(20_000), await ask(20_001)], ['ok', 'above_daily_limit']);
      // A service that is only asked for is open, whatever was spent.
      assert.equal(await ask(0), 'ok');
      assert.equal(await bank.available('1001'), OPENING - rupiah(30_000));
    },
    { settings: { ...DAY_LIMIT, mobileVelocityCount: 3n } },
  ));

test('submit() obeys the version of a limit that is in force: two people raise it, from an instant on (I5)', () =>
  withBank(
    async (bank) => {
      const fromMs = bank.time.now() + HOUR_MS;
      await bank.db.query(sql`
        insert into setting (key, version, value, effective_from, set_by, approved_by, source)
        values ('risk.mobile.daily_limit_sen', 1, ${String(rupiah(60_000))}, ${new Date(fromMs)}, 'staff_1', 'staff_2', 'test')`);
      assert.ok((await bank.engine.submit(transfer({ amount: rupiah(50_000) }))).ok);
      assert.equal(reason(await bank.engine.submit(transfer())), 'above_daily_limit');
      await bank.time.sleep(HOUR_MS);
      assert.equal(reason(await bank.engine.submit(transfer())), 'ok');
      assert.equal(reason(await bank.engine.submit(transfer())), 'above_daily_limit');
      await bank.checkMoney();
    },
    { settings: DAY_LIMIT },
  ));

test('cancel() gives back what was counted', () =>
  withBank(
    async (bank) => {
      bank.signer.sign = async () => ({ tokens: {}, refused: {} });
      const result = await bank.engine.submit(bifast({ amount: rupiah(50_000) }));
      assert.ok(result.ok);
      assert.equal(await bank.available('1001'), OPENING - rupiah(50_000) - FEE);
      assert.ok((await bank.engine.cancel(result.payment.id)).ok);
      assert.deepEqual(await counters(bank), { 'day|C1|2026-08-01': [0n, 0n] });
      assert.equal(await bank.available('1001'), OPENING);
    },
    { settings: DAY_LIMIT },
  ));
