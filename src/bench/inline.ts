/** What `pulih bench guard` asks of an inline decision: a seeded set of restrictions over every dimension, seeded flows, and the decision
 * that a submit makes of a flow. Pure. */
import { compileSet, decide, type CompiledSet } from '../gate/decide.ts';
import type { FlowFacts } from '../gate/port.ts';
import { EMPTY_SET, type Restriction, type Scope } from '../gate/restriction.ts';
import { openParties } from '../payment/party.ts';
import type { Random } from '../kernel/random.ts';
import { evaluate } from '../risk/evaluate.ts';
import type { RiskFacts } from '../risk/facts.ts';

const CHANNELS = ['mobile', 'snap'] as const;
const RAILS = ['bifast', 'switch', 'onus'] as const;
/** Banks, accounts and payees of the bench; the restrictions name about one in ten of them. */
const BANK_COUNT = 120;
const ACCOUNT_COUNT = 5_000;
const PAYEE_COUNT = 5_000;

/** A flow and what the ledger counted for its payer. */
export interface InlineCase {
  readonly flow: FlowFacts;
  readonly risk: RiskFacts;
}

/** The word of an inline decision: a restriction's, or a rule's reason, or `allow`. */
export type InlineWord = 'stop' | 'cap' | 'hold' | 'step_up' | 'allow' | 'refused';

const { keyOf } = openParties(Buffer.alloc(32, 7));
const OUR_BANK = 'PULHIDJA';
const payerOf = (account: string): string => keyOf({ bank: OUR_BANK, account });

const bankOf = (index: number): string => `B${String(index).padStart(3, '0')}IDJA`;
const accountOf = (index: number): string => String(1_000_000_000 + index);
const payeeOf = (index: number): string => String(7_000_000_000 + index);

/** `count` restrictions: of payees and accounts mostly, as a guard under attack makes them, and of channels, banks, products, amounts and
 * categories. None closes a whole rail, so that every flow has to be looked at. */
export function makeRestrictions(count: number, random: Random): readonly Restriction[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `rst_${index}`,
    scope: makeScope(index, random),
    action: index % 3 === 0 ? { kind: 'hold' as const } : { kind: 'stop' as const },
    level: 3 as const,
    reasonClass: 'containment' as const,
    cause: 'bench',
    evidence: [],
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: 0,
    reviewAtMs: 0,
    nextUpdateAtMs: 0,
    posture: { kind: 'closed' as const },
  }));
}

function makeScope(index: number, random: Random): Scope {
  const rail = RAILS[random.below(2)]!;
  const bank = bankOf(random.below(BANK_COUNT));
  switch (index % 8) {
    case 0:
    case 1:
    case 2:
      return {
        rail,
        direction: 'out',
        payees: [keyOf({ bank, account: payeeOf(random.below(PAYEE_COUNT)) })],
      };
    case 3:
    case 4:
      return { direction: 'out', account: accountOf(random.below(ACCOUNT_COUNT)) };
    case 5:
      return {
        rail,
        direction: 'out',
        channel: CHANNELS[random.below(2)]!,
        bank,
        amountFromSen: String(20_000_000_000 + random.below(1_000_000_000)),
      };
    case 6:
      return {
        rail,
        direction: 'out',
        bank,
        payeeCategory: {
          name: 'exchange',
          payees: [{ bank, accountPrefix: payeeOf(random.below(PAYEE_COUNT)).slice(0, 9) }],
        },
      };
    default:
      return {
        rail,
        direction: 'out',
        cohort: { name: 'listed', payers: [payerOf(accountOf(random.below(ACCOUNT_COUNT)))] },
        product: 'transfer',
      };
  }
}

/** `count` payments: most of them pass. */
export function makeCases(count: number, random: Random): readonly InlineCase[] {
  return Array.from({ length: count }, () => {
    const rail = RAILS[random.below(RAILS.length)]!;
    const amountSen = BigInt(1_000_000 + random.below(2_000_000_000) * 12);
    return {
      flow: {
        rail,
        direction: 'out',
        channel: CHANNELS[random.below(2)]!,
        ...(rail !== 'onus' && { bank: bankOf(random.below(BANK_COUNT)) }),
        product: 'transfer',
        account: accountOf(random.below(ACCOUNT_COUNT)),
        payeeAccount: payeeOf(random.below(PAYEE_COUNT)),
        amountSen,
        cohortBucket: random.below(10_000),
        isStaff: false,
      },
      risk: {
        amountSen,
        railMinimumSen: 100n,
        railCapSen: 25_000_000_000n,
        sentTodaySen: BigInt(random.below(1_000_000_000)) * 95n,
        countToday: random.below(102),
        dailyLimitSen: 100_000_000_000n,
        dailyCountMax: 100,
        countInWindow: random.below(21),
        velocityMax: 20,
      },
    };
  });
}

/** A set that is ready for `decideInline`. */
export function compileInline(restrictions: readonly Restriction[]): CompiledSet {
  return compileSet({ ...EMPTY_SET, restrictions });
}

/** The flow with the opaque names that a core makes of payer and payee: part of the decision, for they are made for it. */
export function namedFlow(flow: FlowFacts): FlowFacts {
  return {
    ...flow,
    payer: payerOf(flow.account),
    ...(flow.payeeAccount !== undefined && {
      payee: keyOf({ bank: flow.bank ?? OUR_BANK, account: flow.payeeAccount }),
    }),
  };
}

/** The decision that stands between a submit and the ledger: the gate, then every rule of risk. */
export function decideInline(compiled: CompiledSet, { flow, risk }: InlineCase): InlineWord {
  const { kind } = decide(compiled, namedFlow(flow));
  if (kind !== 'allow') return kind;
  return evaluate(risk) === undefined ? 'allow' : 'refused';
}
