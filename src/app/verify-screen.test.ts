import assert from 'node:assert/strict';
import test from 'node:test';
import { progressLine } from './verify-screen.ts';

test('progressLine() shows the share done and the time left at the speed of this run', () => {
  const line = progressLine(
    { name: 'verify events', done: 600, total: 1_000, resumedAt: 400 },
    20_000,
  );
  assert.match(line, /█{18}░{12} 60 % {2}600 of about 1000 {2}40 s left$/);
  assert.match(
    progressLine({ name: 'verify events', done: 100, total: 10_000, resumedAt: 0 }, 1_000),
    /1 min 39 s left$/,
  );
});

test('progressLine() promises nothing when the estimate is passed or missing', () => {
  assert.match(
    progressLine({ name: 'verify events', done: 1_200, total: 1_000, resumedAt: 0 }, 1_000),
    /█{30} 100 % {2}1200 of about 1000$/,
  );
  assert.match(
    progressLine({ name: 'verify payments', done: 50, total: 0, resumedAt: 0 }, 1_000),
    /50$/,
  );
});
