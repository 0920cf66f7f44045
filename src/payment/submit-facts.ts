/** Gathers what a submit or a quote must know from cached facts. */
import type { GateDecision } from '../gate/port.ts';
import { wibDate } from '../kernel/time.ts';
import type { PaymentContext } from './context.ts';
import type { SubmitFacts } from './decide-submit.ts';
import type { Spender } from './limits.ts';
import { PAYMENT_KINDS } from './kind.ts';
import type { TransferKind, TransferRoute } from './port.ts';
import { priceOf, type Price } from './tariff.ts';
import type { AccountFacts, ParticipantFacts } from './store-facts.ts';
import { codeOfBank } from '../rail/switch/institution.ts';

export interface SubmitInput {
  readonly channel: SubmitFacts['channel'];
  readonly debitAccount: string;
  readonly creditorBank: string;
  readonly route?: TransferRoute;
  /** Left out where nobody is named yet. */
  readonly creditorAccount?: string;
  readonly amount: bigint;
  readonly confirmedFeeSen?: bigint;
}

export interface GatheredFacts {
  /** The instant of the payment: its dates and its price are of this moment. */
  readonly atMs: number;
  readonly price: Price;
  readonly facts: SubmitFacts;
  readonly debtor: AccountFacts | undefined;
  readonly creditor: AccountFacts | undefined;
}

/** Reads nothing but accounts and tables that are not in the cache. */
export async function gatherSubmitFacts(
  context: PaymentContext,
  input: SubmitInput,
): Promise<GatheredFacts> {
  const isOnus = input.creditorBank === context.bank.bic;
  const numbers =
    isOnus && input.creditorAccount !== undefined
      ? [input.debitAccount, input.creditorAccount]
      : [input.debitAccount];
  const [[debtor, creditor], bank, tariffs] = await Promise.all([
    context.facts.accounts(numbers),
    isOnus ? undefined : context.facts.participant(input.creditorBank),
    context.tariffs(),
  ]);
  const atMs = context.time.now();
  const kind = kindOf(context, input);
  const price = priceOf(tariffs, {
    rail: PAYMENT_KINDS[kind].rail,
    channel: input.channel,
    amountSen: input.amount,
    atMs,
  });
  const facts: SubmitFacts = {
    kind,
    channel: input.channel,
    amountSen: input.amount,
    isDebitKnown: debtor !== undefined,
    isCreditKnown: !isOnus || input.creditorAccount === undefined || creditor !== undefined,
    bank: isOnus ? 'ours' : bankStateOf(kind, bank),
    gate: gateOf(context, input, debtor),
    feeSen: price.feeSen,
    confirmedFeeSen: input.confirmedFeeSen,
  };
  return { atMs, price, facts, debtor, creditor };
}

function gateOf(
  context: PaymentContext,
  input: SubmitInput,
  debtor: AccountFacts | undefined,
): GateDecision {
  const isOnus = input.creditorBank === context.bank.bic;
  return context.gate.decide({
    rail: PAYMENT_KINDS[kindOf(context, input)].rail,
    direction: 'out',
    channel: input.channel,
    ...(!isOnus && { bank: input.creditorBank }),
    account: input.debitAccount,
    amountSen: input.amount,
    cohortBucket: debtor?.cohortBucket ?? 9_999,
    isStaff: debtor?.isStaff ?? false,
  });
}

/** On-us, or the chosen way. */
export function kindOf(
  { bank }: PaymentContext,
  { creditorBank, route }: Pick<SubmitInput, 'creditorBank' | 'route'>,
): TransferKind {
  if (creditorBank === bank.bic) return 'onus';
  return route === 'switch' ? 'switch_out' : 'bifast_out';
}

function bankStateOf(kind: TransferKind, bank: ParticipantFacts | undefined): SubmitFacts['bank'] {
  if (!bank) return 'unknown';
  if (kind === 'switch_out') return codeOfBank(bank.bic) === undefined ? 'unknown' : 'known_open';
  return bank.isOpen ? 'known_open' : 'known_closed';
}

/** Where a transfer that is made at `atMs` counts. */
export function spenderOf(input: SubmitInput, { debtor, atMs, facts }: GatheredFacts): Spender {
  return {
    // An account of no customer counts for itself.
    customer: debtor?.customerId ?? input.debitAccount,
    channel: input.channel,
    kind: facts.kind,
    day: wibDate(atMs),
  };
}
