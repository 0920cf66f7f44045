/** A short outage of the hub in virtual time over a real database: who is told, how often the network is asked, how it ends. Seen to fail while
 * the page took few outcomes for good ones (measure.ts). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '../../sim/drills/catalogue.ts';
import { missedGoals } from '../../src/app/drill/goal.ts';
import { shortOutage, withPlayed } from './play.ts';

test('bifast-outage: BI-FAST alone is shown as disturbed within a minute and until the hub is back, the network is asked within budget, and every promise is kept', async () => {
  const scenario = shortOutage(SCENARIOS['bifast-outage']!);
  await withPlayed({ scenario, seed: '7' }, ({ card, payments }) => {
    assert.deepEqual(missedGoals(card, scenario.goal), []);
    assert.ok(card.inquiries.perPayment > 0, 'somebody asked');
    const normalAgain = card.services.filter(
      ({ service, state, atMs }) => service === 'bifast_out' && state === 'normal' && atMs > 0,
    );
    assert.ok(normalAgain.length > 0);
    assert.ok(
      normalAgain.every(({ atMs }) => atMs >= 60_000),
      JSON.stringify(card.services),
    );
    assert.deepEqual(
      payments.filter(({ kind, state }) => kind === 'onus' && state !== 'settled'),
      [],
    );
  });
});
