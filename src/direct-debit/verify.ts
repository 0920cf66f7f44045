/** Compares direct debits and QRIS payments by grant with their payments, and what was given back with its transfers. Reads only. */
import type { Queryable } from '../db/pool.ts';
import { selectWrongQrisDebits } from './store-qris.ts';
import { selectWrongDebits } from './store.ts';

/** One wrong debit or return. */
export interface DebitProblem {
  readonly kind: 'direct_debit' | 'qris_debit';
  readonly id: string;
  readonly detail: string;
}

/** Problems named. */
const PROBLEMS_MAX = 20;

/** The first that are wrong. Call it in one snapshot (db/snapshot.ts). */
export async function verifyDebits(tx: Queryable): Promise<readonly DebitProblem[]> {
  const wrong = await selectWrongDebits(tx, PROBLEMS_MAX);
  const wrongQris = await selectWrongQrisDebits(tx, PROBLEMS_MAX);
  return [
    ...wrong.map((row) => ({ kind: 'direct_debit' as const, ...row })),
    ...wrongQris.map((row) => ({ kind: 'qris_debit' as const, ...row })),
  ].slice(0, PROBLEMS_MAX);
}
