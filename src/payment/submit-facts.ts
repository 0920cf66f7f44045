/** Gathers what a submit or a quote must know: cached facts, plus one bounded read where a limit could bind. */
import type { GateDecision } from '../gate/port.ts';
import type { PaymentContext } from './context.ts';
import { wibDayStartMs } from './clock.ts';
import { limitsOf, type Spending, type SubmitFacts } from './decide-submit.ts';
import type { PaymentSettings } from './settings.ts';
import { priceOf, type Price } from './tariff.ts';
import { readSpending, type AccountFacts } from './store-facts.ts';

export interface SubmitInput {
  readonly channel: SubmitFacts['channel'];
  readonly debitAccount: string;
  readonly creditorBank: string;
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

/** A day's payments are read one by one up to this many; a channel with a larger daily count has no daily limit. */
export const COUNT_READ_MAX = 10_000n;

const NOTHING_SENT: Spending = { sentSen: 0n, count: 0, windowCount: 0 };

/** Reads at most: accounts not in the cache, and the day's spending where a limit could bind. */
export async function gatherSubmitFacts(
  context: PaymentContext,
  input: SubmitInput,
  settings: PaymentSettings,
): Promise<GatheredFacts> {
  const isOnus = input.creditorBank === context.bank.bic;
  const numbers =
    isOnus && input.creditorAccount !== undefined
      ? [input.debitAccount, input.creditorAccount]
      : [input.debitAccount];
  const [[debtor, creditor], bank, spending, tariffs] = await Promise.all([
    context.facts.accounts(numbers),
    isOnus ? undefined : context.facts.participant(input.creditorBank),
    spendingOf(context, input, settings),
    context.tariffs(),
  ]);
  const atMs = context.time.now();
  const price = priceOf(tariffs, {
    rail: isOnus ? 'onus' : 'bifast',
    channel: input.channel,
    amountSen: input.amount,
    atMs,
  });
  const facts: SubmitFacts = {
    kind: isOnus ? 'onus' : 'bifast_out',
    channel: input.channel,
    amountSen: input.amount,
    isDebitKnown: debtor !== undefined,
    isCreditKnown: !isOnus || input.creditorAccount === undefined || creditor !== undefined,
    bank: isOnus ? 'ours' : !bank ? 'unknown' : bank.isOpen ? 'known_open' : 'known_closed',
    gate: gateOf(context, input, debtor),
    spending,
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
    rail: isOnus ? 'onus' : 'bifast',
    direction: 'out',
    channel: input.channel,
    ...(!isOnus && { bank: input.creditorBank }),
    account: input.debitAccount,
    amountSen: input.amount,
    cohortBucket: debtor?.cohortBucket ?? 9_999,
    isStaff: debtor?.isStaff ?? false,
  });
}

/** True when what was sent before decides, so that payments of one customer have to take turns. */
export function isCounted(channel: SubmitInput['channel'], settings: PaymentSettings): boolean {
  return limitsOf(channel, settings).dailyCount <= COUNT_READ_MAX;
}

async function spendingOf(
  context: PaymentContext,
  input: SubmitInput,
  settings: PaymentSettings,
): Promise<Spending> {
  const limits = limitsOf(input.channel, settings);
  if (!isCounted(input.channel, settings)) return NOTHING_SENT;
  const nowMs = context.time.now();
  return readSpending(context.db, {
    account: input.debitAccount,
    daySinceMs: wibDayStartMs(nowMs),
    windowSinceMs: nowMs - Number(settings.velocityWindowMs),
    // The window may reach into yesterday.
    rowsMax: Number(limits.dailyCount + limits.velocity),
  });
}
