import type { RiskFacts, RiskReason } from './facts.ts';

/** Refuses what would take the customer's WIB day over its amount or its count. Source: domain.md 2.5 (Rp1 bn and 100 a day). */
export function dailyLimit(facts: RiskFacts): RiskReason | undefined {
  const isOver =
    facts.sentTodaySen + facts.amountSen > facts.dailyLimitSen ||
    facts.countToday + 1 > facts.dailyCountMax;
  return isOver ? 'above_daily_limit' : undefined;
}
