import assert from 'node:assert/strict';
import test from 'node:test';
import { reasonOf } from '../../rail/bifast/reason.ts';
import { paymentCase, railCase } from '../snap/code.ts';
import { railReason } from './rail-words.ts';

const CODES = Array.from({ length: 1_000 }, (_, i) => `U${String(i).padStart(3, '0')}`);

test('T4 two codes with one customer text have one partner case, wherever the outcome is asked for', () => {
  const caseOfText = new Map<string, string>();
  for (const code of CODES) {
    const text = reasonOf(code)?.text;
    if (text === undefined) continue;
    const known = caseOfText.get(text) ?? railCase(code);
    caseOfText.set(text, known);
    assert.equal(railCase(code), known, code);
    // Transfer, status inquiry and callback all read the payment.
    for (const state of ['refunded', 'rejected', 'returned'] as const)
      assert.equal(paymentCase({ state, outcomeCode: code }), known, code);
  }
});

test('railReason() has a sentence in both languages for every final refusal and none for what is open', () => {
  for (const code of CODES) {
    const reason = reasonOf(code);
    for (const language of ['id', 'en'] as const)
      assert.equal(railReason(code, language) !== undefined, reason?.class === 'rejected', code);
  }
  assert.equal(railReason(undefined, 'id'), undefined);
});

test('railReason() never tells which check struck', () => {
  assert.equal(railReason('U155', 'id'), railReason('U157', 'id'));
  assert.doesNotMatch(railReason('U156', 'en')!, /sanction|fraud|laundering/i);
});
