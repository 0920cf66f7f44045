/** Limits and clocks of payments: defaults here, versioned rows of `setting` over them. A row counts when two people
 * set it, or when it only tightens (I5). Marks: [seen] public material, [mem] to be confirmed, [rec] ours (domain.md). */
import type { Log } from '../kernel/log.ts';
import type { Db } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import { cached } from './cached.ts';
import { QRIS_SETTINGS } from './settings-qris.ts';
import { readSettingRows } from './store.ts';

/** `up`: a larger value loosens. `down`: a smaller one does. `either`: every change needs two people. */
export interface Definition {
  readonly key: string;
  readonly value: bigint;
  readonly loosens: 'up' | 'down' | 'either';
  readonly source: string;
}

const MINUTE = 60_000n;
const HOUR = 3_600_000n;

/** A limit that does not bind. */
export const NO_LIMIT = 9_007_199_254_740_991n;

/** Every setting, its default and where the default comes from. */
export const SETTINGS = {
  bifastCapSen: {
    key: 'bifast.cap_sen',
    value: 25_000_000_000n,
    loosens: 'up',
    source: 'domain.md 2.1: Rp250.000.000 [seen]',
  },
  bifastMinimumSen: {
    key: 'bifast.minimum_sen',
    value: 100n,
    loosens: 'down',
    source: 'domain.md 2.1: Rp1 [seen]',
  },
  bifastCutOverMinute: {
    key: 'bifast.cut_over_minute',
    value: 1_440n,
    loosens: 'either',
    source: 'WIB midnight [mem]',
  },
  onusCapSen: {
    key: 'onus.cap_sen',
    value: 1_000_000_000_000n,
    loosens: 'up',
    source: 'Rp10 bn [rec]',
  },
  onusMinimumSen: { key: 'onus.minimum_sen', value: 100n, loosens: 'down', source: 'Rp1 [rec]' },
  onusCutOverMinute: {
    key: 'onus.cut_over_minute',
    value: 1_440n,
    loosens: 'either',
    source: 'WIB midnight [rec]',
  },
  mobileDailyLimitSen: {
    key: 'risk.mobile.daily_limit_sen',
    value: 100_000_000_000n,
    loosens: 'up',
    source: 'domain.md 2.5: Rp1 bn [seen]',
  },
  mobileDailyCount: {
    key: 'risk.mobile.daily_count',
    value: 100n,
    loosens: 'up',
    source: 'domain.md 2.5: 100 a day [seen]',
  },
  mobileVelocityCount: {
    key: 'risk.mobile.velocity_count',
    value: 20n,
    loosens: 'up',
    source: '20 in the window [rec]',
  },
  velocityWindowMs: {
    key: 'risk.velocity_window_ms',
    value: 10n * MINUTE,
    loosens: 'either',
    source: '10 min [rec]',
  },
  snapDailyLimitSen: {
    key: 'risk.snap.daily_limit_sen',
    value: NO_LIMIT,
    loosens: 'up',
    source: 'per contract of the partner [rec]',
  },
  snapDailyCount: {
    key: 'risk.snap.daily_count',
    value: NO_LIMIT,
    loosens: 'up',
    source: 'per contract of the partner [rec]',
  },
  debitCodeFromSen: {
    key: 'debit.code_from_sen',
    value: 50_000_000n,
    loosens: 'up',
    source: 'Rp500.000: a code by message from there on [rec]',
  },
  withheldMs: {
    key: 'review.withheld_ms',
    value: 2n * HOUR,
    loosens: 'up',
    source: 'a person looks within 2 h, or the money is free again [rec]',
  },
  releaseAloneSen: {
    key: 'review.release_alone_sen',
    value: 0n,
    loosens: 'up',
    source: 'two people for every release until the bank says otherwise (I5) [rec]',
  },
  promiseMs: {
    key: 'payment.promise_ms',
    value: 15n * MINUTE,
    loosens: 'up',
    source: '15 min [rec]',
  },
  resolveHours: {
    key: 'payment.resolve_hours',
    value: 4n,
    loosens: 'up',
    source: '4 h after the statement [rec]',
  },
  statementDelayMs: {
    key: 'bifast.statement_delay_ms',
    value: 2n * HOUR,
    loosens: 'up',
    source: 'statement expected 2 h after the cut-over [rec]',
  },
  reviewLeadMs: {
    key: 'payment.review_lead_ms',
    value: 30n * MINUTE,
    loosens: 'down',
    source: 'people get it 30 min ahead [rec]',
  },
  giveUpMs: {
    key: 'payment.give_up_ms',
    value: 15n * MINUTE,
    loosens: 'up',
    source: 'unsent for 15 min is given back [rec]',
  },
  inquiryFirstMs: {
    key: 'bifast.inquiry_first_ms',
    value: MINUTE,
    loosens: 'down',
    source: 'domain.md 2.5: 60 s [seen]',
  },
  inquiryMax: {
    key: 'bifast.inquiry_max',
    value: 5n,
    loosens: 'up',
    source: 'T18: a bounded number [rec]',
  },
  inquiryPerSecond: {
    key: 'bifast.inquiry_per_second',
    value: 10n,
    loosens: 'up',
    source: 'per process [rec]',
  },
  billerCapSen: {
    key: 'biller.cap_sen',
    value: 10_000_000_000n,
    loosens: 'up',
    source: 'Rp100.000.000 [rec]',
  },
  billerMinimumSen: {
    key: 'biller.minimum_sen',
    value: 100_000n,
    loosens: 'down',
    source: 'Rp1.000 [rec]',
  },
  billerCutOverMinute: {
    key: 'biller.cut_over_minute',
    value: 1_440n,
    loosens: 'either',
    source: 'WIB midnight [mem]',
  },
  billerStatementDelayMs: {
    key: 'biller.statement_delay_ms',
    value: 2n * HOUR,
    loosens: 'up',
    source: 'statement expected 2 h after the cut-over [rec]',
  },
  billerInquiryFirstMs: {
    key: 'biller.inquiry_first_ms',
    value: MINUTE,
    loosens: 'down',
    source: 'first advice after 60 s [mem]',
  },
  billerInquiryMax: {
    key: 'biller.inquiry_max',
    value: 5n,
    loosens: 'up',
    source: 'T18: a bounded number [rec]',
  },
  billerInquiryPerSecond: {
    key: 'biller.inquiry_per_second',
    value: 5n,
    loosens: 'up',
    source: 'per process [rec]',
  },
  billerRepeatWindowMs: {
    key: 'biller.repeat_window_ms',
    value: 10n * MINUTE,
    loosens: 'down',
    source: 'domain.md 5.2: 5 to 10 min [mem]',
  },
  proxyLookupsPerDay: {
    key: 'proxy.lookups_per_day',
    value: 30n,
    loosens: 'up',
    source: 'names by numbers, per customer [rec]',
  },
  proxyLookupsPerWindow: {
    key: 'proxy.lookups_per_window',
    value: 6n,
    loosens: 'up',
    source: 'in the velocity window, per customer [rec]',
  },
  switchCapSen: {
    key: 'switch.cap_sen',
    value: 2_500_000_000n,
    loosens: 'up',
    source: 'domain.md 4.7: Rp25.000.000 a transfer [mem]',
  },
  switchMinimumSen: {
    key: 'switch.minimum_sen',
    value: 1_000_000n,
    loosens: 'down',
    source: 'Rp10.000 [mem]',
  },
  switchDailyLimitSen: {
    key: 'switch.daily_limit_sen',
    value: 5_000_000_000n,
    loosens: 'up',
    source: 'domain.md 4.7: Rp50.000.000 a day [mem]',
  },
  switchCutOverMinute: {
    key: 'switch.cut_over_minute',
    value: 1_440n,
    loosens: 'either',
    source: 'WIB midnight [mem]',
  },
  switchStatementDelayMs: {
    key: 'switch.statement_delay_ms',
    value: 2n * HOUR,
    loosens: 'up',
    source: 'file expected 2 h after the cut-over [rec]',
  },
  switchInquiryFirstMs: {
    key: 'switch.inquiry_first_ms',
    value: MINUTE,
    loosens: 'down',
    source: 'later than any answer of the network [rec]',
  },
  switchInquiryMax: {
    key: 'switch.inquiry_max',
    value: 5n,
    loosens: 'up',
    source: 'T18: a bounded number [rec]',
  },
  switchInquiryPerSecond: {
    key: 'switch.inquiry_per_second',
    value: 5n,
    loosens: 'up',
    source: 'per process, below the link’s own bound [rec]',
  },
  cardWithdrawalCapSen: {
    key: 'card.withdrawal_cap_sen',
    value: 250_000_000n,
    loosens: 'up',
    source: 'Rp2.500.000 at once [mem]',
  },
  cardDailySen: {
    key: 'card.daily_sen',
    value: 1_000_000_000n,
    loosens: 'up',
    source: 'Rp10.000.000 a day and card [mem]',
  },
  cardDailyCount: {
    key: 'card.daily_count',
    value: 10n,
    loosens: 'up',
    source: '10 a day and card [mem]',
  },
  cardWithdrawalFeeSen: {
    key: 'card.withdrawal_fee_sen',
    value: 750_000n,
    loosens: 'either',
    source: 'domain.md 4.7: Rp7.500 at another bank [mem]',
  },
  cardBalanceFeeSen: {
    key: 'card.balance_fee_sen',
    value: 400_000n,
    loosens: 'either',
    source: 'domain.md 4.7: Rp4.000 at another bank [mem]',
  },
  cardFallback: {
    key: 'card.fallback',
    value: 0n,
    loosens: 'up',
    source: '1 = a chip card may be read by its stripe; 0 [rec]',
  },
  machineAcquirerFeeSen: {
    key: 'machine.acquirer_fee_sen',
    value: 500_000n,
    loosens: 'either',
    source: "Rp5.000 of the cardholder's fee is the machine's bank's [mem]",
  },
  machineDepositCapSen: {
    key: 'machine.deposit_cap_sen',
    value: 2_500_000_000n,
    loosens: 'up',
    source: 'Rp25.000.000 paid in at once [mem]',
  },
  standingFirstMinute: {
    key: 'standing.first_minute',
    value: 360n,
    loosens: 'either',
    source: '06:00 WIB [rec]',
  },
  standingSecondMinute: {
    key: 'standing.second_minute',
    value: 720n,
    loosens: 'either',
    source: '12:00 WIB [rec]',
  },
  standingThirdMinute: {
    key: 'standing.third_minute',
    value: 1_080n,
    loosens: 'either',
    source: '18:00 WIB [rec]',
  },
  standingLateDays: {
    key: 'standing.late_days',
    value: 3n,
    loosens: 'up',
    source: 'a long weekend [rec]',
  },
  ...QRIS_SETTINGS,
} as const satisfies Record<string, Definition>;

export type SettingName = keyof typeof SETTINGS;
export type PaymentSettings = Readonly<Record<SettingName, bigint>>;

/** One row of `setting`, oldest version first. */
export interface SettingRow {
  readonly key: string;
  readonly value: string;
  readonly approvedBy: string | undefined;
}

/** Folds rows over defaults. A row that loosens and that only one person set is left out; `onIgnored` hears of it. */
export function foldSettings(
  rows: readonly SettingRow[],
  options: {
    readonly over?: Partial<PaymentSettings>;
    readonly onIgnored?: (key: string) => void;
  } = {},
): PaymentSettings {
  const values = {} as Record<SettingName, bigint>;
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const definition: Definition = SETTINGS[name];
    let value = options.over?.[name] ?? definition.value;
    for (const row of rows) {
      if (row.key !== definition.key) continue;
      const next = /^\d{1,18}$/.test(row.value) ? BigInt(row.value) : undefined;
      const isTighter =
        next !== undefined &&
        ((definition.loosens === 'up' && next < value) ||
          (definition.loosens === 'down' && next > value));
      if (next !== undefined && (row.approvedBy !== undefined || isTighter)) value = next;
      else options.onIgnored?.(row.key);
    }
    values[name] = value;
  }
  return values;
}

/** Reads settings through the cache. */
export function settingsReader(input: {
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
  readonly over: Partial<PaymentSettings>;
}): () => Promise<PaymentSettings> {
  const { db, time, log, over } = input;
  return cached({
    time,
    log,
    unreadable: 'setting.unreadable',
    read: async () =>
      foldSettings(await readSettingRows(db, time.now()), {
        over,
        onIgnored: (key) => log.warn({ key }, 'setting.ignored'),
      }),
  });
}
