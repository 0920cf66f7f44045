import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../../src/kernel/money.ts';
import { trafficItems } from '../customer/traffic.ts';
import { SCENARIOS } from './catalogue.ts';
import {
  attackStartMs,
  attackSteps,
  GATEWAY_ATTACKS,
  NETWORK_ATTACKS,
  scenarioEndMs,
  trafficPlanOf,
} from './scenario.ts';

const [dki2025, dki2025Bypass] = [SCENARIOS['dki-2025']!, SCENARIOS['dki-2025-bypass']!];
const BANKS = ['BNINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BRINIDJA'];
const ATTACKED = Object.values(SCENARIOS).filter(({ attack }) => attack.count > 0);
const PLAYED_BY_MINUTE = Object.values(SCENARIOS).filter(({ month }) => month === undefined);
const ACCOUNTS = Array.from({ length: 10_000 }, (_, i) => `199${String(i + 1).padStart(7, '0')}`);

test('attackSteps() repeats itself for a seed and differs for another', () => {
  for (const scenario of ATTACKED) {
    assert.deepEqual(
      attackSteps(scenario, { seed: 1, banks: BANKS }),
      attackSteps(scenario, { seed: 1, banks: BANKS }),
    );
    assert.notDeepEqual(
      attackSteps(scenario, { seed: 1, banks: BANKS }),
      attackSteps(scenario, { seed: 2, banks: BANKS }),
    );
  }
});

test('attackSteps() tells the story of 29 March 2025: 807 transfers, Rp227.1 bn, 40 minutes, most just below the cap', () => {
  for (const scenario of [dki2025, dki2025Bypass]) {
    assert.equal(new Date(attackStartMs(scenario)).toISOString(), '2025-03-29T04:00:00.000Z');
    const steps = attackSteps(scenario, { seed: 3, banks: BANKS }).filter(
      (step) => !(NETWORK_ATTACKS as readonly string[]).includes(step.kind),
    );
    assert.equal(steps.length, 807);
    assert.equal(
      steps.reduce((sum, step) => sum + step.amountSen, 0n),
      rupiah(227_100_000_000n),
    );
    const near = steps.filter(
      (step) => step.amountSen >= rupiah(225_000_000) && step.amountSen <= rupiah(250_000_000),
    ).length;
    assert.ok(near >= 560, `${near} near the limit`);
    assert.ok(
      steps.every(
        (step) =>
          step.atMs >= attackStartMs(scenario) && step.atMs < attackStartMs(scenario) + 40 * 60_000,
      ),
    );
    assert.equal(
      steps[0]!.atMs,
      attackStartMs(scenario),
      'the first bad event is at the named time',
    );
  }
});

test('attackSteps() of dki-2025 tries every kind, each with a certificate of its own', () => {
  const steps = attackSteps(dki2025, { seed: 3, banks: BANKS });
  assert.deepEqual(
    new Set(steps.map((step) => step.kind)),
    new Set([...GATEWAY_ATTACKS, ...NETWORK_ATTACKS]),
  );
  assert.equal(
    new Set(steps.map((step) => `${step.kind}|${step.identity}`)).size,
    GATEWAY_ATTACKS.length + NETWORK_ATTACKS.length,
  );
});

test('trafficPlanOf() covers the whole scenario with the scale’s rate', () => {
  for (const scenario of PLAYED_BY_MINUTE) {
    const plan = trafficPlanOf(scenario, {
      seed: 1,
      scale: 'default',
      accounts: ACCOUNTS,
      banks: BANKS,
    });
    assert.deepEqual(
      [plan.phases[0]!.fromMs, plan.phases.at(-1)!.untilMs],
      [scenario.startMs, scenarioEndMs(scenario)],
    );
    const items = trafficItems(plan);
    assert.ok(
      items.length > 500 && items.length < 3_000,
      `${items.length} items in the default scale`,
    );
  }
});
