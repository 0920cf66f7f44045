import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StandingRun } from '../../standing/port.ts';
import { showRun, whenText } from './standing-view.ts';

const NOW = Date.parse('2026-08-03T06:01:00+07:00');
const run: StandingRun = {
  orderId: 'sto_1',
  date: '2026-08-03',
  number: 1,
  state: 'waiting',
  attempt: 1,
  changedAtMs: NOW,
  version: 1n,
};
const id = { language: 'id', nowMs: NOW, payment: undefined } as const;

test('whenText() says when in words that a person can check', () => {
  const end = { kind: 'never' } as const;
  const at = { firstDate: '2027-01-31', end };
  assert.equal(whenText({ ...at, repetition: 'once' }, 'id'), 'sekali pada Min 31 Jan 2027');
  assert.equal(
    whenText({ ...at, repetition: 'monthly' }, 'id'),
    'setiap bulan tanggal 31 (atau hari terakhir bulan itu) mulai Min 31 Jan 2027, sampai Anda membatalkannya',
  );
  assert.equal(
    whenText({ ...at, repetition: 'weekly', end: { kind: 'times', count: 4 } }, 'en'),
    'every Sunday from Sun 31 Jan 2027, 4 times',
  );
  assert.equal(
    whenText(
      {
        firstDate: '2027-01-28',
        repetition: 'monthly',
        end: { kind: 'until', date: '2027-12-28' },
      },
      'en',
    ),
    'every month on day 28 from Thu 28 Jan 2027, until Tue 28 Dec 2027',
  );
});

test('showRun() never calls an open payment done or failed, and says why and when it is tried again', () => {
  assert.deepEqual(showRun(run, id), {
    date: 'Sen 3 Agu 2026',
    status: { label: 'Menunggu', tone: 'waiting' },
  });
  const waiting = { ...run, reason: 'insufficient_funds' as const };
  assert.equal(
    showRun({ ...waiting, dueAtMs: Date.parse('2026-08-03T12:00:00+07:00') }, id).note,
    'Karena saldo belum cukup untuk nominal dan biayanya. Kami coba lagi 12:00 WIB.',
  );
  const missed = showRun({ ...waiting, state: 'missed' }, id);
  assert.deepEqual(missed.status, { label: 'Tidak dijalankan', tone: 'bad' });
  const submitted = { ...run, state: 'submitted', paymentId: 'pay_1' } as const;
  const of = (state: string) =>
    showRun(submitted, { ...id, payment: { kind: 'bifast_out', state } }).status;
  assert.deepEqual(of('settled'), { label: 'Berhasil', tone: 'good' });
  assert.deepEqual(of('unknown'), { label: 'Sedang diproses', tone: 'waiting' });
  assert.deepEqual(of('refunded'), { label: 'Dana dikembalikan', tone: 'neutral' });
});
