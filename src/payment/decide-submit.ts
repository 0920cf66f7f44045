import type { GateDecision } from '../gate/port.ts';
import type { Restriction } from '../gate/restriction.ts';
import { evaluate } from '../risk/evaluate.ts';
import { termsOf } from './kind.ts';
import { limitsOf, type Spending } from './limits.ts';
import type { BillRefusal, BulkTerms, SubmitRefusal, TransferKind } from './port.ts';
import type { PaymentSettings } from './settings.ts';
import type { Screened } from '../risk/screen.ts';

export interface SubmitFacts {
  readonly kind: TransferKind | 'bill';
  readonly channel: 'snap' | 'mobile' | 'synthetic' | 'console';
  /** 0 asks whether the way is open at all. */
  readonly amountSen: bigint;
  readonly isDebitKnown: boolean;
  /** On-us: the payee's account is ours and a customer's. Else always true. */
  readonly isCreditKnown: boolean;
  /** What the participant table says of the payee's bank. Open and closed are BI-FAST's word; the switch knows a bank or does not. */
  readonly bank: 'known_open' | 'known_closed' | 'unknown' | 'ours';
  readonly gate: GateDecision;
  /** Who asked can be told later: a payment at a till, or one that others count on at once, is refused rather than held. */
  readonly mayWait: boolean;
  /** The same where a rule says so; a restriction may be another thing. */
  readonly mayWaitByRule: boolean;
  /** Bills: why this one cannot be paid as asked, if it cannot. */
  readonly billProblem?: BillRefusal | undefined;
  /** What the rules of risk say; absent where no payment is meant yet. */
  readonly screened?: Screened | undefined;
  /** What was counted so far, for a quote. A submit leaves it out: the ledger counts under its own lock. */
  readonly spending?: Spending | undefined;
  /** The minute of a throttle is full, for a quote; a submit leaves it to the ledger likewise. */
  readonly isThrottled?: boolean;
  readonly feeSen: bigint;
  /** A QRIS code of ours whose time has passed. */
  readonly isCodeExpired?: boolean;
  /** A row of a company's list: its own limits hold. */
  readonly bulk?: BulkTerms | undefined;
  /** What the payer confirmed; absent where nobody was asked. */
  readonly confirmedFeeSen?: bigint | undefined;
}

/** Why a payment waits for a person before any debit: codes, the strictest first. */
export interface Withholding {
  readonly reasons: readonly string[];
  readonly restriction?: Restriction;
}

export type SubmitDecision =
  | { readonly ok: true; readonly withholding?: Withholding }
  | {
      readonly ok: false;
      readonly reason: SubmitRefusal;
      readonly restriction?: Restriction;
      /** What the payer must answer first. */
      readonly questions?: readonly string[];
    };

/** Whether a submitted payment may go to the ledger, before anything is written. The gate speaks first (a stopped service
 * answers the same for every amount), then who and where, then the rules of risk. */
export function decideSubmit(facts: SubmitFacts, settings: PaymentSettings): SubmitDecision {
  const { gate } = facts;
  if (gate.kind === 'stop')
    return { ok: false, reason: 'restricted', restriction: gate.restriction };
  if (gate.kind === 'cap' && facts.amountSen > gate.capSen)
    return { ok: false, reason: 'restricted', restriction: gate.restriction };
  if (gate.kind === 'hold' && !facts.mayWait)
    return { ok: false, reason: 'restricted', restriction: gate.restriction };
  if (gate.kind === 'step_up')
    return { ok: false, reason: 'step_up_needed', restriction: gate.restriction };
  if (facts.isThrottled) return { ok: false, reason: 'throttled' };
  if (facts.bank === 'unknown') return { ok: false, reason: 'bank_unknown' };
  if (facts.bank === 'known_closed') return { ok: false, reason: 'bank_closed' };
  if (!facts.isDebitKnown || !facts.isCreditKnown)
    return { ok: false, reason: 'account_not_found' };
  if (facts.isCodeExpired) return { ok: false, reason: 'code_expired' };
  if (facts.billProblem) return { ok: false, reason: facts.billProblem };
  if (facts.amountSen === 0n) return { ok: true };
  const limits = limitsOf(facts, settings);
  const terms = termsOf(facts.kind);
  const reason = evaluate({
    amountSen: facts.amountSen,
    railMinimumSen: settings[terms.minimum],
    railCapSen: settings[terms.cap],
    sentTodaySen: facts.spending?.sentSen ?? 0n,
    countToday: facts.spending?.count ?? 0,
    network: facts.spending?.network,
    dailyLimitSen: limits.dailySen,
    dailyCountMax: Number(limits.dailyCount),
    countInWindow: facts.spending?.windowCount ?? 0,
    velocityMax: Number(limits.velocity),
  });
  if (reason) return { ok: false, reason };
  // Refused, not honoured: what was posted can then be checked against the tariff and the instant alone, and a fee that fell
  // is never charged at its old height.
  if (facts.confirmedFeeSen !== undefined && facts.confirmedFeeSen !== facts.feeSen)
    return { ok: false, reason: 'fee_changed' };
  return decideRisk(facts);
}

/** What rules of risk make of a payment that nothing else speaks against: refused before asked, asked before withheld. */
function decideRisk({ gate, screened, mayWaitByRule: mayWait }: SubmitFacts): SubmitDecision {
  const verdict = screened?.verdict ?? 'allow';
  if (verdict === 'refuse' || (verdict === 'hold' && !mayWait))
    return { ok: false, reason: 'declined' };
  if (screened && screened.questions.length > 0)
    return { ok: false, reason: 'step_up_needed', questions: screened.questions };
  const rules = verdict === 'hold' ? screened!.reasons : []; // only a screened one has a verdict
  if (gate.kind === 'hold')
    return {
      ok: true,
      withholding: { reasons: ['restriction', ...rules], restriction: gate.restriction },
    };
  return rules.length > 0 ? { ok: true, withholding: { reasons: rules } } : { ok: true };
}
