import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHealthBook } from './route.ts';
import type { PaymentRow } from './row.ts';

test('openHealthBook() counts definite words of a quarter of an hour, each payment and state once, and says nothing of too few', () => {
  let nowMs = 1_000_000;
  const book = openHealthBook({ now: () => nowMs });
  const note = (id: number, more: Partial<PaymentRow>): void =>
    book.note({
      id: `pay_${id}`,
      kind: 'switch_out',
      madeAtMs: nowMs - 2_000,
      ...more,
    } as PaymentRow);
  for (let i = 0; i < 15; i++) note(i, { state: 'settled' });
  note(0, { state: 'settled' });
  note(90, { state: 'held' });
  assert.deepEqual(book.read('switch_out'), { count: 15, usualMs: 15_000 });
  note(20, { state: 'refunded', outcomeCode: 'RC76' });
  note(21, { state: 'refunded', outcomeCode: 'NOT_SENT' });
  for (const id of [22, 23, 24]) note(id, { state: 'unknown' });
  assert.deepEqual(book.read('switch_out'), { count: 20, definitePercent: 80, usualMs: 2_000 });
  assert.deepEqual(book.read('bifast_out'), { count: 0, usualMs: 10_000 }, 'each way by itself');
  nowMs += 15 * 60_000;
  assert.equal(book.read('switch_out').count, 0);
});
