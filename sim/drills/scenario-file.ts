/** A scenario as a file that a bank can write: JSON with a strict form, where a fault names its field. docs/drills.md explains each one. */
import { rupiah } from '../../src/kernel/money.ts';
import { SWITCH_KINDS, type TrafficRate } from '../customer/traffic.ts';
import { object, oneOf, text, words, type Shape } from '../hub/schema.ts';
import { ACT_LIST, ACTS, actsOf, type FileAct } from './act-file.ts';
import { contradictionOfFaults, FAULTS, faultsOf, type FileFault } from './fault-file.ts';
import type { Month } from './month.ts';
import { contradictionOfMonth, MONTH, monthMs } from './month-file.ts';
import {
  CARD_COUNT,
  GATEWAY_ATTACKS,
  type GatewayAttack,
  type Goal,
  type PersonStop,
  type Scenario,
} from './scenario.ts';
import { count, minutes, MINUTES_MAX, money, nullOr, number, rate, some } from './shape.ts';

/** A file is small; more is no scenario. */
export const SCENARIO_BYTES_MAX = 100_000;
const MINUTE_MS = 60_000;
/** Virtual time holds every try in memory. */
const COUNT_MAX = 100_000;
const ACCOUNTS_MAX = 10_000;
/** The first customers have a card each, and one is left for healthy cash. */
const CARDS_MAX = CARD_COUNT - 1;

const scales = (shape: Shape): Shape => object({ default: shape, full: shape });
const RATES = object(
  { onus: rate, bifast_out: rate, bifast_in: rate },
  Object.fromEntries(SWITCH_KINDS.map((kind) => [kind, rate])),
);

/** What one person stops, and why. */
const STOP = object({
  afterMinutes: minutes,
  rail: oneOf('bifast', 'switch', 'qris'),
  direction: oneOf('out', 'in'),
  reason: oneOf('technical', 'partner'),
});
/** The key of a service on the public page. */
const SERVICE = text(/^[a-z_]{2,30}$/);

const FORM = object(
  {
    form: (value, path) => (value === 1 ? undefined : `${path}: not 1`),
    name: text(/^[a-z0-9][a-z0-9-]{1,39}$/),
    title: words(120),
    start: (value, path) =>
      typeof value === 'string' &&
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/.test(value) &&
      Number.isFinite(Date.parse(value))
        ? undefined
        : `${path}: not a time like 2026-02-22T02:37:00+07:00`,
    hub: object({ amountMaxRupiah: nullOr(money), prefundRupiah: money }),
    customers: scales(count(ACCOUNTS_MAX, 2)),
    people: nullOr(
      object(
        { proposeAfterMinutes: minutes, approveAfterMinutes: minutes, stageMinutes: minutes },
        { stagePayments: count(1_000, 1), stop: STOP },
      ),
    ),
    goal: object(
      {},
      {
        containWithinMs: count(MINUTES_MAX * MINUTE_MS),
        lostRupiahMax: money,
        attackBytesMax: count(1_000_000_000),
        triesBeforeContainMax: count(COUNT_MAX),
        triesBeforeDetectMax: count(COUNT_MAX),
        levelMax: count(5),
        throttlesMax: count(1_000),
        degraded: object(
          { services: some(SERVICE, 10), withinMs: count(MINUTES_MAX * MINUTE_MS) },
          { instead: SERVICE },
        ),
        inquiries: object({ perPaymentMax: count(1_000), perSecondMax: count(10_000) }),
        acts: object(
          { seenWithinMs: count(MINUTES_MAX * MINUTE_MS) },
          { standing: some(oneOf(...ACTS), ACTS.length) },
        ),
        isRecovered: (value, path) =>
          typeof value === 'boolean' ? undefined : `${path}: not true or false`,
      },
    ),
  },
  {
    minutes: object(
      { warmUp: minutes, attack: number({ min: 1, max: MINUTES_MAX }), after: minutes },
      { defaultAttack: number({ min: 1, max: MINUTES_MAX }) },
    ),
    attack: object(
      {
        path: oneOf('gateway', 'imitated_connector', 'app_session', 'fee_only'),
        count: count(COUNT_MAX, 1),
      },
      {
        totalRupiah: money,
        amountRupiah: object({ from: money, to: money }),
        muleCount: count(10_000, 1),
        muleBank: text(/^[A-Z0-9]{8}$/),
        victimCount: count(ACCOUNTS_MAX, 1),
        kinds: some(oneOf(...GATEWAY_ATTACKS), GATEWAY_ATTACKS.length),
        networkCount: count(1_000),
      },
    ),
    normalPerMinute: scales(RATES),
    month: MONTH,
    faults: FAULTS,
    acts: ACT_LIST,
    guardPaceMs: number({ min: 250, max: 5_000, whole: true }),
    history: object({
      lostRupiah: nullOr(money),
      stoppedAfterMinutes: number({ min: 0, max: 1_000_000 }),
      words: words(300),
    }),
  },
);

/** What FORM lets through. */
interface File {
  readonly name: string;
  readonly title: string;
  readonly start: string;
  readonly minutes?: {
    readonly warmUp: number;
    readonly attack: number;
    readonly defaultAttack?: number;
    readonly after: number;
  };
  readonly attack?: {
    readonly path: Exclude<Scenario['path'], 'none'>;
    readonly count: number;
    readonly totalRupiah?: string;
    readonly amountRupiah?: { readonly from: string; readonly to: string };
    readonly muleCount?: number;
    readonly muleBank?: string;
    readonly victimCount?: number;
    readonly kinds?: readonly GatewayAttack[];
    readonly networkCount?: number;
  };
  readonly hub: { readonly amountMaxRupiah: string | null; readonly prefundRupiah: string };
  readonly normalPerMinute?: Readonly<Record<'default' | 'full', TrafficRate>>;
  readonly customers: Readonly<Record<'default' | 'full', number>>;
  readonly people: {
    readonly proposeAfterMinutes: number;
    readonly approveAfterMinutes: number;
    readonly stageMinutes: number;
    readonly stagePayments?: number;
    readonly stop?: PersonStop & { readonly afterMinutes: number };
  } | null;
  readonly goal: Omit<Goal, 'lostSenMax'> & { readonly lostRupiahMax?: string };
  readonly month?: Month;
  readonly faults?: readonly FileFault[];
  readonly acts?: readonly FileAct[];
  readonly guardPaceMs?: number;
  readonly history?: {
    readonly lostRupiah: string | null;
    readonly stoppedAfterMinutes: number;
    readonly words: string;
  };
}

export type ReadScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  /** Names the field: `scenario.attack.count: not a whole number`. */
  | { readonly ok: false; readonly fault: string };

/** Reads a scenario; never throws, whatever the text. */
export function readScenario(fileText: string): ReadScenario {
  if (Buffer.byteLength(fileText) > SCENARIO_BYTES_MAX)
    return { ok: false, fault: `scenario: longer than ${SCENARIO_BYTES_MAX} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(fileText);
  } catch {
    return { ok: false, fault: 'scenario: not JSON' };
  }
  const fault = FORM(value, 'scenario') ?? contradiction(value as File);
  return fault === undefined
    ? { ok: true, scenario: scenarioOf(value as File) }
    : { ok: false, fault };
}

/** What each field allows and both together do not. */
function contradiction(file: File): string | undefined {
  const { attack, people, month, minutes: lengths, normalPerMinute, goal } = file;
  const at = (field: string, why: string): string => `scenario.${field}: ${why}`;
  if (month) {
    if (attack ?? lengths ?? normalPerMinute ?? file.faults ?? file.acts)
      return at(
        'month',
        'stands alone: no minutes, normalPerMinute, attack, faults or acts beside it',
      );
    return contradictionOfMonth(month, { path: 'scenario.month', start: file.start });
  }
  if (!lengths) return at('minutes', 'missing');
  if (!normalPerMinute) return at('normalPerMinute', 'missing');
  if (people && people.approveAfterMinutes < people.proposeAfterMinutes)
    return at('people.approveAfterMinutes', 'before it is proposed');
  if (attack && goal.containWithinMs === undefined)
    return at('goal.containWithinMs', 'missing: an attack must be contained');
  return (
    contradictionOfFaults(file.faults ?? [], 'scenario.faults') ??
    (attack && contradictionOfAttack(attack, file.customers.default))
  );
}

function contradictionOfAttack(
  attack: NonNullable<File['attack']>,
  customerCount: number,
): string | undefined {
  const { path, totalRupiah, amountRupiah: amount, victimCount = 0 } = attack;
  const at = (field: string, why: string): string => `scenario.${field}: ${why}`;
  if ((totalRupiah === undefined) === (amount === undefined))
    return at('attack', 'needs one of totalRupiah and amountRupiah');
  if (amount && (BigInt(amount.from) < 1n || BigInt(amount.to) < BigInt(amount.from)))
    return at('attack.amountRupiah', 'not from a smaller to a larger amount');
  if (totalRupiah !== undefined && BigInt(totalRupiah) < BigInt(attack.count) * NEAR_LIMIT_RUPIAH)
    return at('attack.totalRupiah', `less than Rp${NEAR_LIMIT_RUPIAH} each; use amountRupiah`);
  if (path === 'gateway' && (attack.kinds ?? []).length === 0)
    return at('attack.kinds', 'missing: through the gateway each try has a kind');
  if (path === 'app_session' && (victimCount < 1 || victimCount > customerCount))
    return at('attack.victimCount', 'not in 1..customers.default');
  const cardCount = Math.min(CARDS_MAX, customerCount - 1);
  if (path === 'fee_only' && (victimCount < 1 || victimCount > cardCount))
    return at('attack.victimCount', `not in 1..${cardCount}: so many cards are issued`);
  return undefined;
}

/** Spread over near-limit amounts (scenario.ts), a total must be at least this much a try. */
const NEAR_LIMIT_RUPIAH = 250_000_000n;

/** A day on which nobody attacks. */
const NO_ATTACK: Scenario['attack'] = {
  count: 0,
  totalSen: undefined,
  muleCount: 1,
  victimCount: 0,
  kinds: [],
  networkCount: 0,
};
const STILL: TrafficRate = { onus: 0, bifast_out: 0, bifast_in: 0 };

function scenarioOf(file: File): Scenario {
  const { attack, hub, people, goal, month } = file;
  const { lostRupiahMax, ...reach } = goal;
  return {
    name: file.name,
    title: file.title,
    startMs: Date.parse(file.start),
    ...lengthsOf(file),
    path: attack?.path ?? 'none',
    attack: attack ? attackOf(attack) : NO_ATTACK,
    hub: {
      amountMaxSen: hub.amountMaxRupiah === null ? undefined : rupiah(BigInt(hub.amountMaxRupiah)),
      prefundSen: rupiah(BigInt(hub.prefundRupiah)),
    },
    normal: file.normalPerMinute ?? { default: STILL, full: STILL },
    accountCount: file.customers,
    ...(people && {
      recovery: {
        proposeAfterMs: msOf(people.proposeAfterMinutes),
        approveAfterMs: msOf(people.approveAfterMinutes),
        stageMs: msOf(people.stageMinutes),
        ...(people.stagePayments !== undefined && { paymentCountMin: people.stagePayments }),
        ...(people.stop && { stop: stopOf(people.stop) }),
      },
    }),
    goal: {
      ...reach,
      ...(lostRupiahMax !== undefined && { lostSenMax: rupiah(BigInt(lostRupiahMax)) }),
    },
    ...(month && { month }),
    faults: faultsOf(file.faults ?? []),
    acts: actsOf(file.acts ?? []),
    ...(file.guardPaceMs !== undefined && { guardPaceMs: file.guardPaceMs }),
    ...(file.history && { history: historyOf(file.history) }),
  };
}

function stopOf({
  afterMinutes,
  ...stop
}: PersonStop & { readonly afterMinutes: number }): PersonStop & { readonly afterMs: number } {
  return { ...stop, afterMs: msOf(afterMinutes) };
}

function lengthsOf({
  minutes: lengths,
  month,
}: File): Pick<Scenario, 'warmUpMs' | 'attackMs' | 'defaultAttackMs' | 'afterMs'> {
  if (!lengths) return { warmUpMs: 0, attackMs: month ? monthMs(month) : 0, afterMs: 0 }; // one of both is there: contradiction
  return {
    warmUpMs: msOf(lengths.warmUp),
    attackMs: msOf(lengths.attack),
    ...(lengths.defaultAttack !== undefined && { defaultAttackMs: msOf(lengths.defaultAttack) }),
    afterMs: msOf(lengths.after),
  };
}

function attackOf(attack: NonNullable<File['attack']>): Scenario['attack'] {
  return {
    count: attack.count,
    totalSen: attack.totalRupiah === undefined ? undefined : rupiah(BigInt(attack.totalRupiah)),
    ...(attack.amountRupiah && {
      amountSen: {
        from: rupiah(BigInt(attack.amountRupiah.from)),
        to: rupiah(BigInt(attack.amountRupiah.to)),
      },
    }),
    muleCount: attack.muleCount ?? 1,
    ...(attack.muleBank !== undefined && { muleBank: attack.muleBank }),
    victimCount: attack.victimCount ?? 0,
    kinds: attack.kinds ?? [],
    networkCount: attack.networkCount ?? 0,
  };
}

function historyOf(of: NonNullable<File['history']>): NonNullable<Scenario['history']> {
  const { lostRupiah, stoppedAfterMinutes, words: told } = of;
  return {
    lostSen: lostRupiah === null ? undefined : rupiah(BigInt(lostRupiah)),
    stoppedAfterMs: msOf(stoppedAfterMinutes),
    words: told,
  };
}

function msOf(length: number): number {
  return Math.round(length * MINUTE_MS);
}
