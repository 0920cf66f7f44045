import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paymentStatusText } from './status.ts';

const NOON_WIB_MS = Date.parse('2026-08-01T05:00:00Z');
const of = (kind: string, state: string) =>
  paymentStatusText(
    {
      kind,
      state,
      totalSen: 5_500_000n,
      changedAtMs: NOON_WIB_MS,
      promiseAtMs: NOON_WIB_MS + 900_000,
    },
    'id',
  );

test('paymentStatusText() at a till: paid, not paid and pay again, or being checked, do not pay again, with a time (I2)', () => {
  for (const state of ['held', 'sending', 'accepted', 'unknown'])
    assert.deepEqual(of('qris_out', state), {
      label: 'Sedang kami pastikan',
      help: 'Jangan bayar lagi. Tunjukkan layar ini ke kasir. Kami kabari paling lambat 12:15 WIB.',
      tone: 'waiting',
    });
  assert.match(of('qris_out', 'review').help, /Jangan ulangi/);
  const back = of('qris_out', 'refunded');
  assert.deepEqual([back.label, back.tone], ['Tidak terbayar', 'neutral']);
  assert.match(back.help, /Rp55\.000 kembali .* 12:00 WIB\. Anda boleh membayar lagi\./);
  assert.equal(of('qris_out', 'settled').label, 'Berhasil');
  assert.equal(of('bifast_out', 'refunded').label, 'Dana dikembalikan');
  for (const kind of ['qris_refund_in', 'qris_in', 'switch_in', 'bifast_in'])
    assert.match(of(kind, 'settled').help, /^Dana masuk/, kind);
});
