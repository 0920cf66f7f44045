/** Normal traffic: what customers want and when, drawn from a seed; and a runner that offers it at its time whatever the
 * bank does (open loop), so that a slow bank cannot make itself look good. */
import { rupiah } from '../../src/kernel/money.ts';
import { seededRandom, type Random } from '../../src/kernel/random.ts';
import type { Time } from '../../src/kernel/time.ts';
import {
  openMeter,
  type DailyKind,
  type Meter,
  type SwitchKind,
  type TrafficKind,
  type TrafficResult,
} from './measure.ts';

/** Mean offers a minute by kind; fractions are fine. */
export type TrafficRate = Readonly<Record<DailyKind, number> & Partial<Record<SwitchKind, number>>>;

/** A stretch of time with its own rate. */
export interface TrafficPhase {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly perMinute: TrafficRate;
}

export interface TrafficItem {
  readonly number: number;
  readonly atMs: number;
  readonly kind: TrafficKind;
  readonly amountSen: bigint;
  /** Our customer's account. */
  readonly account: string;
  /** The other account: ours for `onus`, another bank's otherwise; of no use to `cash` and `qris_in`, where a machine or a shop stands. */
  readonly otherAccount: string;
  /** BIC of the other bank; absent for `onus`. */
  readonly otherBank?: string;
}

export interface TrafficPlan {
  readonly seed: string | number;
  readonly phases: readonly TrafficPhase[];
  /** Our customers' account numbers; at least two. */
  readonly accounts: readonly string[];
  /** BICs of the other banks. */
  readonly banks: readonly string[];
}

/** Kinds that need a switch. */
export const SWITCH_KINDS: readonly SwitchKind[] = [
  'cash',
  'switch_out',
  'switch_in',
  'qris_out',
  'qris_in',
];
const KINDS: readonly TrafficKind[] = ['onus', 'bifast_out', 'bifast_in', ...SWITCH_KINDS];

/** The offers of a plan in the order of their times. Pure: the same plan gives the same items. Arrivals are spread evenly at
 * random within each phase (a Poisson stream given its count); amounts are small and mostly round, as people's are. */
export function trafficItems(plan: TrafficPlan): readonly TrafficItem[] {
  const items: Omit<TrafficItem, 'number'>[] = [];
  for (const [index, phase] of plan.phases.entries()) {
    for (const kind of KINDS) {
      const random = seededRandom(`${plan.seed}:traffic:${index}:${kind}`);
      const mean = ((phase.untilMs - phase.fromMs) / 60_000) * (phase.perMinute[kind] ?? 0);
      const count = Math.floor(mean) + (random.below(1000) < (mean % 1) * 1000 ? 1 : 0);
      for (let i = 0; i < count; i++) items.push(draw({ plan, phase, kind, random }));
    }
  }
  items.sort((a, b) => a.atMs - b.atMs || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return items.map((item, i) => ({ ...item, number: i + 1 }));
}

function draw(input: {
  readonly plan: TrafficPlan;
  readonly phase: TrafficPhase;
  readonly kind: TrafficKind;
  readonly random: Random;
}): Omit<TrafficItem, 'number'> {
  const { plan, phase, kind, random } = input;
  const own = random.below(plan.accounts.length);
  const base = {
    atMs: phase.fromMs + random.below(phase.untilMs - phase.fromMs),
    kind,
    amountSen: kind === 'cash' ? notes(random) : everydayAmount(random),
    account: plan.accounts[own]!,
  };
  if (kind === 'onus') {
    const step = 1 + random.below(plan.accounts.length - 1);
    return { ...base, otherAccount: plan.accounts[(own + step) % plan.accounts.length]! };
  }
  return {
    ...base,
    otherBank: plan.banks[random.below(plan.banks.length)]!,
    otherAccount: otherAccountNumber(random),
  };
}

/** Rp10.000 to Rp2.000.000, more small than large, in steps of Rp1.000. */
function everydayAmount(random: Random): bigint {
  const ceiling = [50, 100, 250, 500, 2000][random.below(5)]!;
  return rupiah(BigInt(10 + random.below(ceiling - 9)) * 1000n);
}

/** What a machine can give: one to twenty notes of Rp50.000. */
function notes(random: Random): bigint {
  return rupiah(50_000n * BigInt(1 + random.below(20)));
}

/** Ten digits that no magic suffix of the hub's faults matches (those have 99 as 4th and 5th last). */
function otherAccountNumber(random: Random): string {
  return `${1 + random.below(8)}${String(random.below(10_000)).padStart(4, '0')}${String(random.below(90_000)).padStart(5, '0')}`;
}

export interface TrafficRun {
  readonly meter: Meter;
  /** Ends when every item was offered and answered, or when `stop` was called and the open ones were answered. */
  readonly done: Promise<void>;
  stop(): void;
}

/** How many offers may be out at once; more are counted as offered and not answered. Bounds memory when the bank hangs. */
const OUTSTANDING_MAX = 2_000;

/** Offers each item at its time. `offer` asks the bank and says what became of it; a throw means no answer. */
export function runTraffic(input: {
  readonly time: Time;
  readonly items: Iterable<TrafficItem>;
  readonly startMs: number;
  readonly offer: (item: TrafficItem) => Promise<TrafficResult>;
}): TrafficRun {
  const meter = openMeter(input.startMs);
  const stopping = new AbortController();
  const open = new Set<Promise<void>>();
  const ask = async (item: TrafficItem): Promise<void> => {
    const offered = meter.offer(item.kind, item.atMs);
    if (open.size >= OUTSTANDING_MAX) return offered.end({ outcome: 'no_answer' });
    const asked = input.offer(item).then(
      (result) => offered.end(result),
      () => offered.end({ outcome: 'no_answer' }),
    );
    open.add(asked);
    void asked.finally(() => open.delete(asked));
  };
  const loop = async (): Promise<void> => {
    for (const item of input.items) {
      const waitMs = item.atMs - input.time.now();
      if (waitMs > 0) await input.time.sleep(waitMs, stopping.signal);
      if (stopping.signal.aborted) break;
      await ask(item);
    }
    await Promise.all(open);
  };
  return { meter, done: loop(), stop: () => stopping.abort() };
}
