/** `kill -9` of a whole bank's processes while cards draw cash at other banks' machines, a twentieth of it with a fault: at each named
 * point of a withdrawal, and at random. `PULIH_CHAOS_SEED` gives one run again. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startBenchBank, type BenchBank } from '../../src/app/bench/bank.ts';
import { openCardholders, openShops } from '../../src/app/bench/rails-bank.ts';
import { checkBooks, runLoad, type Load } from '../../src/app/bench/rails-run.ts';
import { readRunning } from '../../src/app/run-file.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { wallTime } from '../../src/kernel/time.ts';
import { chaosSeed } from '../crash/chaos.ts';
import { say } from '../crash/rig.ts';

const POINTS = [
  ['gateway-1', 'switch.afterRequest'],
  ['gateway-1', 'switch.beforeAnswer'],
  ['core-1', 'card.afterPin'],
  ['core-1', 'card.afterApproval'],
  ['core-1', 'card.afterReversal'],
] as const;
/** Each start dies again after so many: often enough to meet others at every stage, seldom enough that the growing wait before a new
 * start leaves time to bring all to its end. */
const PASSES = { 'card.afterReversal': 20, otherwise: 60 } as const;
const LOAD: Load = { perSecond: 15, qrisPerSecond: 10, seconds: 20, faultPerTenThousand: 1_500 };
const LONG_SECONDS = 90;
const VICTIMS = ['core-1', 'gateway-1', 'hsm', 'signer', 'guard'] as const;
const KILL_EVERY_MS = 6_000;

/** Draws cash while `trouble` goes on, and compares all books. */
async function drawThrough(load: Load, trouble: (bank: BenchBank) => Promise<void>): Promise<void> {
  const time = wallTime();
  const bank = await startBenchBank({ time, name: 'rails-kill' });
  try {
    const { cards, accounts } = await openCardholders(bank, time);
    const shops = await openShops(bank, time);
    const [ran] = await Promise.all([runLoad({ bank, time, cards, shops, load }), trouble(bank)]);
    const books = await checkBooks({ bank, time, accounts, runs: [ran], mayRestart: true });
    const approved = ran.lines.filter(({ outcome }) => outcome === 'approved').length;
    say(`${approved} of ${ran.lines.length} approved, ${bank.restarts()} starts again`);
    assert.deepEqual(books.problems, []);
    assert.ok(approved > 0 && bank.restarts() > 0);
  } finally {
    await bank.close();
  }
}

for (const [process_, point] of POINTS) {
  test(`T1 T5 T6 T7 kill -9 of ${process_} at ${point} loses no cash and draws none twice`, async () => {
    const passes = point === 'card.afterReversal' ? PASSES[point] : PASSES.otherwise;
    process.env['PULIH_FAULT'] = `${point}:${passes}`;
    process.env['PULIH_FAULT_PROCESS'] = process_;
    try {
      await drawThrough(LOAD, async () => {});
    } finally {
      delete process.env['PULIH_FAULT'];
      delete process.env['PULIH_FAULT_PROCESS'];
    }
  });
}

test('T1 T5 T6 T7 kill -9 of every process at random under withdrawals loses no cash and draws none twice', () => {
  const random = seededRandom(`rails ${chaosSeed()}`);
  return drawThrough({ ...LOAD, seconds: LONG_SECONDS }, async (bank) => {
    const time = wallTime();
    for (let passedMs = 0; passedMs + KILL_EVERY_MS < LONG_SECONDS * 1_000;) {
      const waitMs = KILL_EVERY_MS / 2 + random.below(KILL_EVERY_MS);
      await time.sleep(waitMs);
      passedMs += waitMs;
      const victim = VICTIMS[random.below(VICTIMS.length)]!;
      const found = readRunning(bank.folder)?.processes.find(({ name }) => name === victim);
      if (!found || !isOurs(found.pid, victim)) continue;
      say(`kill ${victim}`);
      process.kill(found.pid, 'SIGKILL');
    }
  });
});

/** False when it ended before and its number may be somebody else's. */
function isOurs(pid: number, name: string): boolean {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) && readFileSync(path, 'utf8').startsWith(`pulih ${name}`);
}
