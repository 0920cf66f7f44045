/** Recomputes the whole ledger from its events and transfers and compares (I4), reading along one pass over the stream. Independent of
 * the posting code. Reads only; may run beside a working ledger. */
import { readThrough, type StreamReader } from '../audit/stream.ts';
import type { Db, Queryable } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import {
  ledgerReader,
  newLedgerState,
  type LedgerReport,
  type LedgerState,
} from './verify-pass.ts';
import { compareRest } from './verify-rest.ts';

export interface LedgerChecker extends StreamReader {
  readonly state: LedgerState;
  /** Compares what is left after the last page, and says what was found. */
  report(): Promise<LedgerReport>;
}

/** Checks: Σ debits = Σ credits; every transfer is what the audit stream tells; every account is the sum of its transfers and open
 * holds; every hold agrees with its transfers, and what is kept of reversals with the reversals; every authorisation has its hold, its hash and its registered ids. */
export function verifyLedger(db: Db): Promise<LedgerReport> {
  return withSnapshot(db, async (tx) => {
    const checker = openLedgerChecker(tx);
    await readThrough(tx, { readers: [checker] });
    return checker.report();
  });
}

/** Opens a checker on a snapshot, at the beginning or where `state` stands. */
export function openLedgerChecker(tx: Queryable, state = newLedgerState()): LedgerChecker {
  return { ...ledgerReader(tx, state), state, report: () => compareRest(tx, state) };
}
