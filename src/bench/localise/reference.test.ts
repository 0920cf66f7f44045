import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localise } from '../../guard/localise/localise.ts';
import { plant } from './plant.ts';
import { RECIPES } from './recipe.ts';
import { localiseByRisk } from './reference.ts';
import { countMatches, f1Of, NO_MATCHES } from './score.ts';

const SMALL = {
  ...RECIPES[0]!,
  name: 'small',
  sizes: [6, 8, 5, 4],
  noise: [0.05, 0.05],
  layers: [1, 2],
} as const;

test('plant() draws the same table from the same seed, another from another', () => {
  const [one, same, other] = [plant(SMALL, 1), plant(SMALL, 1), plant(SMALL, 2)];
  assert.deepEqual(one, same);
  assert.notDeepEqual(one.table.measure, other.table.measure);
});

test('localise() finds nearly all of what is planted, and no less than the reference', () => {
  let [ours, theirs] = [NO_MATCHES, NO_MATCHES];
  for (let seed = 1; seed <= 25; seed++) {
    const { table, causes } = plant(SMALL, seed);
    ours = countMatches(ours, { planted: causes, found: localise(table).map(({ set }) => set) });
    theirs = countMatches(theirs, { planted: causes, found: localiseByRisk(table) });
  }
  assert.ok(f1Of(ours) >= 0.9, `ours ${f1Of(ours)}`);
  assert.ok(f1Of(theirs) >= 0.5, `the reference ${f1Of(theirs)} is no reference`);
  assert.ok(f1Of(ours) >= f1Of(theirs));
});

test('f1Of() counts exact sets: a wider or narrower one is wrong and missed', () => {
  const matches = countMatches(NO_MATCHES, {
    planted: ['a=1', 'b=2'],
    found: ['a=1', 'b=2&c=3', 'd=1'],
  });
  assert.deepEqual(matches, { right: 1, wrong: 2, missed: 1 });
  assert.equal(f1Of(matches), 2 / 5);
  assert.equal(f1Of(NO_MATCHES), 1);
});
