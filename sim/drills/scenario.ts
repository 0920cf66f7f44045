/** A drill as data: when it starts, what is normal, what the attacker does, how recovery is timed; and the pure generators that
 * turn it into timed steps. The same scenario, scale and seed give the same steps. */
import { seededRandom, type Random } from '../../src/kernel/random.ts';
import { otherAccount } from '../hub/people.ts';
import { SWITCH_KINDS, type TrafficPlan, type TrafficRate } from '../customer/traffic.ts';
import type { Act, ActKind } from './act-file.ts';
import type { NetworkFault } from './fault-file.ts';
import type { Month } from './month.ts';

/** Customers of a day with a switch who have a card. */
export const CARD_COUNT = 200;

export type Scale = 'default' | 'full';

/** Tries against the gateway's inner side. */
export const GATEWAY_ATTACKS = [
  'no_token',
  'forged_signature',
  'unknown_key',
  'replayed',
  'expired',
  'wrong_partition',
  'drill_env',
  'changed_amount',
  'changed_bank',
  'changed_name',
  'changed_beneficiary',
  'unissued_id',
] as const;
/** Forgeries that claim to come from the hub. */
export const NETWORK_ATTACKS = [
  'forged_rjct',
  'forged_acsc',
  'forged_credit',
  'forged_credit_settled',
  'forged_feed_line',
] as const;

export type GatewayAttack = (typeof GATEWAY_ATTACKS)[number];
export type NetworkAttack = (typeof NETWORK_ATTACKS)[number];

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** When virtual time begins. */
  readonly startMs: number;
  /** Normal traffic before the first bad event. */
  readonly warmUpMs: number;
  /** How long the attack goes on if nobody stops it. */
  readonly attackMs: number;
  /** At the default volume the attack is played for so long only. @default all of it */
  readonly defaultAttackMs?: number;
  /** Normal traffic after the attack: containment, recovery, proof that all is well. */
  readonly afterMs: number;
  /** `fee_only`: our own core approves cash at other banks' machines and books the fee alone. */
  readonly path: 'gateway' | 'imitated_connector' | 'app_session' | 'fee_only' | 'none';
  readonly attack: {
    readonly count: number;
    /** Undefined: the sum of amounts drawn from `amountSen`. */
    readonly totalSen: bigint | undefined;
    /** Amounts between these two, evenly, in steps of Rp1,000; without it most are just below the scheme's cap. */
    readonly amountSen?: { readonly from: bigint; readonly to: bigint };
    /** Beneficiary accounts that the attacker uses. */
    readonly muleCount: number;
    /** All of them at this bank. @default any bank */
    readonly muleBank?: string;
    /** Customers whose app sessions are taken over; the first of those that take part. */
    readonly victimCount: number;
    readonly kinds: readonly GatewayAttack[];
    /** Forgeries on the network side, one each in turn. */
    readonly networkCount: number;
  };
  readonly hub: {
    /** Undefined = the hub does not check the scheme's cap, as on that day. */
    readonly amountMaxSen: bigint | undefined;
    /** Our settlement account. */
    readonly prefundSen: bigint;
  };
  readonly normal: Readonly<Record<Scale, TrafficRate>>;
  /** How many customers take part in normal traffic. */
  readonly accountCount: Readonly<Record<Scale, number>>;
  /** From the first bad event: when people act. Absent: nobody releases anything. */
  readonly recovery?: {
    readonly proposeAfterMs: number;
    readonly approveAfterMs: number;
    readonly stageMs: number;
    /** Payments that a stage's verdict needs. @default the bank's own number */
    readonly paymentCountMin?: number;
    /** One person stops a rail before. */
    readonly stop?: PersonStop & { readonly afterMs: number };
  };
  readonly goal: Goal;
  /** A clean month instead of minutes: its wishes are the traffic. */
  readonly month?: Month;
  /** When and how the network misbehaves. */
  readonly faults: readonly NetworkFault[];
  /** What people inside do, and software in their place. */
  readonly acts: readonly Act[];
  /** What happened on the day itself. */
  readonly history?: {
    /** Undefined: the sum is not public. */
    readonly lostSen: bigint | undefined;
    /** From the first bad event until it was stopped. */
    readonly stoppedAfterMs: number;
    readonly words: string;
  };
  /** How often the guard looks, for days that are long. @default the bank's own number */
  readonly guardPaceMs?: number;
}

/** What one person may stop alone: tightening needs nobody else (I5). */
export interface PersonStop {
  readonly rail: 'bifast' | 'switch' | 'qris';
  readonly direction: 'out' | 'in';
  readonly reason: 'technical' | 'partner';
}

/** What the drill must reach beside books that are right: a promise that the scenario states. */
export interface Goal {
  /** From the first bad event. Absent: nothing is to contain. */
  readonly containWithinMs?: number;
  readonly lostSenMax?: bigint;
  readonly attackBytesMax?: number;
  /** Tries of the attacker before something was restricted. */
  readonly triesBeforeContainMax?: number;
  /** Tries of the attacker before the first alarm. */
  readonly triesBeforeDetectMax?: number;
  /** No restriction above this rung of the ladder. */
  readonly levelMax?: number;
  /** Throttles that may be placed on a day without a crime. */
  readonly throttlesMax?: number;
  readonly isRecovered?: boolean;
  /** The services that the page must show as disturbed, the first of them in time; no other. */
  readonly degraded?: {
    readonly services: readonly string[];
    readonly withinMs: number;
    /** The service that the page must name for the first of them. */
    readonly instead?: string;
  };
  /** Status inquiries. */
  /** Each hostile act is refused, or told of in time; and none has its effect at the end but those that are named. */
  readonly acts?: { readonly seenWithinMs: number; readonly standing?: readonly ActKind[] };
  readonly inquiries?: { readonly perPaymentMax: number; readonly perSecondMax: number };
}

/** One try of the attacker. */
export interface AttackStep {
  readonly number: number;
  readonly atMs: number;
  readonly kind:
    | GatewayAttack
    | NetworkAttack
    | 'direct_to_hub'
    | 'taken_over_session'
    | 'fee_only';
  /** The certificate it comes with. A kind has its own, so that the quarantine of one does not hide the others. */
  readonly identity: string;
  readonly amountSen: bigint;
  readonly bank: string;
  readonly account: string;
  readonly name: string;
  /** Whose session was taken over, from 0; absent on other paths. */
  readonly victim?: number;
  /** Sequence number of an identifier that nobody issued. */
  readonly sequence: number;
}

/** The first bad event. */
export function attackStartMs(scenario: Scenario): number {
  return scenario.startMs + scenario.warmUpMs;
}

/** The end of the scenario. */
export function scenarioEndMs(scenario: Scenario): number {
  return attackStartMs(scenario) + scenario.attackMs + scenario.afterMs;
}

const DIRECT_KINDS = {
  none: 'direct_to_hub',
  imitated_connector: 'direct_to_hub',
  app_session: 'taken_over_session',
  fee_only: 'fee_only',
} as const;

/** Whether the day needs the switch: nobody sets one up for a day on which nobody uses it. */
export function needsSwitch({ normal, faults, path }: Scenario): boolean {
  return (
    path === 'fee_only' ||
    faults.some(({ network }) => network === 'switch') ||
    SWITCH_KINDS.some((kind) => (normal.default[kind] ?? 0) + (normal.full[kind] ?? 0) > 0)
  );
}

/** The scenario as a volume plays it: a long attack is cut short at the default one. */
export function playedAt(scenario: Scenario, scale: Scale): Scenario {
  const { attackMs, defaultAttackMs = attackMs } = scenario;
  return scale === 'full'
    ? scenario
    : { ...scenario, attackMs: Math.min(attackMs, defaultAttackMs) };
}

/** All tries in the order of their times. */
export function attackSteps(
  scenario: Scenario,
  input: { readonly seed: string | number; readonly banks: readonly string[] },
): readonly AttackStep[] {
  const { attack, path } = scenario;
  if (attack.count === 0) return [];
  const random = seededRandom(`${input.seed}:${scenario.name}:attack`);
  const mules = Array.from({ length: attack.muleCount }, () => ({
    bank: attack.muleBank ?? input.banks[random.below(input.banks.length)]!,
    account: `8${String(random.below(1_000_000_000)).padStart(9, '0')}`,
  }));
  const amounts = amountsOf(attack, {
    stepSen: path === 'fee_only' ? NOTE_SEN : AMOUNT_STEP_SEN,
    random,
  });
  const gapMs = scenario.attackMs / attack.count;
  const steps = amounts.map((amountSen, i) => {
    const kind = path === 'gateway' ? attack.kinds[i % attack.kinds.length]! : DIRECT_KINDS[path];
    const jitterMs = i === 0 ? 0 : random.below(Math.max(1, Math.floor(gapMs)));
    return makeStep({
      kind,
      atMs: attackStartMs(scenario) + Math.floor(i * gapMs) + jitterMs,
      amountSen,
      mule: mules[i % mules.length]!,
      ...(attack.victimCount > 0 && { victim: i % attack.victimCount }),
      random,
    });
  });
  for (let i = 0; i < attack.networkCount; i++) {
    const atMs =
      attackStartMs(scenario) +
      Math.floor(((i + 1) * scenario.attackMs) / (attack.networkCount + 1));
    const amountSen = amounts[random.below(amounts.length)]!;
    steps.push(
      makeStep({
        kind: NETWORK_ATTACKS[i % NETWORK_ATTACKS.length]!,
        atMs,
        amountSen,
        mule: mules[i % mules.length]!,
        random,
      }),
    );
  }
  steps.sort((a, b) => a.atMs - b.atMs);
  return steps.map((step, i) => ({ ...step, number: i + 1 }));
}

function makeStep(input: {
  readonly kind: AttackStep['kind'];
  readonly atMs: number;
  readonly amountSen: bigint;
  readonly mule: { readonly bank: string; readonly account: string };
  readonly victim?: number;
  readonly random: Random;
}): Omit<AttackStep, 'number'> {
  const { kind, mule } = input;
  return {
    kind,
    atMs: input.atMs,
    identity: kind === 'direct_to_hub' ? 'imitated' : `stolen-${kind}`,
    amountSen: input.amountSen,
    ...mule,
    ...(input.victim !== undefined && { victim: input.victim }),
    name: otherAccount(mule.account).name,
    // Far above anything that an honest day allocates.
    sequence: 90_000_000 + input.random.below(9_999_999),
  };
}

/** What the attacker would take if nobody stopped it. */
export function plannedSen(steps: readonly AttackStep[]): bigint {
  const forgeries: readonly string[] = NETWORK_ATTACKS;
  return steps
    .filter(({ kind }) => !forgeries.includes(kind))
    .reduce((sum, { amountSen }) => sum + amountSen, 0n);
}

const AMOUNT_STEP_SEN = 100_000n;
/** A machine gives notes of Rp50.000. */
const NOTE_SEN = 5_000_000n;

function amountsOf(
  attack: Scenario['attack'],
  { stepSen, random }: { readonly stepSen: bigint; readonly random: Random },
): readonly bigint[] {
  const { count, totalSen, amountSen } = attack;
  if (amountSen === undefined) return stolenAmounts({ count, totalSen: totalSen!, random }); // one of both is there: scenario-file.ts
  const steps = Number((amountSen.to - amountSen.from) / stepSen) + 1;
  return Array.from(
    { length: count },
    () => amountSen.from + BigInt(random.below(steps)) * stepSen,
  );
}

const NEAR_LIMIT_FROM_RUPIAH = 225_000_000;
const NEAR_LIMIT_WIDTH_RUPIAH = 25_000_001;
const RUPIAH_SEN = 100n;

/** Amounts that sum to the total exactly: seven in ten just below the scheme's cap (Rp225–250 m), the others share the rest
 * evenly, which for 29 March 2025 lies above the cap, as its mean of Rp281.4 m does. Pure. */
export function stolenAmounts(input: {
  readonly count: number;
  readonly totalSen: bigint;
  readonly random: Random;
}): readonly bigint[] {
  const { count, totalSen, random } = input;
  const near = Array.from(
    { length: Math.floor(count * 0.7) },
    () => BigInt(NEAR_LIMIT_FROM_RUPIAH + random.below(NEAR_LIMIT_WIDTH_RUPIAH)) * RUPIAH_SEN,
  );
  const restCount = BigInt(count - near.length);
  const rest = totalSen - near.reduce((sum, amount) => sum + amount, 0n);
  if (rest < restCount * RUPIAH_SEN)
    throw new RangeError('Cannot spread the total: too small for this many near-limit amounts');
  const share = (rest / restCount / RUPIAH_SEN) * RUPIAH_SEN;
  const high = Array.from({ length: Number(restCount) }, (_, i) =>
    i === 0 ? rest - share * (restCount - 1n) : share,
  );
  const all = [...near, ...high];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** The normal traffic of the whole scenario. `accounts` = our customers; the first `accountCount` take part. */
export function trafficPlanOf(
  scenario: Scenario,
  input: {
    readonly seed: string | number;
    readonly scale: Scale;
    readonly accounts: readonly string[];
    readonly banks: readonly string[];
  },
): TrafficPlan {
  return {
    seed: `${input.seed}:${scenario.name}`,
    phases: [
      {
        fromMs: scenario.startMs,
        untilMs: scenarioEndMs(scenario),
        perMinute: scenario.normal[input.scale],
      },
    ],
    accounts: input.accounts.slice(0, scenario.accountCount[input.scale]),
    banks: input.banks,
  };
}
