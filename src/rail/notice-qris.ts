/** What the switch asks of us for QRIS, as the gateway passes it in to core (ADR 0013, 0022). The gateway has checked the MAC and, where
 * money moves, written its journal; the same notice gets the same answer. Amounts are sen as decimal text. */

interface QrisRequestBase {
  readonly kind: 'request';
  readonly rail: 'qris';
  /** `switchRequestId` of the message: year, DE7, DE32, DE11. */
  readonly bizMsgIdr: string;
  /** DE37. */
  readonly rrn: string;
  /** 8 characters: BIC or NNS of the bank that asks. */
  readonly fromBank: string;
  readonly amountSen: string;
  /** The network is not answered after this; core gives no approval after it. */
  readonly deadlineMs: number;
}

/** A customer of another bank pays a merchant of ours (DE3 26xxxx). */
export interface QrisPaymentRequest extends QrisRequestBase {
  readonly what: 'qris_payment';
  /** DE2: an alias, never an account number. */
  readonly customerPan: string;
  /** DE48 MP, NM, CR. */
  readonly merchantPan: string;
  readonly nmid?: string;
  readonly criteria: string;
  /** DE48 TP: of the amount, the part that is a tip. */
  readonly tipSen: string;
  /** DE41. */
  readonly terminal: string;
  /** DE48 RL and BN. */
  readonly reference?: string;
  readonly billNumber?: string;
}

/** A merchant of another bank scanned the code that a customer of ours shows (DE3 27xxxx). */
export interface QrisPresentedRequest extends QrisRequestBase {
  readonly what: 'qris_presented';
  /** DE2: of the code, an alias. */
  readonly customerPan: string;
  /** DE48 CD: what makes the code this one. A secret until it is used. */
  readonly codeData: string;
  /** DE48 MP and DE43. */
  readonly merchantPan: string;
  readonly merchantName: string;
  /** DE48 NM. */
  readonly nmid?: string;
}

/** A customer of another bank sends money to the customer of ours whose code was scanned (DE3 28xxxx). */
export interface QrisTransferRequest extends QrisRequestBase {
  readonly what: 'qris_transfer';
  /** DE2 and DE103: of the code. */
  readonly payeePan: string;
  readonly beneficiary: string;
  /** DE48 PY and SN. */
  readonly payerPan: string;
  readonly payerName: string;
}

/** A merchant of another bank gives a customer of ours money back (DE3 20xxxx). */
export interface QrisRefundRequest extends QrisRequestBase {
  readonly what: 'qris_refund';
  /** DE48 OR and OD: our payment, and its local date (MMDD). */
  readonly originalRrn: string;
  readonly originalDate: string;
  /** DE48 RN: the merchant's own number, once per payment. */
  readonly refundNumber: string;
  /** DE2 and DE48 MP: whom the payment was from and to. */
  readonly customerPan: string;
  readonly merchantPan: string;
  /** DE43. */
  readonly merchantName: string;
}

/** Another bank asks what became of what it sent (DE3 36xxxx). An answer of 25 is a promise: core refuses the original from then on. */
export interface QrisCheckRequest extends QrisRequestBase {
  readonly what: 'qris_check';
  readonly of: 'payment' | 'presented' | 'transfer' | 'refund';
  /** `switchRequestId` of what is asked about; `rrn` and `amountSen` are its own. */
  readonly originalId: string;
}

export type QrisRequestNotice =
  | QrisPaymentRequest
  | QrisPresentedRequest
  | QrisTransferRequest
  | QrisRefundRequest
  | QrisCheckRequest;
