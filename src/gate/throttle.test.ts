import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Partitions, Restriction } from './restriction.ts';
import { restrictionOf } from './test-flow.ts';
import { nextPartitions, openThrottleBook, shareOf, type Room } from './throttle.ts';

const MINUTE = 60_000;
const SILENT = 30 * MINUTE;
const GATEWAYS = ['gateway-a', 'gateway-b', 'gateway-c'] as const;

const throttleOf = (count: number, madeAtMs = 0): Restriction =>
  restrictionOf({}, { kind: 'throttle', countPerMinute: count }, { madeAtMs });

function countOf(of: {
  readonly restriction: Restriction;
  readonly partitions: Partitions;
  readonly partition: string;
  readonly nowMs: number;
}): bigint {
  return shareOf({ ...of, silentAfterMs: SILENT }).count!;
}

test('shareOf() the shares of all gateways add up to the throttle, and no gateway besides has one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.subarray([...GATEWAYS], { minLength: 1 }),
      (total, names) => {
        const partitions = { names, before: [], sinceMs: 0 };
        const restriction = throttleOf(total);
        const shares = GATEWAYS.map((partition) =>
          countOf({ restriction, partitions, partition, nowMs: 0 }),
        );
        assert.equal(
          shares.reduce((a, b) => a + b),
          BigInt(total),
        );
      },
    ),
    { numRuns: 100 },
  );
});

/** Gateways come and go; each hears some of the sets, and one that has heard none for half an hour lets nothing leave. */
test('shareOf() T12: however the list of gateways changes and whoever missed a set, the shares in use never add up to more', () => {
  const change = fc.record({
    afterMs: fc.integer({ min: 0, max: 20 * MINUTE }),
    names: fc.subarray([...GATEWAYS], { minLength: 1 }),
    hearers: fc.subarray([...GATEWAYS]),
    isThrottled: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 30 }),
      (changes, total) => {
        let nowMs = SILENT;
        let partitions: Partitions | undefined;
        let restriction: Restriction | undefined;
        const held = new Map<
          string,
          { partitions: Partitions; restriction: Restriction | undefined; heardAtMs: number }
        >();
        for (const { afterMs, names, hearers, isThrottled } of changes) {
          nowMs += afterMs;
          partitions = nextPartitions({ before: partitions, names, nowMs, silentAfterMs: SILENT });
          if (isThrottled) restriction ??= throttleOf(total, nowMs);
          for (const name of hearers) held.set(name, { partitions, restriction, heardAtMs: nowMs });
          const atMs = nowMs;
          const shares = [...held].flatMap(([partition, own]) =>
            own.restriction && atMs - own.heardAtMs <= SILENT
              ? [countOf({ ...own, restriction: own.restriction, partition, nowMs: atMs })]
              : [],
          );
          assert.ok(shares.reduce((a, b) => a + b, 0n) <= BigInt(total));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('openThrottleBook() lets exactly the share pass in each minute, nothing in the minute of its start, and no more when the clock jumps back', () => {
  const book = openThrottleBook(5 * MINUTE + 30_000);
  const throttles = [throttleOf(3)];
  const room = (): Room => ({ count: 3n, amountSen: 100n });
  const pass = (nowMs: number, amountSen = 10n): boolean => {
    const asked = { throttles, amountSen, nowMs, room };
    const isFree = book.hasRoom(asked);
    if (isFree) book.take(asked);
    return isFree;
  };
  const passed = (nowMs: number, amounts: readonly bigint[]): number =>
    amounts.filter((amountSen) => pass(nowMs, amountSen)).length;
  assert.equal(passed(5 * MINUTE + 59_000, [1n]), 0, 'a restart gives no second share');
  assert.equal(passed(6 * MINUTE, [1n, 1n, 1n, 1n]), 3);
  assert.equal(passed(5 * MINUTE, [1n]), 0, 'an older minute is none of its own');
  assert.equal(passed(7 * MINUTE, [60n, 41n, 40n, 1n]), 2, 'the value binds too');
  assert.equal(
    book.hasRoom({ throttles: [], amountSen: 1n, nowMs: 5 * MINUTE, room }),
    true,
    'without a throttle nothing is counted',
  );
});
