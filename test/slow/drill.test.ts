/** The drills at their whole length: hours of virtual time, and the live forms over real sockets. The last result stands in
 * docs/slow-tests.md. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import { playLive } from '../../src/app/drill/live.ts';
import { playVirtual } from '../../src/app/drill/play.ts';
import type { Scorecard } from '../../src/app/drill/scorecard.ts';
import { makeTestDb } from '../../src/db/test-database.ts';

const SEED = '7';
const ORPHAN_CONTAIN_MS_MAX = 10_000;

async function playWhole(name: string): Promise<Scorecard> {
  const { url, drop } = await makeTestDb();
  try {
    const scenario = SCENARIOS[name]!;
    return await playVirtual({ scenario, seed: SEED, scale: 'default', dbUrl: url });
  } finally {
    await drop();
  }
}

function assertSound(card: Scorecard): void {
  assert.equal(card.ledgerBalanced, true);
  assert.equal(card.doubleEffects, 0);
  assert.equal(card.pastDeadline, 0);
  assert.notEqual(card.recoveredMs, null);
}

for (const mode of ['virtual', 'live'] as const) {
  const play = (name: string): Promise<Scorecard> =>
    mode === 'virtual'
      ? playWhole(name)
      : playLive({ scenario: SCENARIOS[name]!, seed: SEED, say: () => {} });

  test(`dki-2025 ${mode}: nothing leaves, nothing is posted, nobody but the senders is touched`, async () => {
    const card = await play('dki-2025');
    assertSound(card);
    assert.equal(card.lost, '0');
    assert.equal(card.attackBytesAtHub, 0);
    assert.equal(card.refused.count, card.injected.count);
    assert.deepEqual(card.restrictions, []);
  });

  test(`dki-2025-bypass ${mode}: contained within 10 s, restored in five stages`, async () => {
    const card = await play('dki-2025-bypass');
    assertSound(card);
    assert.ok(card.containMs !== null && card.containMs <= ORPHAN_CONTAIN_MS_MAX);
    assert.deepEqual(
      card.restrictions.map(({ scope, level }) => [scope, level]),
      [['bifast · out', 3]],
    );
    assert.deepEqual(
      card.recovery.map(({ verdict }) => verdict),
      ['pass', 'pass', 'pass', 'pass', 'pass'],
    );
    assert.ok(BigInt(card.lost) * 20n < BigInt(card.lostAtRisk), 'under 5 % of what was at risk');
    const notify = card.reports.find(({ profile }) => profile === 'BI-FAST-FRAUD notify')!;
    assert.ok(notify.readyMs < notify.dueMs);
  });
}
