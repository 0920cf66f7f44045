/** Somebody inside tries every door alone, in virtual time over a real database, files and gateway. Seen to fail while nobody read the signatures
 * of a break's end, while a forged release alarmed nobody, and without the watch over canaries. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import { missedGoals } from '../../src/app/drill/goal.ts';
import { shortActs, withPlayed } from './play.ts';

test('insider: what one person tries with a staff login, core’s role or the owner’s is refused or seen within seconds, nothing of it stands, and nothing leaves', async () => {
  const scenario = shortActs(SCENARIOS['insider']!, {
    // These need a quarter of an hour by themselves; the drill has them.
    without: ['disable_trigger', 'enable_trigger', 'disarm_detector'],
    everyMs: 8_000,
  });
  await withPlayed({ scenario, seed: '7' }, ({ card, payments }) => {
    assert.deepEqual(missedGoals(card, scenario.goal), []);
    const told = Object.fromEntries(
      card.acts.map(({ kind, isRefused, seenBy, stands }) => [
        kind,
        [isRefused ? 'refused' : seenBy, stands],
      ]),
    );
    assert.deepEqual(told, {
      copy_canary_file: ['canary_touched', false],
      read_canary_table: ['canary_touched', false],
      try_canary_account: ['refused', false],
      edit_transfer: ['refused', false],
      write_for_two: ['refused', false],
      forge_break_end: ['break_end_forged', false],
      release_alone: ['refused', false],
      forge_release: ['release_forged', false],
      edit_restriction: ['restriction_tampered', false],
    });
    const late = card.acts.filter(({ seenMs, atMs }) => seenMs !== null && seenMs - atMs > 6_000);
    assert.deepEqual(late, []);
    const canary = card.acts.find(({ kind }) => kind === 'try_canary_account');
    assert.equal(canary?.seenBy, 'canary_touched', 'signed in as nobody');
    assert.equal(card.lost, '0');
    assert.equal(card.proof?.isAuditWhole, true);
    assert.deepEqual(
      payments.filter(({ kind, state }) => kind === 'onus' && state !== 'settled'),
      [],
      'customers notice nothing',
    );
  });
});
