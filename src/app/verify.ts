/** Verifies everything in one pass: events, transfers, holds and accounts beside the audit tree, then payments and the runs of
 * standing orders. One snapshot, bounded memory, and a state file from which an interrupted run goes on. A resumed run vouches for each row as of when it was read. */
import { selectLeaves } from '../audit/store.ts';
import { selectEventEstimate, selectStableXid } from '../audit/store-verify.ts';
import { readThrough, STREAM_BEGIN, type StreamPlace } from '../audit/stream.ts';
import { openAuditor, type AuditReport } from '../audit/verify.ts';
import type { Db, Queryable } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import type { Time } from '../kernel/time.ts';
import type { LedgerReport } from '../ledger/verify-pass.ts';
import { openLedgerChecker } from '../ledger/verify.ts';
import { verifyPayments, type PaymentProblem } from '../payment/verify.ts';
import { verifyStanding, type StandingProblem } from '../standing/verify.ts';
import {
  dropVerifyState,
  loadVerifyState,
  saveVerifyState,
  type VerifyState,
} from './verify-state.ts';

/** An interruption loses at most this much reading. */
const SAVE_EVERY_MS = 10_000;

export interface VerifyInput {
  readonly db: Db;
  readonly time: Time;
  readonly verifySignature: (bytes: Buffer, signature: Buffer) => boolean;
  readonly stateFile: string;
  /** Begins again, whatever is kept. */
  readonly isFresh?: boolean;
  /** True once somebody wants to stop: what was read is kept. */
  readonly isStopped?: () => boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** @default 10 s */
  readonly saveEveryMs?: number;
  readonly pageRows?: number;
}

export interface VerifyProgress {
  readonly part: 'events' | 'balances' | 'payments';
  readonly done: number;
  /** About; 0 when it is not known. */
  readonly total: number;
  /** Events that an earlier run had read. */
  readonly resumedAt: number;
}

export interface WholeReport {
  readonly ledger: LedgerReport;
  readonly audit: AuditReport;
  readonly payments: readonly PaymentProblem[];
  readonly standing: readonly StandingProblem[];
}

/** Runs it; undefined when it was stopped. Reads only. */
export function verifyAll(input: VerifyInput): Promise<WholeReport | undefined> {
  return withSnapshot(input.db, async (tx) => {
    const kept = input.isFresh ? undefined : await keptState(tx, input.stateFile);
    const auditor = await openAuditor(tx, {
      verifySignature: input.verifySignature,
      ...(kept && { state: kept.audit }),
    });
    const ledger = openLedgerChecker(tx, kept?.ledger);
    const total = await selectEventEstimate(tx);
    const resumedAt = Number(kept?.place.count ?? 0n);
    const keep = await keeper(tx, {
      ...input,
      stateOf: () => ({ audit: auditor.state, ledger: ledger.state }),
    });
    const tell = (part: VerifyProgress['part'], done: number, total: number): void =>
      input.onProgress?.({ part, done, total, resumedAt });
    const ended = await readThrough(tx, {
      from: kept?.place ?? STREAM_BEGIN,
      readers: [auditor, ledger],
      ...(input.pageRows !== undefined && { pageRows: input.pageRows }),
      async onPlace(place) {
        tell('events', Number(place.count), total);
        const isStopped = input.isStopped?.() ?? false;
        await keep(place, isStopped);
        return !isStopped;
      },
    });
    if (ended === 'stopped') return undefined;
    tell('balances', 0, 0);
    const report = {
      audit: await auditor.report(),
      ledger: await ledger.report(),
      payments: await verifyPayments(tx, (count) => tell('payments', count, 0)),
      standing: await verifyStanding(tx),
    };
    dropVerifyState(input.stateFile);
    return report;
  });
}

/** The kept state, when it is of this very stream. */
async function keptState(tx: Queryable, file: string): Promise<VerifyState | undefined> {
  const state = loadVerifyState(file);
  if (!state) return undefined;
  const { count, id } = state.place;
  const [leaf] = await selectLeaves(tx, { from: count - 1n, to: count });
  const isSame = leaf?.hash.toString('hex') === state.lastLeaf && String(leaf.eventId) === id;
  return isSame ? state : undefined;
}

/** Keeps a place now and then, and always when it is the last. Only where the stream is complete (no event can still appear before the
 * place) and under a checkpoint. */
async function keeper(
  tx: Queryable,
  input: VerifyInput & { readonly stateOf: () => Pick<VerifyState, 'audit' | 'ledger'> },
): Promise<(place: StreamPlace, isLast: boolean) => Promise<void>> {
  const stableXid = await selectStableXid(tx);
  const everyMs = input.saveEveryMs ?? SAVE_EVERY_MS;
  let keptAtMs = input.time.now();
  return async (place, isLast) => {
    const nowMs = input.time.now();
    const state = input.stateOf();
    if (!isLast && nowMs - keptAtMs < everyMs) return;
    const isCovered =
      place.count > 0n &&
      state.audit.problems.length === 0 &&
      state.audit.frontier.size === place.count &&
      BigInt(place.xid) < stableXid;
    if (!isCovered) return;
    const [leaf] = await selectLeaves(tx, { from: place.count - 1n, to: place.count });
    const lastLeaf = leaf!.hash.toString('hex');
    saveVerifyState(input.stateFile, { ...state, place, lastLeaf, savedAtMs: nowMs });
    keptAtMs = nowMs;
  };
}
