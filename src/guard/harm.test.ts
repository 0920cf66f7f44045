import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamEvent } from '../audit/event.ts';
import { restrictionOf } from '../gate/test-flow.ts';
import { foldHarm, HARM_DEFAULTS, proposeNarrower, type HarmState } from './harm.ts';

const MINUTE = 60_000;
const numbers = HARM_DEFAULTS;
const restriction = restrictionOf({ rail: 'bifast', direction: 'out' }, { kind: 'stop' });

function refused(data: Record<string, unknown>, atMs = 0): StreamEvent {
  return {
    atMs,
    kind: 'payment.refused',
    subject: 'pay_1',
    data: {
      restriction: restriction.id,
      amountSen: '100',
      channel: 'mobile',
      bank: 'CENAIDJA',
      ...data,
    },
  } as never;
}

const good = (count: number, more: Record<string, unknown> = {}): readonly StreamEvent[] =>
  Array.from({ length: count }, (_, index) =>
    refused({ consentId: `con_${index}`, payer: `r${index}`, payee: `e${index}`, ...more }),
  );
/** Many payers to one payee, as in Jambi (domain.md 7.3: 147 payments to each of 45 accounts). */
const mules = (count: number, more: Record<string, unknown> = {}): readonly StreamEvent[] =>
  Array.from({ length: count }, (_, index) =>
    refused(
      { consentId: `con_m${index}`, payer: `m${index}`, payee: 'mule', bank: 'BNINIDJA', ...more },
      MINUTE,
    ),
  );

function meter(events: readonly StreamEvent[], state: HarmState = {}) {
  return foldHarm({ state, events, active: [restriction], nowMs: 0, numbers });
}

function propose(state: HarmState, nowMs = 20 * MINUTE, of = restriction) {
  return proposeNarrower({ restriction: of, harm: state[of.id]!, nowMs, numbers });
}

test('foldHarm() counts what a restriction withholds as it counts what it refuses, and nothing that a rule alone withholds', () => {
  const withheld = (data: Record<string, unknown>): StreamEvent => ({
    ...refused(data),
    kind: 'payment.withheld',
  });
  const state = meter([
    withheld({ consentId: 'con_1', payer: 'r1', payee: 'e1' }),
    withheld({ consentId: 'con_2', category: 'crypto' }),
    withheld({ consentId: 'con_3', restriction: undefined }),
  ]);
  const harm = state[restriction.id]!;
  assert.deepEqual([harm.good, harm.suspect, harm.goodSen], [1, 1, '100']);
});

test('foldHarm() counts the good payments that a restriction refuses, apart from what looks like an attack', () => {
  const state = meter([
    ...good(30),
    ...mules(10),
    refused({ consentId: 'con', category: 'crypto' }),
    refused({ payer: 'r', payee: 'e' }),
    refused({ restriction: 'rst_other', consentId: 'con' }),
  ]);
  const harm = state[restriction.id]!;
  // The first two payers of a payee tell nothing yet.
  assert.deepEqual([harm.good, harm.suspect, harm.unproven], [32, 9, 1]);
  assert.equal(harm.goodSen, '3200');
});

test('foldHarm() folded in parts and through JSON is the same, forgets what was lifted and starts anew where the scope changed', () => {
  const events = [...good(5), ...mules(6), ...good(3, { channel: 'snap' })];
  let state: HarmState = {};
  for (const event of events)
    state = meter([event], JSON.parse(JSON.stringify(state)) as HarmState);
  assert.deepEqual(JSON.parse(JSON.stringify(state)), JSON.parse(JSON.stringify(meter(events))));
  const narrowed = { ...restriction, scope: { ...restriction.scope, bank: 'BNINIDJA' } };
  const fold = (active: readonly (typeof restriction)[]) =>
    foldHarm({ state, events: [], active, nowMs: 7, numbers });
  assert.equal(fold([narrowed])[restriction.id]!.good, 0);
  assert.deepEqual(fold([]), {});
});

test('proposeNarrower() names the one bank that all of the suspect went to, when that spares the good', () => {
  const state = meter([...good(40), ...mules(12)]);
  assert.deepEqual(propose(state), {
    kind: 'narrow',
    scope: { ...restriction.scope, bank: 'BNINIDJA' },
    spares: 40,
  });
  assert.equal(propose(state, 5 * MINUTE), undefined, 'too early');
  const spread = meter([...mules(12, { bank: 'BRINIDJA' })], state);
  assert.equal(
    propose(spread),
    undefined,
    'the suspect is at two banks and in one channel with the good',
  );
  const unnamed = meter(mules(12, { bank: undefined }), state);
  assert.equal(propose(unnamed), undefined, 'what has no bank may be anywhere');
  const recovering = { ...restriction, admission: {} as never };
  assert.equal(propose(state, 20 * MINUTE, recovering), undefined);
});

test('proposeNarrower() proposes a release when nothing suspect came for half an hour and good payments are refused', () => {
  const state = meter([...good(25), ...mules(4)]);
  assert.equal(propose(state, 20 * MINUTE), undefined);
  assert.deepEqual(propose(state, 32 * MINUTE), { kind: 'release', spares: 27 });
  assert.equal(propose(meter(good(5)), 90 * MINUTE), undefined, 'too few to say');
});

test('foldHarm() stays small, whatever is refused', () => {
  const many = Array.from({ length: 2_000 }, (_, index) =>
    refused({ consentId: 'c', bank: `B${index}`, payee: `e${index}`, payer: `r${index}` }),
  );
  const text = JSON.stringify(
    meter([
      ...many,
      refused({ consentId: 'c', payee: '__proto__', payer: 'x', bank: 'constructor' }),
    ]),
  );
  assert.ok(text.length < 20_000, String(text.length));
});
