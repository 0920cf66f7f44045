import assert from 'node:assert/strict';
import test from 'node:test';
import { PAYMENT_KINDS } from '../../payment/kind.ts';
import { BOARD_ROWS, makeBoard } from './board.ts';
import type { TrafficRow } from './store.ts';

const NOW = Date.parse('2025-03-29T05:00:30Z');

function row(state: string, outcome_code: string | null, n: bigint): TrafficRow {
  return { kind: 'bifast_out', state, outcome_code, n, value_sen: 100n * n, latency_p95_ms: null };
}

function boardOf(traffic: readonly TrafficRow[]) {
  const rows = makeBoard({
    traffic,
    minutes: [{ kind: 'bifast_out', minute: new Date('2025-03-29T05:00:00Z'), n: 3n }],
    open: [{ kind: 'bifast_out', state: 'unknown', n: 1n }],
    nowMs: NOW,
    minuteCount: 60,
    isBusinessDecline: (code) => code === 'U101',
  });
  return rows.find(({ key }) => key === 'bifast_out')!;
}

test('makeBoard() counts what the rail failed, not what we or the payee refused', () => {
  const out = boardOf([
    row('settled', 'U000', 8n),
    row('refunded', 'U101', 3n),
    row('refused', 'restricted', 5n),
    row('refunded', 'U900', 2n),
  ]);
  assert.deepEqual(
    [out.settled, out.businessDeclines, out.technicalDeclines, out.successBps],
    [8, 8, 2, 8_000],
  );
  assert.deepEqual([out.count, out.valueSen], [18, '1800']);
});

test('makeBoard() has no success share before anything had an outcome', () => {
  assert.equal(boardOf([row('refused', 'restricted', 5n)]).successBps, undefined);
});

test('makeBoard() puts this minute last and counts what is unknown now', () => {
  const out = boardOf([]);
  assert.deepEqual(
    [out.perMinute.length, out.perMinute.at(-1), out.unknown, out.open],
    [60, 3, 1, 1],
  );
});

test('every kind that goes over a network is in a row of the board, of its own rail and direction; what cards ask for is not a rail’s own', () => {
  for (const [kind, { rail, direction }] of Object.entries(PAYMENT_KINDS)) {
    if (rail === 'onus' || direction === 'asked') continue;
    const row = BOARD_ROWS.find(({ kinds }) => (kinds as readonly string[]).includes(kind));
    assert.deepEqual([row?.rail, row?.direction], [rail, direction], kind);
  }
});
