/** The verdict on one running stage: pass, fail or not enough evidence. Pure; every number comes with it. */
import type { RecoveryNumbers } from './plan.ts';

/** What was counted since the stage began. Business declines (the payee's account does not exist and the like) say nothing
 * about the rail and are counted apart. */
export interface StageEvidence {
  readonly settled: number;
  readonly technicalFailures: number;
  readonly businessDeclines: number;
  readonly unknown: number;
  /** Of all these, payments that Pulih made itself to fill a thin cohort. */
  readonly synthetic: number;
  readonly unexplainedBreaks: number;
  readonly matchAgeMs: number | undefined;
  readonly elapsedMs: number;
}

export type VerdictReason =
  | 'unexplained_break'
  | 'unknown_outcomes_rise'
  | 'success_too_low'
  | 'too_few_payments'
  | 'success_between'
  | 'match_too_old'
  | 'dwell_not_over'
  | 'success_high_and_match_clean';

export interface StageVerdict {
  readonly verdict: 'pass' | 'fail' | 'not_enough_evidence';
  readonly reason: VerdictReason;
  /** Success of what has a technical outcome, basis points; undefined without any. */
  readonly successBps: number | undefined;
}

/** Fails at once on a break or a rise of unknowns; passes only after the dwell time, on enough payments and a fresh match. */
export function judgeStage(
  evidence: StageEvidence,
  rule: { readonly numbers: RecoveryNumbers; readonly dwellMsMin: number },
): StageVerdict {
  const { numbers, dwellMsMin } = rule;
  const count = evidence.settled + evidence.technicalFailures + evidence.unknown;
  const successBps = count === 0 ? undefined : Math.floor((evidence.settled * 10_000) / count);
  const say = (verdict: StageVerdict['verdict'], reason: VerdictReason): StageVerdict => ({
    verdict,
    reason,
    successBps,
  });
  if (evidence.unexplainedBreaks > 0) return say('fail', 'unexplained_break');
  const unknownBps = count === 0 ? 0 : (evidence.unknown * 10_000) / count;
  if (evidence.unknown >= numbers.unknownCountMin && unknownBps > numbers.unknownShareFailBps)
    return say('fail', 'unknown_outcomes_rise');
  if (count < numbers.paymentCountMin || successBps === undefined)
    return say('not_enough_evidence', 'too_few_payments');
  if (successBps < numbers.successFailBps) return say('fail', 'success_too_low');
  if (successBps < numbers.successPassBps) return say('not_enough_evidence', 'success_between');
  if (evidence.matchAgeMs === undefined || evidence.matchAgeMs > numbers.matchAgeMsMax)
    return say('not_enough_evidence', 'match_too_old');
  if (evidence.elapsedMs < dwellMsMin) return say('not_enough_evidence', 'dwell_not_over');
  return say('pass', 'success_high_and_match_clean');
}
