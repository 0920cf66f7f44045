/** Lists and their rows as the driver gives them, and their way to code. Pure. */
import { sen } from '../kernel/money.ts';
import type { BulkReason, RowFault, RowReason } from '../notify/bulk-reason.ts';
import type { Bulk, BulkRow } from './port.ts';
import type { BulkState, RowState } from './state.ts';

/** A row of `bulk`. States and reasons are of our own writing. */
export interface RawBulk {
  readonly id: string;
  readonly customer_id: string;
  readonly name: string;
  readonly debit_account: string;
  readonly row_count: number;
  readonly state: BulkState;
  readonly reason: BulkReason | null;
  readonly agreed_at: Date | null;
  readonly agreed_count: number | null;
  readonly agreed_sen: bigint | null;
  readonly agreed_fee_sen: bigint | null;
  readonly agreed_key: string | null;
  readonly ends_at: Date;
  readonly due_at: Date | null;
  readonly made_at: Date;
  readonly changed_at: Date;
  readonly version: bigint;
}

/** A row of `bulk_row`. */
export interface RawRow {
  readonly position: number;
  readonly bank: string;
  readonly account: string;
  readonly name: string;
  readonly amount_sen: bigint | null;
  readonly remark: string;
  readonly state: RowState;
  readonly reason: RowFault | RowReason | null;
  readonly fee_sen: bigint | null;
  readonly attempt: number;
  readonly payment_id: string | null;
}

/** Decodes a list; null becomes absent. */
export function decodeBulk(raw: RawBulk): Bulk {
  return {
    id: raw.id,
    customerId: raw.customer_id,
    name: raw.name,
    debitAccount: raw.debit_account,
    rowCount: raw.row_count,
    state: raw.state,
    endsAtMs: raw.ends_at.getTime(),
    madeAtMs: raw.made_at.getTime(),
    changedAtMs: raw.changed_at.getTime(),
    version: raw.version,
    ...(raw.reason !== null && { reason: raw.reason }),
    ...(raw.due_at !== null && { dueAtMs: raw.due_at.getTime() }),
    ...(raw.agreed_at !== null && {
      agreed: {
        atMs: raw.agreed_at.getTime(),
        // SQL: all of what was agreed or nothing.
        count: raw.agreed_count!,
        amountSen: sen(raw.agreed_sen!),
        feeSen: sen(raw.agreed_fee_sen!),
        key: raw.agreed_key!,
      },
    }),
  };
}

/** Decodes a row. */
export function decodeRow(raw: RawRow): BulkRow {
  return {
    position: raw.position,
    bank: raw.bank,
    account: raw.account,
    name: raw.name,
    remark: raw.remark,
    state: raw.state,
    attempt: raw.attempt,
    ...(raw.amount_sen !== null && { amountSen: sen(raw.amount_sen) }),
    ...(raw.reason !== null && { reason: raw.reason }),
    ...(raw.fee_sen !== null && { feeSen: sen(raw.fee_sen) }),
    ...(raw.payment_id !== null && { paymentId: raw.payment_id }),
  };
}
