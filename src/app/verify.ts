/** Verifies everything in one pass: events, transfers, holds and accounts beside the audit tree, then payments and the runs of
 * standing orders, lists. One snapshot, bounded memory, and a state file from which an interrupted run goes on. A resumed run vouches for each
 * row as of when it was read. */
import { openLive } from '../archive/live.ts';
import { selectArchived } from '../archive/store.ts';
import { openArchiveStream } from '../archive/stream.ts';
import { ArchiveFault } from '../archive/file.ts';
import {
  archiveReader,
  compareRecorded,
  openArchive,
  type ArchiveOpened,
  type ArchiveProblem,
} from '../archive/verify.ts';
import { selectLeaves } from '../audit/store.ts';
import { selectEventEstimate, selectStableXid } from '../audit/store-verify.ts';
import { readThrough, STREAM_BEGIN, type StreamPlace, type StreamReader } from '../audit/stream.ts';
import { openAuditor, type AuditReport } from '../audit/verify.ts';
import type { Db, Queryable } from '../db/pool.ts';
import { withSnapshot } from '../db/snapshot.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { Time } from '../kernel/time.ts';
import { selectGoneOriginals } from '../ledger/store-verify.ts';
import type { LedgerReport } from '../ledger/verify-pass.ts';
import { openLedgerChecker } from '../ledger/verify.ts';
import { verifyPayments, type PaymentProblem } from '../payment/verify.ts';
import { verifyBulks, type BulkProblem } from '../bulk/verify.ts';
import { verifyStanding, type StandingProblem } from '../standing/verify.ts';
import { verifyDebits, type DebitProblem } from '../direct-debit/verify.ts';
import { verifyVa, type VaProblem } from '../virtual-account/verify.ts';
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
  /** Where the files of archived months are. */
  readonly archiveFolder: string;
  /** Reads no file: begins with what was recorded of archived months, from the beginning each time. */
  readonly isLiveOnly?: boolean;
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
  readonly bulks: readonly BulkProblem[];
  readonly virtualAccounts: readonly VaProblem[];
  readonly debits: readonly DebitProblem[];
  readonly archive: {
    readonly months: number;
    /** Months whose files were not read, because nobody wanted it. */
    readonly unread: readonly string[];
    readonly problems: readonly ArchiveProblem[];
    /** True when a file could not be read to its end: nothing else was checked then. */
    readonly isBroken: boolean;
  };
}

/** Runs it; undefined when it was stopped. Reads only. */
export function verifyAll(input: VerifyInput): Promise<WholeReport | undefined> {
  return withSnapshot(input.db, async (tx) => {
    const { isLiveOnly = false, archiveFolder: folder } = input;
    const archive = await openArchive(tx, { folder, isLiveOnly });
    if (isLiveOnly && archive.months.length > 0) return verifyLive(tx, { ...input, archive });
    const kept = input.isFresh ? undefined : await keptState(tx, input.stateFile);
    if (archive.missing.length > 0) return unread(tx, archive.problems);
    const auditor = await openAuditor(tx, {
      verifySignature: input.verifySignature,
      ...(kept && { state: kept.audit }),
    });
    const ledger = openLedgerChecker(tx, kept?.ledger);
    const told = new Map(kept?.archived);
    if (!kept)
      for (const id of await selectGoneOriginals(tx))
        ledger.state.archived.originals.set(String(id), undefined);
    const stateOf = () => ({ audit: auditor.state, ledger: ledger.state, archived: told });
    const readers = [auditor, ledger, ...(archive.months.length > 0 ? [archiveReader(told)] : [])];
    const ended = await pass(tx, { ...input, readers, archive, stateOf, from: kept?.place });
    if (ended === 'stopped') return undefined;
    if (ended !== 'read') return unread(tx, [...archive.problems, ended]);
    const tell = (part: VerifyProgress['part'], done: number): void =>
      input.onProgress?.({ part, done, total: 0, resumedAt: Number(kept?.place.count ?? 0n) });
    tell('balances', 0);
    const report = {
      audit: await auditor.report(),
      ledger: await ledger.report(),
      payments: await verifyPayments(tx, (count) => tell('payments', count)),
      standing: await verifyStanding(tx),
      bulks: await verifyBulks(tx),
      virtualAccounts: await verifyVa(tx),
      debits: await verifyDebits(tx),
      archive: {
        months: archive.months.length,
        unread: [],
        isBroken: false,
        problems: [
          ...archive.problems,
          ...(await compareRecorded(tx, { told, isLiveOnly: false })),
        ],
      },
    };
    dropVerifyState(input.stateFile);
    return report;
  });
}

/** The same of the tables alone. It vouches for no archived row, and says so. */
async function verifyLive(
  tx: Queryable,
  input: VerifyInput & { readonly archive: ArchiveOpened },
): Promise<WholeReport | undefined> {
  const { archive } = input;
  const live = await openLive(tx, archive);
  const { verifySignature } = input;
  const auditor = await openAuditor(tx, { verifySignature, state: live.audit });
  const ledger = openLedgerChecker(tx, live.ledger);
  const told = new Map<string, string>();
  const total = await selectEventEstimate(tx);
  const tell = (part: VerifyProgress['part'], done: number, total: number): void =>
    input.onProgress?.({ part, done, total, resumedAt: Number(archive.leafFloor) });
  const ended = await readThrough(tx, {
    from: live.from,
    readers: [auditor, ledger, archiveReader(told)],
    ...(input.pageRows !== undefined && { pageRows: input.pageRows }),
    pages: (_, limit) => live.page(limit),
    onPlace: async ({ count }) => {
      tell('events', Number(count), total);
      return !(input.isStopped?.() ?? false);
    },
  });
  if (ended === 'stopped') return undefined;
  const recorded = await compareRecorded(tx, { told, isLiveOnly: true });
  return {
    audit: await auditor.report(),
    ledger: await ledger.report(),
    payments: await verifyPayments(tx, (count) => tell('payments', count, 0)),
    standing: await verifyStanding(tx),
    bulks: await verifyBulks(tx),
    virtualAccounts: await verifyVa(tx),
    debits: await verifyDebits(tx),
    archive: {
      months: archive.months.length,
      unread: archive.months.map(({ month }) => month),
      problems: [...archive.problems, ...live.problems, ...recorded],
      isBroken: false,
    },
  };
}

/** The pass over files and tables; the problem of a file that could not be read on. */
async function pass(
  tx: Queryable,
  input: VerifyInput & {
    readonly readers: readonly StreamReader[];
    readonly archive: ArchiveOpened;
    readonly from: StreamPlace | undefined;
    readonly stateOf: () => Pick<VerifyState, 'audit' | 'ledger' | 'archived'>;
  },
): Promise<'read' | 'stopped' | ArchiveProblem> {
  const { readers, archive, from = STREAM_BEGIN } = input;
  const total = await selectEventEstimate(tx);
  const resumedAt = Number(from.count);
  const keep = await keeper(tx, input);
  const stream =
    archive.months.length === 0
      ? undefined
      : openArchiveStream(tx, {
          folder: input.archiveFolder,
          months: archive.months,
          leafFloor: archive.leafFloor,
          after: from,
        });
  try {
    return await readThrough(tx, {
      from,
      readers,
      ...(input.pageRows !== undefined && { pageRows: input.pageRows }),
      ...(stream && { pages: (_, limit) => stream.page(limit) }),
      async onPlace(place) {
        input.onProgress?.({ part: 'events', done: Number(place.count), total, resumedAt });
        const isStopped = input.isStopped?.() ?? false;
        await keep(place, isStopped);
        return !isStopped;
      },
    });
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    const { file, row, message } = error;
    const id = file.replace(/^[a-z]+-|\..*$/g, '');
    return { kind: 'archive', id, file, detail: `${message}, after row ${row}` };
  } finally {
    await stream?.close();
  }
}

/** The report of a ledger whose archive could not be read: nothing is vouched for. */
async function unread(tx: Queryable, problems: readonly ArchiveProblem[]): Promise<WholeReport> {
  return {
    audit: { ok: false, root: '', size: 0n, checkpoints: 0, problems: [] },
    ledger: { balanced: false, transfers: 0n, accounts: 0n, problems: [] },
    payments: [],
    standing: [],
    bulks: [],
    virtualAccounts: [],
    debits: [],
    archive: { months: (await selectArchived(tx)).length, unread: [], isBroken: true, problems },
  };
}

/** What a state is bound to: the leaf of its last event, or, where leaves are in files, the months that are. */
async function bindingOf(tx: Queryable, place: StreamPlace): Promise<string> {
  const { count, id } = place;
  const [leaf] = await selectLeaves(tx, { from: count - 1n, to: count });
  if (leaf) return `${leaf.hash.toString('hex')} ${leaf.eventId === BigInt(id)}`;
  const archived = await selectArchived(tx);
  return sha256(archived.map(({ facts }) => facts).join('\n')).toString('hex');
}

/** The kept state, when it is of this very stream. */
async function keptState(tx: Queryable, file: string): Promise<VerifyState | undefined> {
  const state = loadVerifyState(file);
  return state && (await bindingOf(tx, state.place)) === state.lastLeaf ? state : undefined;
}

/** Keeps a place now and then, and always when it is the last. Only where the stream is complete (no event can still appear before the
 * place) and under a checkpoint. */
async function keeper(
  tx: Queryable,
  input: VerifyInput & {
    readonly stateOf: () => Pick<VerifyState, 'audit' | 'ledger' | 'archived'>;
  },
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
    const lastLeaf = await bindingOf(tx, place);
    saveVerifyState(input.stateFile, { ...state, place, lastLeaf, savedAtMs: nowMs });
    keptAtMs = nowMs;
  };
}
