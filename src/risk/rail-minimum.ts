import type { RiskFacts, RiskReason } from './facts.ts';

/** Refuses an amount below the rail's minimum. Source: domain.md 2.1 (BI-FAST Rp1). */
export function railMinimum(facts: RiskFacts): RiskReason | undefined {
  return facts.amountSen < facts.railMinimumSen ? 'below_rail_minimum' : undefined;
}
