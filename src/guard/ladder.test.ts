import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Restriction } from '../gate/restriction.ts';
import { covers } from '../gate/scope.ts';
import { anyScope, restrictionOf } from '../gate/test-flow.ts';
import { climb, LADDER_DEFAULTS, type LadderState, type PathSignal } from './ladder.ts';

const PATH = { rail: 'bifast', direction: 'out' } as const;
const NARROW = { ...PATH, channel: 'mobile', bank: 'BNINIDJA' } as const;
const WIDER = { ...PATH, channel: 'mobile' } as const;
const NUMBERS = { ...LADDER_DEFAULTS, levelMax: 3 };

const signal = (atMs: number, more: Partial<PathSignal> = {}): PathSignal => ({
  key: 'D5 bifast out',
  atMs,
  scopes: [NARROW, WIDER],
  path: PATH,
  hasMoneyLeft: false,
  ...more,
});

interface Play {
  state: LadderState;
  active: Restriction[];
}

/** One step; what was placed stands from then on. */
function step(play: Play, signals: readonly PathSignal[], nowMs: number, numbers = NUMBERS) {
  const done = climb({ ...play, signals, nowMs, numbers });
  play.state = done.state;
  for (const { scope, actions } of done.place)
    play.active.push(...actions.map((action) => restrictionOf(scope, action)));
  return done.place.map(({ level, scope }) => [level, scope] as const);
}

test('climb() takes the narrowest and mildest rung first, and the next one only when the signal goes on', () => {
  const play: Play = { state: {}, active: [] };
  assert.deepEqual(step(play, [signal(0)], 0), [[2, NARROW]]);
  assert.deepEqual(step(play, [signal(5_000)], 5_000), [], 'the rung has its time to work');
  assert.deepEqual(step(play, [signal(10_000)], 10_000), [[2, WIDER]]);
  assert.deepEqual(step(play, [], 60_000), [], 'without a signal nothing is widened');
  assert.deepEqual(step(play, [signal(61_000)], 61_000), [[2, PATH]]);
  assert.deepEqual(step(play, [signal(72_000)], 72_000), [[3, NARROW]]);
  assert.deepEqual(step(play, [signal(90_000)], 90_000), [[3, WIDER]]);
  assert.deepEqual(step(play, [signal(110_000)], 110_000), [[3, PATH]]);
  assert.deepEqual(step(play, [signal(130_000)], 130_000), [], 'L4 and L5 are for people');
});

test('climb() money that left is a stop of its path at once, whatever was tried before', () => {
  const play: Play = { state: {}, active: [] };
  step(play, [signal(0)], 0);
  assert.deepEqual(step(play, [signal(100, { hasMoneyLeft: true })], 100), [[3, PATH]]);
});

test('climb() passes over what stands already, starts anew after a quiet time, and goes on to L4 and L5 where a bank wants it', () => {
  const play: Play = { state: {}, active: [restrictionOf(NARROW, { kind: 'stop' })] };
  assert.deepEqual(step(play, [signal(0)], 0), [[2, WIDER]]);
  const later = NUMBERS.quietMs + 1;
  const fresh: Play = { state: play.state, active: [] };
  assert.deepEqual(step(fresh, [signal(later)], later), [[2, NARROW]]);
  const all: Play = { state: {}, active: [] };
  const numbers = { ...NUMBERS, levelMax: 5 };
  const levels = Array.from({ length: 10 }, (_, index) => index * 20_000).flatMap((atMs) =>
    step(all, [signal(atMs)], atMs, numbers).map(([level]) => level),
  );
  assert.deepEqual(levels, [2, 2, 2, 3, 3, 3, 4, 5]);
});

test('climb() limits and never stops for a suspicion, unless a bank says so', () => {
  const play: Play = { state: {}, active: [] };
  const levels = Array.from({ length: 9 }, (_, index) => index * 20_000).flatMap((atMs) =>
    step(play, [signal(atMs)], atMs, LADDER_DEFAULTS).map(([level]) => level),
  );
  assert.deepEqual(levels, [2, 2, 2]);
});

test('climb() never places anything outside the path of the signal while the bank allows L3 only, and never the same twice', () => {
  fc.assert(
    fc.property(fc.array(anyScope, { maxLength: 4 }), (scopes) => {
      const play: Play = { state: {}, active: [] };
      const said = new Set<string>();
      for (let atMs = 0; atMs < 400_000; atMs += 20_000)
        for (const [level, scope] of step(play, [signal(atMs, { scopes })], atMs)) {
          assert.ok(covers({ outer: PATH, inner: scope }));
          const text = JSON.stringify([level, scope]);
          assert.ok(!said.has(text));
          said.add(text);
        }
      assert.ok(
        play.active.some(
          ({ scope, action }) => action.kind === 'stop' && covers({ outer: scope, inner: PATH }),
        ),
      );
    }),
    { numRuns: 60 },
  );
});
