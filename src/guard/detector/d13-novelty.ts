import { QUIET, type FlowDetector } from '../flow/detector.ts';
import { dominant, keep } from '../flow/recent.ts';
import { isTransfer } from '../flow/transfer.ts';

const NUMBERS = {
  lastCount: 50,
  sharePercent: 60,
  /** A rail on which so many payees are new at all times says nothing by it. */
  usualPercentMax: 40,
  /** Payments of a rail before its usual share is known. */
  learnCount: 2_000,
  /** Deviations above the rail's usual share that chance does not reach. */
  deviations: 6,
  /** Of one payer so many count: a company that pays its people for the first time is one payer. */
  perPayerMax: 5,
} as const;

interface Rail {
  /** The newest payments: first payee or not, and their channels. */
  readonly last: { readonly isFirst: boolean; readonly channel: string; readonly payer: string }[];
  count: number;
  /** Slow mean of the share of first payees, 0–1. */
  usual: number;
}

type State = Record<string, Rail>;

/** The mean over about so many payments. */
const MEMORY = 2_000;

/** First payees among the newest, those of one payer up to a number. */
function firstsOf(last: Rail['last'], perPayerMax: number): Rail['last'] {
  const counts = new Map<string, number>();
  return last.filter(({ isFirst, payer }) => {
    if (!isFirst) return false;
    const count = (counts.get(payer) ?? 0) + 1;
    counts.set(payer, count);
    return count <= perPayerMax;
  });
}

/** D13: most of the newest payments go to payees whom their payers never paid before. Throttles the channel (or rail), and
 * never stops it: a few customers could else close it for all, and at Eid all do it (DESIGN.md 1.1). Cold start: silent until a rail's usual
 * share is known. Source: domain.md 7.5. */
export const noveltyDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D13',
  version: 2,
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, look) {
    if (!isTransfer(seen)) return QUIET;
    const { numbers } = look;
    const rail = (state[seen.rail] ??= { last: [], count: 0, usual: 1 });
    const isFirst = seen.isFirstPayee;
    keep(rail.last, { isFirst, channel: seen.channel, payer: seen.payer }, numbers.lastCount);
    rail.count++;
    rail.usual += ((isFirst ? 1 : 0) - rail.usual) / Math.min(rail.count, MEMORY);
    if (!isFirst || rail.count < numbers.learnCount || rail.last.length < numbers.lastCount)
      return QUIET;
    if (rail.usual * 100 > numbers.usualPercentMax) return QUIET;
    const firsts = firstsOf(rail.last, numbers.perPayerMax);
    const share = (firsts.length * 100) / rail.last.length;
    const deviation = Math.sqrt((rail.usual * (1 - rail.usual)) / rail.last.length);
    const chance = (rail.usual + numbers.deviations * deviation) * 100;
    if (share <= Math.max(numbers.sharePercent, chance)) return QUIET;
    const channel = dominant(firsts.map((one) => one.channel));
    return [
      {
        code: 'first_payees',
        severity: 'P1',
        evidence: [`first_percent=${Math.round(share)}`, `of=${rail.last.length}`, seen.id],
        act: {
          kind: 'throttle',
          scope: { rail: seen.rail, direction: 'out', ...(channel !== undefined && { channel }) },
          reasonClass: 'containment',
        },
      },
    ];
  },
};
