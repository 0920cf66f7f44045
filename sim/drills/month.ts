/** A month without a crime: what the customers of one bank want, minute by minute, with paydays, holiday bonuses, alms and the peaks before
 * Eid. It owns the wishes of both halves of the drill: all of them for the detectors, the busiest hundredth of each day for the bank.
 * Pure: a day of a month and a seed is always the same. */
import type { DailyKind } from '../customer/measure.ts';
import type { TrafficRate } from '../customer/traffic.ts';

/** Days that are not ordinary; of several that hold on a day the last one counts. */
export interface BusyDays {
  /** Days of the month, the first is 1; those before the month (`learnDays`) are 0 and less. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Times the payments of an ordinary day. */
  readonly volume: number;
  /** Payments to somebody whom the payer never paid, in percent. @default the month's */
  readonly firstPayeePercent?: number;
  /** Of interbank payments to others, in percent, that are alms to one of three collectors. */
  readonly almsPercent?: number;
  /** Companies that pay their people on that day, each in one go. */
  readonly payrolls?: number;
  /** A stretch in which it is so many times the ordinary minute of that hour. */
  readonly peak?: { readonly hour: number; readonly minutes: number; readonly times: number };
}

export interface Month {
  readonly days: number;
  /** Ordinary days before the first one, for detectors to learn what is usual. */
  readonly learnDays: number;
  /** Mean of an ordinary day. */
  readonly perMinute: TrafficRate;
  /** Of each WIB hour, relative to one another. */
  readonly hours: readonly number[];
  readonly customers: number;
  readonly firstPayeePercent: number;
  /** Interbank payments by companies that split a sum below the scheme's cap, per thousand. */
  readonly splitPerMille: number;
  readonly busy: readonly BusyDays[];
}

/** One wish. Payers and payees are numbers of people; whoever plays it names them. */
export interface MonthWish {
  readonly atMs: number;
  readonly kind: DailyKind;
  readonly rupiah: number;
  readonly payer: number;
  readonly payee: number;
  readonly channel: 'mobile' | 'snap';
  /** Thousandths of the payer's money that are left. */
  readonly leftPerMille: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAY_MINUTES = 1_440;
const KINDS: readonly DailyKind[] = ['onus', 'bifast_out', 'bifast_in'];
/** Whom a customer pays again and again. */
const CIRCLE = 4;
/** Numbers of people, by what they are; far apart. */
const STRANGERS = 100_000_000;
const COLLECTORS = 900_000_000;
const COMPANIES = 910_000_000;
const EMPLOYEES = 920_000_000;
const COLLECTOR_COUNT = 3;
/** Rice of the fast, in money, and what people round it to; and alms of property. */
const ALMS_RUPIAH = [45_000, 50_000, 100_000, 250_000, 500_000, 2_500_000] as const;
const CAP_RUPIAH = 250_000_000;
const SPLIT_MIN = 3;
const PAYROLL_PEOPLE = 400;
const PAYROLL_GAP_MS = 1_500;
const PAYROLL_HOUR = 9;

type Dice = (below: number) => number;

/** When a day of the month begins; WIB has no daylight saving. */
export function dayStartMs(startMs: number, day: number): number {
  return startMs + (day - 1) * DAY_MS;
}

/** All wishes of one day in the order of their times. `startMs` is midnight of day 1. */
export function dayWishes(
  month: Month,
  of: { readonly seed: string; readonly startMs: number; readonly day: number },
): readonly MonthWish[] {
  const dice = diceOf(`${of.seed}:${of.day}`);
  const fromMs = dayStartMs(of.startMs, of.day);
  const busy = busyOn(month, of.day);
  const wishes: MonthWish[] = [];
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    const times = timesAt(month, busy, minute);
    for (const kind of KINDS) {
      const mean = month.perMinute[kind] * times;
      // About as uneven as chance is, and cheap.
      const count = Math.floor(mean * (0.5 + dice(1_000) / 1_000) + dice(1_000) / 1_000);
      for (let at = 0; at < count; at++)
        pay(wishes, {
          month,
          busy,
          dice,
          kind,
          atMs: fromMs + minute * MINUTE_MS + dice(MINUTE_MS),
        });
    }
  }
  for (let at = 0; at < (busy?.payrolls ?? 0); at++) payroll(wishes, { at, fromMs, dice });
  return wishes.toSorted((a, b) => a.atMs - b.atMs || a.payer - b.payer);
}

/** The first minute of the busiest hour of a day, from midnight. */
export function busiestMinute(month: Month, day: number): number {
  const busy = busyOn(month, day);
  let best = 0;
  for (let minute = 0; minute < DAY_MINUTES; minute++)
    if (timesAt(month, busy, minute) > timesAt(month, busy, best)) best = minute;
  return best;
}

function busyOn(month: Month, day: number): BusyDays | undefined {
  return month.busy.findLast(({ fromDay, toDay }) => day >= fromDay && day <= toDay);
}

/** Times the mean minute of an ordinary day. */
function timesAt(month: Month, busy: BusyDays | undefined, minute: number): number {
  const sum = month.hours.reduce((all, one) => all + one, 0);
  const hour = Math.floor(minute / 60);
  const ordinary = (month.hours[hour]! * 24) / sum;
  const { peak, volume = 1 } = busy ?? {};
  const isPeak = peak && minute >= peak.hour * 60 && minute < peak.hour * 60 + peak.minutes;
  return ordinary * Math.max(volume, isPeak ? peak.times : 0);
}

/** Adds one customer's payment, or what a company splits. */
function pay(
  wishes: MonthWish[],
  of: {
    readonly month: Month;
    readonly busy: BusyDays | undefined;
    readonly dice: Dice;
    readonly kind: DailyKind;
    readonly atMs: number;
  },
): void {
  const { month, busy, dice, kind, atMs } = of;
  const payer = dice(month.customers);
  const base = { atMs, kind, payer, channel: dice(4) === 0 ? 'snap' : 'mobile' } as const;
  if (kind === 'bifast_out' && dice(1_000) < month.splitPerMille) return split(wishes, of, payer);
  if (kind === 'bifast_out' && dice(100) < (busy?.almsPercent ?? 0)) {
    const rupiah = ALMS_RUPIAH[dice(ALMS_RUPIAH.length)]!;
    const payee = COLLECTORS + dice(COLLECTOR_COUNT);
    wishes.push({ ...base, rupiah, payee, leftPerMille: 500 });
    return;
  }
  const isFirst = dice(100) < (busy?.firstPayeePercent ?? month.firstPayeePercent);
  const payee = isFirst ? STRANGERS + dice(STRANGERS) : payer * CIRCLE + dice(CIRCLE);
  wishes.push({
    ...base,
    rupiah: everyday(dice),
    payee,
    // On payday many send all they have home.
    leftPerMille: dice(8) === 0 ? dice(50) : 50 + dice(900),
  });
}

/** Rp10,000 to Rp20 million, far more small than large; every third is a round sum, as gifts are. */
function everyday(dice: Dice): number {
  const rupiah = 10_000 * (1 + Math.floor(2_000 * (dice(1_000) / 1_000) ** 5));
  return dice(3) === 0 ? Math.max(50_000, Math.round(rupiah / 500_000) * 500_000) : rupiah;
}

function split(
  wishes: MonthWish[],
  of: { readonly dice: Dice; readonly kind: DailyKind; readonly atMs: number },
  company: number,
): void {
  const count = SPLIT_MIN + of.dice(5);
  for (let at = 0; at < count; at++)
    wishes.push({
      kind: of.kind,
      atMs: of.atMs + at * 40_000 + of.dice(20_000),
      payer: COMPANIES + (company % 200),
      payee: EMPLOYEES - 1 - (company % 200),
      rupiah: CAP_RUPIAH - of.dice(2) * 1_000_000,
      channel: 'mobile',
      leftPerMille: 400,
    });
}

/** One company pays its people, one after the other at a machine's pace, most of them the same. */
function payroll(
  wishes: MonthWish[],
  of: { readonly at: number; readonly fromMs: number; readonly dice: Dice },
): void {
  const startMs = of.fromMs + PAYROLL_HOUR * HOUR_MS + of.dice(4 * HOUR_MS);
  const rupiah = 2_500_000 + of.dice(10) * 500_000;
  for (let at = 0; at < PAYROLL_PEOPLE; at++)
    wishes.push({
      atMs: startMs + at * PAYROLL_GAP_MS,
      kind: 'bifast_out',
      payer: COMPANIES + of.at,
      payee: EMPLOYEES + of.at * PAYROLL_PEOPLE + at,
      rupiah: of.dice(5) === 0 ? rupiah + 1_000_000 : rupiah,
      channel: 'snap',
      leftPerMille: 700,
    });
}

/** Cheap chance from a text (FNV-1a, then xorshift): millions of wishes in seconds. */
function diceOf(seed: string): Dice {
  let state = 2_166_136_261;
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0)!, 16_777_619);
  state |= 1;
  for (let turn = 0; turn < 8; turn++) step();
  return (below) => step() % below;

  function step(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  }
}
