/** What should lie on our settlement account, against what the network says lies there (D4), and how long it lasts (D7). Pure.
 *
 * The network's word is some seconds old and payments are under way, so what is expected is an interval, never a point: the network has booked
 * at least what the ledger had posted before that word, and at most what is posted or held now. What the account held at the beginning follows
 * from the first word, and is known better with each further one that agrees. A word outside the interval is a gap: money that nobody here
 * booked. It stays until the ledger explains it (a correction of two people, an entry of treasury), however many days that takes.
 * Source: domain.md 7.4 and 7.5. */

/** The ledger's word of one rail, cumulative; sen. */
export interface LedgerWord {
  readonly atMs: number;
  /** Net of what left and what came over the rail, posted. */
  readonly outSen: bigint;
  readonly inSen: bigint;
  /** Held: it may have left or come already. */
  readonly pendingOutSen: bigint;
  readonly pendingInSen: bigint;
  /** Treasury's entries, net; the young ones may not have arrived yet. */
  readonly treasurySen: bigint;
  readonly youngTopUpSen: bigint;
  readonly youngWithdrawalSen: bigint;
}

/** The network's word. */
export interface PositionWord {
  readonly madeAtMs: number;
  readonly heardAtMs: number;
  readonly openingSen: bigint;
  readonly bookedSen: bigint;
  readonly freeSen: bigint;
}

interface Range {
  readonly minSen: bigint;
  readonly maxSen: bigint;
}

/** What is remembered between looks; oldest first. */
export interface BalanceMemory {
  /** What lay there before all that the ledger knows of; undefined before the second look. */
  readonly base?: Range;
  readonly ledger: readonly LedgerWord[];
  readonly points: readonly BalancePoint[];
  /** Of the last word that could be judged; absent in memories from before it was kept. */
  readonly gapSen?: bigint;
}

/** One point of the picture. */
export interface BalancePoint {
  readonly atMs: number;
  readonly bookedSen: bigint;
  readonly treasurySen: bigint;
}

/** What a look says. */
export interface BalanceLook extends PositionWord {
  readonly atMs: number;
  /** Undefined before the second look. */
  readonly expected?: Range;
  /** Outside what is expected, by so much: below zero = missing. */
  readonly gapSen: bigint;
  /** Net outflow per minute lately; 0 = none. */
  readonly burnSenPerMinute: bigint;
  /** Until `freeSen` is spent at that rate; undefined = it is not being spent. */
  readonly runwayMinutes?: number;
}

/** The network's clock and ours may differ by so much. */
const SKEW_MS = 5_000;
/** Looks kept to find the ledger's word before the network's. */
const LEDGER_MAX = 20;
/** A point a minute, three hours. */
const POINT_MS = 60_000;
const POINTS_MAX = 180;
const BURN_MS = 15 * 60_000;
/** Less says nothing about a rate. */
const BURN_MS_MIN = 5 * 60_000;

/** A memory that knows nothing. */
export const FIRST_BALANCE: BalanceMemory = { ledger: [], points: [] };

/** One look. */
export function lookAtBalance(
  memory: BalanceMemory,
  seen: { readonly position: PositionWord; readonly ledger: LedgerWord },
): { readonly memory: BalanceMemory; readonly look: BalanceLook } {
  const { position, ledger } = seen;
  const before = memory.ledger.findLast(({ atMs }) => atMs <= position.madeAtMs - SKEW_MS);
  const moved = before && movedBetween(before, ledger);
  const points = addPoint(memory.points, { position, ledger });
  // A word too old to be judged takes nothing back.
  const { base, gapSen } = moved
    ? judge(memory.base, shift(position.bookedSen, moved, -1n))
    : { base: memory.base, gapSen: memory.gapSen ?? 0n };
  const burnSenPerMinute = burnOf(points, { position, ledger });
  const look: BalanceLook = {
    ...position,
    atMs: ledger.atMs,
    ...(base && moved && { expected: add(base, moved) }),
    gapSen,
    burnSenPerMinute,
    ...(burnSenPerMinute > 0n && {
      runwayMinutes: position.freeSen <= 0n ? 0 : Number(position.freeSen / burnSenPerMinute),
    }),
  };
  const kept = [...memory.ledger, ledger].slice(-LEDGER_MAX);
  return { memory: { ...(base && { base }), ledger: kept, points, gapSen }, look };
}

/** How far the account can have moved from its base by the network's word. */
function movedBetween(before: LedgerWord, now: LedgerWord): Range {
  return {
    minSen: before.inSen - now.outSen - now.pendingOutSen + now.treasurySen - now.youngTopUpSen,
    maxSen: now.inSen + now.pendingInSen - before.outSen + now.treasurySen + now.youngWithdrawalSen,
  };
}

/** The base that a balance speaks for: the interval turned round. */
function shift(sen: bigint, { minSen, maxSen }: Range, sign: -1n): Range {
  return { minSen: sen + sign * maxSen, maxSen: sen + sign * minSen };
}

function add(one: Range, other: Range): Range {
  return { minSen: one.minSen + other.minSen, maxSen: one.maxSen + other.maxSen };
}

/** The base with what this look says of it. One that contradicts is a gap, and changes the base never. */
function judge(
  base: Range | undefined,
  said: Range,
): { readonly base: Range | undefined; readonly gapSen: bigint } {
  if (!base) return { base: said, gapSen: 0n };
  if (said.maxSen < base.minSen) return { base, gapSen: said.maxSen - base.minSen };
  if (said.minSen > base.maxSen) return { base, gapSen: said.minSen - base.maxSen };
  const minSen = said.minSen > base.minSen ? said.minSen : base.minSen;
  const maxSen = said.maxSen < base.maxSen ? said.maxSen : base.maxSen;
  return { base: { minSen, maxSen }, gapSen: 0n };
}

function addPoint(
  points: readonly BalancePoint[],
  { position, ledger }: { readonly position: PositionWord; readonly ledger: LedgerWord },
): readonly BalancePoint[] {
  const last = points.at(-1);
  if (last && position.madeAtMs - last.atMs < POINT_MS) return points;
  const { bookedSen, madeAtMs: atMs } = position;
  return [...points, { atMs, bookedSen, treasurySen: ledger.treasurySen }].slice(-POINTS_MAX);
}

/** Of the balance itself, so that what leaves past the ledger counts; what treasury moved is no burn. */
function burnOf(
  points: readonly BalancePoint[],
  { position, ledger }: { readonly position: PositionWord; readonly ledger: LedgerWord },
): bigint {
  const from = points.find(({ atMs }) => position.madeAtMs - atMs <= BURN_MS);
  if (!from) return 0n;
  const lastedMs = position.madeAtMs - from.atMs;
  if (lastedMs < BURN_MS_MIN) return 0n;
  const spent = from.bookedSen - position.bookedSen + (ledger.treasurySen - from.treasurySen);
  return spent <= 0n ? 0n : (spent * 60_000n) / BigInt(lastedMs);
}

/** A memory as JSON text and back; amounts are decimal text. */
export function balanceText(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}

/** Reads what `balanceText` wrote; only a guard writes it. */
export function parseBalance(text: string): unknown {
  return JSON.parse(text, (_key, one: unknown) =>
    typeof one === 'string' && /^-?\d{1,30}n$/.test(one) ? BigInt(one.slice(0, -1)) : one,
  ) as unknown;
}
