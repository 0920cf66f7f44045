/** What a rule of one payment may know, and what it may say. Rules are pure: facts in, reason out. */

/** What the customer sent over one network on this WIB day, and the most that it takes. */
export interface NetworkDay {
  readonly sentSen: bigint;
  readonly maxSen: bigint;
}

export interface RiskFacts {
  readonly amountSen: bigint;
  /** The rail's own bounds, inclusive. */
  readonly railMinimumSen: bigint;
  readonly railCapSen: bigint;
  /** What the customer already sent on this WIB day, payments in flight included. */
  readonly sentTodaySen: bigint;
  readonly countToday: number;
  readonly dailyLimitSen: bigint;
  readonly dailyCountMax: number;
  /** Absent where the network sets no day's limit of its own, or the ledger is the one to count. */
  readonly network?: NetworkDay | undefined;
  /** Payments in the velocity window, those in flight included. */
  readonly countInWindow: number;
  readonly velocityMax: number;
}

export type RiskReason = 'above_rail_cap' | 'below_rail_minimum' | 'above_daily_limit' | 'velocity';

/** One rule: the reason it refuses, or undefined. */
export type RiskRule = (facts: RiskFacts) => RiskReason | undefined;
