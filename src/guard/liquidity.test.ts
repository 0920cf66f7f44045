import assert from 'node:assert/strict';
import test from 'node:test';
import { liquidityState } from './liquidity.ts';
import { GUARD_DEFAULTS, mergeNumbers } from './setting.ts';

const numbers = { warnSen: '1000', alertSen: '100', staleMs: 60_000, repeatMs: 1 };
const at = (freeSen: bigint, ageMs = 0) =>
  liquidityState({ freeSen, heardAtMs: 1_000_000 - ageMs, nowMs: 1_000_000, numbers });

test('liquidityState() turns at its thresholds and is unknown when the word is old, however good it was', () => {
  assert.deepEqual(
    [at(1_000n), at(999n), at(100n), at(99n), at(-5n)],
    ['normal', 'low', 'low', 'short', 'short'],
  );
  assert.deepEqual([at(5_000n, 60_000), at(5_000n, 60_001)], ['normal', 'unknown']);
});

test('the thresholds are data: a setting replaces one and leaves the others', () => {
  const changed = mergeNumbers(GUARD_DEFAULTS, { liquidity: { warnSen: '77', alertSen: 'x' } });
  assert.deepEqual(changed.liquidity, { ...GUARD_DEFAULTS.liquidity, warnSen: '77' });
});
