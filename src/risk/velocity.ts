import type { RiskFacts, RiskReason } from './facts.ts';

/** Refuses more payments in a short window than a person makes. */
export function velocity(facts: RiskFacts): RiskReason | undefined {
  return facts.countInWindow + 1 > facts.velocityMax ? 'velocity' : undefined;
}
