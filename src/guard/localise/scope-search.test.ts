import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallestScope, type Flow } from './scope-search.ts';

const DIMENSIONS = ['rail', 'direction', 'channel', 'bank', 'band'];
const VALUES = [
  ['bifast', 'switch', 'qris'],
  ['out', 'in'],
  ['mobile', 'snap', 'branch'],
  ['BNINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BRINIDJA'],
  ['below_5m', 'above_5m'],
];

/** Every combination, ten payments expected in each; what is seen wobbles by two, plus what `extra` says. */
function flow(extra: (where: Readonly<Record<string, string>>) => number): Flow {
  const rows = VALUES.reduce<string[][]>(
    (all, values) => all.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
  const named = rows.map((row) =>
    Object.fromEntries(row.map((value, at) => [DIMENSIONS[at]!, value])),
  );
  return {
    dimensions: DIMENSIONS,
    rows,
    expected: rows.map(() => 10),
    real: named.map((where, at) => 10 + (at % 5) - 2 + extra(where)),
  };
}

test('smallestScope() names the one path that carries the excess, and what healthy flow goes with it', () => {
  const proposal = smallestScope(
    flow(({ rail, direction, bank }) =>
      rail === 'bifast' && direction === 'out' && bank === 'CENAIDJA' ? 200 : 0,
    ),
  );
  assert.ok(proposal);
  assert.deepEqual(
    proposal.scopes.map(({ where }) => where),
    [{ rail: 'bifast', direction: 'out', bank: 'CENAIDJA' }],
  );
  assert.equal(proposal.healthy, 60);
  assert.ok(Math.abs(proposal.cut - 1200) <= 12);
  assert.equal(proposal.healthyShare, 60 / 1440);
});

test('smallestScope() takes a whole rail only when every path of it is hit', () => {
  const proposal = smallestScope(flow(({ rail }) => (rail === 'bifast' ? 100 : 0)));
  assert.deepEqual(proposal?.scopes[0]?.where, { rail: 'bifast' });
  assert.equal(proposal.scopes.length, 1);
});

test('smallestScope() names two paths that have nothing in common as two scopes, the worse first', () => {
  const proposal = smallestScope(
    flow(({ rail, bank, channel }) =>
      rail === 'qris' && bank === 'BRINIDJA'
        ? 300
        : rail === 'switch' && channel === 'branch'
          ? 90
          : 0,
    ),
  );
  assert.deepEqual(
    proposal?.scopes.map(({ where }) => where),
    [
      { rail: 'qris', bank: 'BRINIDJA' },
      { rail: 'switch', channel: 'branch' },
    ],
  );
  assert.ok(proposal.cutShare > 0.95);
});

test('smallestScope() proposes nothing on a day of ordinary noise, at any volume', () => {
  assert.equal(smallestScope(flow(() => 0)), undefined);
  const quiet = flow(() => 0);
  const busy = { ...quiet, real: quiet.expected.map((one, at) => one + (at % 7) - 3) };
  assert.equal(smallestScope(busy), undefined);
});

test('smallestScope() of a flow that nobody expected costs nothing healthy', () => {
  const healthy = flow(() => 0);
  const proposal = smallestScope({
    ...healthy,
    rows: [...healthy.rows, ['bifast', 'out', 'none', 'XXXXIDJA', 'above_5m']],
    real: [...healthy.real, 900],
    expected: [...healthy.expected, 0],
  });
  // Of all scopes that cut the same, the narrowest.
  assert.deepEqual(proposal?.scopes[0]?.where, {
    rail: 'bifast',
    direction: 'out',
    channel: 'none',
    bank: 'XXXXIDJA',
    band: 'above_5m',
  });
  assert.equal(proposal.healthy, 0);
});

test('smallestScope() widens when healthy flow weighs less, and proposes the least bad when nothing pays', () => {
  const faint = flow(({ rail, direction }) => (rail === 'bifast' && direction === 'out' ? 5 : 0));
  const where = { rail: 'bifast', direction: 'out' };
  assert.deepEqual(smallestScope(faint, { healthyPrice: 0.1 })?.scopes[0]?.where, where);
  const dear = smallestScope(faint, { healthyPrice: 50 });
  assert.equal(dear?.scopes.length, 1);
  assert.ok(dear.healthy <= 240);
});

test('smallestScope() gives the same answer for rows and dimensions in another order', () => {
  const one = flow(({ rail, bank }) => (rail === 'bifast' && bank === 'BNINIDJA' ? 70 : 0));
  const turned: Flow = {
    dimensions: one.dimensions.toReversed(),
    rows: one.rows.map((row) => row.toReversed()).toReversed(),
    real: one.real.toReversed(),
    expected: one.expected.toReversed(),
  };
  assert.deepEqual(smallestScope(turned)?.scopes, smallestScope(one)?.scopes);
});

test('smallestScope() refuses amounts that are no amounts', () => {
  const one = flow(() => 0);
  for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY])
    assert.throws(() => smallestScope({ ...one, real: one.real.with(3, bad) }), RangeError);
  assert.throws(() => smallestScope({ ...one, real: [1] }), RangeError);
  assert.throws(() => smallestScope({ ...one, dimensions: [] }), RangeError);
});
