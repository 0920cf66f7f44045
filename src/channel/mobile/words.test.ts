import assert from 'node:assert/strict';
import test from 'node:test';
import type { RestrictionHolder } from '../../gate/port.ts';
import {
  EMPTY_SET,
  type ReasonClass,
  type Restriction,
  type Scope,
} from '../../gate/restriction.ts';
import { openServices, SERVICES } from '../../incident/service.ts';
import { EXPLAIN_WORDS, explainRestriction } from './explain.ts';
import { PROBLEMS } from './problem.ts';
import { showServices } from './service.ts';
import { MOBILE_WORDS, momentText } from './words.ts';

/** Every leaf of a dictionary with its path; functions are leaves. */
function leaves(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  return [`${path}:${typeof value}`];
}

const CLASSES: readonly ReasonClass[] = [
  'containment',
  'technical',
  'partner',
  'maintenance',
  'exercise',
];
const SCOPES: readonly Scope[] = [
  {},
  { rail: 'bifast', direction: 'out' },
  { rail: 'bifast', direction: 'in' },
  { rail: 'onus' },
  { rail: 'bifast', bank: 'BNINIDJA' },
  { rail: 'bifast', direction: 'out', amountFromSen: '20000000000' },
  { rail: 'qris' },
  { merchant: 'ID1020000019901', product: 'qris' },
];

function restriction(change: Partial<Restriction>): Restriction {
  return {
    id: 'rst_1',
    scope: {},
    action: { kind: 'stop' },
    level: 3,
    reasonClass: 'containment',
    cause: 'D2',
    evidence: [],
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: Date.parse('2025-03-29T07:32:00Z'),
    reviewAtMs: 0,
    nextUpdateAtMs: 1,
    posture: { kind: 'closed' },
    ...change,
  };
}

const NOW = Date.parse('2025-03-29T08:00:00Z');

test('words() every key is there in both languages', () => {
  assert.deepEqual(leaves(MOBILE_WORDS.id), leaves(MOBILE_WORDS.en));
  assert.deepEqual(leaves(EXPLAIN_WORDS.id), leaves(EXPLAIN_WORDS.en));
  for (const [code, kind] of Object.entries(PROBLEMS)) {
    for (const language of ['id', 'en'] as const) {
      assert.ok(
        kind[language].title && kind[language].wayOut,
        `${code} says what happened and the way out in ${language}`,
      );
    }
  }
});

test('explainRestriction() only planned maintenance is ever called maintenance, in every scope and action', () => {
  for (const reasonClass of CLASSES) {
    for (const scope of SCOPES) {
      for (const action of [
        { kind: 'stop' },
        { kind: 'cap', amountSen: '500000000' },
        { kind: 'step_up' },
      ] as const) {
        const said = (['id', 'en'] as const).map((language) =>
          explainRestriction({
            restriction: restriction({ reasonClass, scope, action }),
            language,
            nowMs: NOW,
          }),
        );
        const text = JSON.stringify(said);
        if (reasonClass !== 'maintenance')
          assert.doesNotMatch(
            text,
            /pemeliharaan|maintenance/i,
            `${reasonClass} ${JSON.stringify(scope)}`,
          );
        for (const one of said)
          assert.ok(
            one.title && one.reason && one.alternative && one.word,
            'nothing is left unsaid',
          );
      }
    }
  }
});

test('explainRestriction() says since when, what stays open and when the next news comes', () => {
  const said = explainRestriction({
    restriction: restriction({ scope: { rail: 'bifast', direction: 'out' } }),
    language: 'id',
    nowMs: NOW,
  });
  assert.equal(said.title, 'Transfer antarbank (BI-FAST) kami batasi sementara sejak 14:32 WIB.');
  assert.equal(said.alternative, 'Transfer sesama bank tetap dapat digunakan.');
  assert.deepEqual([said.state, said.nextUpdateAtMs], ['stopped', 1]);
});

test('I7 a stop of one shop is said to who pays there, and to nobody else: no service is called restricted for it', () => {
  const scope = { merchant: 'ID1020000019901', product: 'qris' } as const;
  const stop = restriction({ scope });
  const said = explainRestriction({ restriction: stop, language: 'id', nowMs: NOW });
  assert.match(said.title, /^Pembayaran QRIS ke pedagang ini kami batasi sementara/);
  assert.match(said.alternative, /^Pedagang lain tetap dapat dibayar/);
  assert.deepEqual(
    openServices([scope]).map(({ key }) => key),
    SERVICES.map(({ key }) => key),
  );
  const holder = { current: () => ({ ...EMPTY_SET, restrictions: [stop] }) };
  const shown = showServices({
    holder: holder as unknown as RestrictionHolder,
    customer: { accounts: ['1001'], cohortBucket: 1, isStaff: false },
    explainRestriction,
    language: 'id',
    nowMs: NOW,
  });
  assert.deepEqual(
    shown.filter(({ state }) => state !== 'normal'),
    [],
  );
});

test('explainRestriction() a part of a service is limited, not stopped; recovery shows its share', () => {
  const stateOf = (change: Partial<Restriction>): string =>
    explainRestriction({ restriction: restriction(change), language: 'id', nowMs: NOW }).state;
  assert.equal(stateOf({ scope: { rail: 'bifast', bank: 'BNINIDJA' } }), 'limited');
  assert.equal(stateOf({ action: { kind: 'cap', amountSen: '1' } }), 'limited');
  assert.equal(stateOf({ action: { kind: 'step_up' } }), 'watched');
  const admission = {
    releaseId: 'rel_1',
    stage: 3,
    bucketsBelow: 2_500,
    staffOnly: false,
    capSen: '5000000000',
    sinceMs: 0,
  };
  const said = explainRestriction({
    restriction: restriction({ scope: { rail: 'bifast' }, admission }),
    language: 'id',
    nowMs: NOW,
  });
  assert.deepEqual([said.state, said.percent], ['recovering', 25]);
  assert.match(said.title, /tahap 4, dengan batas Rp50\.000\.000 per transaksi/);
});

test('momentText() carries the date when it is another WIB day', () => {
  const atMs = Date.parse('2025-03-29T17:20:00Z');
  assert.equal(momentText({ atMs, nowMs: atMs, language: 'id' }), '00:20 WIB');
  assert.equal(
    momentText({ atMs, nowMs: atMs - 3_600_000, language: 'id' }),
    'Min 30 Mar 2025, 00:20 WIB',
  );
});
