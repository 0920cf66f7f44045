import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/kernel/random.ts';
import { OWN_CARD, withSwitch } from '../testing/member-bank.ts';
import { realNet } from '../testing/real-net.ts';
import { runLoad } from './load.ts';

test('runLoad() drives 600 payments a second with 5 % faults over TCP, and three books agree', async () => {
  const timers = { answerMs: 5_000, repeatMs: 3_000 };
  await withSwitch({ net: realNet(), change: { timers } }, async ({ bank, network, time }) => {
    const report = await runLoad({
      time,
      network,
      random: seededRandom('load'),
      withdrawalsPerSecond: 300,
      qrisPerSecond: 300,
      seconds: 20,
      faultPerTenThousand: 500,
      cards: [OWN_CARD],
      merchants: [{ pan: '9360019900000000013', id: 'TOKO1', name: 'Toko Satu' }],
      drainMsMax: 60_000,
    });
    const { withdrawal, qris } = report.byKind;
    const bankSen = [...bank.effects.values()].reduce((sum, sen) => sum + sen, 0n);
    assert.deepEqual([withdrawal.offered, qris.offered], [6_000, 6_000]);
    assert.deepEqual([report.unfinished, report.disputed, report.differenceSen], [0, 0, 0n]);
    assert.equal(bankSen, withdrawal.keptSen + qris.keptSen);
    assert.ok(report.lateMsMax < 1_000, `the driver was ${report.lateMsMax} ms late`);
  });
});
