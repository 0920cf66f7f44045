import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import { evaluate } from './evaluate.ts';
import type { RiskFacts } from './facts.ts';

const facts: RiskFacts = {
  amountSen: rupiah(100_000),
  railMinimumSen: rupiah(1),
  railCapSen: rupiah(250_000_000),
  sentTodaySen: 0n,
  countToday: 0,
  dailyLimitSen: rupiah(1_000_000_000),
  dailyCountMax: 100,
  countInWindow: 0,
  velocityMax: 20,
};

test('evaluate() lets the cap itself pass and one sen more not', () => {
  assert.equal(evaluate({ ...facts, amountSen: rupiah(250_000_000) }), undefined);
  assert.equal(evaluate({ ...facts, amountSen: rupiah(250_000_000) + 1n }), 'above_rail_cap');
});

test('evaluate() lets the minimum itself pass and one sen less not', () => {
  assert.equal(evaluate({ ...facts, amountSen: rupiah(1) }), undefined);
  assert.equal(evaluate({ ...facts, amountSen: rupiah(1) - 1n }), 'below_rail_minimum');
});

test('evaluate() counts this payment into the day, by amount and by number', () => {
  assert.equal(evaluate({ ...facts, sentTodaySen: rupiah(999_900_000) }), undefined);
  assert.equal(evaluate({ ...facts, sentTodaySen: rupiah(999_900_000) + 1n }), 'above_daily_limit');
  const network = { sentSen: rupiah(19_900_000), maxSen: rupiah(20_000_000) };
  assert.equal(evaluate({ ...facts, network }), undefined);
  assert.equal(
    evaluate({ ...facts, network: { ...network, sentSen: network.sentSen + 1n } }),
    'above_daily_limit',
  );
  assert.equal(evaluate({ ...facts, countToday: 99 }), undefined);
  assert.equal(evaluate({ ...facts, countToday: 100 }), 'above_daily_limit');
});

test('evaluate() refuses the payment after the last one the window allows', () => {
  assert.equal(evaluate({ ...facts, countInWindow: 19 }), undefined);
  assert.equal(evaluate({ ...facts, countInWindow: 20 }), 'velocity');
});
