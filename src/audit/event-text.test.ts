import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalJson } from '../kernel/canonical.ts';
import { eventText } from './checkpoint.ts';

test('eventText() is the canonical JSON of the row, whatever its texts hold', () => {
  const texts = [
    '',
    'ledger.posted',
    '{"a":"\\"b\\""}',
    'tab\tline\nnul\u0000 unit\u001f \u007f',
    '€ \u{1f600} \u2028 \ud800',
  ];
  for (const kind of texts)
    for (const data of texts) {
      const row = {
        id: 12n,
        xid: '744',
        onDate: '2026-08-01',
        atMs: -5n,
        kind,
        subject: `${data}${kind}`,
        data,
      };
      assert.equal(eventText(row), canonicalJson(row));
      assert.equal(eventText({ ...row, id: '12', atMs: '-5' }), canonicalJson(row));
    }
});
