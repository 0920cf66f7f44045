/** Gathers what a submit or a quote must know from cached facts. */
import type { GateDecision } from '../gate/port.ts';
import { sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type { PaymentContext } from './context.ts';
import type { SubmitFacts } from './decide-submit.ts';
import type { BillRefusal } from './port.ts';
import type { Spender } from './limits.ts';
import { codeOfBank } from '../rail/switch/institution.ts';
import { PAYMENT_KINDS } from './kind.ts';
import type {
  BulkTerms,
  ChannelProof,
  CodeTransferTerms,
  MerchantTerms,
  QrisTerms,
  SignedIn,
  TransferCommand,
  TransferRoute,
} from './port.ts';
import { priceOf, type FeeClass, type Price } from './tariff.ts';
import type { Screen } from './screening/screening.ts';
import type { AccountFacts, ParticipantFacts } from './store-facts.ts';
import type { Pair } from './screening/store.ts';

export interface SubmitInput {
  readonly channel: SubmitFacts['channel'];
  readonly debitAccount: string;
  readonly creditorBank: string;
  readonly route?: TransferRoute;
  /** Left out where nobody is named yet. */
  readonly creditorAccount?: string;
  readonly amount: bigint;
  readonly confirmedFeeSen?: bigint;
  readonly mayWait?: TransferCommand['mayWait'];
  readonly merchant?: MerchantTerms;
  readonly qris?: QrisTerms;
  readonly codeTransfer?: CodeTransferTerms;
  readonly bulk?: BulkTerms;
  /** The payer is there and answered this. */
  readonly answered?: readonly string[];
  readonly proof?: ChannelProof;
  /** In a quote, where no PIN was given yet. */
  readonly signed?: SignedIn | undefined;
  /** A bill: the creditor is the aggregator. */
  readonly bill?: {
    readonly product: string;
    readonly feeClass: FeeClass;
    readonly problem: BillRefusal | undefined;
  };
}

export interface GatheredFacts {
  /** The instant of the payment: its dates and its price are of this moment. */
  readonly atMs: number;
  readonly price: Price;
  readonly facts: SubmitFacts;
  readonly debtor: AccountFacts | undefined;
  readonly creditor: AccountFacts | undefined;
  /** The pair to remember when the payment is made. */
  readonly keeps: Pair | undefined;
  /** When the pair last paid. */
  readonly lastAtMs: number | undefined;
}

/** Reads nothing but accounts and tables that are not in the cache. */
export async function gatherSubmitFacts(
  context: PaymentContext,
  input: SubmitInput,
): Promise<GatheredFacts> {
  const kind = kindOf(context, input);
  const isOnus = kind === 'onus';
  const numbers =
    isOnus && input.creditorAccount !== undefined
      ? [input.debitAccount, input.creditorAccount]
      : [input.debitAccount];
  const [[debtor, creditor], bank, tariffs, screen] = await Promise.all([
    context.facts.accounts(numbers),
    kind === 'bifast_out' || kind === 'switch_out'
      ? context.facts.participant(input.creditorBank)
      : undefined,
    context.tariffs(),
    screenOf(context, input),
  ]);
  const atMs = context.time.now();
  const mayBeHeld = MAY_WAIT.has(kind) && !input.merchant;
  // The payer is never surcharged for paying by QRIS: the merchant pays (domain.md 1.9).
  const price =
    input.merchant || input.qris
      ? FREE
      : priceOf(tariffs, {
          rail: PAYMENT_KINDS[kind].rail,
          kind: input.bill?.feeClass,
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
    bank: bankStateOf(kind, bank),
    gate: gateOf(context, input, debtor),
    mayWait: input.mayWait === true && mayBeHeld,
    mayWaitByRule: input.mayWait !== undefined && input.mayWait !== false && mayBeHeld,
    billProblem: input.bill?.problem,
    feeSen: price.feeSen,
    isCodeExpired: isExpired(input.merchant, atMs),
    bulk: input.bulk,
    confirmedFeeSen: input.confirmedFeeSen,
    screened: screen?.at(atMs),
  };
  return { atMs, price, facts, debtor, creditor, keeps: screen?.keeps, lastAtMs: screen?.lastAtMs };
}

/** Nothing to say of a way that is only asked about. */
function screenOf(context: PaymentContext, input: SubmitInput): Promise<Screen> | undefined {
  if (input.amount === 0n) return undefined;
  const kind = kindOf(context, input);
  const { merchant, answered } = input;
  return context.screening.of({
    channel: input.channel,
    kind: merchant ? (merchant.code ? 'merchant_code' : 'merchant') : kind,
    amountSen: input.amount,
    payer: payerKey(context, input),
    payee: payeeKey(context, input),
    merchant: merchant?.id ?? (input.qris?.nmid || undefined),
    // What a partner takes by a grant cannot wait for people.
    account: input.mayWait && input.creditorAccount !== undefined ? input.debitAccount : undefined,
    agreedSen: input.bulk?.sumSen,
    signed: input.proof?.kind === 'session' ? input.proof.signed : input.signed,
    who: { canAnswer: answered !== undefined, answered: answered ?? [] },
  });
}

function payerKey({ parties, bank }: PaymentContext, { debitAccount }: SubmitInput): string {
  return parties.keyOf({ bank: bank.bic, account: debitAccount });
}

/** A bill's payee is its biller: the product says it. */
function payeeKey({ parties }: PaymentContext, input: SubmitInput): string | undefined {
  const { creditorBank: bank, creditorAccount: account, bill } = input;
  return account === undefined || bill ? undefined : parties.keyOf({ bank, account });
}

/** Transfers; whoever pays at a till or a biller stands there. */
const MAY_WAIT: ReadonlySet<SubmitFacts['kind']> = new Set(['onus', 'bifast_out', 'switch_out']);

const FREE: Price = { feeSen: sen(0n), taxSen: sen(0n) };

function isExpired(merchant: MerchantTerms | undefined, atMs: number): boolean {
  return merchant?.code !== undefined && merchant.code.validUntilMs <= atMs;
}

function gateOf(
  context: PaymentContext,
  input: SubmitInput,
  debtor: AccountFacts | undefined,
): GateDecision {
  const kind = kindOf(context, input);
  const merchant = input.merchant?.nmid ?? (input.qris?.nmid || undefined);
  const payee = payeeKey(context, input);
  return context.gate.decide({
    rail: PAYMENT_KINDS[kind].rail,
    direction: 'out',
    channel: input.channel,
    ...(kind !== 'onus' && { bank: input.creditorBank }),
    product: productOf(input),
    account: input.debitAccount,
    ...(payee !== undefined && { payeeAccount: input.creditorAccount!, payee }), // named: it has a key
    ...(merchant !== undefined && { merchant }),
    payer: payerKey(context, input),
    amountSen: input.amount,
    cohortBucket: debtor?.cohortBucket ?? 9_999,
    isStaff: debtor?.isStaff ?? false,
  });
}

function productOf({ bill, merchant, qris }: SubmitInput): string {
  return bill?.product ?? (merchant || qris ? 'qris' : 'transfer');
}

/** On-us, a bill, or the chosen way to another bank. */
function kindOf({ bank }: PaymentContext, input: SubmitInput): SubmitFacts['kind'] {
  if (input.bill) return 'bill';
  if (input.creditorBank === bank.bic) return 'onus';
  if (input.qris) return 'qris_out';
  if (input.codeTransfer) return 'qris_transfer_out';
  return input.route === 'switch' ? 'switch_out' : 'bifast_out';
}

function bankStateOf(
  kind: SubmitFacts['kind'],
  bank: ParticipantFacts | undefined,
): SubmitFacts['bank'] {
  if (kind === 'onus' || kind === 'bill') return 'ours';
  // Whether an institution is known was asked when the code was read (`nns_unknown`).
  if (kind === 'qris_out' || kind === 'qris_transfer_out') return 'known_open';
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
    bulk: input.bulk,
  };
}
