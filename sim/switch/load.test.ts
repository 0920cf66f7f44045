import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/kernel/random.ts';
import { OWN_CARD, withSwitch } from '../testing/member-bank.ts';
import { LOAD_FAULTS, runLoad, type LoadLine, type LoadReport } from './load.ts';

async function run(
  seed: string,
  isForgetful = false,
): Promise<{ report: LoadReport; lines: LoadLine[]; bankSen: bigint }> {
  const lines: LoadLine[] = [];
  let report: LoadReport | undefined;
  let bankSen = 0n;
  await withSwitch({}, async ({ bank, network, time }) => {
    if (isForgetful)
      bank.respond = (request) => (request.mti.startsWith('04') ? { 39: '00' } : undefined);
    report = await runLoad({
      time,
      network,
      random: seededRandom(seed),
      withdrawalsPerSecond: 20,
      qrisPerSecond: 30,
      seconds: 4,
      faultPerTenThousand: 3_000,
      cards: [OWN_CARD],
      merchants: [{ pan: '9360019900000000013', id: 'TOKO1', name: 'Toko Satu' }],
      drainMsMax: 120_000,
      onLine: (line) => void lines.push(line),
    });
    bankSen = [...bank.effects.values()].reduce((sum, sen) => sum + sen, 0n);
  });
  return { report: report!, lines, bankSen };
}

test('runLoad() offers what it was asked for, counts every end, and the switch’s book, the customers and the bank agree', async () => {
  const { report, lines, bankSen } = await run('one');
  const { withdrawal, qris } = report.byKind;
  assert.deepEqual([withdrawal.offered, qris.offered, lines.length], [80, 120, 200]);
  for (const count of [withdrawal, qris]) {
    assert.equal(count.approved + count.declined + count.unknown + count.notSent, count.offered);
    assert.equal(count.answered, count.approved + count.declined);
    assert.ok(count.unknown > 0);
  }
  assert.deepEqual(Object.keys(report.faults).toSorted(), [...LOAD_FAULTS].toSorted());
  assert.ok(withdrawal.givenBack > 0);
  assert.deepEqual([report.unfinished, report.disputed, report.differenceSen], [0, 0, 0n]);
  assert.equal(bankSen, withdrawal.keptSen + qris.keptSen);
  assert.equal(withdrawal.latencyMs.max, 10);
});

test('runLoad() is the same by seed', async () => {
  const [one, again, other] = [await run('one'), await run('one'), await run('two')];
  assert.deepEqual(one.lines, again.lines);
  assert.notDeepEqual(one.lines, other.lines);
});

test('runLoad() shows a bank that answers reversals and does not do them', async () => {
  const { report, bankSen } = await run('one', true);
  const keptSen = report.byKind.withdrawal.keptSen + report.byKind.qris.keptSen;
  assert.ok(bankSen > keptSen);
});
