/** A clean month through the bank: of each day its busiest stretch at its real pace, until a share of the day's payments is played; between
 * two of them the machines sleep. All of the month goes through the detectors as events beside it. */
import { Worker } from 'node:worker_threads';
import type { TrafficItem } from '../../../sim/customer/traffic.ts';
import {
  busiestMinute,
  dayStartMs,
  dayWishes,
  type Month,
  type MonthWish,
} from '../../../sim/drills/month.ts';
import type { Scale } from '../../../sim/drills/scenario.ts';
import { rupiah } from '../../kernel/money.ts';
import type { MonthWatch } from './month-watch.ts';
import type { DrillWorld } from './world.ts';

const MINUTE_MS = 60_000;
/** Of the volume, at the default one. */
const SHARE = 100;
/** What was sent last gets its outcome before the machines sleep. */
const SETTLE_MS = 60_000;
/** Awake so long before the first payment. */
const EARLY_MS = 45_000;
/** Ten digits that none of the hub's magic suffixes matches (those have 99 as 4th and 5th last). */
const OUTSIDER_BASE = 100_000_000_000n;

export interface MonthPlay {
  readonly items: readonly TrafficItem[];
  /** First and last item of each day, in order. */
  readonly days: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

/** What is played through the bank. Pure. */
export function monthPlay(
  month: Month,
  of: {
    readonly seed: string;
    readonly startMs: number;
    readonly scale: Scale;
    readonly accounts: readonly string[];
    readonly banks: readonly string[];
  },
): MonthPlay {
  const items: TrafficItem[] = [];
  const days: { fromMs: number; untilMs: number }[] = [];
  for (let day = 1; day <= month.days; day++) {
    const chosen = chosenOf(month, { ...of, day });
    const [first, last] = [chosen[0], chosen.at(-1)];
    if (!first || !last) continue;
    days.push({ fromMs: first.atMs, untilMs: last.atMs });
    for (const wish of chosen) items.push(itemOf(wish, { ...of, number: items.length + 1 }));
  }
  return { items, days };
}

function chosenOf(
  month: Month,
  of: {
    readonly seed: string;
    readonly startMs: number;
    readonly scale: Scale;
    readonly day: number;
  },
): readonly MonthWish[] {
  const all = dayWishes(month, of);
  if (of.scale === 'full') return all;
  const fromMs = dayStartMs(of.startMs, of.day) + busiestMinute(month, of.day) * MINUTE_MS;
  const first = all.findIndex(({ atMs }) => atMs >= fromMs);
  return all.slice(first, first + Math.ceil(all.length / SHARE));
}

function itemOf(
  wish: MonthWish,
  of: {
    readonly number: number;
    readonly accounts: readonly string[];
    readonly banks: readonly string[];
  },
): TrafficItem {
  const { accounts, banks } = of;
  const own = wish.payer % accounts.length;
  const base = {
    number: of.number,
    atMs: wish.atMs,
    kind: wish.kind,
    amountSen: rupiah(BigInt(wish.rupiah)),
    account: accounts[own]!,
  };
  if (wish.kind === 'onus') {
    const step = 1 + (wish.payee % (accounts.length - 1));
    return { ...base, otherAccount: accounts[(own + step) % accounts.length]! };
  }
  return {
    ...base,
    otherBank: banks[wish.payee % banks.length]!,
    otherAccount: outsider(wish.payee),
  };
}

/** An account at another bank: the number of the person, kept away from 99 where the hub looks. */
function outsider(person: number): string {
  const digits = String(OUTSIDER_BASE + BigInt(person) * 7n).slice(-10);
  return `${digits.slice(0, 5)}${digits.slice(5, 7).replaceAll('9', '1')}${digits.slice(7)}`;
}

/** Between two days everybody sleeps. Ends when the last day has begun. */
export async function sleepBetween(
  world: Pick<DrillWorld, 'time' | 'leap'>,
  days: MonthPlay['days'],
): Promise<void> {
  const { time } = world;
  for (const [at, day] of days.entries()) {
    const before = days[at - 1];
    if (before) await time.sleep(Math.max(0, before.untilMs + SETTLE_MS - time.now()));
    const wakeAtMs = day.fromMs - EARLY_MS;
    if (wakeAtMs > time.now() + SETTLE_MS) await world.leap(wakeAtMs);
  }
}

/** The whole month through the detectors, on another processor. */
export function watchBeside(
  month: Month,
  of: { readonly seed: string; readonly startMs: number },
): Promise<MonthWatch> {
  const worker = new Worker(new URL('./month-worker.ts', import.meta.url), {
    workerData: { month, ...of },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
