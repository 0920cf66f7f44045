import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeQris } from '../rail/qris/decode.ts';
import { qrisRules } from '../rail/qris/rules.ts';
import { PAYLOADS } from '../rail/qris/test-payload.ts';
import { qrisJson } from './qris.ts';

function json(payload: string): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(qrisJson(decodeQris(payload, qrisRules('2026-08-01')), () => 'Bank')),
  ) as Record<string, unknown>;
}

test('qrisJson() tells fields by name, with amounts as decimal strings', () => {
  const v2 = json(PAYLOADS.V2);
  assert.deepEqual(
    [
      v2['kind'],
      v2['method'],
      v2['merchantName'],
      v2['merchantCity'],
      v2['amount'],
      v2['nmid'],
      v2['criteria'],
    ],
    [
      'merchant',
      'dynamic',
      'TOKO SINTETIS MANDIRI',
      'BANDUNG',
      '125000.00',
      'ID1020000000456',
      'UME',
    ],
  );
  assert.equal('amount' in json(PAYLOADS.V1), false);
  assert.deepEqual(json(PAYLOADS.V3)['tip'], { kind: 'fixed', fee: '2000.00' });
  assert.deepEqual(json(PAYLOADS.V4)['tip'], { kind: 'percent', percent: '10' });
  assert.deepEqual(json(PAYLOADS.V5)['prompted'], ['billNumber']);
  assert.deepEqual(json(PAYLOADS.I15)['warnings'], [{ code: 'check_digit_wrong', tag: '26' }]);
  assert.equal(json(PAYLOADS.V8)['kind'], 'cash_out');
});

test('qrisJson() of a refused code is the error alone', () => {
  assert.deepEqual(json(PAYLOADS.I3), { error: { code: 'missing_tag', tag: '61' } });
  assert.deepEqual(json(PAYLOADS.I10), { error: { code: 'nns_unknown', tag: '26', subTag: '01' } });
});
