/** What a gateway passes in to core over mTLS, after it has authenticated the sender and written its journal (I12).
 * Every notice may come again after a crash: core answers the same. Amounts are sen as decimal text. */
import type { RailName } from '../authorisation/instruction.ts';
import type { EvidenceSource, RailAnswer } from './contract.ts';
import type { QrisRequestNotice } from './notice-qris.ts';
import type {
  MachineReport,
  ReversalGivenUp,
  SwitchRequestAnswer,
  SwitchRequestNotice,
  SwitchReversalNotice,
} from './notice-switch.ts';

/** A credit that another bank sends us (pacs.008 trxType 010, or 011 = the return of one of ours). */
export interface CreditNotice {
  readonly kind: 'credit';
  readonly rail: 'bifast';
  readonly bizMsgIdr: string;
  readonly msgId: string;
  readonly fromBank: string;
  readonly debtorName: string;
  readonly debtorAccount: string;
  readonly creditorAccount: string;
  readonly creditorName: string;
  readonly amountSen: string;
  readonly remittance: string;
  readonly trxType: '010' | '011';
  /** For a return: the BizMsgIdr of our own credit transfer. */
  readonly relatedEndToEndId?: string;
}

/** The network's word that an incoming credit is settled (ACSC; a line of the switch's settlement): from now on it is spendable. */
export interface CreditSettledNotice {
  readonly kind: 'credit_settled';
  readonly rail: 'bifast' | 'switch' | 'qris';
  readonly fromBank: string;
  readonly bizMsgIdr: string;
  /** What settled; absent where the network says only that it did. */
  readonly amountSen?: string;
}

/** The state of something we sent. */
export interface OutcomeNotice {
  readonly kind: 'outcome';
  readonly rail: RailName;
  /** Our own network id. */
  readonly bizMsgIdr: string;
  readonly answer: RailAnswer;
  readonly source: EvidenceSource;
}

/** Another bank asks who owns an account (trxType 510; DE3 39xxxx). */
export interface EnquiryNotice {
  readonly kind: 'account_enquiry';
  readonly rail: 'bifast' | 'switch';
  readonly account: string;
}

/** One line of the hub's settlement, from the feed or the statement of a business date. */
export interface SettlementLine {
  readonly lineId: string;
  readonly direction: 'out' | 'in';
  readonly bizMsgIdr: string;
  readonly amountSen: string;
  readonly counterpartyBank: string;
  /** Fingerprint of the connector certificate that sent it to the hub (outgoing lines). */
  readonly connector: string;
  readonly settledAtMs: number;
  /** WIB date. */
  readonly businessDate: string;
  /** Cash that another bank's machine paid to one of our cards; absent = no. */
  readonly isCash?: true;
  /** A shop of another bank was paid with a code that our customer showed; absent = no. */
  readonly isShown?: true;
}

/** The complete settlement of one business date: the last word (I2). A sent payment that is not in it did not settle. A long one
 * comes in parts, each after core has taken the one before. */
export interface StatementNotice {
  readonly kind: 'statement';
  readonly rail: RailName;
  readonly businessDate: string;
  readonly lines: readonly SettlementLine[];
  /** More lines of this date follow: it is not complete yet. */
  readonly hasMore?: true;
}

/** Who can be paid over the network, by its own word: all of them (`isWhole`), or those that changed. No money. */
export interface ParticipantsNotice {
  readonly kind: 'participants';
  readonly rail: RailName;
  /** The network's clock. */
  readonly madeAtMs: number;
  readonly isWhole: boolean;
  readonly banks: readonly {
    readonly bic: string;
    readonly isOpen: boolean;
    readonly changedAtMs: number;
  }[];
}

/** Our settlement account, by the network's own word. Sen as decimal text, below zero where we owe. No money. */
export interface PositionNotice {
  readonly kind: 'position';
  readonly rail: RailName;
  readonly madeAtMs: number;
  /** At the opening of the date, booked now, free to be used now. */
  readonly openingSen: string;
  readonly bookedSen: string;
  readonly freeSen: string;
}

/** The network's directory says that a proxy of a customer of ours leads to another bank now. No money. */
export interface ProxyMovedNotice {
  readonly kind: 'proxy_moved';
  readonly rail: 'bifast';
  readonly proxyType: string;
  readonly proxyValue: string;
  /** The registration that ended. */
  readonly registrationId: string;
  /** Where it leads now. */
  readonly bank: string;
}

export type RailNotice =
  | CreditNotice
  | CreditSettledNotice
  | OutcomeNotice
  | EnquiryNotice
  | StatementNotice
  | SwitchRequestNotice
  | QrisRequestNotice
  | SwitchReversalNotice
  | MachineReport
  | ReversalGivenUp
  | ParticipantsNotice
  | PositionNotice
  | ProxyMovedNotice;

/** Core's answer. `code` is the rail's own: a U-code, DE39. */
export type NoticeAnswer =
  | {
      readonly taken: true;
      readonly approved?: undefined;
      readonly accountName?: string;
      readonly accountType?: string;
    }
  | SwitchRequestAnswer
  | { readonly taken: false; readonly code: string };

/** Where core listens for notices: POST, body = one RailNotice as JSON, answer = NoticeAnswer as JSON. */
export const NOTICE_PATH = '/rail/notice';
/** Several notices in one list, answered by a list in the same order; null for one that core did not bring to an end. */
export const NOTICE_BATCH_PATH = '/rail/notices';
/** Notices in such a list. */
export const NOTICE_BATCH_MAX = 16;
