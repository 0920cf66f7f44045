import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamEvent } from '../audit/event.ts';
import { seededRandom } from '../kernel/random.ts';
import { foldRecent, localise, previewRecent } from './recent.ts';

const NOW = Date.parse('2026-02-22T03:00:00+07:00');
const MINUTE = 60_000;
const PATH = { rail: 'bifast', direction: 'out' } as const;
const BANKS = ['BNINIDJA', 'CENAIDJA', 'BRINIDJA', 'BMRIIDJA'];

function left(atMs: number, more: Record<string, unknown> = {}): StreamEvent {
  return {
    atMs,
    kind: 'payment.held',
    subject: 'pay_1',
    data: {
      paymentKind: 'bifast_out',
      state: 'held',
      previous: 'new',
      channel: 'mobile',
      bank: 'BNINIDJA',
      amountSen: '50000000',
      feeSen: '0',
      payer: 'r'.repeat(16),
      payee: 'e'.repeat(16),
      customerId: 'C1',
      ...more,
    },
  } as never;
}

/** An hour of ordinary payments over both channels and four banks. */
function ordinary(): StreamEvent[] {
  const random = seededRandom('recent');
  return Array.from({ length: 600 }, (_, index) =>
    left(NOW - 59 * MINUTE + index * 5_800, {
      channel: index % 3 === 0 ? 'snap' : 'mobile',
      bank: BANKS[random.below(4)],
      amountSen: String(2_000_000 + random.below(4_000_000) * 1_000),
    }),
  );
}

test('localise() finds the channel, bank and amount band that a Jambi-like burst comes from, and no healthy rest of the rail', () => {
  const burst = Array.from({ length: 53 }, (_, index) =>
    left(NOW - 290_000 + index * 5_000, { bank: 'CENAIDJA', amountSen: '2400000000' }),
  );
  const events = [...ordinary(), ...burst].toSorted((a, b) => a.atMs - b.atMs);
  const recent = foldRecent([], events, NOW);
  const [scope, ...more] = localise(recent, PATH, NOW);
  assert.deepEqual(more, []);
  assert.equal(scope?.bank, 'CENAIDJA');
  assert.equal(scope?.amountFromSen, '2250000000');
  const [part, whole] = [scope!, PATH].map((one) => previewRecent(recent, one, NOW));
  assert.ok(part!.paymentsPerMinute < whole!.paymentsPerMinute);
});

test('localise() proposes nothing of an ordinary hour, of too little, or of a guard that has just begun', () => {
  assert.deepEqual(localise(foldRecent([], ordinary(), NOW), PATH, NOW), []);
  assert.deepEqual(localise([], PATH, NOW), []);
  const young = Array.from({ length: 60 }, (_, index) => left(NOW - 200_000 + index * 1_000));
  assert.deepEqual(localise(foldRecent([], young, NOW), PATH, NOW), []);
});

test('foldRecent() keeps an hour of what left, and nothing that was refused', () => {
  const old = left(NOW - 2 * 60 * MINUTE);
  const refused = {
    ...left(NOW),
    kind: 'payment.refused',
    data: { ...left(NOW).data, state: 'refused' },
  };
  const recent = foldRecent([], [old, left(NOW), refused as StreamEvent], NOW);
  assert.deepEqual(
    recent.map(({ atMs }) => atMs),
    [NOW],
  );
  assert.deepEqual(foldRecent(recent, [], NOW + 61 * MINUTE), []);
});
