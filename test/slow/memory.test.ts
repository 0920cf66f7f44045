/** Core's memory under sustained load: below a bound, and flat. `PULIH_MEMORY_MINUTES` gives another length. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settleAll } from '../crash/chaos.ts';
import { startLoad, type Load } from '../crash/load.ts';
import { pssBytes } from '../crash/memory.ts';
import { say, startRig, type Rig } from '../crash/rig.ts';

/** Issue 3: below 400 MB, flat over ten minutes. */
const MINUTES = Number(process.env['PULIH_MEMORY_MINUTES'] || 10);
const BYTES_MAX = 400e6;
const GROWTH_MAX = 1.1;
const SAMPLE_MS = 2_000;
const WORKERS = 16;
const ACCOUNTS = 4_000;
/** Less than that in a second is no load. */
const PER_SECOND_MIN = 20;

let rig: Rig;
let load: Load;

before(async () => {
  rig = await startRig();
  load = startLoad(rig, {
    prefix: 'memory',
    isBackground: true,
    onusOnly: { accountCount: ACCOUNTS, workers: WORKERS, pauseMs: 0 },
  });
});

after(() => rig?.stop());

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

test(
  `core takes less than 400 MB and no more at the end of ${MINUTES} minutes of load than in their middle`,
  { timeout: MINUTES * 60_000 + 120_000 },
  async () => {
    const samples: number[] = [];
    const startedMs = rig.time.now();
    while (rig.time.now() - startedMs < MINUTES * 60_000) {
      samples.push(pssBytes(rig.child('core-1').pid()!));
      await rig.time.sleep(SAMPLE_MS);
    }
    const paid = load.told.filter(({ code }) => code === '2001700').length;
    const perSecond = paid / ((rig.time.now() - startedMs) / 1_000);
    const third = Math.floor(samples.length / 3);
    const thirds = [0, 1, 2].map((n) => median(samples.slice(n * third, (n + 1) * third)));
    const highest = Math.max(...samples);
    const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
    say(
      `${paid} transfers (${perSecond.toFixed(0)}/s), core's medians by third ${thirds.map(mb).join(', ')} MB, highest ${mb(highest)} MB, slowest answer ${load.slowest.ms} ms`,
    );
    assert.ok(perSecond >= PER_SECOND_MIN, `${perSecond} transfers per second are no load`);
    assert.equal(rig.child('core-1').restarts(), 0);
    assert.ok(highest < BYTES_MAX, `core took ${highest} bytes`);
    assert.ok(thirds[2]! <= thirds[1]! * GROWTH_MAX, `core grew: ${thirds.join(', ')}`);
  },
);

test('after the load the partner and the ledger say the same, to the sen', () =>
  settleAll({ rig, load }));
