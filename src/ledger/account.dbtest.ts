import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { CHART } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { ensureChart, openAccounts, setAccountState, trialBalance } from './account.ts';
import { readChart } from './chart.ts';
import { CUSTOMERS, hold, NOON_WIB_MS, request, single, withLedger } from './test-ledger.ts';
import { verifyLedger } from './verify.ts';

test('openAccounts() opens each account once, with its opening balance from equity', async () => {
  await withLedger(
    async (bank) => {
      const many = Array.from({ length: 4_500 }, (_, i) => ({
        number: `20${i}`,
        name: 'N',
        openingSen: rupiah(i % 3),
        customerId: `cus_${i}`,
      }));
      const open = () =>
        bank.db.tx(async (tx) => {
          await ensureChart(tx, { nowMs: NOON_WIB_MS });
          return openAccounts(tx, { nowMs: NOON_WIB_MS, accounts: [...CUSTOMERS, ...many] });
        });
      assert.equal(await open(), 4_500);
      assert.equal(await open(), 0);
      await bank.ledger.post(request('a', [single('1001', '1002', rupiah(1))]));
      const [first, second] = await Promise.all([open(), open()]);
      assert.deepEqual([first, second], [0, 0]);
      assert.equal(
        (await bank.ledger.balance('1001'))?.postedSen,
        rupiah(999),
        'an account that exists is left alone',
      );
      assert.equal((await bank.ledger.balance(CHART.opening))?.postedSen, -rupiah(4_000 + 4_500));
      assert.deepEqual((await verifyLedger(bank.db)).problems, []);
    },
    { chart: readChart() },
  );
});

test('trialBalance() is even at any instant and knows the past', async () => {
  await withLedger(async (bank) => {
    await bank.ledger.post(request('a', [single('1001', CHART.bifastOut, rupiah(10))]));
    bank.clock.nowMs += 60_000;
    await bank.ledger.post(
      request('b', [
        single('1001', CHART.bifastOut, rupiah(5)),
        hold('1001', CHART.bifastOut, rupiah(1)),
      ]),
    );
    const settled = async (atMs: number) => {
      const trial = await trialBalance(bank.db, { atMs });
      assert.equal(trial.debitSen, trial.creditSen);
      return trial.rows.find((row) => row.number === CHART.bifastOut)?.creditSen;
    };
    const books = async (atMs: number) =>
      (await trialBalance(bank.db, { atMs })).books.map(
        ({ book, debitSen, creditSen }) => `${book} ${debitSen / 100n} ${creditSen / 100n}`,
      );
    assert.deepEqual(await books(NOON_WIB_MS), [
      'customer 10 4000',
      'equity 4000 0',
      'settlement 0 10',
    ]);
    assert.deepEqual(await books(NOON_WIB_MS + 60_000), [
      'customer 15 4000',
      'equity 4000 0',
      'settlement 0 15',
    ]);
    assert.equal(await settled(NOON_WIB_MS - 1), undefined);
    assert.equal(await settled(NOON_WIB_MS), rupiah(10));
    assert.equal(await settled(NOON_WIB_MS + 60_000), rupiah(15));
  });
});

test('setAccountState() closes only what is empty and tells the stream', async () => {
  await withLedger(async (bank) => {
    const set = (number: string, to: 'open' | 'frozen' | 'closed') =>
      bank.db.tx((tx) =>
        setAccountState(tx, { nowMs: NOON_WIB_MS, number, to, by: 'stf_1', reason: 'court order' }),
      );
    assert.deepEqual(await set('9999', 'frozen'), { ok: false, reason: 'not_found' });
    assert.deepEqual(await set('1001', 'closed'), { ok: false, reason: 'not_empty' });
    assert.deepEqual(await set('1001', 'frozen'), { ok: true });
    assert.deepEqual(await set('1001', 'frozen'), { ok: true });
    assert.equal(
      (await bank.ledger.post(request('a', [single('1001', '1002', rupiah(1))]))).ok,
      false,
    );
    assert.deepEqual(await set('1001', 'open'), { ok: true });
    assert.equal(
      (await bank.ledger.post(request('b', [single('1001', '1002', rupiah(1_000))]))).ok,
      true,
    );
    assert.deepEqual(await set('1001', 'closed'), { ok: true });
    const kinds = await bank.db.query<{ kind: string }>(
      sql`select kind from event where kind like 'account.%' and kind <> 'account.opened' order by id`,
    );
    assert.deepEqual(
      kinds.map((row) => row.kind),
      ['account.frozen', 'account.open', 'account.closed'],
    );
  });
});
