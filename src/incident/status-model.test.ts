import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Restriction, Scope } from '../gate/restriction.ts';
import { firstNotices } from './draft.ts';
import { addEvidence, openIncident } from './record.ts';
import {
  agedStatus,
  buildStatus,
  STATUS_FRESH_MS,
  type Explain,
  type StatusFile,
} from './status-model.ts';

const NOW = Date.parse('2025-03-29T11:20:00+07:00');
const explain: Explain = ({ restriction, language }) => ({
  word: language === 'id' ? 'Dibatasi sementara' : 'Temporarily restricted',
  title: restriction.id,
  reason: restriction.reasonClass,
  alternative: '',
});

function restriction(scope: Scope, change: Partial<Restriction> = {}): Restriction {
  return {
    id: 'rst_1',
    scope,
    action: { kind: 'stop' },
    level: 3,
    reasonClass: 'containment',
    cause: 'D2',
    evidence: [],
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: NOW,
    reviewAtMs: NOW,
    nextUpdateAtMs: NOW + 1_800_000,
    posture: { kind: 'closed' },
    ...change,
  };
}

function status(
  restrictions: readonly Restriction[],
  change: Partial<Parameters<typeof buildStatus>[0]> = {},
): StatusFile {
  return buildStatus({
    bank: 'Bank Pulih Daerah',
    nowMs: NOW,
    restrictions,
    measures: {},
    silent: [],
    notices: [],
    explain,
    ...change,
  });
}

const states = (file: StatusFile): Record<string, string> =>
  Object.fromEntries(file.services.map(({ key, state }) => [key, state]));
const NORMAL = {
  mobile_app: 'normal',
  onus_transfer: 'normal',
  bifast_out: 'normal',
  bifast_in: 'normal',
  bill: 'normal',
  partner_api: 'normal',
  switch_in: 'normal',
  cash_other: 'normal',
  switch_out: 'normal',
  qris_out: 'normal',
};

test('buildStatus() shows a stopped BI-FAST outbound with reason, alternative, since and next update; the rest stays normal', () => {
  const file = status([restriction({ rail: 'bifast', direction: 'out' })]);
  assert.deepEqual(states(file), { ...NORMAL, bifast_out: 'stopped' });
  const out = file.services.find(({ key }) => key === 'bifast_out')!;
  assert.deepEqual(
    [out.word.id, out.sinceMs, out.nextUpdateAtMs],
    ['Dibatasi sementara', NOW, NOW + 1_800_000],
  );
  assert.match(out.alternative.id, /Transfer sesama bank/);
  assert.equal(file.overall, 'stopped');
});

test('buildStatus() tells a part from the whole, and a wide stop reaches every service', () => {
  assert.deepEqual(
    states(status([restriction({ rail: 'bifast', direction: 'out', bank: 'BNINIDJA' })])),
    { ...NORMAL, bifast_out: 'limited' },
  );
  assert.deepEqual(
    states(status([restriction({ rail: 'bifast', direction: 'out', channel: 'mobile' })])),
    { ...NORMAL, bifast_out: 'limited' },
  );
  assert.deepEqual(new Set(Object.values(states(status([restriction({})])))), new Set(['stopped']));
  assert.equal(states(status([restriction({ channel: 'mobile' })]))['mobile_app'], 'stopped');
  assert.equal(
    states(status([restriction({ rail: 'bifast' }, { action: { kind: 'cap', amountSen: '1' } })]))[
      'bifast_in'
    ],
    'limited',
  );
});

test('buildStatus() shows a staged return with its share, never as normal', () => {
  const admission = {
    releaseId: 'rel_1',
    stage: 2,
    bucketsBelow: 500,
    staffOnly: false,
    sinceMs: NOW,
  };
  const file = status([restriction({ rail: 'bifast', direction: 'out' }, { admission })]);
  const out = file.services.find(({ key }) => key === 'bifast_out')!;
  assert.deepEqual([out.state, out.percent], ['recovering', 5]);
});

test('buildStatus() goes by what was measured, and never calls a silent service normal', () => {
  const measured = (settled: number, failed: number): string =>
    states(status([], { measures: { bifast_out: { settled, failed, unknown: 0 } } }))[
      'bifast_out'
    ]!;
  assert.deepEqual(
    [measured(99, 1), measured(97, 3), measured(80, 20), measured(1, 5)],
    ['normal', 'watched', 'limited', 'normal'],
  );
  // Twenty that nearly all fail are not few: a page that said normal then would flicker through an outage.
  assert.deepEqual(
    [measured(1, 19), measured(15, 5), measured(0, 8)],
    ['limited', 'normal', 'limited'],
  );
  assert.equal(states(status([], { silent: ['bifast_in'] }))['bifast_in'], 'unknown');
});

test('buildStatus() names another way to another bank while that one runs as usual, and nobody is sent from one trouble into another', () => {
  const failing = { settled: 0, failed: 40, unknown: 0 };
  const shown = (measures: Record<string, typeof failing>) =>
    status([], { measures }).services.find(({ key }) => key === 'switch_out')!;
  const alone = shown({ switch_out: failing });
  assert.deepEqual(alone.instead, ['bifast_out']);
  assert.match(alone.alternative.id, /^Ke bank lain gunakan BI-FAST\. Transfer sesama bank/);
  const both = shown({ switch_out: failing, bifast_out: failing });
  assert.equal(both.instead, undefined);
  assert.doesNotMatch(both.alternative.id, /BI-FAST/);
  assert.equal(shown({}).instead, undefined);
});

test('buildStatus() shows cash at other banks as stopped where it is, and transfers from them as normal', () => {
  const cash = { rail: 'switch', direction: 'in', product: 'cash' } as const;
  assert.deepEqual(states(status([restriction(cash)])), { ...NORMAL, cash_other: 'stopped' });
  assert.deepEqual(states(status([restriction({ ...cash, product: 'transfer' })])), {
    ...NORMAL,
    switch_in: 'stopped',
  });
  assert.deepEqual(states(status([restriction({ rail: 'switch', direction: 'in' })])), {
    ...NORMAL,
    switch_in: 'stopped',
    cash_other: 'stopped',
  });
});

test('agedStatus() calls facts that are too old unknown', () => {
  const file = status([]);
  assert.equal(agedStatus(file, NOW + STATUS_FRESH_MS).overall, 'normal');
  assert.deepEqual(
    new Set(Object.values(states(agedStatus(file, NOW + STATUS_FRESH_MS + 1)))),
    new Set(['unknown']),
  );
});

test('firstNotices() has the BI-FAST notice ready at containment, in JSON and text, and follows the record', () => {
  const proof = [
    {
      kind: 'orphan',
      reason: 'never_issued',
      bizMsgIdr: 'B1',
      direction: 'out',
      amountSen: 25_000_000_000n,
      bank: 'BNINIDJA',
      moneyLeft: true,
      occurredAtMs: NOW - 4_000,
      lineId: 'L1',
      connector: 'bad',
      isOwnConnector: false,
    },
  ] as const;
  const placed = [restriction({ rail: 'bifast', direction: 'out' })];
  let facts = openIncident({
    proof,
    restrictions: placed,
    services: ['BI-FAST keluar'],
    nowMs: NOW,
    nextUpdateAtMs: NOW + 1_800_000,
  });
  facts = addEvidence(facts, {
    proof: [{ ...proof[0], bizMsgIdr: 'B2', amountSen: 100_000_000_000n }],
    restrictions: [],
    nowMs: NOW + 1_000,
  });
  const bank = { name: 'Bank Pulih Daerah', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
  const [first, ...others] = firstNotices({ id: 'inc_1', facts, bank, contact: '1500-000' });
  assert.deepEqual(
    [first!.profile, first!.step, first!.readyAtMs, first!.dueMs],
    ['BI-FAST-FRAUD', 'notify', NOW, NOW + 1_800_000],
  );
  assert.equal(first!.json['transactionCount'], 2);
  assert.deepEqual(first!.json['valueLost'], { value: '1250000000.00', currency: 'IDR' });
  assert.equal(first!.json['occurredAt'], '2025-03-29T11:19:56+07:00');
  assert.match(first!.text, /Jumlah transaksi: 2\. Nilai berisiko: Rp1\.250\.000\.000/);
  assert.ok(
    others.some(({ profile }) => profile === 'OJK-FRAUD'),
    'a loss above Rp1 bn is significant',
  );
});
