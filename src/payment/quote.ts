import type { PaymentContext } from './context.ts';
import { decideSubmit } from './decide-submit.ts';
import { termsOf } from './kind.ts';
import type { EnquiryAnswer } from '../rail/gateway-wire.ts';
import { codeOfBank } from '../rail/switch/institution.ts';
import {
  TRANSFER_ROUTES,
  type NameCheck,
  type PaymentEngine,
  type TransferQuote,
  type TransferRoute,
} from './port.ts';
import { sen } from '../kernel/money.ts';
import { countersOf, isFull, spendingOf, throttleCounters } from './limits.ts';
import { gatherSubmitFacts, spenderOf, type SubmitInput } from './submit-facts.ts';

/** What a transfer would cost and whether the way is open, by the very decision that `submit` makes (I7: told before the PIN).
 * An amount of 0 asks only whether the service is open. */
export async function quote(
  context: PaymentContext,
  input: Parameters<PaymentEngine['quote']>[0],
): Promise<TransferQuote> {
  return quoteFacts(context, input);
}

/** The same for whatever is submitted: a transfer, or a bill with what speaks against it. */
export async function quoteFacts(
  context: PaymentContext,
  input: SubmitInput,
): Promise<TransferQuote> {
  const settings = await context.settings();
  const gathered = await gatherSubmitFacts(context, input);
  const { facts, price } = gathered;
  const counters = countersOf(spenderOf(input, gathered), {
    amountSen: sen(input.amount),
    settings,
  });
  const throttles = throttleCounters(facts.gate, {
    amountSen: sen(input.amount),
    atMs: gathered.atMs,
  });
  const keys = [...counters, ...throttles].map(({ key }) => key);
  const counted = keys.length > 0 ? await context.ledger.counted(keys) : new Map();
  const spending = spendingOf(counters, { counted, nowMs: gathered.atMs });
  const { feeSen } = price;
  const isThrottled = throttles.some((one) => isFull(one, counted.get(one.key)));
  const decision = decideSubmit({ ...facts, spending, isThrottled }, settings);
  if (!decision.ok)
    return {
      open: false,
      kind: facts.kind,
      reason: decision.reason,
      feeSen,
      ...(decision.restriction && { restriction: decision.restriction }),
    };
  const railCapSen = settings[termsOf(facts.kind).cap];
  const capSen =
    facts.gate.kind === 'cap' && facts.gate.capSen < railCapSen ? facts.gate.capSen : railCapSen;
  return {
    open: true,
    kind: facts.kind,
    feeSen,
    capSen: sen(capSen),
    counters,
    ...(decision.withholding && { waitsMs: Number(settings.withheldMs) }),
  };
}

const ACCOUNT_TEXT = /^[\x20-\x7e]{1,64}$/;

/** Who owns an account, here or at another bank. A fault of the network is `unknown`, never "not found". */
export async function checkName(
  context: PaymentContext,
  input: Parameters<PaymentEngine['checkName']>[0],
): Promise<NameCheck> {
  if (!ACCOUNT_TEXT.test(input.account)) return { found: false, code: 'U101' };
  if (input.bank === context.bank.bic) {
    const [account] = await context.facts.accounts([input.account]);
    if (!account) return { found: false, code: 'U101' };
    if (account.state === 'closed') return { found: false, code: 'U102' };
    return {
      found: true,
      name: account.name,
      accountType: account.accountType,
      bankName: context.bank.name,
    };
  }
  const bank = await context.facts.participant(input.bank);
  if (!bank) return { found: false, code: 'U124' };
  const first = input.route ?? 'bifast';
  const ways = [first, ...TRANSFER_ROUTES.filter((route) => route !== first)];
  let unknown: NameCheck | undefined;
  // A way without a definite word says nothing about the account: the other one may.
  for (const route of ways) {
    const answer = await askName(context, { ...input, route, isOpen: bank.isOpen });
    if (answer.found === true) return { ...answer, bankName: bank.name };
    if (answer.found === false) return answer;
    unknown ??= answer;
  }
  return unknown ?? { found: 'unknown', reason: 'no_way' };
}

async function askName(
  context: PaymentContext,
  input: {
    readonly bank: string;
    readonly account: string;
    readonly amount: bigint;
    readonly route: TransferRoute;
    readonly isOpen: boolean;
  },
): Promise<EnquiryAnswer> {
  const { bank, account, route } = input;
  if (route === 'bifast' && !input.isOpen) return { found: 'unknown', reason: 'bank_closed' };
  if (route === 'switch' && codeOfBank(bank) === undefined)
    return { found: 'unknown', reason: 'bank_not_on_switch' };
  try {
    const amountSen = input.amount;
    return await context.rail.enquireAccount({ rail: route, bank, account, amountSen });
  } catch (error) {
    context.log.warn({ bank, route, error: (error as Error).message }, 'payment.enquiry_failed');
    return { found: 'unknown', reason: 'no_answer' };
  }
}
