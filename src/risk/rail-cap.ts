import type { RiskFacts, RiskReason } from './facts.ts';

/** Refuses an amount above the rail's cap. Source: domain.md 2.1 (BI-FAST Rp250.000.000 per transaction). */
export function railCap(facts: RiskFacts): RiskReason | undefined {
  return facts.amountSen > facts.railCapSen ? 'above_rail_cap' : undefined;
}
