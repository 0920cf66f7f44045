import assert from 'node:assert/strict';
import test from 'node:test';
import { missedGoals } from './goal.ts';
import type { Scorecard } from './scorecard.ts';

const CARD: Scorecard = {
  drill: 'x',
  seed: '1',
  mode: 'virtual',
  lost: '100',
  lostAtRisk: '1000',
  injected: { count: 10, value: '1000' },
  refused: { count: 9, value: '900' },
  detectMs: 5,
  containMs: 10,
  firstNoticeMs: null,
  restrictions: [{ scope: 'bifast · out', level: 3, atMs: 10 }],
  healthyAccepted: 1,
  healthyOffered: 1,
  pastDeadline: 0,
  ledgerBalanced: true,
  doubleEffects: 0,
  recovery: [],
  recoveredMs: null,
  reports: [],
  attackBytesAtHub: 7,
  byKind: {},
  stolen: { count: 0, value: '0' },
  triesBeforeContain: 2,
};

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
  const broken = { ...CARD, ledgerBalanced: false, doubleEffects: 1, pastDeadline: 1 };
  assert.equal(missedGoals(broken, { containWithinMs: 10 }).length, 3);
  assert.equal(missedGoals({ ...CARD, containMs: null }, { containWithinMs: 10 }).length, 1);
});
