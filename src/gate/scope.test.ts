import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decideOne, isActionAtLeast, throttleBounds } from './action.ts';
import { compileSet } from './decide.ts';
import { readAction, readRestriction, readScope, readSet } from './read.ts';
import { EMPTY_SET, type RestrictionAction } from './restriction.ts';
import { covers, inScope, scopeText } from './scope.ts';
import {
  anyAction,
  anyFlow,
  anyRestrictions,
  anyScope,
  bothWays,
  restrictionOf,
} from './test-flow.ts';

const RUNS = { numRuns: 300 };

test('covers() never says so of a scope that holds a flow outside', () => {
  fc.assert(
    fc.property(anyScope, anyScope, anyFlow, (outer, inner, facts) => {
      if (covers({ outer, inner }) && inScope(inner, facts)) assert.ok(inScope(outer, facts));
    }),
    RUNS,
  );
});

test('covers() holds of a scope and itself, and of a scope with a dimension less', () => {
  fc.assert(
    fc.property(anyScope, fc.nat(), (scope, pick) => {
      assert.ok(covers({ outer: scope, inner: scope }));
      const names = Object.keys(scope);
      const { [names[pick % Math.max(1, names.length)] ?? '']: _, ...outer } = scope as Record<
        string,
        unknown
      >;
      assert.ok(covers({ outer, inner: scope }));
    }),
    RUNS,
  );
});

/** What passes of one flow under an action, as numbers that only grow where more passes. */
function passing(action: RestrictionAction, amountSen: bigint): readonly (number | bigint)[] {
  const none = 10n ** 18n;
  const word = decideOne(restrictionOf({}, action), { amountSen } as never);
  const isRefused = word.kind === 'stop' || word.kind === 'cap';
  const bounds = action.kind === 'throttle' ? throttleBounds(action) : undefined;
  if (isRefused) return [0, 0, 0n, 0n];
  return [
    1,
    word.kind === 'hold' ? 1 : word.kind === 'step_up' ? 2 : 3,
    bounds?.count ?? none,
    bounds?.amountSen ?? none,
  ];
}

test('isActionAtLeast() T10: whatever an action lets pass, the milder one lets pass too', () => {
  fc.assert(
    fc.property(anyAction, anyAction, fc.bigInt({ min: 0n, max: 25n }), (next, before, sen) => {
      if (!isActionAtLeast({ next, before })) return;
      const [now, then] = [passing(next, sen), passing(before, sen)];
      for (const [index, value] of now.entries()) assert.ok(value <= then[index]!);
    }),
    RUNS,
  );
});

test('isActionAtLeast() is an order: an action and itself, two that are each at least the other, and chains', () => {
  fc.assert(
    fc.property(anyAction, anyAction, anyAction, (a, b, c) => {
      assert.ok(isActionAtLeast({ next: a, before: a }));
      const isAb = isActionAtLeast({ next: a, before: b });
      if (isAb && isActionAtLeast({ next: b, before: a })) assert.deepEqual(a, b);
      if (isAb && isActionAtLeast({ next: b, before: c }))
        assert.ok(isActionAtLeast({ next: a, before: c }));
      assert.ok(isActionAtLeast({ next: { kind: 'stop' }, before: a }));
      assert.ok(isActionAtLeast({ next: a, before: { kind: 'allow' } }));
    }),
    RUNS,
  );
});

test('decide() says of every flow what a look at every restriction says', () => {
  fc.assert(
    fc.property(anyRestrictions, fc.array(anyFlow, { maxLength: 20 }), (restrictions, flows) => {
      const compiled = compileSet({ ...EMPTY_SET, restrictions });
      for (const facts of flows) {
        const [indexed, naive] = bothWays({ compiled, restrictions, facts });
        assert.deepEqual(indexed, naive);
      }
    }),
    { numRuns: 100 },
  );
});

test('readScope() reads what scopes are, and refuses a misspelt name, so that a typing error never widens a stop', () => {
  fc.assert(
    fc.property(anyScope, fc.constantFrom('rial', 'Bank', 'payee', 'cohorts'), (scope, name) => {
      const data = JSON.parse(JSON.stringify(scope)) as unknown;
      assert.equal(readScope(data), data);
      assert.equal(readScope({ ...scope, [name]: 'BNINIDJA' }), undefined);
    }),
    RUNS,
  );
  const key = 'kkkkkkkkkkkkkkk1';
  for (const bad of [
    { rail: 'sepa' },
    { direction: 1 },
    [],
    null,
    'all',
    { amountFromSen: '-1' },
    { payees: [] },
    { payees: ['1001'] },
    { bucketFrom: 0.5 },
    { cohort: { name: 'x', payers: [key], extra: 1 } },
    { cohort: { payers: [key] } },
    { payeeCategory: { name: 'x', payees: [{ bank: 'BNINIDJA' }] } },
    { __proto__: null, constructor: 'x' },
    { cohort: { name: 'x', payers: Array(101).fill(key) }, payees: Array(101).fill(key) },
  ]) {
    assert.equal(readScope(bad), undefined, JSON.stringify(bad));
  }
});

test('readAction() reads what actions are, and no other', () => {
  fc.assert(
    fc.property(anyAction, (action) => assert.deepEqual(readAction(action), action)),
    RUNS,
  );
  for (const bad of [
    { kind: 'throttle' },
    { kind: 'throttle', countPerMinute: 0 },
    { kind: 'throttle', countPerMinut: 5 },
    { kind: 'stop', amountSen: '1' },
    { kind: 'cap' },
    { kind: 'toString' },
    {},
  ]) {
    assert.equal(readAction(bad), undefined, JSON.stringify(bad));
  }
});

test('readSet() reads sets of before there were throttles, and refuses a set of which it does not understand a part', () => {
  const before = {
    version: 3,
    epoch: 1,
    madeAtMs: 5,
    restrictions: [restrictionOf({ rail: 'bifast', amountFromSen: '5' }, { kind: 'stop' })],
    releases: [],
  };
  assert.deepEqual(readSet(before), before);
  const part = before.restrictions[0]!;
  for (const restriction of [
    { ...part, scope: { ...part.scope, banks: ['BNINIDJA'] } },
    { ...part, action: { kind: 'pause' } },
    { ...part, scope: undefined },
    { ...part, admission: { releaseId: 'rel_1' } },
  ]) {
    assert.equal(readRestriction(restriction), undefined);
    assert.equal(readSet({ ...before, restrictions: [restriction] }), undefined);
  }
});

test('scopeText() shows no account number', () => {
  assert.equal(scopeText({ rail: 'bifast', account: '1234567890' }), 'bifast · ****7890');
});
