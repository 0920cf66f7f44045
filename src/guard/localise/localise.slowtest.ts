import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plant, type Recipe } from '../../bench/localise/plant.ts';
import { RECIPES } from '../../bench/localise/recipe.ts';
import { countMatches, f1Of, NO_MATCHES } from '../../bench/localise/score.ts';
import { localise } from './localise.ts';

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

test('localise() finds a single planted cause without noise exactly, in four thousand tables', () => {
  for (let seed = 1; seed <= 4_000; seed++) {
    const recipe = seed % 2 === 0 ? CLEAR : { ...CLEAR, isRatio: true };
    const { table, causes } = plant(recipe, seed);
    assert.deepEqual(
      localise(table).map(({ set }) => set),
      causes,
      `seed ${seed}`,
    );
  }
});

test('localise() finds what is planted in tables in the manner of each public set', () => {
  for (const recipe of RECIPES) {
    let matches = NO_MATCHES;
    for (let seed = 1; seed <= 40; seed++) {
      const { table, causes } = plant(recipe, seed);
      matches = countMatches(matches, {
        planted: causes,
        found: localise(table).map(({ set }) => set),
      });
    }
    // Sparse counts are the weak side of the method: docs/localise.md.
    const least = recipe.base === 'counts' ? 0.7 : 0.85;
    assert.ok(f1Of(matches) >= least, `${recipe.name}: F1 ${f1Of(matches)}`);
  }
});

test('localise() finds nothing in noise alone, in a thousand tables of ten thousand leaves', () => {
  let tables = 0;
  for (let seed = 1; seed <= 1_000; seed++) {
    const noise = [0.01, 0.05, 0.2][seed % 3]!;
    const recipe: Recipe = {
      ...CLEAR,
      sizes: [10, 12, 10, 8],
      groups: [0, 0],
      noise: [noise, noise],
    };
    if (localise(plant(recipe, seed).table).length > 0) tables++;
  }
  assert.ok(tables <= 10, `${tables} of 1000 tables with a false set`);
});
