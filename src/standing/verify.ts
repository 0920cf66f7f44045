/** Compares the runs of standing orders with the payments made for them: each date at most one, and none unaccounted for. Reads only. */
import type { Queryable } from '../db/pool.ts';
import { selectWrongRuns } from './store-verify.ts';

/** One wrong run: `<order> <date>`. */
export interface StandingProblem {
  readonly kind: 'standing_order_run';
  readonly id: string;
  readonly detail: string;
}

/** Runs named. */
const PROBLEMS_MAX = 20;

/** The first wrong runs. Call it in one snapshot (db/snapshot.ts). */
export async function verifyStanding(tx: Queryable): Promise<readonly StandingProblem[]> {
  const wrong = await selectWrongRuns(tx, PROBLEMS_MAX);
  return wrong.map((row) => ({ kind: 'standing_order_run' as const, ...row }));
}
