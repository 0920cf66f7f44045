import { UsageError } from '../verb.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChange } from './change.ts';

const NOW_MS = Date.parse('2026-08-01T05:00:00Z');
const HOUR_MS = 3_600_000;

const read = (verb: string, flags: Readonly<Record<string, string>>) =>
  readChange({
    verb,
    id: 'mitra-a',
    typed: { flags, words: [] },
    nowMs: NOW_MS,
    read: (path) => `text of ${path}`,
    secret: () => 'secret of the file',
  });

test('readChange() reads money in whole rupiah, lists with commas, and `none` as no bound', () => {
  assert.deepEqual(read('limit', { 'daily-amount': '500000000', 'daily-count': 'none' }), {
    kind: 'ceiling',
    dailyAmountMaxSen: 50_000_000_000n,
    dailyCountMax: null,
  });
  assert.deepEqual(read('limit', { group: 'payment', concurrent: '8' }), {
    kind: 'limit',
    group: {
      service_group: 'payment',
      per_second_max: null,
      per_minute_max: null,
      concurrent_max: 8,
    },
  });
  assert.deepEqual(read('allow', { networks: '10.0.0.0/8, 2001:db8::/32', certificates: 'none' }), {
    kind: 'allow',
    networks: ['10.0.0.0/8', '2001:db8::/32'],
    certificates: [],
  });
});

test('readChange() ends old keys an overlap after the new one begins, and a new one holds at once unless told', () => {
  const now = read('rotate', { 'public-key': 'a.pem', overlap: '24' });
  assert.ok(now.kind === 'rotate' && now.fromMs < NOW_MS);
  assert.equal(now.oldUntilMs, NOW_MS + 24 * HOUR_MS);
  assert.equal(now.text, 'text of a.pem');
  const later = read('rotate', { 'secret-file': 's', from: '2026-08-02T05:00:00Z', overlap: '1' });
  assert.ok(later.kind === 'rotate' && later.key === 'secret');
  assert.equal(later.fromMs, NOW_MS + 24 * HOUR_MS);
  assert.equal(later.oldUntilMs, NOW_MS + 25 * HOUR_MS);
});

test('readChange() guesses nothing: what is missing, half said or no number is wrong usage', () => {
  const base = { name: 'A', 'public-key': 'a.pem', accounts: '199' };
  for (const [verb, flags] of [
    ['add', { ...base, name: '' }],
    ['add', { ...base, kind: 'rsa' }],
    ['add', { ...base, encoding: 'base64url' }],
    ['add', { ...base, ceiling: '1.000.000' }],
    ['add', { ...base, 'daily-amount': '0' }],
    ['rotate', {}],
    ['rotate', { 'public-key': 'a', 'secret-file': 'b' }],
    ['rotate', { 'public-key': 'a', from: 'tomorrow' }],
    ['rotate', { 'public-key': 'a', overlap: '-1' }],
    ['rotate', { 'public-key': 'a', overlap: 'none' }],
    ['add', { ...base, 'per-second': 'none' }],
    ['revoke', {}],
    ['allow', { networks: '10.0.0.0/8' }],
    ['limit', {}],
    ['limit', { 'per-second': 'none' }],
    ['limit', { group: 'all', 'per-second': '1' }],
    ['limit', { group: 'payment', 'per-second': '1e3' }],
    ['delete', {}],
  ] as const)
    assert.throws(() => read(verb, flags), UsageError, `${verb} ${JSON.stringify(flags)}`);
});
