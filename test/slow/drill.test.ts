/** The drills at their whole length: hours of virtual time at the default volume, and the live forms with separate processes over
 * real sockets. Both modes must come to the same verdict. The last result stands in docs/slow-tests.md. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import type { Scenario } from '../../sim/drills/scenario.ts';
import { missedGoals } from '../../src/app/drill/goal.ts';
import { playLive } from '../../src/app/drill/live.ts';
import { playVirtual } from '../../src/app/drill/play.ts';
import type { Scorecard } from '../../src/app/drill/scorecard.ts';
import { makeTestDb } from '../../src/db/test-database.ts';
import { shortOutage } from '../flow/play.ts';

const SEED = '7';
/** DESIGN.md section 6 and issue 2: senders are quarantined in a second, a rail is stopped ten seconds after the first orphan. */
const QUARANTINE_MS_MAX = 1_000;
const ORPHAN_CONTAIN_MS_MAX = 10_000;
/** OJK's first notice is due after 24 hours; customers hear within half an hour (domain.md 9). */
const NOTICE_MS_MAX = 30 * 60_000;
/** DESIGN.md section 6: the default volume ends in five minutes on two cores. Twice that on a busy machine. */
const timeout = 600_000;
/** The live form presses the attack of 40 minutes into 20 s, so each second until containment weighs more. */
const LOST_PERCENT_MAX = { virtual: 5n, live: 20n } as const;
/** A month, on a machine that has other work. */
const LONG_MS = 1_500_000;
const JAMBI_COUNT = 6_609;
const STAGES = ['staff', '1 %', '5 %', '25 %', '100 %'];
const MODES = ['virtual', 'live'] as const;

type Mode = (typeof MODES)[number];
const cards = new Map<string, Scorecard>();

function playWhole(name: string): Promise<Scorecard> {
  return playOnce(SCENARIOS[name]!);
}

async function playOnce(scenario: Scenario): Promise<Scorecard> {
  const { url, drop } = await makeTestDb();
  try {
    return await playVirtual({ scenario, seed: SEED, scale: 'default', dbUrl: url });
  } finally {
    await drop();
  }
}

async function play(t: TestContext, name: string, mode: Mode): Promise<Scorecard> {
  const card = await (mode === 'virtual'
    ? playWhole(name)
    : playLive({ scenario: SCENARIOS[name]!, seed: SEED, say: () => {} }));
  cards.set(`${name} ${mode}`, card);
  const { byKind: _, ...figures } = card;
  t.diagnostic(JSON.stringify(figures));
  return card;
}

/** Nothing is wrong in the books, whatever the attacker did. */
function assertSound(card: Scorecard): void {
  assert.equal(card.ledgerBalanced, true);
  assert.equal(card.doubleEffects, 0);
  assert.equal(card.pastDeadline, 0);
  assert.notEqual(card.recoveredMs, null);
  assert.ok(card.injected.count > 0);
}

for (const mode of MODES) {
  test(
    `dki-2025 ${mode}: nothing leaves, nothing is posted, nobody but the senders is touched`,
    { timeout },
    async (t) => {
      const card = await play(t, 'dki-2025', mode);
      assertSound(card);
      assert.deepEqual([card.lost, card.attackBytesAtHub], ['0', 0]);
      assert.deepEqual(card.refused, card.injected);
      assert.deepEqual(card.restrictions, []);
      assert.ok(card.containMs !== null && card.containMs <= QUARANTINE_MS_MAX);
    },
  );

  test(
    `dki-2025-bypass ${mode}: contained within 10 s, told, and restored in five stages`,
    { timeout },
    async (t) => {
      const card = await play(t, 'dki-2025-bypass', mode);
      assertSound(card);
      assert.ok(card.containMs !== null && card.containMs <= ORPHAN_CONTAIN_MS_MAX);
      assert.deepEqual(
        card.restrictions.map(({ scope, level }) => [scope, level]),
        [['bifast · out', 3]],
      );
      assert.deepEqual(
        card.recovery.map(({ stage, verdict }) => [stage, verdict]),
        STAGES.map((stage) => [stage, 'pass']),
      );
      assert.ok(BigInt(card.lost) > 0n, 'what settled before anybody could know is counted');
      assert.ok(
        BigInt(card.lost) * 100n < BigInt(card.lostAtRisk) * LOST_PERCENT_MAX[mode],
        `lost ${card.lost} of ${card.lostAtRisk}`,
      );
      assert.ok(card.firstNoticeMs !== null && card.firstNoticeMs <= NOTICE_MS_MAX);
      const notify = card.reports.find(({ profile }) => profile === 'BI-FAST-FRAUD notify')!;
      assert.ok(notify.readyMs < notify.dueMs);
    },
  );
}

test(
  'jambi-2026 virtual: payees of the theft are held before 2 % of it, and no healthy payment is refused',
  { timeout },
  async (t) => {
    const card = await play(t, 'jambi-2026', 'virtual');
    assert.deepEqual(missedGoals(card, SCENARIOS['jambi-2026']!.goal), []);
    assert.ok(card.restrictions.every(({ scope }) => scope.includes('payees')));
    assert.ok(card.stolen.count > 0, 'what was paid before anybody could know is counted');
    assert.ok(card.stolen.count * 100 < JAMBI_COUNT * 3, `${card.stolen.count} paid`);
    assert.equal(card.healthyAccepted, card.healthyOffered);
  },
);

for (const name of ['lebaran-clean', 'bifast-outage', 'inquiry-storm', 'switch-loss', 'dki-2019']) {
  test(`${name} virtual: every goal of its file is reached`, { timeout: LONG_MS }, async (t) => {
    const card = await play(t, name, 'virtual');
    assert.deepEqual(missedGoals(card, SCENARIOS[name]!.goal), []);
  });
}

test('the same scenario and seed give the same scorecard', { timeout: LONG_MS }, async () => {
  const scenario = shortOutage(SCENARIOS['bifast-outage']!);
  const [first, second] = [await playOnce(scenario), await playOnce(scenario)];
  assert.deepEqual(second, first);
});

test('virtual and live come to the same verdict', () => {
  for (const name of ['dki-2025', 'dki-2025-bypass']) {
    const [virtual, live] = MODES.map((mode) => verdictOf(cards.get(`${name} ${mode}`)!));
    assert.deepEqual(live, virtual, name);
  }
});

/** What does not depend on how many payments there were, or how long a stage took. */
function verdictOf(card: Scorecard): unknown {
  return {
    isLost: card.lost !== '0',
    isAttackAtHub: card.attackBytesAtHub > 0,
    restrictions: card.restrictions.map(({ scope, level }) => [scope, level]),
    recovery: card.recovery.map(({ stage, verdict }) => [stage, verdict]),
    kinds: Object.fromEntries(
      Object.entries(card.byKind).map(([kind, { taken }]) => [kind, taken > 0]),
    ),
  };
}
