/** The services as one customer finds them now: from the process's own restriction set, by the gate's own matcher. A restricted
 * service is shown with its reason, never hidden (I7). */
import { decideOne } from '../../gate/action.ts';
import type { FlowFacts, RestrictionHolder } from '../../gate/port.ts';
import type { Restriction } from '../../gate/restriction.ts';
import { hasOpen, inScope, withoutOpen } from '../../gate/scope.ts';
import type { Language } from '../../notify/template.ts';
import type { TransferRoute } from '../../payment/port.ts';
import type { ExplainRestriction, RestrictionExplanation, ServiceState } from './port.ts';
import { MOBILE_WORDS } from './words.ts';

export interface ServiceView {
  readonly key: 'onus' | 'bifast_out' | 'switch_out' | 'bifast_in' | 'bill' | 'qris';
  readonly name: string;
  readonly state: ServiceState;
  readonly word?: string;
  readonly percent?: number;
  readonly title?: string;
  readonly reason?: string;
  readonly alternative?: string;
  readonly nextUpdateAtMs?: number;
  readonly isOpen: boolean;
}

const FLOWS = [
  { key: 'onus', rail: 'onus', direction: 'out' },
  { key: 'bifast_out', rail: 'bifast', direction: 'out' },
  { key: 'switch_out', rail: 'switch', direction: 'out' },
  { key: 'bifast_in', rail: 'bifast', direction: 'in' },
  { key: 'bill', rail: 'biller', direction: 'out' },
  { key: 'qris', rail: 'qris', direction: 'out' },
] as const;

/** Worst first. */
const ORDER: readonly ServiceState[] = [
  'stopped',
  'limited',
  'recovering',
  'watched',
  'unknown',
  'normal',
];

export interface Customer {
  readonly accounts: readonly string[];
  readonly cohortBucket: number;
  readonly isStaff: boolean;
}

/** Every service, what this version cannot do included. */
export function showServices(input: {
  readonly holder: RestrictionHolder;
  readonly customer: Customer;
  readonly explainRestriction: ExplainRestriction;
  readonly language: Language;
  readonly nowMs: number;
}): readonly ServiceView[] {
  const words = MOBILE_WORDS[input.language];
  return FLOWS.map(({ key, rail, direction }): ServiceView => {
    const facts: FlowFacts = { ...factsOf(input.customer), rail, direction };
    const worst = worstOf(
      touching(input.holder, facts).map((restriction) => ({
        restriction,
        said: input.explainRestriction({ restriction, ...input }),
      })),
    );
    if (!worst) return { key, name: words.service[key], state: 'normal', isOpen: true };
    return {
      key,
      name: words.service[key],
      ...worst.said,
      isOpen: !isClosedFor(worst.restriction, facts),
    };
  });
}

/** The restriction that closes transfers to one bank for this customer, if any. */
export function explainBank(input: {
  readonly holder: RestrictionHolder;
  readonly customer: Customer;
  readonly bank: string | undefined;
  /** BI-FAST where it is left out. */
  readonly route?: TransferRoute;
  readonly explainRestriction: ExplainRestriction;
  readonly language: Language;
  readonly nowMs: number;
}): RestrictionExplanation | undefined {
  const flow =
    input.bank === undefined
      ? { rail: 'onus' as const }
      : { rail: input.route ?? ('bifast' as const), bank: input.bank };
  return explainFlow({ ...input, flow });
}

/** The restriction that closes what leaves this way for this customer, if any. */
export function explainFlow(input: {
  readonly holder: RestrictionHolder;
  readonly customer: Customer;
  readonly flow: Pick<FlowFacts, 'rail' | 'bank'>;
  readonly explainRestriction: ExplainRestriction;
  readonly language: Language;
  readonly nowMs: number;
}): RestrictionExplanation | undefined {
  const facts: FlowFacts = { ...factsOf(input.customer), ...input.flow, direction: 'out' };
  const restriction = touching(input.holder, facts).find((each) => isClosedFor(each, facts));
  return restriction && input.explainRestriction({ restriction, ...input });
}

function factsOf(customer: Customer): Omit<FlowFacts, 'rail' | 'direction'> {
  return {
    channel: 'mobile',
    account: customer.accounts[0] ?? '',
    amountSen: 0n,
    cohortBucket: customer.cohortBucket,
    isStaff: customer.isStaff,
  };
}

/** Restrictions that can touch some flow like this one. What is said of one shop is no word about a service: who pays there hears it before
 * the PIN. */
function touching(holder: RestrictionHolder, facts: FlowFacts): readonly Restriction[] {
  return holder
    .current()
    .restrictions.filter(
      ({ scope }) => scope.merchant === undefined && inScope(withoutOpen(scope, facts), facts),
    );
}

/** Closed whatever the flow leaves open. */
function isClosedFor(restriction: Restriction, facts: FlowFacts): boolean {
  const { scope } = restriction;
  if (hasOpen(scope, facts)) return false;
  return decideOne(restriction, facts).kind === 'stop';
}

function worstOf<Item extends { readonly said: RestrictionExplanation }>(
  items: readonly Item[],
): Item | undefined {
  return [...items].sort((a, b) => ORDER.indexOf(a.said.state) - ORDER.indexOf(b.said.state))[0];
}
