import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah, sen } from '../../kernel/money.ts';
import { decideRelease } from './decide-release.ts';

const END = 7_200_000;
const row = { state: 'withheld', amountSen: rupiah(100), resolveByMs: END } as const;
const facts = { row, askedBy: undefined, staffId: 'stf_1', nowMs: 0, aloneMaxSen: 0n };
const refused = (reason: string) => ({ kind: 'refuse', reason });

test('I5 decideRelease() wants a second, other person from one sen above the limit on', () => {
  const aloneMaxSen = rupiah(100);
  assert.deepEqual(decideRelease({ ...facts, aloneMaxSen }), { kind: 'release' });
  const above = { ...row, amountSen: sen(aloneMaxSen + 1n) };
  assert.deepEqual(decideRelease({ ...facts, row: above, aloneMaxSen }), { kind: 'ask' });
  assert.deepEqual(decideRelease(facts), { kind: 'ask' });
  assert.deepEqual(decideRelease({ ...facts, askedBy: 'stf_1' }), refused('same_person'));
  assert.deepEqual(decideRelease({ ...facts, askedBy: 'stf_2' }), { kind: 'release' });
});

test('decideRelease() lets the clock win at its own instant, and releases nothing that does not wait', () => {
  const asked = { ...facts, askedBy: 'stf_2' };
  assert.deepEqual(decideRelease({ ...asked, nowMs: END - 1 }), { kind: 'release' });
  assert.deepEqual(decideRelease({ ...asked, nowMs: END }), refused('not_waiting'));
  assert.deepEqual(decideRelease({ ...asked, row: undefined }), refused('not_found'));
  for (const state of ['held', 'settled', 'cancelled'] as const)
    assert.deepEqual(decideRelease({ ...asked, row: { ...row, state } }), refused('not_waiting'));
});
