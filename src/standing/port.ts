/** What channels may ask of standing orders. */
import type { RunClock } from './decide-due.ts';
import type { Sen } from '../kernel/money.ts';
import type { StandingReason } from '../notify/standing-reason.ts';
import type { Schedule, ScheduleRefusal } from './schedule.ts';
import type { RunState, StandingState } from './state.ts';

/** A transfer for later, as a customer agreed to it. */
export interface StandingCommand {
  readonly customerId: string;
  /** One consent makes one order: asked again, the first is answered. */
  readonly consentId: string;
  readonly debitAccount: string;
  readonly payeeBank: string;
  readonly payeeAccount: string;
  /** As the payee's bank gave it and the customer saw it. */
  readonly payeeName: string;
  readonly amountSen: Sen;
  /** The highest fee per transfer that was agreed. */
  readonly feeMaxSen: Sen;
  readonly remark: string;
  readonly schedule: Schedule;
}

/** A standing order. Times are UTC ms, dates WIB text. */
export interface StandingOrder extends StandingCommand {
  readonly id: string;
  readonly state: StandingState;
  /** Why we paused it; absent where the customer did. */
  readonly reason?: StandingReason;
  /** How many dates have come. */
  readonly openedCount: number;
  readonly nextDate?: string;
  readonly madeAtMs: number;
  readonly changedAtMs: number;
}

/** What became of one date. */
export interface StandingRun {
  readonly orderId: string;
  readonly date: string;
  readonly number: number;
  readonly state: RunState;
  readonly attempt: number;
  readonly reason?: StandingReason;
  readonly paymentId?: string;
  readonly dueAtMs?: number;
  readonly changedAtMs: number;
  readonly version: bigint;
}

export type MakeRefusal = ScheduleRefusal | 'too_many_orders';

export type MakeResult =
  | { readonly ok: true; readonly isRepeat: boolean; readonly order: StandingOrder }
  | { readonly ok: false; readonly reason: MakeRefusal };

/** The order as it is now, or why it cannot change: it is not the customer's, or it is over. */
export type ChangeResult =
  | { readonly ok: true; readonly order: StandingOrder }
  | { readonly ok: false; readonly reason: 'not_found' | 'order_over' };

/** Whose order is meant. */
export interface OwnOrder {
  readonly id: string;
  readonly customerId: string;
}

/** What waits, for metrics and alarms. */
export interface StandingQueue {
  /** Runs that are due now, and dates that came and have none. */
  readonly dueCount: number;
  /** How long the oldest of them has been due; 0 when none is. */
  readonly oldestDueMs: number;
}

export interface StandingOrders {
  make(command: StandingCommand): Promise<MakeResult>;
  /** Newest first, at most 50. */
  list(customerId: string): Promise<readonly StandingOrder[]>;
  find(own: OwnOrder): Promise<StandingOrder | undefined>;
  /** Newest first, at most 60. */
  runs(orderId: string): Promise<readonly StandingRun[]>;
  /** Each may be repeated: an order that is so already is answered as it is. A run whose payment was asked for already goes on. */
  pause(own: OwnOrder): Promise<ChangeResult>;
  resume(own: OwnOrder): Promise<ChangeResult>;
  cancel(own: OwnOrder): Promise<ChangeResult>;
  /** Opens dates that have come and works on due runs once; how many runs it took. */
  work(): Promise<number>;
  /** At which hours dates are tried, and how late, as the settings say now. */
  clock(): Promise<RunClock>;
  /** As it was at the last look of this process. */
  queue(): StandingQueue;
  start(): void;
  stop(): Promise<void>;
}
