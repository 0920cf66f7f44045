/** The harm meter: what each restriction refuses or withholds, folded from the event stream, and the narrower scope that the evidence allows. A refused
 * payment is *good* when a customer agreed to it or a partner asked for it, and nothing about it looks like an attack; *suspect* when its
 * payee is of a category, or is paid by several payers, or payers come in the order of their numbers; else *unproven*, and speaks neither
 * for nor against. Proposes only: narrowing is a loosening and needs two people (I5). Pure. */
import type { StreamEvent } from '../audit/event.ts';
import type { Restriction, Scope } from '../gate/restriction.ts';

/** What the meter measures by; [rec], versioned with the guard's numbers. */
export interface HarmNumbers {
  /** So many payers of one payee among what was refused make it suspect (domain.md 7.5, D12). */
  readonly payerCountSuspect: number;
  /** A narrower scope must spare so many good payments, and hold so many suspect ones. */
  readonly goodMin: number;
  readonly suspectMin: number;
  /** Evidence of a shorter time proposes nothing. */
  readonly watchMs: number;
  /** Nothing suspect for so long, and so much good refused: the whole may be released. */
  readonly quietMs: number;
}

/** The numbers in force unless a setting says otherwise. */
export const HARM_DEFAULTS: HarmNumbers = {
  payerCountSuspect: 3,
  goodMin: 20,
  suspectMin: 5,
  watchMs: 10 * 60_000,
  quietMs: 30 * 60_000,
};

/** Dimensions that a proposal may add: few values each, and people know them. */
const DIMENSIONS = ['channel', 'bank'] as const;
type Dimension = (typeof DIMENSIONS)[number];
const VALUES_MAX = 60;
const PAYEES_MAX = 200;
const RESTRICTIONS_MAX = 500;

interface Count {
  readonly good: number;
  readonly suspect: number;
}

/** What one restriction refused since it has its present scope. JSON-safe and bounded. */
export interface Harm extends Count {
  readonly scope: string;
  readonly sinceMs: number;
  readonly lastSuspectMs: number | undefined;
  readonly unproven: number;
  readonly goodSen: string;
  readonly values: Readonly<Record<Dimension, Readonly<Record<string, Count>>>>;
  /** Payers of each payee that was refused, a few of each. */
  readonly payees: Readonly<Record<string, readonly string[]>>;
}

/** By restriction id. */
export type HarmState = Readonly<Record<string, Harm>>;

const NOTHING: Count = { good: 0, suspect: 0 };

/** What a restriction does to a payment: it is refused, put off, or waits for a person. */
const STOPPED: ReadonlySet<string> = new Set([
  'payment.refused',
  'payment.throttled',
  'payment.withheld',
]);

/** Adds what was refused or withheld. A restriction that was lifted is forgotten; one whose scope changed starts again. */
export function foldHarm(of: {
  readonly state: HarmState;
  readonly events: readonly StreamEvent[];
  readonly active: readonly Restriction[];
  readonly nowMs: number;
  readonly numbers: HarmNumbers;
}): HarmState {
  const next = new Map<string, Harm>();
  for (const one of of.active.slice(0, RESTRICTIONS_MAX)) {
    const scope = JSON.stringify(one.scope);
    const before = of.state[one.id];
    next.set(one.id, before?.scope === scope ? before : emptyHarm(scope, of.nowMs));
  }
  for (const event of of.events) {
    if (!STOPPED.has(event.kind)) continue;
    const id = event.data['restriction'];
    const harm = typeof id === 'string' ? next.get(id) : undefined;
    if (harm) next.set(id as string, addRefusal(harm, event, of.numbers));
  }
  return Object.fromEntries(next);
}

function emptyHarm(scope: string, sinceMs: number): Harm {
  return {
    scope,
    sinceMs,
    lastSuspectMs: undefined,
    good: 0,
    suspect: 0,
    unproven: 0,
    goodSen: '0',
    values: { channel: {}, bank: {} },
    payees: {},
  };
}

function addRefusal(before: Harm, event: StreamEvent, numbers: HarmNumbers): Harm {
  const { data } = event;
  const payees = withPayer(before.payees, data, numbers);
  const word = wordOf(data, payees, numbers);
  if (word === 'unproven') return { ...before, payees, unproven: before.unproven + 1 };
  const sen = /^\d{1,18}$/.test(String(data['amountSen'])) ? BigInt(String(data['amountSen'])) : 0n;
  const values = Object.fromEntries(
    DIMENSIONS.map((name) => [name, withValue(before.values[name], data[name], word)]),
  ) as Harm['values']; // one entry per dimension
  return {
    ...before,
    payees,
    values,
    [word]: before[word] + 1,
    ...(word === 'suspect'
      ? { lastSuspectMs: event.atMs }
      : { goodSen: String(BigInt(before.goodSen) + sen) }),
  };
}

function withValue(
  values: Readonly<Record<string, Count>>,
  value: unknown,
  word: 'good' | 'suspect',
): Readonly<Record<string, Count>> {
  if (typeof value !== 'string') return values;
  const known = Object.hasOwn(values, value) ? values[value]! : undefined;
  if (!known && Object.keys(values).length >= VALUES_MAX) return values;
  const count = known ?? NOTHING;
  return { ...values, [value]: { ...count, [word]: count[word] + 1 } };
}

type Data = StreamEvent['data'];

function withPayer(
  payees: Harm['payees'],
  data: Data,
  { payerCountSuspect }: HarmNumbers,
): Harm['payees'] {
  const { payee, payer } = data;
  if (typeof payee !== 'string' || typeof payer !== 'string') return payees;
  const known = Object.hasOwn(payees, payee) ? payees[payee]! : [];
  const isFull = known.length === 0 && Object.keys(payees).length >= PAYEES_MAX;
  if (isFull || known.includes(payer) || known.length >= payerCountSuspect) return payees;
  return { ...payees, [payee]: [...known, payer] };
}

function wordOf(
  data: Data,
  payees: Harm['payees'],
  { payerCountSuspect }: HarmNumbers,
): 'good' | 'suspect' | 'unproven' {
  const payee = typeof data['payee'] === 'string' ? data['payee'] : '';
  const payers = Object.hasOwn(payees, payee) ? payees[payee]!.length : 0;
  if (data['category'] !== undefined || data['isAscending'] === true || payers >= payerCountSuspect)
    return 'suspect';
  const isAgreed = data['consentId'] !== undefined || data['partnerId'] !== undefined;
  return isAgreed ? 'good' : 'unproven';
}

/** What the evidence allows, for two people to decide. `spares` = good payments of those refused that would have passed. */
export type HarmProposal =
  | { readonly kind: 'narrow'; readonly scope: Scope; readonly spares: number }
  | { readonly kind: 'release'; readonly spares: number };

/** The proposal for one restriction; undefined while the evidence does not allow any. One that is coming back in stages needs none. */
export function proposeNarrower(of: {
  readonly restriction: Restriction;
  readonly harm: Harm;
  readonly nowMs: number;
  readonly numbers: HarmNumbers;
}): HarmProposal | undefined {
  const { restriction, harm, nowMs, numbers } = of;
  if (restriction.admission || nowMs - harm.sinceMs < numbers.watchMs) return undefined;
  const quietSinceMs = harm.lastSuspectMs ?? harm.sinceMs;
  if (harm.good >= numbers.goodMin && nowMs - quietSinceMs >= numbers.quietMs)
    return { kind: 'release', spares: harm.good };
  if (harm.suspect < numbers.suspectMin) return undefined;
  const found = DIMENSIONS.flatMap((name) => {
    if (restriction.scope[name] !== undefined) return [];
    const suspects = Object.entries(harm.values[name]).filter(([, { suspect }]) => suspect > 0);
    const [only] = suspects;
    // What was not counted under any value might be suspect elsewhere.
    if (suspects.length !== 1 || only![1].suspect !== harm.suspect) return [];
    return [
      { scope: { ...restriction.scope, [name]: only![0] }, spares: harm.good - only![1].good },
    ];
  });
  const [best] = found.toSorted((a, b) => b.spares - a.spares);
  return best && best.spares >= numbers.goodMin ? { kind: 'narrow', ...best } : undefined;
}
