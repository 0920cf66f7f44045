import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Break } from '../reconcile/match.ts';
import { openIncident } from '../incident/record.ts';
import { readReports, reportText } from './incident-report.ts';

const NOW = Date.parse('2025-03-29T11:20:00+07:00');
const orphan: Break = {
  kind: 'orphan',
  reason: 'never_issued',
  bizMsgIdr: 'X1',
  direction: 'out',
  amountSen: 28_100_000_000n,
  bank: 'BNINIDJA',
  moneyLeft: true,
  occurredAtMs: NOW - 2_000,
  lineId: 'L1',
  connector: 'f'.repeat(64),
};
const facts = openIncident({
  proof: [orphan],
  restrictions: [],
  services: ['Transfer antarbank (BI-FAST)'],
  nowMs: NOW,
  nextUpdateAtMs: NOW + 1_800_000,
});
/** The incident table as the statement reads it. */
const table = {
  query: async <Row>() =>
    [
      {
        id: 'inc_1',
        kind: 'fraud',
        rail: 'bifast',
        opened_at: new Date(NOW),
        contained_at: null,
        facts: JSON.stringify(facts),
      },
    ] as Row[],
};

test('readReports() has every clock of an open incident, and the first notice to the helpdesk ready', async () => {
  const [one] = await readReports(table, 'inc_1');
  assert.deepEqual(one!.connectors, ['f'.repeat(64)]);
  assert.deepEqual(
    one!.deadlines.slice(0, 2).map(({ profile, step, dueMs }) => [profile, step, dueMs - NOW]),
    [
      ['BI-FAST-FRAUD', 'notify', 30 * 60_000],
      ['BI-KKS', 'notify', 60 * 60_000],
    ],
  );
  const notice = one!.notices.find(({ profile }) => profile === 'BI-FAST-FRAUD')!;
  assert.match(notice.text, /Rp281\.000\.000/);
  assert.deepEqual(await readReports(table, 'inc_other'), []);
});

test('reportText() says how much time is left, and what is past due', async () => {
  const reports = await readReports(table, undefined);
  const text = reportText(reports, NOW + 40 * 60_000);
  assert.match(text, /10 min past due\s+BI-FAST-FRAUD notify/);
  assert.match(text, /20 min left\s+BI-KKS notify/);
  assert.match(text, /PEMBERITAHUAN AWAL BI-FAST-FRAUD/);
  assert.equal(reportText([], NOW), 'No open incident');
});
