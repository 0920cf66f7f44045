/** Random kills that repeat themselves: a seed decides who dies, how and when. Owns the plan and its execution; what must hold
 * afterwards is check.ts. */
import assert from 'node:assert/strict';
import { seededRandom, systemRandom } from '../../src/kernel/random.ts';
import { checkAlways, checkQuiet, readBooks, untilQuiet } from './check.ts';
import type { Load } from './load.ts';
import { say, type DatabaseEnd, type Rig } from './rig.ts';

/** One process ends without warning, so long after the one before runs again. */
export interface Kill {
  readonly victim: 'core-1' | 'gateway-1' | 'postgres';
  /** A power cut, an immediate or a fast shutdown; the others know only the first. */
  readonly how: DatabaseEnd;
  readonly afterMs: number;
}

const VICTIMS = ['core-1', 'gateway-1', 'postgres'] as const;
const DATABASE_ENDS = ['SIGKILL', 'SIGQUIT', 'SIGINT'] as const;
const AFTER_MS_MAX = 1_500;

/** The seed of this run: `PULIH_CHAOS_SEED`, or a new one. It is printed, so that a failing run can be had again. */
export function chaosSeed(): string {
  const seed = process.env['PULIH_CHAOS_SEED'] || String(systemRandom().below(2 ** 31));
  say(`chaos seed ${seed} (again: PULIH_CHAOS_SEED=${seed})`);
  return seed;
}

/** The kills of a seed. Each round of three holds every victim once, so that five kills leave nobody out. */
export function planKills({ seed, count }: { seed: string; count: number }): readonly Kill[] {
  const random = seededRandom(`chaos ${seed}`);
  const kills: Kill[] = [];
  let round: Kill['victim'][] = [];
  while (kills.length < count) {
    if (round.length === 0) round = [...VICTIMS];
    const [victim] = round.splice(random.below(round.length), 1);
    const how = DATABASE_ENDS[random.below(DATABASE_ENDS.length)]!;
    kills.push({
      victim: victim!,
      how: victim === 'postgres' ? how : 'SIGKILL',
      afterMs: random.below(AFTER_MS_MAX),
    });
  }
  return kills;
}

/** Waits for the moment, kills, waits until all runs again, and looks into the books. */
export async function carryOut(kill: Kill, { rig, load }: { rig: Rig; load: Load }): Promise<void> {
  await rig.time.sleep(kill.afterMs);
  const startedMs = rig.time.now();
  const before = load.told.length;
  if (kill.victim === 'postgres') await rig.crashDatabase(kill.how);
  else await rig.crash(kill.victim);
  const upMs = rig.time.now() - startedMs;
  const books = await readBooks(rig, load.told);
  checkAlways(books, rig.time.now());
  say(
    `${kill.how.padEnd(7)} ${kill.victim.padEnd(9)} after ${String(kill.afterMs).padStart(4)} ms: up in ${(upMs / 1000).toFixed(1)} s, ${load.told.length - before} asked, ${books.payments.length} payments, ${books.hub.outgoing.length} at the hub`,
  );
}

/** The end of every such test: asking stops, work ends, and the partner, the hub and the ledger say the same, to the sen. */
export async function settleAll({ rig, load }: { rig: Rig; load: Load }): Promise<void> {
  await load.stop();
  const startedMs = rig.time.now();
  const books = await untilQuiet(rig, load.told);
  const perCode = [...load.evasions].map(([code, count]) => `${count} x ${code}`).join(', ');
  say(
    `quiet after ${((rig.time.now() - startedMs) / 1000).toFixed(1)} s: ${books.payments.length} payments, ${books.hub.outgoing.length} at the hub; asked again after ${perCode || 'nothing'}; slowest answer ${load.slowest.ms} ms`,
  );
  await checkQuiet(rig, books);
  const { code, report } = await rig.verify();
  assert.equal(code, 0, JSON.stringify(report));
  assert.equal(report['balanced'], true);
  assert.equal((report['audit'] as { ok: boolean }).ok, true);
}
