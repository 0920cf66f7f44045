import { QUIET, type Finding, type FlowDetector, type Look } from '../flow/detector.ts';
import { add, newest, openRing, type Ring } from '../flow/ring.ts';
import { isTransfer, type TransferSeen } from '../flow/transfer.ts';

const NUMBERS = {
  windowMinutes: 15,
  /** Times the usual share of the value. */
  usualTimes: 5,
  /** Of the value, for payees that thieves use and customers seldom do. */
  sharePercent: 20,
  paymentsMin: 10,
  /** In the window, to the category or bank. */
  floorRupiah: 100_000_000,
  /** A bank is judged only against its usual share, and from so many payments on. */
  bankPaymentsMin: 30,
  /** Windows before a usual share is known. */
  learnWindows: 96,
} as const;

interface Share {
  readonly ring: Ring;
  /** Slow mean of the share of the value, 0–1, over `windows` windows with traffic. */
  usual: number;
}

interface Rail {
  readonly all: Ring;
  readonly parts: Record<string, Share>;
  size: number;
  windows: number;
  /** The window that was learned last. */
  learned: number;
}

type State = Record<string, Rail>;

const MINUTE_MS = 60_000;
const RING_MINUTES = 16;
/** The mean over about two days of windows. */
const MEMORY = 200;
/** Banks and categories of one rail. */
const PARTS_MAX = 300;
/** Never judged by a fixed share: what customers fill wallets with at Eid is theirs. */
const RELATIVE_ONLY = new Set(['e_wallet']);

/** D14: much of the money goes to one kind of payee (crypto exchange, investment, wallet) or to one bank that usually gets little. Holds the
 * kind; throttles the bank. Source: domain.md 7.5 (Jambi: an exchange). */
export const categoryDetector: FlowDetector<State, typeof NUMBERS> = {
  id: 'D14',
  sees: ['payment'],
  numbers: NUMBERS,
  start: () => ({}),
  fold(state, seen, look) {
    if (!isTransfer(seen)) return QUIET;
    const rail = (state[seen.rail] ??= {
      all: openRing(RING_MINUTES),
      parts: {},
      size: 0,
      windows: 0,
      learned: 0,
    });
    learn(rail, look);
    add(rail.all, look.nowMs, seen.rupiah);
    const found = [
      judge({ seen, rail, look, part: seen.category, kind: 'category' }),
      judge({ seen, rail, look, part: seen.bank, kind: 'bank' }),
    ].filter((finding) => finding !== undefined);
    return found.length === 0 ? QUIET : found;
  },
};

/** At the end of each window that had traffic the usual shares move a little. */
function learn(rail: Rail, { nowMs, numbers }: Look<typeof NUMBERS>): void {
  const window = Math.floor(nowMs / (numbers.windowMinutes * MINUTE_MS));
  if (rail.learned === 0) rail.learned = window;
  if (window === rail.learned) return;
  rail.learned = window;
  const all = newest(rail.all, numbers.windowMinutes);
  if (all.sum === 0) return;
  rail.windows++;
  const weight = 1 / Math.min(rail.windows, MEMORY);
  for (const part of Object.values(rail.parts)) {
    const fresh = part.ring.at > rail.all.at - numbers.windowMinutes;
    const share = fresh ? newest(part.ring, numbers.windowMinutes).sum / all.sum : 0;
    part.usual += (Math.min(1, share) - part.usual) * weight;
  }
}

function judge(of: {
  readonly seen: TransferSeen;
  readonly rail: Rail;
  readonly look: Look<typeof NUMBERS>;
  readonly part: string | undefined;
  readonly kind: 'category' | 'bank';
}): Finding | undefined {
  const { seen, rail, look, part, kind } = of;
  if (part === undefined) return undefined;
  const share = shareOf(rail, `${kind} ${part}`);
  if (!share) return undefined;
  add(share.ring, look.nowMs, seen.rupiah);
  const { numbers, caution } = look;
  const { count, sum } = newest(share.ring, numbers.windowMinutes);
  const all = newest(rail.all, numbers.windowMinutes).sum;
  const paymentsMin = kind === 'bank' ? numbers.bankPaymentsMin : numbers.paymentsMin;
  if (count < paymentsMin || sum < numbers.floorRupiah) return undefined;
  const now = sum / all;
  const isKnown = rail.windows >= numbers.learnWindows;
  const isMore =
    isKnown && now > share.usual * numbers.usualTimes && now * 100 > numbers.sharePercent * caution;
  const isMuch =
    kind === 'category' && !RELATIVE_ONLY.has(part) && now * 100 > numbers.sharePercent * caution;
  if (!isMore && !isMuch) return undefined;
  return {
    code: 'category_share',
    severity: 'P1',
    evidence: [
      `${kind} ${part}`,
      `share_percent=${Math.round(now * 100)}`,
      `payments=${count}`,
      seen.id,
    ],
    act: {
      kind: kind === 'category' ? 'hold' : 'throttle',
      scope: { rail: seen.rail, direction: 'out', [kind]: part },
      reasonClass: 'containment',
    },
  };
}

function shareOf(rail: Rail, key: string): Share | undefined {
  const known = rail.parts[key];
  if (known || rail.size >= PARTS_MAX) return known;
  rail.size++;
  return (rail.parts[key] = { ring: openRing(RING_MINUTES), usual: 0 });
}
