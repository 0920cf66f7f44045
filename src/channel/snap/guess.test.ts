import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wallTime, type Time } from '../../kernel/time.ts';
import { GUESSES_PER_MINUTE, openGuessBound } from './guess.ts';

function world() {
  let nowMs = 1_000_000;
  const time: Time = { ...wallTime(), now: () => nowMs };
  return { bound: openGuessBound(time), pass: (ms: number) => void (nowMs += ms) };
}
const attacker = { address: '203.0.113.9', clientId: 'partner-a' };
const partner = { address: '198.51.100.7', clientId: 'partner-a' };

test('openGuessBound() refuses an address after so many failures in a minute, whatever client it names', () => {
  const { bound, pass } = world();
  for (let i = 0; i < GUESSES_PER_MINUTE; i++) {
    const attempt = { ...attacker, clientId: `partner-${i}` };
    assert.equal(bound.admits(attempt), true);
    bound.failed(attempt);
  }
  assert.equal(bound.admits({ ...attacker, clientId: 'partner-new' }), false);
  assert.equal(bound.admits({ address: '203.0.113.10', clientId: 'partner-new' }), true);
  pass(60_000);
  assert.equal(bound.admits(attacker), true, 'a minute later it may try again');
});

test('openGuessBound() refuses a client from new addresses after so many failures, and never the address where it got in', () => {
  const { bound } = world();
  bound.succeeded(partner);
  for (let i = 0; i < GUESSES_PER_MINUTE; i++)
    bound.failed({ ...attacker, address: `203.0.113.${i}` });
  assert.equal(bound.admits({ ...attacker, address: '203.0.113.99' }), false);
  assert.equal(bound.admits(partner), true);
});

test('openGuessBound() keeps a client that got in, behind the address that an attacker shares, and bounds its own failures', () => {
  const { bound } = world();
  const shared = { address: '10.0.0.1', clientId: 'partner-a' };
  bound.succeeded(shared);
  for (let i = 0; i < GUESSES_PER_MINUTE; i++)
    bound.failed({ address: '10.0.0.1', clientId: 'partner-x' });
  assert.equal(bound.admits({ address: '10.0.0.1', clientId: 'partner-x' }), false);
  assert.equal(bound.admits(shared), true);
  for (let i = 0; i < GUESSES_PER_MINUTE; i++) bound.failed(shared);
  assert.equal(bound.admits(shared), false);
});
