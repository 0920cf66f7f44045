import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HubWish } from './contain.ts';
import type { Seen } from './see.ts';
import { lateWishSignals, markLate, noteHub } from './wish.ts';

const suspend: HubWish = {
  action: 'suspend_out',
  target: 'PULHIDJA',
  reason: 'x',
  wantedAtMs: 100_000,
};

function journalled(atMs: number, ok: boolean): Pick<Seen, 'entries'> {
  return {
    entries: [
      {
        partition: 'gateway-1',
        position: 1,
        atMs,
        body: { kind: 'hub_control', action: 'suspend_out', target: 'PULHIDJA', ok },
      },
    ],
  };
}

const nothing: Pick<Seen, 'entries'> = { entries: [] };

test('noteHub() confirms a wish by the answer, or by the journal when the answer was lost', () => {
  const answer = { ...suspend, atMs: 100_500 };
  assert.equal(noteHub(nothing, [suspend], [answer])[0]!.doneAtMs, 100_500);
  assert.equal(noteHub(journalled(100_400, true), [suspend], [])[0]!.doneAtMs, 100_400);
  assert.equal(noteHub(journalled(100_400, false), [suspend], [])[0]!.doneAtMs, undefined);
  assert.equal(noteHub(nothing, [suspend], [])[0]!.doneAtMs, undefined);
});

test('noteHub() does not take the answer to an earlier wish for this one', () => {
  const former = { ...suspend, wantedAtMs: 10_000, atMs: 11_000 };
  assert.equal(noteHub(nothing, [suspend], [former])[0]!.doneAtMs, undefined);
  assert.equal(noteHub(journalled(11_000, true), [suspend], [])[0]!.doneAtMs, undefined);
});

test('lateWishSignals() tells once of a wish that the hub does not confirm', () => {
  assert.deepEqual(lateWishSignals([suspend], 105_000), []);
  assert.deepEqual(
    lateWishSignals([suspend], 110_000).map(({ code }) => code),
    ['hub_control_unconfirmed'],
  );
  assert.deepEqual(lateWishSignals([markLate(suspend, 110_000)], 111_000), []);
});
