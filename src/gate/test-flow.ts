/** Arbitrary scopes, actions and flows over a small alphabet, so that they meet each other often. For property tests. */
import fc from 'fast-check';
import { decide, type CompiledSet } from './decide.ts';
import { strictest, decideOne } from './action.ts';
import type { FlowFacts, GateDecision } from './port.ts';
import type { Restriction, RestrictionAction, Scope } from './restriction.ts';
import { inScope } from './scope.ts';

const RAILS = ['bifast', 'onus', 'switch'] as const;
const DIRECTIONS = ['in', 'out'] as const;
const CHANNELS = ['mobile', 'snap'] as const;
const BANKS = ['BNINIDJA', 'CENAIDJA'] as const;
const PRODUCTS = ['transfer', 'qris'] as const;
const ACCOUNTS = ['1001', '1002', '1003'] as const;
const PAYEES = ['7001', '7002', '8001'] as const;
const MERCHANTS = ['ID10', 'ID20'] as const;

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const KEYS = ['kkkkkkkkkkkkkkk1', 'kkkkkkkkkkkkkkk2', 'kkkkkkkkkkkkkkk3'] as const;
const amount = fc.integer({ min: 0, max: 20 });
const bucket = fc.integer({ min: 0, max: 20 });

/** Without the names that are undefined, as JSON leaves them out. */
function named<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => part !== undefined),
  ) as Value; // the same fields
}

export const anyScope: fc.Arbitrary<Scope> = fc
  .record({
    rail: maybe(fc.constantFrom(...RAILS)),
    direction: maybe(fc.constantFrom(...DIRECTIONS)),
    channel: maybe(fc.constantFrom(...CHANNELS)),
    bank: maybe(fc.constantFrom(...BANKS)),
    product: maybe(fc.constantFrom(...PRODUCTS)),
    account: maybe(fc.constantFrom(...ACCOUNTS)),
    merchant: maybe(fc.constantFrom(...MERCHANTS)),
    cohort: maybe(
      fc.record({
        name: fc.constant('listed'),
        payers: fc.subarray([...KEYS], { minLength: 1 }),
      }),
    ),
    bucketFrom: maybe(bucket),
    bucketTo: maybe(bucket),
    payees: maybe(fc.subarray([...KEYS], { minLength: 1 })),
    payeeCategory: maybe(
      fc.record({
        name: fc.constant('exchange'),
        payees: fc.array(
          fc.record({
            bank: fc.constantFrom(...BANKS),
            accountPrefix: fc.constantFrom('', '7', '70', '8001'),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    ),
    amountFromSen: maybe(amount.map(String)),
    amountToSen: maybe(amount.map(String)),
  })
  .map((scope) => named(scope) as Scope);

export const anyAction: fc.Arbitrary<RestrictionAction> = fc.oneof(
  fc.constantFrom<RestrictionAction>(
    { kind: 'allow' },
    { kind: 'step_up' },
    { kind: 'hold' },
    { kind: 'stop' },
  ),
  amount.map((sen): RestrictionAction => ({ kind: 'cap', amountSen: String(sen) })),
  fc
    .tuple(maybe(fc.integer({ min: 1, max: 5 })), fc.integer({ min: 1, max: 40 }))
    .map(([countPerMinute, sen]): RestrictionAction => ({
      kind: 'throttle',
      ...(countPerMinute === undefined
        ? { amountSenPerMinute: String(sen) }
        : { countPerMinute, ...(sen > 20 && { amountSenPerMinute: String(sen) }) }),
    })),
);

export const anyFlow: fc.Arbitrary<FlowFacts> = fc
  .record({
    rail: fc.constantFrom(...RAILS),
    direction: fc.constantFrom(...DIRECTIONS),
    channel: fc.constantFrom(...CHANNELS),
    bank: maybe(fc.constantFrom(...BANKS)),
    product: maybe(fc.constantFrom(...PRODUCTS)),
    account: fc.constantFrom(...ACCOUNTS),
    payeeAccount: maybe(fc.constantFrom(...PAYEES)),
    payer: maybe(fc.constantFrom(...KEYS)),
    payee: maybe(fc.constantFrom(...KEYS)),
    merchant: maybe(fc.constantFrom(...MERCHANTS)),
    amountSen: amount.map(BigInt),
    cohortBucket: bucket,
    isStaff: fc.boolean(),
  })
  .map((facts) => named(facts) as FlowFacts);

/** A restriction around a scope and an action. */
export function restrictionOf(
  scope: Scope,
  action: RestrictionAction,
  more: Partial<Restriction> = {},
): Restriction {
  return {
    id: 'rst_1',
    scope,
    action,
    level: 3,
    reasonClass: 'containment',
    cause: 'D2',
    evidence: [],
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: 0,
    reviewAtMs: 0,
    nextUpdateAtMs: 0,
    posture: { kind: 'closed' },
    ...more,
  };
}

export const anyRestrictions: fc.Arbitrary<readonly Restriction[]> = fc
  .array(
    fc.tuple(anyScope, anyAction, fc.integer({ min: 0, max: 9 })).map(([scope, action, staff]) =>
      restrictionOf(scope, action, {
        ...(staff === 0 && {
          admission: {
            releaseId: 'rel_1',
            stage: 0,
            bucketsBelow: 5,
            staffOnly: false,
            capSen: '10',
            sinceMs: 0,
          },
        }),
      }),
    ),
    { maxLength: 30 },
  )
  .map((all) => all.map((one, index) => ({ ...one, id: `rst_${index}` })));

/** What a decision comes to, without which of several equally strict restrictions said it. */
export function verdictOf(word: GateDecision): unknown {
  const throttles = 'throttles' in word ? word.throttles : undefined;
  return {
    kind: word.kind,
    isAdmitted: word.kind === 'allow' && word.admittedBy !== undefined,
    throttles: (throttles ?? []).map(({ id }) => id).toSorted(),
  };
}

/** The reading that needs no index: every restriction is looked at. */
export function decideNaively(
  restrictions: readonly Restriction[],
  facts: FlowFacts,
): GateDecision {
  return restrictions
    .filter(({ scope }) => inScope(scope, facts))
    .map((one) => decideOne(one, facts))
    .reduce(strictest, { kind: 'allow' });
}

/** Both readings of a flow. */
export function bothWays(input: {
  readonly compiled: CompiledSet;
  readonly restrictions: readonly Restriction[];
  readonly facts: FlowFacts;
}): readonly [indexed: unknown, naive: unknown] {
  return [
    verdictOf(decide(input.compiled, input.facts)),
    verdictOf(decideNaively(input.restrictions, input.facts)),
  ];
}
