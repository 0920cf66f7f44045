/** Clean days as events through the detectors that protect, at a third of the volume; the whole month is in the slow tests. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { SCENARIOS } from '../../../sim/drills/catalogue.ts';
import { dayWishes, type Month } from '../../../sim/drills/month.ts';
import { watchMonth } from './month-watch.ts';

const { month: whole, startMs } = SCENARIOS['lebaran-clean']!;
/** To the second day with ten times the traffic, from three days of learning. */
const month: Month = {
  ...whole!,
  days: 11,
  learnDays: 3,
  perMinute: { onus: 1, bifast_out: 2, bifast_in: 0.5 },
};

test('watchMonth() T13 trips nothing of L3 and at most one throttle on days with paydays and ten times the traffic', () => {
  const watch = watchMonth(month, { seed: '1', startMs });
  const levels = watch.restrictions.map(({ level }) => level);
  const throttles = watch.restrictions.filter(({ action }) => action.kind === 'throttle');
  assert.ok(watch.payments > 50_000, `${watch.payments} payments`);
  assert.ok(watch.observations > 2 * watch.payments);
  assert.ok(
    levels.every((level) => level < 3),
    JSON.stringify(watch.findings),
  );
  assert.ok(throttles.length <= 1, JSON.stringify(watch.findings));
});

test('watchMonth() sees what is wrong: a month whose every payment goes to three payees is restricted', () => {
  const busy = [{ fromDay: 1, toDay: 1, volume: 10, almsPercent: 100 }];
  const wrong = { ...month, days: 1, learnDays: 1, firstPayeePercent: 100, busy };
  assert.ok(watchMonth(wrong, { seed: '1', startMs }).restrictions.length > 0);
});

test('dayWishes() is the same day for a seed, in the order of times, with ten times the traffic in the peak', () => {
  const of = { seed: '3', startMs, day: 10 };
  const wishes = dayWishes(month, of);
  assert.deepEqual(wishes.slice(0, 50), dayWishes(month, of).slice(0, 50));
  assert.notDeepEqual(wishes.slice(0, 50), dayWishes(month, { ...of, seed: '4' }).slice(0, 50));
  assert.ok(wishes.every(({ atMs }, at) => at === 0 || atMs >= wishes[at - 1]!.atMs));
  const inHour = (day: number, hour: number): number =>
    dayWishes(month, { ...of, day }).filter(
      ({ atMs, kind }) =>
        kind === 'onus' && Math.floor((atMs - startMs) / 3_600_000) - (day - 1) * 24 === hour,
    ).length;
  const [peak, ordinary] = [inHour(10, 10), inHour(9, 10)];
  assert.ok(peak > 8 * ordinary && peak < 13 * ordinary, `${peak} against ${ordinary}`);
});
