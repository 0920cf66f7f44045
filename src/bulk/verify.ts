/** Compares the rows of lists with the payments made for them: each row at most one, and none unaccounted for. Reads only. */
import type { Queryable } from '../db/pool.ts';
import { selectWrongRows } from './store-verify.ts';

/** One wrong row: `<list> <position>`. */
export interface BulkProblem {
  readonly kind: 'bulk_row';
  readonly id: string;
  readonly detail: string;
}

/** Rows named. */
const PROBLEMS_MAX = 20;

/** The first wrong rows. Call it in one snapshot (db/snapshot.ts). */
export async function verifyBulks(tx: Queryable): Promise<readonly BulkProblem[]> {
  const wrong = await selectWrongRows(tx, PROBLEMS_MAX);
  return wrong.map((row) => ({ kind: 'bulk_row' as const, ...row }));
}
