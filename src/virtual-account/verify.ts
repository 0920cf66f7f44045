/** Compares virtual accounts with their payments, and these with their transfers. Reads only. */
import type { Queryable } from '../db/pool.ts';
import { selectWrongVa } from './store.ts';

/** One wrong virtual account or payment. */
export interface VaProblem {
  readonly kind: 'virtual_account';
  readonly id: string;
  readonly detail: string;
}

/** Problems named. */
const PROBLEMS_MAX = 20;

/** The first that are wrong. Call it in one snapshot (db/snapshot.ts). */
export async function verifyVa(tx: Queryable): Promise<readonly VaProblem[]> {
  const wrong = await selectWrongVa(tx, PROBLEMS_MAX);
  return wrong.map((row) => ({ kind: 'virtual_account' as const, ...row }));
}
