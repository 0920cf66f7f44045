/** Two days with the switch in virtual time over a real database: its lines are lost; and our own core books a fee where a machine paid. Every
 * figure is counted from the networks' books, the ledger and the public page. Seen to fail: the first while small payments of recovery went over BI-FAST only (not recovered), and while settlement
 * lines of our own QRIS payments were read as money that came in (alarms); the second with D17 out of the list, and while cash was judged by
 * transfers (not recovered). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import { missedGoals } from '../../src/app/drill/goal.ts';
import { shortFeeOnly, shortLoss, withPlayed, type Played } from './play.ts';
import { selectAlarms } from './store.ts';

/** Codes of the alarms since the first bad event, each once. */
async function alarmsOf({ db }: Pick<Played, 'db'>, sinceMs: number): Promise<readonly string[]> {
  const alarms = await selectAlarms(db);
  const codes = alarms.filter(({ at }) => at.getTime() >= sinceMs).map(({ kind }) => kind);
  return [...new Set(codes)].toSorted();
}

test('switch-loss: the switch alone is shown as disturbed within a minute, BI-FAST is named instead and open beside it in the app, and it comes back in stages', async () => {
  const scenario = shortLoss(SCENARIOS['switch-loss']!);
  await withPlayed({ scenario, seed: '7' }, async (played) => {
    const { card } = played;
    assert.deepEqual(missedGoals(card, scenario.goal), [], JSON.stringify(card));
    assert.ok(card.ways && card.ways.asked > 20, JSON.stringify(card.ways));
    assert.ok(card.inquiries.perPayment > 0, 'somebody asked');
    assert.deepEqual(
      card.restrictions.map(({ scope }) => scope),
      ['switch · out'],
      'what a person stopped, and nothing else',
    );
    assert.deepEqual(
      [card.lost, card.doubleEffects, card.recovery.at(-1)?.verdict],
      ['0', 0, 'pass'],
    );
    assert.deepEqual(
      await alarmsOf(played, scenario.startMs + scenario.warmUpMs),
      ['alarm.forged_message'],
      'the damaged file, and nothing else',
    );
  });
});

test('dki-2019: cash that was booked as its fee is found by the first case and stopped by the third, at other banks alone, and comes back in stages', async () => {
  const scenario = shortFeeOnly(SCENARIOS['dki-2019']!);
  await withPlayed({ scenario, seed: '7' }, async (played) => {
    const { card, payments } = played;
    assert.deepEqual(missedGoals(card, scenario.goal), [], JSON.stringify(card));
    assert.ok(card.triesBeforeDetect <= 2, `${card.triesBeforeDetect} tries`);
    assert.deepEqual(
      card.restrictions.map(({ scope, level }) => [scope, level]),
      [['switch · in · cash', 3]],
    );
    assert.ok(BigInt(card.lost) > 0n);
    assert.ok((await alarmsOf(played, scenario.startMs)).includes('alarm.unposted_cash'));
    const cash = payments.filter(({ kind }) => kind === 'card_withdrawal');
    assert.ok(
      cash.some(({ state }) => state === 'accepted'),
      'healthy cash went on before',
    );
    assert.deepEqual(
      payments.filter(({ kind, state }) => kind === 'onus' && state !== 'settled'),
      [],
    );
  });
});
