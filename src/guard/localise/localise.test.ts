import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plant, type Recipe } from '../../bench/localise/plant.ts';
import { localise } from './localise.ts';
import { aggregate, type LeafTable } from './table.ts';

/** Small enough for many tables, and without noise: what is planted is there to be found. */
const CLEAR: Recipe = {
  name: 'clear',
  sizes: [4, 5, 3, 6],
  base: 'weibull',
  zeroShare: [0, 0],
  noise: [0, 0],
  groups: [1, 1],
  causes: [1, 1],
  layers: [1, 4],
  severity: [0.3, 0.9],
  spread: [0, 0],
};
const NOISY: Recipe = {
  ...CLEAR,
  noise: [0.05, 0.05],
  causes: [1, 3],
  layers: [1, 2],
  spread: [0, 0.05],
};

const sets = (table: LeafTable): readonly string[] => localise(table).map(({ set }) => set);
const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

/** Rows in the order that `order` says. */
function reordered(table: LeafTable, order: readonly number[]): LeafTable {
  const pick = (column: Float64Array): Float64Array =>
    Float64Array.from(order, (row) => column[row]!);
  return {
    attributes: table.attributes.map((one) => ({
      ...one,
      codes: Int32Array.from(order, (row) => one.codes[row]!),
    })),
    measure: { real: pick(table.measure.real), predict: pick(table.measure.predict) },
  };
}

test('localise() finds a single planted cause without noise exactly, anywhere in the lattice', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { table, causes } = plant(CLEAR, seed);
      assert.deepEqual(sets(table), causes);
    }),
    { numRuns: 40 },
  );
});

test('localise() finds a planted cause of a ratio, anywhere in the lattice', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { table, causes } = plant({ ...CLEAR, isRatio: true }, seed);
      assert.deepEqual(sets(table), causes);
    }),
    { numRuns: 15 },
  );
});

test('localise() gives the same sets for rows and columns in another order', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { table } = plant(NOISY, seed);
      const rows = table.measure.real.length;
      const turned = reordered(
        table,
        Array.from({ length: rows }, (_, at) => (at * 7 + 3) % rows),
      );
      const swapped = { ...turned, attributes: turned.attributes.toReversed() };
      assert.deepEqual(sets(swapped), sets(table));
    }),
    { numRuns: 15 },
  );
});

test('localise() gives the same sets of counts and of amounts a thousand million times as large', () => {
  const counts: Recipe = {
    ...NOISY,
    sizes: [10, 8, 10, 8],
    base: 'counts',
    noise: [0, 0],
    severity: [0.5, 1],
  };
  fc.assert(
    fc.property(seeds, (seed) => {
      const { table } = plant(counts, seed);
      const times = (column: Float64Array): Float64Array => column.map((one) => one * 2 ** 30);
      const measure = { real: times(table.measure.real), predict: times(table.measure.predict) };
      assert.deepEqual(sets({ ...table, measure }), sets(table));
    }),
    { numRuns: 6 },
  );
});

test('localise() of a ratio does not mind traffic that doubled at the same rate', () => {
  const { table } = plant({ ...CLEAR, isRatio: true }, 4);
  table.measure.real.set(table.measure.predict);
  table.denominator!.real.set(table.denominator!.predict);
  const [a] = table.attributes;
  for (let row = 0; row < table.measure.real.length; row++)
    if (a!.codes[row] === 1) {
      table.measure.real[row]! *= 2;
      table.denominator!.real[row]! *= 2;
    }
  assert.deepEqual(sets(table), []);
});

test('localise() adds up rows that say the same', () => {
  const { table, causes } = plant(CLEAR, 5);
  const rows = table.measure.real.length;
  const twice = reordered(
    table,
    Array.from({ length: rows * 2 }, (_, at) => at % rows),
  );
  assert.deepEqual(sets(aggregate(twice)), causes);
  assert.equal(aggregate(twice).measure.real.length, rows);
});

test('localise() names three siblings that moved, not the whole they make up most of', () => {
  const { table } = plant({ ...CLEAR, severity: [0, 0], noise: [0.05, 0.05] }, 11);
  const [a, b] = table.attributes;
  for (let row = 0; row < table.measure.real.length; row++)
    if (a!.codes[row] === 2 && b!.codes[row]! < 3)
      table.measure.real[row] = table.measure.predict[row]! * 0.4;
  const found = sets(table);
  for (const set of ['a=a3&b=b1', 'a=a3&b=b2', 'a=a3&b=b3'])
    assert.ok(found.includes(set), String(found));
  assert.ok(!found.includes('a=a3'));
});

test('localise() finds nothing in noise alone', () => {
  let falseOnes = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const noise = seed % 2 === 0 ? 0.05 : 0.2;
    const { table } = plant({ ...NOISY, groups: [0, 0], noise: [noise, noise] }, seed);
    falseOnes += localise(table).length;
  }
  assert.ok(falseOnes <= 1, `${falseOnes} false sets in 40 tables`);
});

test('localise() says what each set explains and what it would cost, best first', () => {
  const { table } = plant(CLEAR, 2);
  table.measure.real.set(table.measure.predict);
  const [a, b, c] = table.attributes;
  let [lost, kept, extra] = [0, 0, 0];
  for (let row = 0; row < table.measure.real.length; row++) {
    const predict = table.measure.predict[row]!;
    if (a!.codes[row] === 1) {
      table.measure.real[row] = predict * 0.25;
      lost += predict * 0.75;
      kept += predict * 0.25;
    } else if (b!.codes[row] === 2 && c!.codes[row] === 0) {
      table.measure.real[row] = predict * 1.5;
      extra += predict * 0.5;
    }
  }
  const [first, second, ...others] = localise(table);
  assert.deepEqual([first?.set, second?.set, others], ['a=a2', 'b=b3&c=c1', []]);
  assert.ok(Math.abs(first!.deviation + lost) < 1e-6 * lost);
  assert.ok(Math.abs(first!.explained - lost / (lost - extra)) < 1e-6);
  assert.ok(Math.abs(first!.healthy - kept) < 1e-6 * kept);
  assert.ok(second!.deviation > 0 && second!.explained < 0);
});

test('localise() of a table where nothing flows, or all is as forecast, is an empty list', () => {
  const { table } = plant(CLEAR, 3);
  table.measure.real.set(table.measure.predict);
  assert.deepEqual(localise(table), []);
  table.measure.real.fill(0);
  table.measure.predict.fill(0);
  assert.deepEqual(localise(table), []);
});
