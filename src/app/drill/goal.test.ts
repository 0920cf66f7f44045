import assert from 'node:assert/strict';
import test from 'node:test';
import { missedGoals } from './goal.ts';
import { CARD } from './test-card.ts';

test('missedGoals() names every goal that was missed, and never passes books that are not right', () => {
  assert.deepEqual(missedGoals(CARD, { containWithinMs: 10 }), []);
  const goal = {
    containWithinMs: 9,
    lostSenMax: 9_999n,
    attackBytesMax: 6,
    triesBeforeContainMax: 1,
    levelMax: 2,
    isRecovered: true,
  };
  assert.equal(missedGoals(CARD, goal).length, 6);
  const throttled = { ...CARD.restrictions[0]!, action: 'throttle' };
  const clean = { ...CARD, restrictions: [throttled, throttled] };
  assert.equal(missedGoals(clean, { throttlesMax: 1 }).length, 1);
  assert.deepEqual(missedGoals(clean, { throttlesMax: 2 }), []);
  const broken = { ...CARD, ledgerBalanced: false, doubleEffects: 1, pastDeadline: 1 };
  assert.equal(missedGoals(broken, { containWithinMs: 10 }).length, 3);
  assert.equal(missedGoals({ ...CARD, containMs: null }, { containWithinMs: 10 }).length, 1);
});
