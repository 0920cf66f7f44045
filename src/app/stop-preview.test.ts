import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTrafficBook } from '../gateway/traffic.ts';
import { confirmWordOf, isConfirmed, stopPreview } from './stop-preview.ts';

const OUT = { rail: 'bifast', direction: 'out' } as const;

test('T20 stopPreview() says what stops, what stays open and how much goes through, before anything closes', () => {
  const book = openTrafficBook();
  const minute = 60_000;
  book.note({ rail: 'bifast', amountSen: 99_900n, nowMs: 0 });
  for (let at = 0; at < 25; at++)
    book.note({ rail: 'bifast', amountSen: 1_000_000n, nowMs: 10 * minute + at });
  book.note({ rail: 'biller', amountSen: 1n, nowMs: 10 * minute });
  const recent = book.recent(12 * minute);
  assert.deepEqual(
    recent['bifast'],
    { count: 25, amountSen: '25000000' },
    'ten minutes back, no more',
  );
  const lines = stopPreview(OUT, [
    { partition: 'gateway-1', recent },
    { partition: 'gateway-2', recent: undefined },
  ]);
  assert.match(lines[0]!, /BI-FAST KELUAR/);
  assert.match(lines[1]!, /ONLINE.*BI-FAST MASUK.*SESAMA BANK|BI-FAST MASUK, SESAMA BANK/);
  assert.match(lines[3]!, /gateway-1: ±3 transaksi per menit, Rp25\.000/);
  assert.match(lines[4]!, /gateway-2: angka tidak tersedia/);
});

test('T20 isConfirmed() takes the word of this rail and direction and no other', () => {
  assert.equal(confirmWordOf(OUT), 'BI-FAST KELUAR');
  for (const typed of ['BI-FAST KELUAR', ' bi-fast  keluar ']) assert.ok(isConfirmed(OUT, typed));
  for (const typed of [undefined, '', 'y', 'BI-FAST MASUK', 'BI-FAST', 'ONLINE KELUAR'])
    assert.ok(!isConfirmed(OUT, typed));
});
