import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, networkHash, networkOf } from './device.ts';

test('deviceOf() names cookies of ours alone, and never by what they hold', () => {
  const token = 'a'.repeat(43);
  assert.match(deviceOf(token)!, /^[\w-]{16}$/);
  assert.notEqual(deviceOf(token), deviceOf('b'.repeat(43)));
  for (const other of [undefined, '', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)};`])
    assert.equal(deviceOf(other), undefined);
});

test('networkOf() is the part of an address that stays, whatever its form', () => {
  assert.equal(networkOf('203.0.113.7'), '203.0.113');
  assert.equal(networkOf('::ffff:203.0.113.9'), '203.0.113');
  assert.equal(networkOf('2001:0db8:0001:2::3'), '2001:db8:1');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0');
  assert.equal(networkOf('::1'), '0:0:0');
  assert.equal(networkOf('nowhere'), undefined);
});

test('networkHash() is of one session: the same network under another token is another hash', () => {
  const hash = (token: string, source: string) => networkHash(token, source)?.toString('hex');
  assert.equal(hash('t', '203.0.113.7'), hash('t', '203.0.113.200'));
  assert.notEqual(hash('t', '203.0.113.7'), hash('t', '203.0.114.7'));
  assert.notEqual(hash('t', '203.0.113.7'), hash('u', '203.0.113.7'));
  assert.equal(hash('t', ''), undefined);
});
