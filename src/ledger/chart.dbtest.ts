import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../db/sql.ts';
import { rupiah } from '../kernel/money.ts';
import { ensureChart, setAccountState, trialBalance } from './account.ts';
import { readChart, type Chart } from './chart.ts';
import { NOON_WIB_MS, request, single, withLedger, type TestLedger } from './test-ledger.ts';

const WHOLE = { chart: readChart() };

const load = (bank: TestLedger, chart: Chart): Promise<void> =>
  bank.db.tx((tx) => ensureChart(tx, { nowMs: NOON_WIB_MS, chart }));

const OURS = readChart().version;
const second = (change: (chart: Chart) => void): Chart => {
  const chart = structuredClone(readChart());
  chart.version = OURS + 1;
  change(chart);
  return chart;
};

test('ensureChart() loads each version once, with an event, and a new one adds books and accounts that can be posted to', async () => {
  await withLedger(async (bank) => {
    const next = second((chart) => {
      chart.books.push({ book: 'loan', description: 'loans to customers' });
      chart.accounts.push({
        number: 'LOAN-STAFF',
        book: 'loan',
        name: 'Staff',
        mayGoNegative: true,
      });
    });
    await Promise.all([load(bank, next), load(bank, next), load(bank, readChart())]);
    await load(bank, next);
    const told = await bank.db.query<{ subject: string }>(
      sql`select subject from event where kind = 'chart.loaded' order by id`,
    );
    assert.deepEqual(
      told.map((row) => row.subject),
      [`chart:${OURS}`, `chart:${OURS + 1}`],
    );
    assert.equal(
      (await bank.ledger.post(request('a', [single('LOAN-STAFF', '1001', rupiah(5))]))).ok,
      true,
    );
    const trial = await trialBalance(bank.db, { atMs: NOON_WIB_MS });
    assert.deepEqual(
      trial.books.find((one) => one.book === 'loan'),
      { book: 'loan', debitSen: rupiah(5), creditSen: 0n },
    );
  }, WHOLE);
});

test('ensureChart() refuses a version that was changed, an older one that was never loaded, and accounts under other rules', async () => {
  await withLedger(async (bank) => {
    const changed = structuredClone(readChart());
    changed.accounts[0]!.name = 'Other';
    await assert.rejects(load(bank, changed), new RegExp(`version ${OURS} was changed`));
    const looser = second((chart) => {
      chart.accounts.find((one) => one.number === 'FEE-BIFAST')!.mayGoNegative = true;
    });
    await assert.rejects(load(bank, looser), /FEE-BIFAST exists under other rules/);
    const moved = second((chart) => {
      chart.accounts.find((one) => one.number === 'NOSTRO-BI')!.book = 'suspense';
    });
    await assert.rejects(load(bank, moved), /NOSTRO-BI exists under other rules/);
    const third = second((chart) => void (chart.version = OURS + 2));
    await load(bank, third);
    await assert.rejects(
      load(
        bank,
        second(() => {}),
      ),
      new RegExp(`version ${OURS + 1} is older than ${OURS + 2}`),
    );
    const versions = await bank.db.query<{ version: number }>(
      sql`select version from chart order by version`,
    );
    assert.deepEqual(
      versions.map((row) => row.version),
      [OURS, OURS + 2],
    );
  }, WHOLE);
});

test('ensureChart() leaves the state and the money of its accounts alone', async () => {
  await withLedger(async (bank) => {
    await bank.ledger.post(request('a', [single('NOSTRO-BI', '1001', rupiah(5))]));
    await bank.db.tx((tx) =>
      setAccountState(tx, {
        nowMs: NOON_WIB_MS,
        number: 'NOSTRO-BI',
        to: 'frozen',
        by: 'stf_1',
        reason: 'audit',
      }),
    );
    await load(bank, readChart());
    const balance = await bank.ledger.balance('NOSTRO-BI');
    assert.deepEqual([balance?.state, balance?.postedSen], ['frozen', -rupiah(5)]);
  }, WHOLE);
});
