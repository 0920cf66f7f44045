import assert from 'node:assert/strict';
import test from 'node:test';
import { GUARD_DEFAULTS } from '../setting.ts';
import { answerDetector } from './d27-answer.ts';
import type { Observation } from './observation.ts';

const MINUTE = 60_000;

function outcome(
  code: string,
  input: { kind?: string; atMs?: number; of?: string } = {},
): Observation {
  const atMs = input.atMs ?? 0;
  return {
    kind: 'event',
    atMs,
    event: {
      id: 1n,
      xid: 1n,
      atMs,
      kind: input.kind ?? 'payment.refunded',
      subject: 'pay_1',
      data: { paymentKind: input.of ?? 'bifast_out', code },
    } as (Observation & { kind: 'event' })['event'],
  };
}

function codesOf(seen: readonly Observation[]): readonly string[] {
  let state = answerDetector.start;
  return seen.flatMap((one) => {
    const folded = answerDetector.fold(state, one, GUARD_DEFAULTS.detector);
    state = folded.state;
    return folded.signals.map(({ code }) => code);
  });
}

test('answerDetector tells the treasury of every liquidity answer, once per code in a window', () => {
  assert.deepEqual(codesOf([outcome('U194'), outcome('U194'), outcome('U203')]), [
    'liquidity_short',
    'liquidity_short',
  ]);
  const later = outcome('U194', { atMs: 31 * MINUTE });
  assert.deepEqual(codesOf([outcome('U194'), later]), ['liquidity_short', 'liquidity_short']);
});

test('answerDetector tells a duplicate apart from a refusal, and a signature from a check of money', () => {
  assert.deepEqual(codesOf([outcome('RJCT U149', { kind: 'payment.unknown' })]), [
    'duplicate_answer',
  ]);
  assert.deepEqual(codesOf([outcome('U999'), outcome('U155')]), [
    'security_answer',
    'security_answer',
  ]);
});

test('answerDetector is silent about an ordinary refusal, another rail and an unknown code', () => {
  const quiet = [
    outcome('U101'),
    outcome('U204'),
    outcome('insufficient_funds', { kind: 'payment.refused' }),
    outcome('U194', { of: 'onus' }),
    outcome('U194', { kind: 'payment.settled' }),
  ];
  assert.deepEqual(codesOf(quiet), []);
});

test('answerDetector counts every answer though it tells of one', () => {
  let state = answerDetector.start;
  for (let count = 0; count < 5; count++)
    state = answerDetector.fold(state, outcome('U201'), GUARD_DEFAULTS.detector).state;
  assert.equal(state.counts.treasury, 5);
});
