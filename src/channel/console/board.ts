/** The rail board: rows = rail × direction, from payment rows of a window. Pure. */
import type { TrafficRow } from './store.ts';

/** Which payments make up a row of the board. */
export const BOARD_ROWS = [
  { key: 'onus', rail: 'onus', direction: 'out', kinds: ['onus'] },
  { key: 'bifast_out', rail: 'bifast', direction: 'out', kinds: ['bifast_out', 'bifast_return'] },
  { key: 'bifast_in', rail: 'bifast', direction: 'in', kinds: ['bifast_in'] },
  { key: 'switch_out', rail: 'switch', direction: 'out', kinds: ['switch_out'] },
  { key: 'switch_in', rail: 'switch', direction: 'in', kinds: ['switch_in'] },
  {
    key: 'qris_out',
    rail: 'qris',
    direction: 'out',
    kinds: ['qris_out', 'qris_presented', 'qris_transfer_out', 'qris_refund_out'],
  },
  {
    key: 'qris_in',
    rail: 'qris',
    direction: 'in',
    kinds: ['qris_in', 'qris_scanned', 'qris_transfer_in', 'qris_refund_in'],
  },
  { key: 'bill', rail: 'biller', direction: 'out', kinds: ['bill'] },
] as const;

export interface BoardRow {
  readonly key: string;
  readonly rail: string;
  readonly direction: string;
  readonly count: number;
  readonly valueSen: string;
  readonly settled: number;
  readonly businessDeclines: number;
  readonly technicalDeclines: number;
  /** In flight or unknown now, whatever the window. */
  readonly open: number;
  readonly unknown: number;
  /** Settled share of what has a technical outcome, basis points. */
  readonly successBps?: number;
  readonly latencyP95Ms?: number;
  /** Payments per minute, oldest first. */
  readonly perMinute: readonly number[];
}

const DECLINED = new Set(['refunded', 'rejected', 'returned', 'refused']);

/** Folds the query rows into the board; `isBusinessDecline` knows the rail's codes. */
export function makeBoard(input: {
  readonly traffic: readonly TrafficRow[];
  readonly minutes: readonly { readonly kind: string; readonly minute: Date; readonly n: bigint }[];
  readonly open: readonly { readonly kind: string; readonly state: string; readonly n: bigint }[];
  readonly nowMs: number;
  readonly minuteCount: number;
  readonly isBusinessDecline: (code: string) => boolean;
}): readonly BoardRow[] {
  const lastMinute = Math.floor(input.nowMs / 60_000);
  return BOARD_ROWS.map(({ key, rail, direction, kinds }) => {
    const isOurs = ({ kind }: { readonly kind: string }): boolean =>
      (kinds as readonly string[]).includes(kind);
    const perMinute = Array.from({ length: input.minuteCount }, () => 0);
    for (const { minute, n } of input.minutes.filter(isOurs)) {
      const at = input.minuteCount - 1 - (lastMinute - Math.floor(minute.getTime() / 60_000));
      if (at >= 0 && at < input.minuteCount) perMinute[at]! += Number(n);
    }
    const tally = {
      count: 0,
      valueSen: 0n,
      settled: 0,
      businessDeclines: 0,
      technicalDeclines: 0,
      latencyP95Ms: 0,
    };
    for (const row of input.traffic.filter(isOurs)) {
      const n = Number(row.n);
      tally.count += n;
      tally.valueSen += row.value_sen;
      tally.latencyP95Ms = Math.max(tally.latencyP95Ms, row.latency_p95_ms ?? 0);
      if (row.state === 'settled') tally.settled += n;
      else if (isBusiness(row, input.isBusinessDecline)) tally.businessDeclines += n;
      else if (DECLINED.has(row.state)) tally.technicalDeclines += n;
    }
    const open = input.open.filter(isOurs);
    const unknown = sum(open.filter(({ state }) => state === 'unknown' || state === 'review'));
    const judged = tally.settled + tally.technicalDeclines;
    const { latencyP95Ms, valueSen, ...counts } = tally;
    return {
      key,
      rail,
      direction,
      ...counts,
      valueSen: String(valueSen),
      open: sum(open),
      unknown,
      perMinute,
      ...(judged > 0 ? { successBps: Math.floor((tally.settled * 10_000) / judged) } : {}),
      ...(latencyP95Ms > 0 ? { latencyP95Ms: Math.round(latencyP95Ms) } : {}),
    };
  });
}

/** What we refused ourselves, by a restriction or a limit, never reached the rail and says nothing about its health. */
function isBusiness(row: TrafficRow, isBusinessDecline: (code: string) => boolean): boolean {
  if (row.state === 'refused') return true;
  return DECLINED.has(row.state) && isBusinessDecline(row.outcome_code ?? '');
}

function sum(rows: readonly { readonly n: bigint }[]): number {
  return rows.reduce((all, { n }) => all + Number(n), 0);
}
