import type { AuthorisationDraft, Counter } from '../../ledger/port.ts';
import type { BillerProduct } from '../../rail/biller/product.ts';
import type { PaymentContext } from '../context.ts';
import type { BillProblem } from '../port.ts';
import type { PaymentRow } from '../row.ts';
import type { BillDetail } from './store.ts';

/** What `submit.ts` must know of a bill beside the transfer. */
export interface BillDraft {
  readonly product: BillerProduct;
  readonly detail: BillDetail;
  readonly problem: BillProblem | undefined;
  /** At the instant of the payment. */
  readonly counters: (atMs: number) => readonly Counter[];
}

/** The authorisation of a bill payment: what the gateway will pay, and nothing else. */
export function billAuthorisation(
  context: PaymentContext,
  input: { readonly row: PaymentRow; readonly accountType: string; readonly bill: BillDetail },
): AuthorisationDraft {
  const { row, bill } = input;
  return {
    jti: row.jti!,
    audience: context.audience,
    series: { bic: context.bank.bic },
    instruction: {
      version: 1,
      env: context.env,
      rail: 'biller',
      direction: 'out',
      kind: 'bill_payment',
      paymentId: row.id,
      attempt: 1,
      amountSen: String(row.amountSen),
      currency: 'IDR',
      debtor: {
        bank: context.bank.bic,
        account: row.debitAccount,
        accountType: input.accountType,
        name: row.debtorName,
      },
      aggregator: row.counterpartyBank!, // set for every payment over a network
      product: bill.product,
      customerKey: bill.customerKey,
      inquiryReference: bill.inquiryReference,
      periodCount: bill.periodCount,
      channel: row.channel,
      businessDate: row.businessDate,
      cohortBucket: row.cohortBucket,
      isStaff: row.isStaff,
    },
  };
}
