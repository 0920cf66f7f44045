/** Fifty random kills of core, gateway and PostgreSQL under load of real payments (on-us, BI-FAST out, credits in) over real sockets.
 * `PULIH_CHAOS_SEED` gives one run again, `PULIH_CHAOS_KILLS` another length. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { carryOut, chaosSeed, planKills, settleAll } from '../crash/chaos.ts';
import { startLoad, type Load } from '../crash/load.ts';
import { startRig, type Rig } from '../crash/rig.ts';

/** The issue asks for fifty at least. */
const KILLS = Number(process.env['PULIH_CHAOS_KILLS'] || 50);
/** Killed so often, a process would wait half a minute for its next start in production. */
const BACK_OFF_MS = [500];

let rig: Rig;
let load: Load;

before(async () => {
  rig = await startRig({ backOffMs: BACK_OFF_MS });
  load = startLoad(rig, { prefix: 'chaos', isBackground: true });
});

after(() => rig?.stop());

for (const [index, kill] of planKills({ seed: chaosSeed(), count: KILLS }).entries()) {
  test(`random kill ${index + 1} of ${KILLS}: ${kill.how} of ${kill.victim} loses nothing and does nothing twice`, () =>
    carryOut(kill, { rig, load }));
}

test('T6 a repeat after fifty kills gets the answer of the first', async () => {
  assert.ok((await load.askAgain(500)) > 0);
});

test('after fifty kills the partner, the hub and the ledger say the same, to the sen', () =>
  settleAll({ rig, load }));
