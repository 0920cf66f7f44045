/** Where an interrupted `pulih verify` stands, as a file: a SHA-256 of the text, then the text. A file that is torn, of another version or
 * of another database is as good as none. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { StreamPlace } from '../audit/stream.ts';
import { newAuditState, type AuditState } from '../audit/verify.ts';
import { sha256 } from '../kernel/canonical.ts';
import { AccountSums } from '../ledger/account-sums.ts';
import { IdSet } from '../ledger/id-set.ts';
import type { ArchivedState, LedgerProblem, LedgerState } from '../ledger/verify-pass.ts';

const VERSION = 2;

export interface VerifyState {
  /** UTC milliseconds. */
  readonly savedAtMs: number;
  readonly place: StreamPlace;
  /** Binds the state to its stream: the leaf of the last event read, in hex, or what is archived of the stream. */
  readonly lastLeaf: string;
  readonly audit: AuditState;
  readonly ledger: LedgerState;
  /** What the log told of archived months, by month. */
  readonly archived: ReadonlyMap<string, string>;
}

interface Saved {
  readonly version: number;
  readonly savedAtMs: number;
  readonly place: { readonly xid: string; readonly id: string; readonly count: string };
  readonly lastLeaf: string;
  readonly peaks: readonly { readonly height: number; readonly hash: string }[];
  readonly checkpoints: number;
  readonly told: ReturnType<IdSet['save']>;
  readonly madeHolds: ReturnType<IdSet['save']>;
  readonly endedHolds: ReturnType<IdSet['save']>;
  readonly posted: ReturnType<AccountSums['save']>;
  readonly rowCount: string;
  readonly archivedCount: string;
  readonly reversed: readonly (readonly [string, string])[];
  readonly originals: readonly (readonly [string, string | null])[];
  readonly archived: readonly (readonly [string, string])[];
  readonly problems: readonly LedgerProblem[];
}

/** Keeps a state whose audit has found nothing; the file is whole or the one before. */
export function saveVerifyState(file: string, state: VerifyState): void {
  const { place, audit, ledger } = state;
  const saved: Saved = {
    version: VERSION,
    savedAtMs: state.savedAtMs,
    place: { ...place, count: String(place.count) },
    lastLeaf: state.lastLeaf,
    peaks: audit.frontier.peaks.map(({ height, hash }) => ({
      height,
      hash: Buffer.from(hash).toString('hex'),
    })),
    checkpoints: audit.checkpoints,
    told: ledger.told.save(),
    madeHolds: ledger.madeHolds.save(),
    endedHolds: ledger.endedHolds.save(),
    posted: ledger.posted.save(),
    rowCount: String(ledger.rowCount),
    archivedCount: String(ledger.archived.rowCount),
    reversed: [...ledger.archived.reversed].map(([id, sum]) => [id, String(sum)]),
    originals: [...ledger.archived.originals].map(([id, sum]) => [
      id,
      sum === undefined ? null : String(sum),
    ]),
    archived: [...state.archived],
    problems: ledger.problems,
  };
  const text = JSON.stringify(saved);
  writeFileSync(`${file}.new`, `${sha256(text).toString('hex')}\n${text}`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The state of a file; undefined when there is none that can be trusted to be whole. */
export function loadVerifyState(file: string): VerifyState | undefined {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const text = content.slice(content.indexOf('\n') + 1);
  if (content !== `${sha256(text).toString('hex')}\n${text}`) return undefined;
  const saved = JSON.parse(text) as Saved;
  if (saved.version !== VERSION) return undefined;
  const audit = newAuditState();
  audit.frontier.size = BigInt(saved.place.count);
  audit.frontier.peaks.push(
    ...saved.peaks.map(({ height, hash }) => ({ height, hash: Buffer.from(hash, 'hex') })),
  );
  audit.checkpoints = saved.checkpoints;
  return {
    savedAtMs: saved.savedAtMs,
    place: { ...saved.place, count: BigInt(saved.place.count) },
    lastLeaf: saved.lastLeaf,
    audit,
    archived: new Map(saved.archived),
    ledger: {
      told: IdSet.load(saved.told),
      madeHolds: IdSet.load(saved.madeHolds),
      endedHolds: IdSet.load(saved.endedHolds),
      posted: AccountSums.load(saved.posted),
      rowCount: BigInt(saved.rowCount),
      archived: loadArchived(saved),
      problems: [...saved.problems],
    },
  };
}

function loadArchived(saved: Saved): ArchivedState {
  return {
    isUnread: false,
    rowCount: BigInt(saved.archivedCount),
    reversed: new Map(saved.reversed.map(([id, sum]) => [id, BigInt(sum)])),
    originals: new Map(
      saved.originals.map(([id, sum]) => [id, sum === null ? undefined : BigInt(sum)]),
    ),
  };
}

/** Forgets it. */
export function dropVerifyState(file: string): void {
  rmSync(file, { force: true });
}
