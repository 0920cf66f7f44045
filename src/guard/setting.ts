/** The guard's numbers: versioned data with a source. A row of `setting` (key `guard.numbers`, approved by a second person)
 * overrides single numbers; the defaults below hold until then. */
import { HARM_DEFAULTS, type HarmNumbers } from './harm.ts';
import { LADDER_DEFAULTS, type LadderNumbers } from './ladder.ts';
import { mergeFlow, type FlowChanges } from './flow/setting.ts';
import type { LiquidityNumbers } from './liquidity.ts';

/** Thresholds of the detectors. */
export interface DetectorNumbers {
  /** Settled without ledger authorisation: this many stop the rail. DESIGN.md 1.1: a rail stops on evidence that money left. */
  readonly orphanStopCount: number;
  readonly orphanStopWindowMs: number;
  /** An id never issued: this many stop the rail (domain.md 7.5 D2 says 2; one settled orphan is proof enough). */
  readonly unissuedStopCount: number;
  /** Refusals that an honest sender can meet in a slow hour alert from this count on. */
  readonly softRefusalAlertCount: number;
  readonly softRefusalWindowMs: number;
  /** D9, domain.md 7.5. */
  readonly deadManAlertMs: number;
  readonly deadManCapMs: number;
  readonly deadManStopMs: number;
  /** Half of the scheme's cap of Rp250 m, sen. */
  readonly deadManCapSen: string;
  /** Of the other rails: Rp5 m each, what domain.md 7.6 leaves a payment at L2. */
  readonly deadManCapOtherSen: string;
  /** D8: unexplained missing settlements. */
  readonly missingAlertCount: number;
  /** D27: the same code of the hub is one matter for so long. */
  readonly answerWindowMs: number;
}

export interface GuardNumbers {
  readonly version: number;
  readonly detector: DetectorNumbers;
  readonly match: {
    readonly copyGraceMs: number;
    readonly journalGraceMs: number;
    readonly creditGraceMs: number;
    /** After the network's word that a payment settled, its line must be in the feed. */
    readonly settledGraceMs: number;
    readonly feedFreshMs: number;
    readonly journalFreshMs: number;
  };
  readonly contain: {
    /** An automatic restriction comes up for review after this; it stays in force (T10). */
    readonly reviewMs: number;
    readonly nextUpdateMs: number;
    /** In the first two hours updates come every `nextUpdateMs`, afterwards every `laterUpdateMs` (domain.md 9, item 32). */
    readonly laterUpdateMs: number;
    /** A revocation that the hub does not confirm in this time is joined by a suspension of our outbound. */
    readonly revokeWaitMs: number;
  };
  readonly liquidity: LiquidityNumbers;
  readonly harm: HarmNumbers;
  readonly ladder: LadderNumbers;
  /** What a setting changes of the flow detectors; each has its defaults in its own file. */
  readonly flow: FlowChanges;
  readonly loop: {
    readonly copyMs: number;
    readonly stepMs: number;
    readonly pushMs: number;
    /** The current set goes to everybody again this often: processes count the guard's silence (D9). */
    readonly repeatMs: number;
    readonly statusMs: number;
    readonly tidyMs: number;
    readonly heartbeatMs: number;
    /** A leader that shows no sign of life for this long is replaced. */
    readonly leaseMs: number;
  };
}

const MINUTE = 60_000;

/** The numbers that hold until a setting says otherwise. */
export const GUARD_DEFAULTS: GuardNumbers = {
  version: 1,
  detector: {
    orphanStopCount: 1,
    orphanStopWindowMs: MINUTE,
    unissuedStopCount: 1,
    softRefusalAlertCount: 20,
    softRefusalWindowMs: 5 * MINUTE,
    deadManAlertMs: 5 * MINUTE,
    deadManCapMs: 15 * MINUTE,
    deadManStopMs: 30 * MINUTE,
    deadManCapSen: '12500000000',
    deadManCapOtherSen: '500000000',
    missingAlertCount: 1,
    answerWindowMs: 30 * MINUTE,
  },
  match: {
    copyGraceMs: 5_000,
    journalGraceMs: 10 * MINUTE,
    creditGraceMs: MINUTE,
    settledGraceMs: MINUTE,
    feedFreshMs: 30_000,
    journalFreshMs: 10_000,
  },
  contain: {
    reviewMs: 30 * MINUTE,
    nextUpdateMs: 30 * MINUTE,
    laterUpdateMs: 120 * MINUTE,
    revokeWaitMs: 3_000,
  },
  liquidity: {
    // Rp50 bn and Rp10 bn: a bank sets its own from its outflow of a night.
    warnSen: '5000000000000',
    alertSen: '1000000000000',
    staleMs: 2 * MINUTE,
    repeatMs: 30 * MINUTE,
  },
  harm: HARM_DEFAULTS,
  ladder: LADDER_DEFAULTS,
  flow: {},
  loop: {
    copyMs: 250,
    stepMs: 250,
    pushMs: 200,
    repeatMs: 5_000,
    statusMs: 1_000,
    tidyMs: 2_000,
    heartbeatMs: 500,
    leaseMs: 2_500,
  },
};

/** The defaults with single numbers replaced. Unknown names and values of another type are ignored: a typing error must not
 * disarm a detector. */
export function mergeNumbers(
  base: GuardNumbers,
  change: unknown,
  version = base.version,
): GuardNumbers {
  if (typeof change !== 'object' || change === null) return base;
  const merge = <T extends object>(part: T, wanted: unknown): T => {
    const out = { ...part } as Record<string, unknown>;
    for (const [name, value] of Object.entries((wanted ?? {}) as Record<string, unknown>)) {
      const isNumber = typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
      const isSen = typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value);
      if (typeof out[name] === 'number' ? isNumber : typeof out[name] === 'string' && isSen)
        out[name] = value;
    }
    return out as T;
  };
  const wanted = change as Record<string, unknown>;
  return {
    version,
    detector: merge(base.detector, wanted['detector']),
    match: merge(base.match, wanted['match']),
    contain: merge(base.contain, wanted['contain']),
    liquidity: merge(base.liquidity, wanted['liquidity']),
    harm: merge(base.harm, wanted['harm']),
    ladder: merge(base.ladder, wanted['ladder']),
    flow: mergeFlow(base.flow, wanted['flow']),
    loop: merge(base.loop, wanted['loop']),
  };
}
