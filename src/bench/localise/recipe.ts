/** The recipes that the benchmark plants: what differs from set to set of the field. Numbers are those of the published descriptions where they
 * give any; the others are ours. */
import type { Recipe } from './plant.ts';

const RISKLOC = {
  base: 'weibull',
  zeroShare: [0, 0.25],
  noise: [0, 0.25],
  groups: [1, 3],
  causes: [1, 3],
  severity: [0.2, 1],
  spread: [0, 0.1],
} as const;

const SQUEEZE = {
  base: 'lognormal',
  zeroShare: [0, 0.1],
  groups: [1, 1],
  causes: [1, 3],
  layers: [1, 3],
  severity: [0.2, 0.9],
  spread: [0, 0.05],
} as const;

/** In the manner of RiskLoc's S, L and H (H with 200,000 leaves instead of 24 million); of Squeeze's A, B0 to B4 and D; and a bank's payments as counts. */
export const RECIPES: readonly Recipe[] = [
  { ...RISKLOC, name: 'S', sizes: [10, 12, 10, 8, 5], layers: [1, 5] },
  {
    ...RISKLOC,
    name: 'L',
    sizes: [10, 24, 10, 15],
    layers: [4, 4],
    noise: [0, 0.1],
    groups: [1, 5],
    causes: [1, 1],
    severity: [0.5, 1],
    spread: [0, 0],
  },
  { ...RISKLOC, name: 'H', sizes: [10, 5, 40, 5, 4, 5], layers: [1, 6] },
  { ...SQUEEZE, name: 'A', sizes: [8, 10, 6, 5, 12], noise: [0.01, 0.05], layers: [1, 5] },
  { ...SQUEEZE, name: 'B0', sizes: [10, 24, 10, 15], noise: [0.008, 0.008] },
  { ...SQUEEZE, name: 'B1', sizes: [10, 24, 10, 15], noise: [0.03, 0.03] },
  { ...SQUEEZE, name: 'B2', sizes: [10, 24, 10, 15], noise: [0.06, 0.06] },
  { ...SQUEEZE, name: 'B3', sizes: [10, 24, 10, 15], noise: [0.09, 0.09] },
  { ...SQUEEZE, name: 'B4', sizes: [10, 24, 10, 15], noise: [0.12, 0.12] },
  { ...SQUEEZE, name: 'D', sizes: [10, 24, 10, 15], noise: [0.03, 0.06], isRatio: true },
  {
    ...SQUEEZE,
    name: 'payments',
    base: 'counts',
    sizes: [4, 2, 4, 20, 6, 3],
    noise: [0, 0],
    severity: [0.5, 1],
  },
];
