import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Break } from '../reconcile/match.ts';
import { orphanDetector } from './detector/d1-orphan.ts';
import type { Observation } from './detector/observation.ts';
import { unissuedDetector } from './detector/d2-unissued.ts';
import { GUARD_DEFAULTS } from './setting.ts';

const found = (over: Partial<Break>): Observation => ({
  kind: 'break',
  atMs: 1_000,
  found: {
    kind: 'orphan',
    reason: 'no_payment',
    bizMsgIdr: '20260801PULHIDJA00000001',
    direction: 'out',
    amountSen: 100n,
    bank: 'TAGIHIDA',
    moneyLeft: true,
    occurredAtMs: 1_000,
    ...over,
  },
});

test('D1 and D2 stop the rail that the proof is about, and proof against one rail counts against no other', () => {
  const numbers = { ...GUARD_DEFAULTS.detector, orphanStopCount: 2, unissuedStopCount: 2 };
  for (const [detector, reason] of [
    [orphanDetector, 'no_payment'],
    [unissuedDetector, 'never_issued'],
  ] as const) {
    let state: never = detector.start as never; // each detector folds its own state
    const stops: unknown[] = [];
    for (const rail of [undefined, 'biller', 'biller', undefined] as const) {
      const seen = found({ reason, ...(rail && { rail }) });
      const next = detector.fold(state, seen, numbers);
      state = next.state as never;
      for (const { act } of next.signals)
        stops.push(act.kind === 'stop' ? act.scope.rail : act.kind);
    }
    assert.deepEqual(stops, ['alert', 'alert', 'biller', 'bifast'], detector.id);
  }
});
