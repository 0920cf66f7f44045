/** The people of a drill: one stops; one proposes the release of every restriction that stands, the other approves. */
import type { KeyObject } from 'node:crypto';
import type { PersonStop } from '../../../sim/drills/scenario.ts';
import { insertStop } from '../../channel/console/store.ts';
import type { Db } from '../../db/pool.ts';
import type { ReleasePlan } from '../../gate/restriction.ts';
import { signRelease } from '../../gate/set.ts';
import { newId } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import { approveRelease, proposeRelease } from '../../recovery/ask.ts';
import { makePlan } from '../../recovery/plan.ts';
import { recoveryNumbers } from '../../recovery/run.ts';
import { restrictionsInForce } from './store.ts';

export interface Releasing {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  /** At least two. */
  readonly staff: readonly {
    readonly id: string;
    readonly key: KeyObject;
    readonly publicPem: string;
  }[];
}

const NOTE = 'imitated certificate revoked, message key rotated | consent DRILL-1';

/** The first person stops something: the guard acts on it as on a word from the console. */
export async function askStop(
  { db, time, random, staff }: Releasing,
  { rail, direction, reason }: PersonStop,
): Promise<void> {
  const nowMs = time.now();
  await insertStop(db, {
    id: newId('stp', nowMs, random),
    scope: { rail, direction },
    reason: `${reason}: latihan`,
    staffId: staff[0]!.id, // at least two
    nowMs,
  });
}

/** Proposes a release of each restriction in force; the plans. Throws when one is refused. */
export async function proposeAll({
  db,
  time,
  random,
  staff,
}: Releasing): Promise<readonly ReleasePlan[]> {
  const numbers = await db.tx((tx) => recoveryNumbers(tx, time.now()));
  const plans: ReleasePlan[] = [];
  for (const { id } of await restrictionsInForce(db)) {
    const plan = makePlan({
      releaseId: newId('rel', time.now(), random),
      target: id.startsWith('latch_') ? { latchId: id } : { restrictionId: id },
      numbers,
      nowMs: time.now(),
    });
    const first = staff[0]!;
    const asked = await proposeRelease({
      db,
      roster: rosterOf(staff),
      nowMs: time.now(),
      staffId: first.id,
      plan,
      signature: signRelease(first.key, plan),
      note: NOTE,
    });
    if (!asked.ok) throw new Error(`Cannot propose release of ${id}: ${asked.reason}`);
    plans.push(plan);
  }
  return plans;
}

/** The first person tries alone and must be refused; then the second approves. */
export async function approveAll(
  { db, time, staff }: Releasing,
  plans: readonly ReleasePlan[],
): Promise<void> {
  for (const plan of plans) {
    for (const [index, person] of staff.slice(0, 2).entries()) {
      const result = await approveRelease({
        db,
        roster: rosterOf(staff),
        nowMs: time.now(),
        staffId: person.id,
        releaseId: plan.releaseId,
        signature: signRelease(person.key, plan),
      });
      const isExpected = index === 0 ? !result.ok && result.reason === 'same_person' : result.ok;
      if (!isExpected)
        throw new Error(
          `Cannot approve release ${plan.releaseId}: ${JSON.stringify(result)} for person ${index + 1}`,
        );
    }
  }
}

function rosterOf(staff: Releasing['staff']): Record<string, string> {
  return Object.fromEntries(staff.map(({ id, publicPem }) => [id, publicPem]));
}
