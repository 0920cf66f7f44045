/** The payment row as code sees it, its way to SQL and back, and its view for channels. Pure. */
import {
  boolArray,
  dateArray,
  instantArray,
  int4Array,
  int8Array,
  textArray,
} from '../db/array.ts';
import { sen, type Sen } from '../kernel/money.ts';
import type { PaymentKind } from './kind.ts';
import type { PaymentView } from './port.ts';
import type { PaymentState } from './state.ts';

/** One row of `payment`. Times are UTC ms, dates WIB text. */
export interface PaymentRow {
  readonly id: string;
  readonly kind: PaymentKind;
  readonly channel: 'snap' | 'mobile' | 'network' | 'console' | 'synthetic';
  readonly state: PaymentState;
  readonly previousState: PaymentState;
  readonly customerId?: string | undefined;
  readonly partnerId?: string | undefined;
  readonly partnerReferenceNo?: string | undefined;
  readonly debitAccount: string;
  readonly creditAccount: string;
  readonly debtorName: string;
  readonly creditorName: string;
  readonly counterpartyBank?: string | undefined;
  readonly creditorProxy?: string | undefined;
  readonly amountSen: Sen;
  /** Tax included. */
  readonly feeSen: Sen;
  readonly remark: string;
  readonly consentId?: string | undefined;
  /** The company's list that it is a row of. */
  readonly bulkId?: string | undefined;
  readonly cohortBucket: number;
  readonly isStaff: boolean;
  readonly isSynthetic: boolean;
  readonly jti?: string | undefined;
  readonly bizMsgIdr?: string | undefined;
  readonly msgId?: string | undefined;
  readonly principalHold?: bigint | undefined;
  readonly feeHold?: bigint | undefined;
  readonly taxHold?: bigint | undefined;
  /** The keys of the counters that a refund gives back to, a space between them. */
  readonly countedIn?: string | undefined;
  readonly outcomeCode?: string | undefined;
  readonly outcomeSource?: string | undefined;
  readonly relatedPaymentId?: string | undefined;
  readonly madeAtMs: number;
  readonly valueDate: string;
  readonly businessDate: string;
  readonly changedAtMs: number;
  readonly settledAtMs?: number | undefined;
  readonly promiseAtMs?: number | undefined;
  readonly promiseRenewals: number;
  readonly resolveByMs?: number | undefined;
  readonly statementDate?: string | undefined;
  readonly inquireAtMs?: number | undefined;
  readonly dueAtMs?: number | undefined;
  readonly leasedUntilMs?: number | undefined;
  readonly attemptCount: number;
  readonly inquiryCount: number;
  readonly version: bigint;
}

/** One movement of a payment, for `payment_line`. */
export interface PaymentLine {
  readonly line: 'principal' | 'fee' | 'tax' | 'mdr';
  readonly amountSen: Sen;
  readonly debitAccount: string;
  readonly creditAccount: string;
}

/** A row as the driver returns it. */
export type RawPayment = Readonly<Record<string, unknown>>;

/** How each field is stored; the one list that reading and writing share. */
export const PAYMENT_FIELDS = {
  id: 'text',
  kind: 'text',
  channel: 'text',
  state: 'text',
  previousState: 'text',
  customerId: 'text',
  partnerId: 'text',
  partnerReferenceNo: 'text',
  debitAccount: 'text',
  creditAccount: 'text',
  debtorName: 'text',
  creditorName: 'text',
  counterpartyBank: 'text',
  creditorProxy: 'text',
  amountSen: 'bigint',
  feeSen: 'bigint',
  remark: 'text',
  consentId: 'text',
  bulkId: 'text',
  cohortBucket: 'integer',
  isStaff: 'boolean',
  isSynthetic: 'boolean',
  jti: 'text',
  bizMsgIdr: 'text',
  msgId: 'text',
  principalHold: 'bigint',
  feeHold: 'bigint',
  taxHold: 'bigint',
  countedIn: 'text',
  outcomeCode: 'text',
  outcomeSource: 'text',
  relatedPaymentId: 'text',
  madeAtMs: 'timestamptz',
  valueDate: 'date',
  businessDate: 'date',
  changedAtMs: 'timestamptz',
  settledAtMs: 'timestamptz',
  promiseAtMs: 'timestamptz',
  promiseRenewals: 'integer',
  resolveByMs: 'timestamptz',
  statementDate: 'date',
  inquireAtMs: 'timestamptz',
  dueAtMs: 'timestamptz',
  leasedUntilMs: 'timestamptz',
  attemptCount: 'integer',
  inquiryCount: 'integer',
  version: 'bigint',
} as const satisfies Record<keyof PaymentRow, string>;

/** `promiseAtMs` → `promise_at`: times lose the unit, SQL's type has it. */
export function columnOf(field: string): string {
  return field
    .replace(/AtMs$/, 'At')
    .replace(/ByMs$/, 'By')
    .replace(/UntilMs$/, 'Until')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const FIELDS = Object.entries(PAYMENT_FIELDS).map(([field, type]) => ({
  field,
  type,
  column: columnOf(field),
}));

/** Decodes a row; null becomes absent. */
export function decodePayment(raw: RawPayment): PaymentRow {
  const row: Record<string, unknown> = {};
  for (const { field, type, column } of FIELDS) {
    const value = raw[column];
    if (value === null || value === undefined) continue;
    row[field] = type === 'timestamptz' ? (value as Date).getTime() : value;
  }
  return row as unknown as PaymentRow;
}

type Cell = PaymentRow[keyof PaymentRow];

/** How each type travels; absent is null. */
const ARRAYS: Readonly<Record<(typeof PAYMENT_FIELDS)[keyof PaymentRow], Encode>> = {
  text: textArray as Encode,
  bigint: int8Array as Encode,
  integer: int4Array as Encode,
  boolean: boolArray as Encode,
  date: dateArray as Encode,
  timestamptz: instantArray as Encode,
};
type Encode = (values: readonly (Cell | null)[]) => Buffer;

/** One array for each of some fields, in their order. A field that no row has is null instead of an array of nulls: `unnest` fills it up
 * to the length of the others, and neither side spells it. */
export function encodePayments(
  rows: readonly Partial<PaymentRow>[],
  fields: readonly (keyof PaymentRow)[],
): readonly (Buffer | null)[] {
  return fields.map((field) => {
    const cells = rows.map((row) => row[field] ?? null);
    return cells.every((cell) => cell === null) ? null : ARRAYS[PAYMENT_FIELDS[field]](cells);
  });
}

/** What channels see of a payment. */
export function paymentView(row: PaymentRow): PaymentView {
  return {
    id: row.id,
    kind: row.kind,
    channel: row.channel,
    state: row.state,
    debitAccount: row.debitAccount,
    creditAccount: row.creditAccount,
    debtorName: row.debtorName,
    creditorName: row.creditorName,
    amountSen: sen(row.amountSen),
    feeSen: sen(row.feeSen),
    remark: row.remark,
    madeAtMs: row.madeAtMs,
    changedAtMs: row.changedAtMs,
    promiseRenewals: row.promiseRenewals,
    businessDate: row.businessDate,
    valueDate: row.valueDate,
    ...(row.customerId !== undefined && { customerId: row.customerId }),
    ...(row.partnerId !== undefined && { partnerId: row.partnerId }),
    ...(row.partnerReferenceNo !== undefined && { partnerReferenceNo: row.partnerReferenceNo }),
    ...(row.counterpartyBank !== undefined && { counterpartyBank: row.counterpartyBank }),
    ...(row.creditorProxy !== undefined && { creditorProxy: row.creditorProxy }),
    ...(row.bizMsgIdr !== undefined && { bizMsgIdr: row.bizMsgIdr }),
    ...(row.outcomeCode !== undefined && { outcomeCode: row.outcomeCode }),
    ...(row.settledAtMs !== undefined && { settledAtMs: row.settledAtMs }),
    ...(row.promiseAtMs !== undefined && { promiseAtMs: row.promiseAtMs }),
    ...(row.resolveByMs !== undefined && { resolveByMs: row.resolveByMs }),
  };
}
