import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NameCheck, SubmitRefusal } from '../payment/port.ts';
import { decideCheck, decideRefused } from './decide-row.ts';

const name: NameCheck = { found: true, name: 'SITI  RAHAYU', accountType: 'SVGS', bankName: 'BNI' };
const facts = { name, statedName: 'Siti Rahayu.', isOwnAccount: false };

test('decideCheck() lets case, spacing and points of a name pass, and nothing else', () => {
  assert.equal(decideCheck(facts), undefined);
  assert.equal(decideCheck({ ...facts, statedName: 'Siti Rahayuni' }), 'name_differs');
  assert.equal(decideCheck({ ...facts, statedName: 'SitiRahayu' }), 'name_differs');
});

test('decideCheck() never takes silence for a name', () => {
  const silent: NameCheck = { found: 'unknown', reason: 'no_answer' };
  assert.equal(decideCheck({ ...facts, name: silent }), 'name_unconfirmed');
  assert.equal(decideCheck({ ...facts, name: { found: false, code: 'U101' } }), 'payee_not_found');
  assert.equal(decideCheck({ ...facts, isOwnAccount: true }), 'same_account');
});

test('decideCheck() calls no fault what only holds now', () => {
  for (const refusal of ['restricted', 'bank_closed', 'above_daily_limit', 'busy'] as const)
    assert.equal(decideCheck({ ...facts, refusal }), undefined);
  assert.equal(decideCheck({ ...facts, refusal: 'above_rail_cap' }), 'amount_outside_limits');
});

test('decideRefused() waits for what passes until the last moment, pauses for what the owner can mend, refuses the rest', () => {
  const at = { nowMs: 1, endsAtMs: 2 };
  const said = (refusal: SubmitRefusal, nowMs = 1) => decideRefused(refusal, { ...at, nowMs });
  assert.deepEqual(said('bank_closed'), { kind: 'wait', reason: 'bank_closed' });
  assert.deepEqual(said('bank_closed', 2), { kind: 'refuse', reason: 'too_late' });
  assert.deepEqual(said('insufficient_funds', 2), { kind: 'pause', reason: 'insufficient_funds' });
  assert.deepEqual(said('fee_changed'), { kind: 'refuse', reason: 'fee_changed' });
});
