/** Whether the hub takes a transfer, as a pure decision over facts: the first fault wins, in the order below. */

export interface JudgeFacts {
  readonly isKnown: boolean;
  readonly isSignedOff: boolean;
  readonly isSuspended: boolean;
  readonly amountSen: bigint;
  readonly amountMaxSen: bigint | undefined;
  readonly isDateOpen: boolean;
  readonly isOtherBankKnown: boolean;
  readonly isToItself: boolean;
  readonly isOtherBankClosed: boolean;
  /** A transfer to a proxy (110): does the proxy lead to this bank and account? */
  readonly isProxyFitting: boolean | undefined;
  readonly balanceSen: bigint;
  /** For a return (011): does it give back, once and in full, a credit that settled to the sender from that bank? */
  readonly isReturnFounded: boolean | undefined;
}

const AMOUNT_MIN_SEN = 100n;

/** The scheme's cap for one transfer, Rp250,000,000. Source: domain.md 2.1. */
export const SCHEME_CAP_SEN = 25_000_000_000n;

/** U000 = taken. U149 comes first: what else is wrong with a repeat says nothing about the original. */
export function judge(facts: JudgeFacts): string {
  if (facts.isKnown) return 'U149';
  if (facts.isSignedOff) return 'U119';
  if (facts.isSuspended) return 'U128';
  if (facts.amountSen < AMOUNT_MIN_SEN) return 'U111';
  if (facts.amountMaxSen !== undefined && facts.amountSen > facts.amountMaxSen) return 'U112';
  if (!facts.isDateOpen) return 'U116';
  if (!facts.isOtherBankKnown || facts.isToItself) return 'U124';
  if (facts.isOtherBankClosed) return 'U129';
  if (facts.isProxyFitting === false) return 'U804';
  if (facts.isReturnFounded === false) return 'U110';
  if (facts.balanceSen < facts.amountSen) return 'U194';
  return 'U000';
}
