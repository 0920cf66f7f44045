import type { RiskFacts, RiskReason } from './facts.ts';

/** Refuses what would take the customer's WIB day over its amount or its count, or the network's own day over its amount. Source:
 * domain.md 2.5 (Rp1 bn and 100 a day), 1.9. */
export function dailyLimit(facts: RiskFacts): RiskReason | undefined {
  const { network } = facts;
  const isOver =
    (network !== undefined && network.sentSen + facts.amountSen > network.maxSen) ||
    facts.sentTodaySen + facts.amountSen > facts.dailyLimitSen ||
    facts.countToday + 1 > facts.dailyCountMax;
  return isOver ? 'above_daily_limit' : undefined;
}
