import assert from 'node:assert/strict';
import test from 'node:test';
import { median, quantile, round } from './figure.ts';

test('quantile() takes a sample, the last one for the top, and nothing from nothing', () => {
  const samples = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(quantile(samples, 0.5), 51);
  assert.equal(quantile(samples, 0.99), 100);
  assert.equal(quantile(samples, 1), 100);
  assert.equal(quantile([], 0.5), 0);
  assert.equal(samples[0], 100);
});

test('median() is not moved by one bad run', () => {
  assert.equal(median([900, 20, 910]), 900);
  assert.equal(median([10, 20]), 15);
  assert.equal(median([]), 0);
});

test('round() keeps the digits asked for', () => {
  assert.equal(round(12.345, 1), 12.3);
  assert.equal(round(12.5), 13);
});
