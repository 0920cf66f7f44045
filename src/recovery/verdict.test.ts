import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makePlan, RECOVERY_DEFAULTS, startObstacles } from './plan.ts';
import { judgeStage, type StageEvidence } from './verdict.ts';

const rule = { numbers: RECOVERY_DEFAULTS, dwellMsMin: 1_800_000 };
const clean: StageEvidence = {
  settled: 100,
  technicalFailures: 0,
  businessDeclines: 0,
  unknown: 0,
  synthetic: 0,
  unexplainedBreaks: 0,
  matchAgeMs: 5_000,
  elapsedMs: 1_800_000,
};
const judge = (change: Partial<StageEvidence>): string => {
  const { verdict, reason } = judgeStage({ ...clean, ...change }, rule);
  return `${verdict} ${reason}`;
};

test('judgeStage() passes on success and a clean match, after the dwell time', () => {
  assert.equal(judge({}), 'pass success_high_and_match_clean');
  assert.equal(judge({ elapsedMs: 1_799_999 }), 'not_enough_evidence dwell_not_over');
  assert.equal(judge({ matchAgeMs: 60_001 }), 'not_enough_evidence match_too_old');
  assert.equal(judge({ matchAgeMs: undefined }), 'not_enough_evidence match_too_old');
});

test('judgeStage() says not enough evidence below 30 payments and between 95 and 98 percent', () => {
  assert.equal(judge({ settled: 29 }), 'not_enough_evidence too_few_payments');
  assert.equal(judge({ settled: 0 }), 'not_enough_evidence too_few_payments');
  assert.equal(judge({ settled: 97, technicalFailures: 3 }), 'not_enough_evidence success_between');
  assert.equal(judge({ settled: 98, technicalFailures: 2 }), 'pass success_high_and_match_clean');
  assert.equal(judge({ settled: 94, technicalFailures: 6 }), 'fail success_too_low');
});

test('judgeStage() T14: a failed check stops the ramp at once, however good the rest is', () => {
  assert.equal(judge({ unexplainedBreaks: 1, elapsedMs: 1 }), 'fail unexplained_break');
  assert.equal(judge({ unknown: 3, elapsedMs: 1 }), 'fail unknown_outcomes_rise');
  assert.equal(judge({ unknown: 2 }), 'pass success_high_and_match_clean');
});

test('judgeStage() business declines neither pass nor fail a stage', () => {
  assert.equal(judge({ settled: 30, businessDeclines: 500 }), 'pass success_high_and_match_clean');
});

test('judgeStage() more failures never turn a fail into a pass', () => {
  const count = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(count, count, count, (settled, technicalFailures, more) => {
      const before = judgeStage({ ...clean, settled, technicalFailures }, rule).verdict;
      const after = judgeStage(
        { ...clean, settled, technicalFailures: technicalFailures + more },
        rule,
      ).verdict;
      assert.ok(!(before === 'fail' && after === 'pass'));
    }),
  );
});

test('startObstacles() T19: names every reason why a plan cannot start', () => {
  const plan = makePlan({
    releaseId: 'rel_1',
    target: { restrictionId: 'rst_1' },
    numbers: RECOVERY_DEFAULTS,
    nowMs: 0,
  });
  const facts = {
    plan,
    nowMs: 1,
    matchAgeMs: 0,
    matchAgeMsMax: 60_000,
    unexplainedBreaks: 0,
    restrictionExists: true,
  };
  assert.deepEqual(startObstacles(facts), []);
  assert.deepEqual(
    startObstacles({
      ...facts,
      nowMs: 1e9,
      matchAgeMs: undefined,
      unexplainedBreaks: 2,
      restrictionExists: false,
    }),
    ['restriction_gone', 'too_late', 'match_too_old', 'unexplained_breaks'],
  );
});
