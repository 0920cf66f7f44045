import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';
import { dominant, keep } from '../flow/recent.ts';
import { count, heaviest, openTop, type Heavy, type Top } from '../flow/top.ts';
import { isTransfer, type TransferSeen } from '../flow/transfer.ts';

const NUMBERS = {
  /** One payee in a window of ten minutes. */
  creditsMin: 5,
  payersMin: 3,
  /** Together, so that an online seller's small sales are none. */
  floorRupiah: 50_000_000,
  /** One payee in an hour, from more than one payer. */
  hourRupiah: 500_000_000,
  /** The heaviest payees of half an hour, of all payments of the rail. */
  heavyPayees: 50,
  heavySharePercent: 60,
  heavyPaymentsMin: 100,
  /** Below so many known pairs every payee is new to everybody and the share means nothing. */
  knownPairsMin: 1_000,
} as const;

/** Ten minutes of one rail. Only payments to a payee whom the payer never paid before are in `top`. */
interface Pane {
  readonly from: number;
  readonly top: Top;
  all: number;
  readonly channels: string[];
}

/** By rail, oldest first. */
type State = Record<string, Pane[]>;

const PANE_MS = 10 * 60_000;
const PANES = 6;
const HALF_HOUR_PANES = 3;
/** Exact up to so many payees in ten minutes. */
const KEYS_MAX = 4_096;
const CHANNELS_KEPT = 50;

/** D12: money of unrelated payers runs together at one payee, or most of a rail's payments go to few. Counts payments to first payees only:
 * who has long been paid by many is a shop. Holds the payee; throttles the channel (or rail) when it is many payees. Source:
 * domain.md 7.5 (Jambi: 45 accounts, 6,609 payments). */
export const payeeDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D12',
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, look) {
    if (!isTransfer(seen)) return QUIET;
    const panes = (state[seen.rail] ??= []);
    const pane = paneAt(panes, look.nowMs);
    pane.all++;
    if (!seen.isFirstPayee) return QUIET;
    keep(pane.channels, seen.channel, CHANNELS_KEPT);
    const heavy = count(pane.top, {
      key: seen.payee,
      size: seen.rupiah,
      from: seen.payer,
      max: KEYS_MAX,
    });
    const one = oneOf({ seen, panes, heavy, look });
    const many = heavy.count > 1 ? manyOf({ seen, panes, look }) : undefined;
    return one || many ? [one, many].filter((finding) => finding !== undefined) : QUIET;
  },
};

function paneAt(panes: Pane[], nowMs: number): Pane {
  const from = Math.floor(nowMs / PANE_MS);
  const last = panes.at(-1);
  if (last && last.from >= from) return last;
  const pane: Pane = { from, top: openTop(), all: 0, channels: [] };
  panes.push(pane);
  while (panes.length > 0 && panes[0]!.from <= from - PANES) panes.shift();
  return pane;
}

interface Asked {
  readonly seen: TransferSeen;
  readonly panes: readonly Pane[];
  readonly look: Look<typeof NUMBERS>;
}

/** One payee, in this pane and the one before, or in the hour. */
function oneOf({
  seen,
  panes,
  heavy,
  look,
}: Asked & { readonly heavy: Heavy }): Finding | undefined {
  const { numbers, caution } = look;
  const ten = together(seen.payee, since(panes, 2));
  const isCrowded =
    ten.count >= Math.ceil(numbers.creditsMin * caution) &&
    ten.from >= numbers.payersMin &&
    ten.sum >= numbers.floorRupiah;
  const hour =
    isCrowded || heavy.sum * PANES < numbers.hourRupiah ? ten : together(seen.payee, panes);
  const isRich = hour.from >= 2 && hour.sum >= numbers.hourRupiah;
  if (!isCrowded && !isRich) return undefined;
  return {
    code: 'payee_concentration',
    severity: 'P1',
    evidence: [seen.payee, `payments=${hour.count}`, `rupiah=${hour.sum}`, seen.id],
    act: {
      kind: 'hold',
      scope: { rail: seen.rail, direction: 'out', payee: seen.payee },
      reasonClass: 'containment',
    },
  };
}

/** The running pane and those just before it. */
function since(panes: readonly Pane[], number: number): readonly Pane[] {
  const newest = panes.at(-1)?.from ?? 0;
  return panes.filter(({ from }) => from > newest - number);
}

function together(
  payee: string,
  panes: readonly Pane[],
): { readonly count: number; readonly sum: number; readonly from: number } {
  const found = panes.flatMap(({ top }) => top.keys[payee] ?? []);
  return {
    count: found.reduce((sum, one) => sum + one.count, 0),
    sum: found.reduce((sum, one) => sum + one.sum, 0),
    from: new Set(found.flatMap(({ from }) => from)).size,
  };
}

/** Few payees take most of the rail: asked seldom, as it reads all of them. */
function manyOf({ seen, panes, look }: Asked): Finding | undefined {
  const { numbers } = look;
  const recent = since(panes, HALF_HOUR_PANES);
  const all = recent.reduce((sum, pane) => sum + pane.all, 0);
  if (all < numbers.heavyPaymentsMin || all % 10 !== 0) return undefined;
  if (look.knownPairs < numbers.knownPairsMin) return undefined;
  const merged = openTop();
  for (const { top } of recent) {
    for (const [key, one] of Object.entries(top.keys)) {
      const known = merged.keys[key];
      if (known) known.count += one.count;
      else merged.keys[key] = { ...one };
    }
  }
  for (const [key, one] of Object.entries(merged.keys)) if (one.count < 2) delete merged.keys[key];
  const share = (heaviest(merged, numbers.heavyPayees) * 100) / all;
  if (share <= numbers.heavySharePercent) return undefined;
  const channel = dominant(recent.flatMap(({ channels }) => channels));
  return {
    code: 'payee_concentration',
    severity: 'P1',
    evidence: [`share_percent=${Math.round(share)}`, `payments=${all}`, seen.id],
    act: {
      kind: 'throttle',
      scope: { rail: seen.rail, direction: 'out', ...(channel !== undefined && { channel }) },
      reasonClass: 'containment',
    },
  };
}
