/** What channels may ask of the payment engine. Wire forms live in the channels; business rules live behind this port. */
import type { Restriction } from '../gate/restriction.ts';
import type { Counter, PostRefusal } from '../ledger/port.ts';
import type { Sen } from '../kernel/money.ts';
import type { Proxy } from '../rail/bifast/proxy.ts';
import type { NoticeAnswer, RailNotice } from '../rail/notice.ts';
import type { PaymentKind } from './kind.ts';
import type { PaymentState } from './state.ts';

/** The ways to another bank. */
export const TRANSFER_ROUTES = ['bifast', 'switch'] as const;
export type TransferRoute = (typeof TRANSFER_ROUTES)[number];

/** What makes a transfer within the bank a payment to a merchant by QRIS code. The payer pays no fee; the merchant pays `mdrSen` out of what
 * comes in, in the same commit. `code`: a dynamic code of ours, which pays once and only before `validUntilMs`. */
export interface MerchantTerms {
  readonly id: string;
  /** What restrictions on a shop name it by. */
  readonly nmid?: string;
  /** As the code names it, one of the merchant's own. */
  readonly terminal?: string;
  readonly mdrSen: Sen;
  /** Who is told of the sale, and the reference that it gave the code. */
  readonly partner?: { readonly id: string; readonly referenceNo?: string };
  readonly code?: { readonly id: string; readonly validUntilMs: number };
}

/** What makes a payment one to a merchant of another bank by QRIS code: what the code says of who is paid. `creditorBank` is then the
 * acquirer and `creditorAccount` the merchant's PAN. The payer pays no fee. */
export interface QrisTerms {
  /** NNS, eight digits. */
  readonly acquirer: string;
  /** Of the amount, the part that is a tip. */
  readonly tipSen: Sen;
  readonly criteria: string;
  readonly city: string;
  /** Empty where the code does not say it. */
  readonly nmid: string;
  readonly merchantId: string;
  readonly terminalLabel: string;
  readonly referenceLabel: string;
  readonly billNumber: string;
}

/** What makes a transfer one to the customer of another bank whose code was scanned (QRIS Transfer): what the code says of who gets it. `creditorBank` is then
 * that bank, `creditorAccount` the code's 40-02. */
export interface CodeTransferTerms {
  /** NNS, eight digits. */
  readonly receiver: string;
  /** 40-01. */
  readonly payeePan: string;
  readonly city: string;
  /** 62-99. */
  readonly uniqueData: string;
}

/** One transfer as a customer or partner asks for it; on-us when `creditorBank` is our own BIC, else over `route`. */
export interface TransferCommand {
  readonly channel: 'snap' | 'mobile' | 'synthetic' | 'console';
  /** Durable idempotency key, e.g. `snap:<partnerId>:<partnerReferenceNo>`, `mobile:<customerId>:<Idempotency-Key>`. */
  readonly key: string;
  /** SHA-256 of what was asked in the channel's own canonical form. */
  readonly requestHash: Buffer;
  readonly debitAccount: string;
  readonly creditorBank: string;
  readonly creditorAccount: string;
  /** As confirmed by the payer, BI-FAST where nobody chose; never changed afterwards: another way is another payment. */
  readonly route?: TransferRoute;
  /** As shown to and confirmed by the payer. */
  readonly creditorName: string;
  /** The proxy that was resolved to this account, and the name that the directory has; `creditorName` is then the masked one. */
  readonly creditorProxy?: Proxy & { readonly registeredName: string };
  readonly amount: Sen;
  readonly remark: string;
  readonly partnerId?: string;
  readonly partnerReferenceNo?: string;
  /** What the partner may send on a WIB day by its contract, over all processes. */
  readonly partnerDay?: PartnerDay;
  readonly customerId?: string;
  readonly consentId?: string;
  /** The fee that the payer confirmed; a payment that costs anything else is refused with `fee_changed`. A person always
   * confirmed one; a partner's contract has none. */
  readonly confirmedFeeSen?: Sen;
  /** The payment may wait for a person of ours where a rule or a restriction says so, and its asker shows that. Without it such a payment is
   * refused. `by_rule`: a restriction is waited out by the asker itself (a date of an order, a row of a list). */
  readonly mayWait?: boolean | 'by_rule';
  /** Only within the bank. */
  readonly merchant?: MerchantTerms;
  /** Only to a merchant of another bank. */
  readonly qris?: QrisTerms;
  /** Only to a customer of another bank. */
  readonly codeTransfer?: CodeTransferTerms;
  /** A row of a company's list. */
  readonly bulk?: BulkTerms;
  /** What the payer lets the partner move by itself. */
  readonly grant?: GrantTerms;
  /** The payer is there and can be asked: the questions of ours that were answered about this very payment. Left out where nobody is. */
  readonly answered?: readonly string[];
  /** What the channel proved of who asks: goes into the payment's first event as keyed facts, for D15. No part of what is asked. */
  readonly proof?: ChannelProof;
}

/** A session whose PIN was right just now; a standing order or a list that was agreed to with a PIN when it was made. */
export type ChannelProof =
  | {
      readonly kind: 'session';
      /** The hash of the session's token, hex. */
      readonly session: string;
      readonly device: string;
      readonly pinAtMs: number;
      readonly signed?: SignedIn | undefined;
    }
  | { readonly kind: 'order' | 'list'; readonly id: string };

/** Where a customer's session is used, for the rules of risk. */
export interface SignedIn {
  /** The device, by its name in `signed_device`. */
  readonly device: string;
  readonly subject: string;
  /** It is the device that opened the session. */
  readonly isSame: boolean;
  /** The session is used from another network than it was opened from. */
  readonly isMoved: boolean;
}

/** A customer's grant to a partner: the most at once and in a WIB day, over everything that the grant allows. */
export interface GrantTerms {
  readonly id: string;
  readonly limitSen: bigint;
  readonly dayLimitSen: bigint;
}

/** The list that a transfer is a row of. What the company may send by lists on a WIB day was agreed with it; that counts instead of a
 * person's day and window. */
export interface BulkTerms {
  readonly id: string;
  /** All that was agreed to, once it was: rules of use look at it as one, whatever of it is on its way. */
  readonly sumSen?: bigint | undefined;
  readonly dayMaxSen: bigint;
}

/** A partner's bounds of a day; an absent one does not bind. */
export interface PartnerDay {
  readonly amountMaxSen?: bigint;
  readonly countMax?: bigint;
}

export type SubmitRefusal =
  | Exclude<PostRefusal, 'limit_exceeded'>
  | 'restricted'
  | 'step_up_needed'
  /** A rule of risk says no, for good. */
  | 'declined'
  /** The minute is full; the next one may take it. */
  | 'throttled'
  | 'above_rail_cap'
  | 'below_rail_minimum'
  | 'above_daily_limit'
  | 'velocity'
  /** More than the payer lets the partner move. */
  | 'above_grant_limit'
  | 'bank_unknown'
  | 'bank_closed'
  | 'fee_changed'
  | 'code_used'
  | 'code_expired'
  | 'reference_conflict'
  | 'busy'
  | BillRefusal;

/** Why a bill is not paid, beside what every payment may meet. */
export type BillRefusal =
  | BillProblem
  /** The same number and amount a short while ago, and nobody confirmed that it is meant. */
  | 'possible_duplicate'
  /** An inquiry pays once. */
  | 'inquiry_used';

/** Why a bill cannot be paid as asked. */
export type BillProblem =
  | 'inquiry_unknown'
  | 'inquiry_expired'
  | 'amount_not_offered'
  | 'biller_closed';

/** A payment as channels see it. Times are UTC ms. */
export interface PaymentView {
  readonly id: string;
  readonly kind: PaymentKind;
  readonly channel: string;
  readonly state: PaymentState;
  readonly customerId?: string;
  readonly partnerId?: string;
  readonly partnerReferenceNo?: string;
  readonly debitAccount: string;
  readonly creditAccount: string;
  readonly debtorName: string;
  readonly creditorName: string;
  readonly counterpartyBank?: string;
  /** `01:62812…`: the proxy that it was paid to. */
  readonly creditorProxy?: string;
  readonly amountSen: Sen;
  readonly feeSen: Sen;
  readonly remark: string;
  readonly bizMsgIdr?: string;
  /** The rail's code of the last word, e.g. `U000`, `U101`. */
  readonly outcomeCode?: string;
  readonly madeAtMs: number;
  readonly changedAtMs: number;
  readonly settledAtMs?: number;
  readonly promiseAtMs?: number;
  readonly promiseRenewals: number;
  readonly resolveByMs?: number;
  readonly businessDate: string;
  readonly valueDate: string;
}

export type SubmitResult =
  | { readonly ok: true; readonly repeated: boolean; readonly payment: PaymentView }
  | {
      readonly ok: false;
      readonly repeated: boolean;
      readonly reason: SubmitRefusal;
      readonly restriction?: Restriction;
      /** With `step_up_needed`: nothing was written, the same key may come again with answers. */
      readonly questions?: readonly string[];
      /** When this payer last asked for a payment to this payee, where a question is about it. */
      readonly lastAtMs?: number;
    };

/** What a submitted transfer can be. */
export type TransferKind = Extract<
  PaymentKind,
  'onus' | 'bifast_out' | 'switch_out' | 'qris_out' | 'qris_transfer_out'
>;

/** The fee and the answer of the gate before anything is asked of the customer (I7: told before the PIN). */
export type TransferQuote =
  | {
      readonly open: true;
      readonly kind: TransferKind | 'bill';
      readonly feeSen: Sen;
      readonly capSen: Sen;
      /** It would wait for a person of ours, at most this long. */
      readonly waitsMs?: number;
      /** Where the payer's limits would count it: who moves the money with a state of its own counts it there in the same commit. */
      readonly counters?: readonly Counter[];
    }
  | {
      readonly open: false;
      readonly kind: TransferKind | 'bill';
      readonly reason: SubmitRefusal;
      readonly restriction?: Restriction;
      readonly feeSen: Sen;
    };

/** How a way has been doing in this process. `definitePercent` of the last quarter of an hour got a definite word; absent where too
 * few were sent to say so. */
export interface RouteHealth {
  readonly count: number;
  readonly definitePercent?: number;
  readonly usualMs: number;
}

/** One way to another bank, as it would answer now. */
export interface RouteOffer {
  readonly route: TransferRoute;
  readonly quote: TransferQuote;
  readonly health: RouteHealth;
}

export type NameCheck =
  | {
      readonly found: true;
      readonly name: string;
      readonly accountType: string;
      readonly bankName: string;
    }
  | { readonly found: false; readonly code: string }
  | { readonly found: 'unknown'; readonly reason: string };

/** A merchant gives back a sale or a part of it. */
export interface RefundCommand {
  /** The sale's payment. */
  readonly saleId: string;
  /** Who gives back: a sale of another merchant is not there for it. */
  readonly merchantId: string;
  /** Durable, once per merchant; printable, at most 64. */
  readonly refundNumber: string;
  readonly amountSen: Sen;
  readonly reason: string;
  readonly channel: 'snap' | 'mobile' | 'console';
  /** Partner, customer or staff id. */
  readonly askedBy: string;
}

export type RefundRefusal =
  | 'sale_not_found'
  /** It did not come about, or its network never settled it. */
  | 'sale_not_made'
  | 'refund_window_over'
  /** More than is left of the sale. */
  | 'above_sale'
  /** The number stands for another refund. */
  | 'refund_conflict'
  | 'restricted'
  | 'throttled'
  | 'busy'
  | Exclude<PostRefusal, 'limit_exceeded'>;

/** A refund as channels see it. */
export interface RefundView {
  readonly paymentId: string;
  readonly amountSen: Sen;
  /** What of the discount comes back to the merchant. */
  readonly mdrSen: Sen;
  readonly state: PaymentState;
  readonly madeAtMs: number;
}

export type RefundResult =
  | { readonly ok: true; readonly repeated: boolean; readonly refund: RefundView }
  | { readonly ok: false; readonly reason: RefundRefusal };

export interface PaymentEngine {
  /** Durable when it answers. Never throws for an expected outcome; throws DbFault when the database is gone (the caller says
   * "unknown, ask again with the same key", never "failed"). */
  submit(command: TransferCommand): Promise<SubmitResult>;
  /** Resolves when the payment reaches a final state or after `waitMs`, with what is then known. */
  awaitOutcome(paymentId: string, waitMs: number): Promise<PaymentView>;
  quote(input: {
    readonly channel: TransferCommand['channel'];
    readonly debitAccount: string;
    readonly creditorBank: string;
    /** Left out where nobody is named yet: what is to say of a payee is not said then. */
    readonly creditorAccount?: string;
    readonly route?: TransferRoute;
    readonly amount: Sen;
    readonly mayWait?: TransferCommand['mayWait'];
    readonly merchant?: MerchantTerms;
    readonly qris?: QrisTerms;
    readonly codeTransfer?: CodeTransferTerms;
    readonly bulk?: BulkTerms;
    readonly signed?: SignedIn | undefined;
  }): Promise<TransferQuote>;
  /** Every way to a bank, for a customer to choose from. */
  offers(input: {
    readonly channel: TransferCommand['channel'];
    readonly debitAccount: string;
    readonly creditorBank: string;
    readonly amount: Sen;
    readonly mayWait?: boolean;
  }): Promise<readonly RouteOffer[]>;
  /** `route` is asked first; where it gives no definite answer, the other one is. */
  checkName(input: {
    readonly bank: string;
    readonly account: string;
    readonly amount: Sen;
    readonly route?: TransferRoute;
  }): Promise<NameCheck>;
  find(paymentId: string): Promise<PaymentView | undefined>;
  findByPartnerReference(
    partnerId: string,
    partnerReferenceNo: string,
  ): Promise<PaymentView | undefined>;
  /** Newest first; `beforeMs` pages on. At most 50. */
  listOfCustomer(customerId: string, beforeMs?: number): Promise<readonly PaymentView[]>;
  /** What the gateway passes in. Idempotent. */
  take(notice: RailNotice): Promise<NoticeAnswer>;
  /** Cancels before anything was sent; the reason when it is too late. */
  cancel(
    paymentId: string,
  ): Promise<
    { readonly ok: true } | { readonly ok: false; readonly reason: 'too_late' | 'not_found' }
  >;
  /** Claims and advances due payments once; the count. The loop calls it; tests may too. */
  work(): Promise<number>;
  /** Starts the work loop. */
  start(): void;
  stop(): Promise<void>;
}
