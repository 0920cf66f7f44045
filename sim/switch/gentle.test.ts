import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { OWN_CARD, withSwitch } from '../testing/member-bank.ts';
import { startGentle } from './gentle.ts';

test('startGentle() draws cash and sends transfers at about its rate, and stops when it is told', () =>
  withSwitch({}, async ({ network, time }) => {
    const stop = startGentle({
      time,
      network,
      random: seededRandom('gentle'),
      log: silentLog,
      perMinute: 4,
      cards: [OWN_CARD],
      accounts: ['1001'],
    });
    await time.sleep(30 * 60_000);
    stop();
    const count = (flow: string): number =>
      [...network.book.entries()].filter((entry) => entry.flow === flow).length;
    const both = [count('withdrawal'), count('transfer')];
    for (const one of both) assert.ok(one > 40 && one < 80, String(both));
    await time.sleep(30 * 60_000);
    assert.deepEqual([count('withdrawal'), count('transfer')], both);
  }));
