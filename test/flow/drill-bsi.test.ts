/** Ransomware in the bank's own machines, in virtual time over a real database, files and gateway. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import { missedGoals } from '../../src/app/drill/goal.ts';
import { shortRansom, withPlayed } from './play.ts';

test('bsi-2023: ransomware is told within seconds, the stop button works while every core is dead, the proof is whole, and BI-FAST comes back in stages', async () => {
  const scenario = shortRansom(SCENARIOS['bsi-2023']!);
  await withPlayed({ scenario, seed: '7' }, ({ card }) => {
    assert.deepEqual(missedGoals(card, scenario.goal), []);
    const seenBy = card.acts.filter(({ isHostile }) => isHostile).map(({ seenBy: by }) => by);
    assert.deepEqual(seenBy, ['canary_touched', 'rows_changed', 'page']);
    const dead = card.acts.find(({ kind }) => kind === 'kill_cores')!.atMs;
    const back = card.acts.find(({ kind }) => kind === 'start_cores')!.atMs;
    assert.ok(card.containMs! > dead && card.containMs! < back, 'while every core was dead');
    assert.deepEqual(
      card.restrictions.map(({ scope }) => scope),
      ['bifast · out'],
      'one rail, and nothing else',
    );
    assert.deepEqual(
      card.recovery.map(({ verdict }) => verdict),
      card.recovery.map(() => 'pass'),
    );
    assert.ok(card.recovery.length > 1, 'in stages');
    assert.deepEqual(
      [card.proof?.isAuditWhole, card.proof?.isJournalWhole, card.ledgerBalanced],
      [true, true, true],
    );
  });
});
