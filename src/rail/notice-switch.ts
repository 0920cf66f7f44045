/** What the switch asks of us, as the gateway passes it in to core (ADR 0013): requests that wait for an answer, and reversals of
 * them. The gateway has checked the MAC and written its journal; the same notice may come again after a crash and gets the same
 * answer. Amounts are sen as decimal text. No PAN, PIN block or track stands in what is journalled: `card` is passed on by
 * `deliver` and left out of the journal's copy. */

/** What a request asks for. */
export const SWITCH_REQUESTS = [
  'transfer_in',
  'withdrawal',
  'balance',
  'deposit',
  'pin_change',
  'qris_in',
] as const;
export type SwitchRequest = (typeof SWITCH_REQUESTS)[number];

interface RequestBase {
  readonly kind: 'request';
  readonly rail: 'switch';
  /** `switchRequestId` of who asked: year, DE7, DE32, DE11. What DE90 of a reversal names. */
  readonly bizMsgIdr: string;
  /** DE37. */
  readonly rrn: string;
  /** 8 characters: BIC or NNS of the bank that asks (`src/rail/switch/institution.ts`). */
  readonly fromBank: string;
  /** `0` where no money moves. */
  readonly amountSen: string;
  /** The network is not answered after this; core gives no approval after it. */
  readonly deadlineMs: number;
}

/** Another bank's customer sends money to an account of ours (DE3 40xxxx). */
export interface TransferInRequest extends RequestBase {
  readonly what: 'transfer_in';
  readonly debtorName: string;
  readonly debtorAccount: string;
  readonly creditorAccount: string;
  readonly remark: string;
}

/** What core needs of a card, for one call: passed on by `deliver`, never journalled, never logged. */
export interface PresentedCard {
  /** DE2, 13 to 19 digits. */
  readonly pan: string;
  /** DE14, YYMM. */
  readonly expiry: string;
  /** DE52, upper-case hex, under `pinKey`. */
  readonly pinBlock: string;
  /** The key of the link or of the terminal. */
  readonly pinKey: `zpk.${string}` | `tpk.${string}`;
}

/** A card of ours asks for cash or for its balance (DE3 01xxxx, 30xxxx, 31xxxx). */
export interface CardRequest extends RequestBase {
  readonly what: 'withdrawal' | 'balance';
  readonly card: PresentedCard;
  /** DE41. */
  readonly terminal: string;
  /** DE43, for the customer's history. */
  readonly place: string;
}

export type SwitchRequestNotice = TransferInRequest | CardRequest;

/** What was approved did not happen, wholly or in part (0400, 0420). Also of a request that never came: it is remembered for 24 h
 * and refuses it. */
export interface SwitchReversalNotice {
  readonly kind: 'reversal';
  readonly rail: 'switch';
  /** What the request was, from DE3. */
  readonly what: 'transfer_in' | 'withdrawal' | 'deposit' | 'qris_in';
  /** Of the request that is taken back. */
  readonly bizMsgIdr: string;
  readonly fromBank: string;
  /** DE4: the amount of the request. */
  readonly amountSen: string;
  /** DE95: what stays, `0` = all of it is taken back. */
  readonly keptSen: string;
}

/** Core's answer to a request. `code` is DE39. */
export type SwitchRequestAnswer =
  | {
      readonly taken: true;
      readonly approved: true;
      /** DE38, six characters. */
      readonly approvalCode: string;
      /** DE54, where the request shows a balance. */
      readonly availableSen?: string;
      /** DE48 of a transfer. */
      readonly accountName?: string;
      readonly accountType?: undefined;
    }
  | {
      readonly taken: true;
      readonly approved: false;
      readonly code: string;
      readonly accountName?: undefined;
      readonly accountType?: undefined;
    };
