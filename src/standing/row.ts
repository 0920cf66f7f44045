/** Rows of standing orders as the driver gives them, and their way to code. Pure. */
import { sen } from '../kernel/money.ts';
import type { StandingReason } from '../notify/standing-reason.ts';
import type { StandingOrder, StandingRun } from './port.ts';
import type { Repetition, ScheduleEnd } from './schedule.ts';
import type { RunState, StandingState } from './state.ts';

/** A row of `standing_order`. States, repetitions and reasons are of our own writing; SQL checks them. */
export interface RawOrder {
  readonly id: string;
  readonly customer_id: string;
  readonly consent_id: string;
  readonly state: StandingState;
  readonly reason: StandingReason | null;
  readonly debit_account: string;
  readonly payee_bank: string;
  readonly payee_account: string;
  readonly payee_name: string;
  readonly amount_sen: bigint;
  readonly fee_max_sen: bigint;
  readonly remark: string;
  readonly repetition: Repetition;
  readonly first_date: string;
  readonly until_date: string | null;
  readonly times_max: number | null;
  readonly opened_count: number;
  readonly next_date: string | null;
  readonly made_at: Date;
  readonly changed_at: Date;
}

/** A row of `standing_order_run`. */
export interface RawRun {
  readonly order_id: string;
  readonly date: string;
  readonly number: number;
  readonly state: RunState;
  readonly attempt: number;
  readonly reason: StandingReason | null;
  readonly payment_id: string | null;
  readonly due_at: Date | null;
  readonly changed_at: Date;
  readonly version: bigint;
}

/** Decodes an order; null becomes absent. */
export function decodeOrder(raw: RawOrder): StandingOrder {
  const end: ScheduleEnd =
    raw.until_date !== null
      ? { kind: 'until', date: raw.until_date }
      : raw.times_max !== null
        ? { kind: 'times', count: raw.times_max }
        : { kind: 'never' };
  return {
    id: raw.id,
    customerId: raw.customer_id,
    consentId: raw.consent_id,
    state: raw.state,
    debitAccount: raw.debit_account,
    payeeBank: raw.payee_bank,
    payeeAccount: raw.payee_account,
    payeeName: raw.payee_name,
    amountSen: sen(raw.amount_sen),
    feeMaxSen: sen(raw.fee_max_sen),
    remark: raw.remark,
    schedule: { repetition: raw.repetition, firstDate: raw.first_date, end },
    openedCount: raw.opened_count,
    madeAtMs: raw.made_at.getTime(),
    changedAtMs: raw.changed_at.getTime(),
    ...(raw.reason !== null && { reason: raw.reason }),
    ...(raw.next_date !== null && { nextDate: raw.next_date }),
  };
}

/** Decodes a run. */
export function decodeRun(raw: RawRun): StandingRun {
  return {
    orderId: raw.order_id,
    date: raw.date,
    number: raw.number,
    state: raw.state,
    attempt: raw.attempt,
    changedAtMs: raw.changed_at.getTime(),
    version: raw.version,
    ...(raw.reason !== null && { reason: raw.reason }),
    ...(raw.payment_id !== null && { paymentId: raw.payment_id }),
    ...(raw.due_at !== null && { dueAtMs: raw.due_at.getTime() }),
  };
}
