import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeMatchDay } from '../reconcile/figure.ts';
import { matchReportText } from './match-report.ts';

test('matchReportText() prints a page without script and an object without a bigint, of the same figures', () => {
  const side = { rail: 'qris', direction: 'out', odd_n: 0n, odd_sen: 0n } as const;
  const day = makeMatchDay({
    businessDate: '2025-03-29',
    sides: [
      { ...side, side: 'ledger', n: 2n, value_sen: 300_000_00n },
      { ...side, side: 'settlement', n: 1n, value_sen: 100_000_00n },
    ],
    breaks: [],
    feeds: [],
  });
  const page = matchReportText(day, { form: 'html', nowMs: 0 });
  assert.match(page, /qris keluar.*2 · Rp300\.000.*-1 · -Rp200\.000/s);
  assert.doesNotMatch(page, /<script|Rp0 terbukti/);
  const told = JSON.parse(matchReportText(day, { form: 'json', nowMs: 0 })) as {
    figures: { rail: string; direction: string; differenceSen: string }[];
  };
  const found = told.figures.find(({ rail, direction }) => rail === 'qris' && direction === 'out');
  assert.equal(found?.differenceSen, '-20000000');
});
