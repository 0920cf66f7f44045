/** The guard's numbers: versioned data with a source. A row of `setting` (key `guard.numbers`, approved by a second person)
 * overrides single numbers; the defaults below hold until then. */
import { HARM_DEFAULTS, type HarmNumbers } from './harm.ts';
import { LADDER_DEFAULTS, type LadderNumbers } from './ladder.ts';
import { mergeFlow, type FlowChanges } from './flow/setting.ts';
import { FILE_DEFAULTS, type FileNumbers } from './file-watch.ts';
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
  readonly file: FileNumbers;
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
    /** How often the settlement accounts are looked at, and the database from outside: a thief of rows has a minute between two looks. */
    readonly balanceMs: number;
    readonly databaseMs: number;
    readonly heartbeatMs: number;
    /** A leader that shows no sign of life for this long is replaced. */
    readonly leaseMs: number;
  };
}

const MINUTE = 60_000;

/** A number of a setting is at most so many times the default, an amount so many times: a bank may be larger than ours, and nobody may set a
 * threshold that nothing ever reaches. */
const NUMBER_TIMES_MAX = 20;
const SEN_TIMES_MAX = 1_000n;
/** Proofs are not a matter of a bank's size. Source: domain.md 7.5, D1 to D3 and D9. */
const PROOF_MAX: Readonly<Record<string, number>> = {
  orphanStopCount: 3,
  orphanStopWindowMs: 60 * MINUTE,
  unissuedStopCount: 2,
  deadManAlertMs: 15 * MINUTE,
  deadManCapMs: 30 * MINUTE,
  deadManStopMs: 60 * MINUTE,
  missingAlertCount: 5,
};

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
  file: FILE_DEFAULTS,
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
    balanceMs: 15_000,
    databaseMs: MINUTE,
    heartbeatMs: 500,
    leaseMs: 2_500,
  },
};

type Part = Exclude<keyof GuardNumbers, 'version' | 'flow'>;

/** A positive number where there is one, an amount in sen where there is one. */
function hasForm(own: unknown, value: unknown): boolean {
  if (typeof own === 'number')
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
  return typeof own === 'string' && typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value);
}

function isInBounds(name: string, own: unknown, value: unknown): boolean {
  if (!hasForm(own, value)) return false;
  return typeof own === 'number'
    ? Number(value) <= (PROOF_MAX[name] ?? own * NUMBER_TIMES_MAX)
    : BigInt(String(value)) <= BigInt(String(own)) * SEN_TIMES_MAX;
}

/** The defaults with single numbers replaced. Unknown names, values of another type and values beyond their bound are ignored: a typing
 * error must not disarm a detector. Bounds are counted from the defaults, not from what was set before. */
export function mergeNumbers(
  base: GuardNumbers,
  change: unknown,
  version = base.version,
): GuardNumbers {
  return replaced(base, { change, version, isTaken: isInBounds });
}

/** The same without bounds, for whoever starts a guard and is code: a test or a drill that steps once an hour. */
export function startNumbers(change: unknown): GuardNumbers {
  const { version } = GUARD_DEFAULTS;
  return replaced(GUARD_DEFAULTS, {
    change,
    version,
    isTaken: (name, own, value) => hasForm(own, value),
  });
}

function replaced(
  base: GuardNumbers,
  of: {
    readonly change: unknown;
    readonly version: number;
    readonly isTaken: (name: string, own: unknown, value: unknown) => boolean;
  },
): GuardNumbers {
  const { change, version } = of;
  if (typeof change !== 'object' || change === null) return base;
  const wanted = change as Record<string, unknown>;
  const merge = <Name extends Part>(name: Name): GuardNumbers[Name] => {
    const out = { ...base[name] } as Record<string, unknown>;
    const defaults = GUARD_DEFAULTS[name] as unknown as Readonly<Record<string, unknown>>;
    for (const [key, value] of Object.entries((wanted[name] ?? {}) as Record<string, unknown>))
      if (Object.hasOwn(defaults, key) && of.isTaken(key, defaults[key], value)) out[key] = value;
    return out as unknown as GuardNumbers[Name]; // keys and types are those of the defaults
  };
  return {
    version,
    detector: merge('detector'),
    match: merge('match'),
    contain: merge('contain'),
    liquidity: merge('liquidity'),
    file: merge('file'),
    harm: merge('harm'),
    ladder: merge('ladder'),
    flow: mergeFlow(base.flow, wanted['flow']),
    loop: merge('loop'),
  };
}
