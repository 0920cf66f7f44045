/** Settings of QRIS: bounds, clocks, and what merchants may give back. */
import type { Definition } from './settings.ts';

const HOUR = 3_600_000n;

/** Every setting of QRIS, its default and where the default comes from. */
export const QRIS_SETTINGS = {
  qrisCapSen: {
    key: 'qris.cap_sen',
    value: 1_000_000_000n,
    loosens: 'up',
    source: 'domain.md 1.9: Rp10.000.000 a payment [seen]',
  },
  qrisMinimumSen: {
    key: 'qris.minimum_sen',
    value: 100n,
    loosens: 'down',
    source: 'domain.md 1.9: no minimum, Rp1 works [seen]',
  },
  qrisDailyLimitSen: {
    key: 'qris.daily_limit_sen',
    value: 2_000_000_000n,
    loosens: 'up',
    source: 'domain.md 1.9: the issuer’s own; Rp20.000.000 a day [rec]',
  },
  qrisPresentedLimitSen: {
    key: 'qris.presented_limit_sen',
    value: 200_000_000n,
    loosens: 'up',
    source: 'the most that one shown code pays; Rp2.000.000 [rec]',
  },
  qrisPresentedLifeMs: {
    key: 'qris.presented_life_ms',
    value: 90_000n,
    loosens: 'up',
    source: 'domain.md 1.10: 60–120 s, once [mem]',
  },
  qrisCutOverMinute: {
    key: 'qris.cut_over_minute',
    value: 1_440n,
    loosens: 'either',
    source: 'WIB midnight [mem]',
  },
  qrisSettleDays: {
    key: 'qris.settle_days',
    value: 1n,
    loosens: 'down',
    source:
      'domain.md 1.9: merchants get theirs at T+1; 0 = as soon as the open file names it [rec]',
  },
  qrisStatementDelayMs: {
    key: 'qris.statement_delay_ms',
    value: 2n * HOUR,
    loosens: 'up',
    source: 'file expected 2 h after the cut-over [rec]',
  },
  qrisInquiryFirstMs: {
    key: 'qris.inquiry_first_ms',
    value: 1_000n,
    loosens: 'down',
    source: 'somebody stands at a till: 1 s after the gateway stopped waiting [rec]',
  },
  qrisInquiryMax: {
    key: 'qris.inquiry_max',
    value: 11n,
    loosens: 'up',
    source: 'T18: a bounded number, doubling; the last after half an hour [rec]',
  },
  qrisInquiryPerSecond: {
    key: 'qris.inquiry_per_second',
    value: 10n,
    loosens: 'up',
    source: 'per process, below the link’s own bound [rec]',
  },
  refundWindowMs: {
    key: 'qris.refund_window_ms',
    value: 720n * HOUR,
    loosens: 'up',
    source: 'domain.md 1.9: 30 days [seen: XENDIT]; 90 days elsewhere',
  },
  refundAloneSen: {
    key: 'qris.refund_alone_sen',
    value: 50_000_000n,
    loosens: 'up',
    source:
      'Rp500.000: up to here, all of a day together, one member of staff gives back for merchants at the counter [rec]',
  },
} as const satisfies Record<string, Definition>;
