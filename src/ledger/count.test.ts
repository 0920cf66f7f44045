import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sen } from '../kernel/money.ts';
import { openCounting } from './count.ts';
import { decideBatch } from './decide.ts';
import type { Counter, PostRequest } from './port.ts';
import type { AccountRow } from './store.ts';
import type { CounterRow } from './store-counter.ts';

const AT_MS = 1_000_000;

const empty = (key: string): CounterRow => ({ key, amountSen: 0n, count: 0n, recentMs: [] });

const anySpend = fc.record({
  kind: fc.constant('spend' as const),
  key: fc.constantFrom('day-a', 'day-b'),
  amount: fc.bigInt(0n, 9n).map(sen),
  amountMax: fc.constant(30n),
  countMax: fc.constant(6n),
});
const anyRecent = fc.record({
  kind: fc.constant('recent' as const),
  key: fc.constantFrom('window-a', 'window-b'),
  windowMs: fc.constant(100),
  countMax: fc.constant(5),
});

test('openCounting() passes exactly what fits, in order, and never passes a bound', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anySpend, anyRecent), { maxLength: 40 }), (asked) => {
      const keys = ['day-a', 'day-b', 'window-a', 'window-b'];
      const counting = openCounting(keys.map(empty), { atMs: AT_MS });
      const model = new Map(keys.map((key) => [key, { sum: 0n, n: 0 }]));
      for (const counters of asked) {
        const [spend, recent] = counters;
        const day = model.get(spend.key)!;
        const window = model.get(recent.key)!;
        const fits = day.sum + spend.amount <= 30n && day.n + 1 <= 6;
        const expected = !fits ? spend.key : window.n + 1 <= 5 ? undefined : recent.key;
        assert.equal(counting.exceeded(counters), expected);
        if (expected !== undefined) continue;
        counting.take(counters);
        day.sum += spend.amount;
        day.n += 1;
        window.n += 1;
      }
      for (const row of counting.changed()) {
        const { sum, n } = model.get(row.key)!;
        const isDay = row.key.startsWith('day');
        assert.deepEqual(
          [row.amountSen, row.count, row.recentMs.length],
          isDay ? [sum, BigInt(n), 0] : [0n, 0n, n],
        );
      }
    }),
  );
});

test('openCounting() forgets what left the window, and nothing before that', () => {
  const room = (ageMs: number): boolean =>
    openCounting([{ ...empty('w'), recentMs: [BigInt(AT_MS - ageMs)] }], {
      atMs: AT_MS,
    }).exceeded([{ kind: 'recent', key: 'w', windowMs: 100, countMax: 1 }]) === undefined;
  // The last is from a process whose clock is ahead.
  assert.deepEqual([99, 100, 101, -5].map(room), [false, false, true, false]);
});

test('openCounting() gives back what was counted, and never less than nothing', () => {
  const counting = openCounting([{ ...empty('d'), amountSen: 7n, count: 1n }], { atMs: AT_MS });
  const back: Counter = { kind: 'give_back', key: 'd', amount: sen(7n) };
  counting.take([back]);
  assert.deepEqual(counting.changed(), [empty('d')]);
  counting.take([back]);
  assert.deepEqual(counting.changed(), [empty('d')]);
});

test('decideBatch() counts only what is posted: a refused request leaves room for the next', () => {
  const account = (id: bigint, number: string, credit: bigint): AccountRow => ({
    id,
    number,
    state: 'open',
    mayGoNegative: false,
    postedDebit: 0n,
    postedCredit: credit,
    pendingDebit: 0n,
    pendingCredit: 0n,
    closedUntilMs: null,
  });
  const ask = (key: string, amount: bigint): PostRequest => ({
    key,
    requestHash: Buffer.alloc(32),
    paymentId: key,
    legs: [{ kind: 'single', line: 'principal', debit: 'a', credit: 'b', amount: sen(amount) }],
    counters: [{ kind: 'spend', key: 'd', amount: sen(amount), amountMax: 10n }],
    valueDate: '2026-08-01',
    businessDate: '2026-08-01',
  });
  const plan = decideBatch([ask('1', 6n), ask('2', 5n), ask('3', 4n), ask('4', 1n)], {
    accountIds: new Map([
      ['a', 1n],
      ['b', 2n],
    ]),
    accounts: [account(1n, 'a', 8n), account(2n, 'b', 0n)],
    holds: [],
    reversibles: [],
    transferIds: [1n, 2n, 3n, 4n],
    counters: [empty('d')],
    atMs: AT_MS,
  });
  assert.deepEqual(
    plan.decisions.map((one) => (one.ok ? 'ok' : one.reason)),
    ['ok', 'limit_exceeded', 'insufficient_funds', 'ok'],
  );
  assert.deepEqual(plan.counters, [{ key: 'd', amountSen: 7n, count: 2n, recentMs: [] }]);
});
