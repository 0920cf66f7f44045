/** BI-FAST messages as typed values; the wire form is `encode.ts` and `parse.ts`. Amounts are sen, ids as on the wire. Proxies,
 * events and reports have files of their own. */
import type { EventAck, SystemEvent } from './event.ts';
import type { ProxyMessage } from './proxy-message.ts';
import type { Proxy } from './proxy.ts';
import type { AccountReport } from './report.ts';

/** The version of each message that is spoken here. */
export const MSG_DEF = {
  creditTransfer: 'pacs.008.001.08',
  statusReport: 'pacs.002.001.10',
  statusRequest: 'pacs.028.001.04',
  adminRequest: 'admn.001.001.01',
  adminResponse: 'admn.002.001.01',
  messageReject: 'admi.002.001.01',
  systemEvent: 'admi.004.001.02',
  eventAck: 'admi.011.001.01',
} as const;

export interface Header {
  readonly from: string;
  readonly to: string;
  readonly bizMsgIdr: string;
  /** UTC with `Z`, whole seconds. */
  readonly createdAt: string;
  readonly service?: 'CLEAR' | 'STTL';
  readonly isCopy: boolean;
  readonly isPossibleDuplicate: boolean;
}

/** pacs.008: `010` credit transfer, `110` the same to a proxy, `011` return, `510` account enquiry (no money). */
export interface CreditTransfer {
  readonly kind: 'credit_transfer';
  readonly header: Header;
  readonly msgId: string;
  /** WIB without a zone, milliseconds. */
  readonly madeAt: string;
  readonly endToEndId: string;
  readonly txId: string;
  readonly trxType: '010' | '110' | '011' | '510';
  readonly channelCode: string;
  readonly categoryPurpose: string;
  readonly amountSen: bigint;
  /** `YYYY-MM-DD`. */
  readonly settlementDate?: string;
  readonly debtorName: string;
  readonly debtorAccount?: { readonly number: string; readonly type: string };
  readonly debtorBank: string;
  readonly creditorBank: string;
  readonly creditorName?: string;
  readonly creditorAccount: { readonly number: string; readonly type?: string };
  /** The proxy that was resolved to this account (`110`). */
  readonly creditorProxy?: Proxy;
  readonly remittance: string;
  readonly relatedEndToEndId?: string;
}

/** pacs.002: answer to a message, or the hub's notice. */
export interface StatusReport {
  readonly kind: 'status_report';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  /** The message that is answered. */
  readonly originalMsgId: string;
  readonly originalMsgDef: string;
  /** The payment that is spoken of. */
  readonly originalEndToEndId: string;
  readonly originalTxId: string;
  readonly status: 'ACTC' | 'ACSC' | 'RJCT';
  readonly code: string;
  readonly amountSen?: bigint;
  readonly settlementDate?: string;
  readonly creditorName?: string;
  readonly creditorAccount?: { readonly number: string; readonly type?: string };
}

/** pacs.008 `020` (BCT): several credits of one bank's customers in one message, each under ids of its own. Comes in, is never sent. */
export interface BulkCredit {
  readonly kind: 'bulk_credit';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  readonly credits: readonly CreditTransfer[];
}

/** pacs.002 about a bulk: a word for each of its credits. */
export interface BulkReport {
  readonly kind: 'bulk_report';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  readonly originalMsgId: string;
  readonly reports: readonly CreditReport[];
}

/** What is said of one payment. */
export type CreditReport = Omit<
  StatusReport,
  'kind' | 'header' | 'msgId' | 'madeAt' | 'originalMsgId' | 'originalMsgDef'
>;

/** pacs.028: what became of a payment? */
export interface StatusRequest {
  readonly kind: 'status_request';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  readonly originalEndToEndId: string;
  readonly originalTxId: string;
}

export type AdminFunction = 'SIGNON' | 'SIGNOFF' | 'ECHO';

export interface AdminRequest {
  readonly kind: 'admin_request';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  readonly fn: AdminFunction;
}

export interface AdminResponse {
  readonly kind: 'admin_response';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  readonly originalMsgId: string;
  readonly fn: AdminFunction;
  readonly isAccepted: boolean;
  readonly code: string;
}

/** admi.002: the other side could not read our message. */
export interface MessageReject {
  readonly kind: 'message_reject';
  readonly header: Header;
  /** BizMsgIdr of the message that was not read; empty when that could not be read either. */
  readonly reference: string;
  readonly code: string;
  readonly madeAt: string;
  readonly location?: string;
  readonly description?: string;
}

export type BifastMessage =
  | CreditTransfer
  | BulkCredit
  | StatusReport
  | BulkReport
  | StatusRequest
  | AdminRequest
  | AdminResponse
  | MessageReject
  | SystemEvent
  | EventAck
  | ProxyMessage
  | AccountReport;
