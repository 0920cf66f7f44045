import { dailyLimit } from './daily-limit.ts';
import type { RiskFacts, RiskReason, RiskRule } from './facts.ts';
import { railCap } from './rail-cap.ts';
import { railMinimum } from './rail-minimum.ts';
import { velocity } from './velocity.ts';

/** In the order a customer should hear of them: what can be mended by another amount first. */
const RULES: readonly RiskRule[] = [railMinimum, railCap, dailyLimit, velocity];

/** The first reason that a rule gives, or undefined when every rule lets the payment pass. */
export function evaluate(facts: RiskFacts): RiskReason | undefined {
  for (const rule of RULES) {
    const reason = rule(facts);
    if (reason) return reason;
  }
  return undefined;
}
