import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scope } from '../gate/restriction.ts';
import { inScope } from '../gate/scope.ts';
import { anyFlow, anyScope } from '../gate/test-flow.ts';
import { levelOf, previewScope, type SeenFlow } from './preview.ts';

const flow = (more: Partial<SeenFlow['facts']>, seen: Partial<SeenFlow> = {}): SeenFlow => ({
  facts: {
    rail: 'bifast',
    direction: 'out',
    channel: 'mobile',
    bank: 'BNINIDJA',
    account: '1001',
    amountSen: 10_000_00n,
    cohortBucket: 1,
    isStaff: false,
    ...more,
  },
  customer: 'C1',
  isHealthy: true,
  isOpen: false,
  ...seen,
});

test('previewScope() T20: says what a scope hits in a minute, what is healthy of it, and what is under way', () => {
  const flows = [
    ...Array.from({ length: 20 }, (_, index) => flow({}, { customer: `C${index % 5}` })),
    flow({}, { isOpen: true, isHealthy: false }),
    flow({ bank: 'CENAIDJA' }),
  ];
  const recent = { flows, minutes: 10, skipped: 0 };
  const usual = { flows: flows.slice(0, 12), minutes: 60, skipped: 0 };
  const whole = previewScope({ scope: { rail: 'bifast', direction: 'out' }, recent, usual });
  assert.deepEqual(whole, {
    paymentsPerMinute: 3,
    customersPerMinute: 1,
    healthyPerMinute: 3,
    valuePerMinuteSen: 22_000_00n,
    openCount: 1,
    valueOpenSen: 10_000_00n,
    usualPerMinute: 1,
    isWide: true,
  });
  const narrow = previewScope({
    scope: { rail: 'bifast', direction: 'out', bank: 'CENAIDJA' },
    recent: { ...recent, skipped: 22 },
    usual: undefined,
  });
  assert.equal(narrow.paymentsPerMinute, 1);
  assert.equal(narrow.isWide, false);
  assert.equal(narrow.usualPerMinute, undefined);
});

test('previewScope() T20: bounds that leave nothing out, and the channel of nearly everybody, are a whole rail', () => {
  const flows = [...Array.from({ length: 20 }, () => flow({})), flow({ channel: 'snap' })];
  const isWide = (scope: Scope, seen = flows): boolean =>
    previewScope({ scope, recent: { flows: seen, minutes: 10, skipped: 0 }, usual: undefined })
      .isWide;
  const out = { rail: 'bifast', direction: 'out' } as const;
  for (const all of [
    { bucketFrom: 0, bucketTo: 10_000 },
    { amountFromSen: '0' },
    { amountToSen: '999999999999999999' },
  ])
    assert.equal(isWide({ ...out, ...all }, []), true, JSON.stringify(all));
  assert.equal(isWide({ ...out, channel: 'mobile' }), true);
  assert.equal(isWide({ ...out, amountFromSen: '100000' }), true);
  assert.equal(isWide({ ...out, channel: 'snap' }), false);
  assert.equal(isWide({ ...out, channel: 'mobile' }, flows.slice(0, 3)), false);
});

test('previewScope() a wider scope never hits less', () => {
  fc.assert(
    fc.property(anyScope, fc.array(anyFlow, { maxLength: 20 }), (scope, all) => {
      const recent = {
        flows: all.map((facts) => ({ ...flow({}), facts })),
        minutes: 1,
        skipped: 0,
      };
      const { rail: _, ...wider } = scope;
      const [a, b] = [scope, wider].map((one) =>
        previewScope({ scope: one, recent, usual: undefined }),
      );
      assert.ok(a!.paymentsPerMinute <= b!.paymentsPerMinute);
      assert.equal(a!.paymentsPerMinute, all.filter((facts) => inScope(scope, facts)).length);
    }),
    { numRuns: 60 },
  );
});

test('levelOf() one rail is L3, all that leaves is L4, everything is L5', () => {
  const stop = { kind: 'stop' } as const;
  assert.equal(levelOf({ rail: 'bifast', direction: 'out' }, stop), 3);
  assert.equal(levelOf({ direction: 'out', bank: 'BNINIDJA' }, stop), 3);
  assert.equal(levelOf({ direction: 'out' }, stop), 4);
  assert.equal(levelOf({}, stop), 5);
  assert.equal(levelOf({ rail: 'bifast' }, { kind: 'throttle', countPerMinute: 1 }), 2);
});
