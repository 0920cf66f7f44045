/** A scenario as a file that a bank can write: JSON with a strict form, where a fault names its field. docs/drills.md explains each one. */
import { rupiah } from '../../src/kernel/money.ts';
import type { TrafficRate } from '../customer/traffic.ts';
import { list, object, oneOf, text, words, type Shape } from '../hub/schema.ts';
import { GATEWAY_ATTACKS, type GatewayAttack, type Goal, type Scenario } from './scenario.ts';

/** A file is small; more is no scenario. */
export const SCENARIO_BYTES_MAX = 100_000;
const MINUTE_MS = 60_000;
/** Two days of virtual time. */
const MINUTES_MAX = 2_880;
/** Virtual time holds every try in memory. */
const COUNT_MAX = 100_000;
const PER_MINUTE_MAX = 10_000;
const ACCOUNTS_MAX = 10_000;

/** A number in bounds; `whole` for counts. */
function number(of: { readonly min: number; readonly max: number; readonly whole?: true }): Shape {
  return (value, path) => {
    const isOne = typeof value === 'number' && Number.isFinite(value);
    if (!isOne || (of.whole && !Number.isInteger(value)))
      return `${path}: not a ${of.whole ? 'whole ' : ''}number`;
    return value < of.min || value > of.max ? `${path}: not in ${of.min}..${of.max}` : undefined;
  };
}

const count = (max: number, min = 0): Shape => number({ min, max, whole: true });
const minutes = number({ min: 0, max: MINUTES_MAX });
const money = text(/^(0|[1-9]\d{0,14})$/);
const nullOr =
  (shape: Shape): Shape =>
  (value, path) =>
    value === null ? undefined : shape(value, path);
const some =
  (item: Shape, max: number): Shape =>
  (value, path) =>
    Array.isArray(value) && value.length <= max
      ? list(value.length, item)(value, path)
      : `${path}: not a list of at most ${max} items`;
const scales = (shape: Shape): Shape => object({ default: shape, full: shape });
const rate = number({ min: 0, max: PER_MINUTE_MAX });

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
    minutes: object(
      { warmUp: minutes, attack: number({ min: 1, max: MINUTES_MAX }), after: minutes },
      { defaultAttack: number({ min: 1, max: MINUTES_MAX }) },
    ),
    attack: object(
      { path: oneOf('gateway', 'imitated_connector', 'app_session'), count: count(COUNT_MAX, 1) },
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
    hub: object({ amountMaxRupiah: nullOr(money), prefundRupiah: money }),
    normalPerMinute: scales(object({ onus: rate, bifast_out: rate, bifast_in: rate })),
    customers: scales(count(ACCOUNTS_MAX, 2)),
    people: nullOr(
      object(
        { proposeAfterMinutes: minutes, approveAfterMinutes: minutes, stageMinutes: minutes },
        { stagePayments: count(1_000, 1) },
      ),
    ),
    goal: object(
      { containWithinMs: count(MINUTES_MAX * MINUTE_MS) },
      {
        lostRupiahMax: money,
        attackBytesMax: count(1_000_000_000),
        triesBeforeContainMax: count(COUNT_MAX),
        levelMax: count(5),
        isRecovered: (value, path) =>
          typeof value === 'boolean' ? undefined : `${path}: not true or false`,
      },
    ),
  },
  {
    guardPaceMs: number({ min: 250, max: 5_000, whole: true }),
    history: object({
      lostRupiah: money,
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
  readonly minutes: {
    readonly warmUp: number;
    readonly attack: number;
    readonly defaultAttack?: number;
    readonly after: number;
  };
  readonly attack: {
    readonly path: Scenario['path'];
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
  readonly normalPerMinute: Readonly<Record<'default' | 'full', TrafficRate>>;
  readonly customers: Readonly<Record<'default' | 'full', number>>;
  readonly people: {
    readonly proposeAfterMinutes: number;
    readonly approveAfterMinutes: number;
    readonly stageMinutes: number;
    readonly stagePayments?: number;
  } | null;
  readonly goal: Omit<Goal, 'lostSenMax'> & { readonly lostRupiahMax?: string };
  readonly guardPaceMs?: number;
  readonly history?: {
    readonly lostRupiah: string;
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
function contradiction({ attack, people, customers }: File): string | undefined {
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
  if (path === 'app_session' && (victimCount < 1 || victimCount > customers.default))
    return at('attack.victimCount', 'not in 1..customers.default');
  if (people && people.approveAfterMinutes < people.proposeAfterMinutes)
    return at('people.approveAfterMinutes', 'before it is proposed');
  return undefined;
}

/** Spread over near-limit amounts (scenario.ts), a total must be at least this much a try. */
const NEAR_LIMIT_RUPIAH = 250_000_000n;

function scenarioOf(file: File): Scenario {
  const { attack, hub, people, goal } = file;
  const { lostRupiahMax, ...reach } = goal;
  return {
    name: file.name,
    title: file.title,
    startMs: Date.parse(file.start),
    warmUpMs: msOf(file.minutes.warmUp),
    attackMs: msOf(file.minutes.attack),
    ...(file.minutes.defaultAttack !== undefined && {
      defaultAttackMs: msOf(file.minutes.defaultAttack),
    }),
    afterMs: msOf(file.minutes.after),
    path: attack.path,
    attack: {
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
    },
    hub: {
      amountMaxSen: hub.amountMaxRupiah === null ? undefined : rupiah(BigInt(hub.amountMaxRupiah)),
      prefundSen: rupiah(BigInt(hub.prefundRupiah)),
    },
    normal: file.normalPerMinute,
    accountCount: file.customers,
    ...(people && {
      recovery: {
        proposeAfterMs: msOf(people.proposeAfterMinutes),
        approveAfterMs: msOf(people.approveAfterMinutes),
        stageMs: msOf(people.stageMinutes),
        ...(people.stagePayments !== undefined && { paymentCountMin: people.stagePayments }),
      },
    }),
    goal: {
      ...reach,
      ...(lostRupiahMax !== undefined && { lostSenMax: rupiah(BigInt(lostRupiahMax)) }),
    },
    ...(file.guardPaceMs !== undefined && { guardPaceMs: file.guardPaceMs }),
    ...(file.history && { history: historyOf(file.history) }),
  };
}

function historyOf(of: NonNullable<File['history']>): NonNullable<Scenario['history']> {
  const { lostRupiah, stoppedAfterMinutes, words: told } = of;
  return {
    lostSen: rupiah(BigInt(lostRupiah)),
    stoppedAfterMs: msOf(stoppedAfterMinutes),
    words: told,
  };
}

function msOf(length: number): number {
  return Math.round(length * MINUTE_MS);
}
