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
  'acquired',
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

/** What a chip signed (DE55). Hex in upper case, `data` base64. */
export interface PresentedChip {
  /** Tag 5F34, two digits. */
  readonly sequence: string;
  /** Tag 9F36, four hex digits. */
  readonly counter: string;
  /** Tag 9F26, sixteen hex digits. */
  readonly arqc: string;
  readonly data: string;
}

/** What core needs of a card, for one call: passed on by `deliver`, never journalled, never logged. */
export interface PresentedCard {
  /** DE2, 13 to 19 digits. */
  readonly pan: string;
  /** DE14, YYMM. */
  readonly expiry: string;
  /** DE52, upper-case hex, under `pinKey`. */
  readonly pinBlock: string;
  /** Absent where the card has no chip, or was read by its stripe. */
  readonly chip?: PresentedChip;
  /** The key of the link or of the terminal. */
  readonly pinKey: `zpk.${string}` | `tpk.${string}`;
}

interface AtMachine extends RequestBase {
  /** DE41. */
  readonly terminal: string;
  /** DE43, for the customer's history. */
  readonly place: string;
}

/** A card of ours asks for cash or for its balance (DE3 01xxxx, 30xxxx, 31xxxx). At a machine of ours its PIN is under a `tpk`; only
 * there may cash be paid in (21xxxx) or the PIN be changed (94xxxx). */
export interface CardRequest extends AtMachine {
  readonly what: 'withdrawal' | 'balance' | 'deposit';
  readonly card: PresentedCard;
}

/** The same for the PIN itself. */
export interface PinChangeRequest extends AtMachine {
  readonly what: 'pin_change';
  readonly card: PresentedCard & {
    /** The new PIN, as `pinBlock` and under the same key. */
    readonly newPinBlock: string;
  };
}

/** Another bank's card draws cash at a machine of ours, and its bank has approved: may it be given out? The card itself is none of
 * core's business. `bizMsgIdr` is of the message that went over the switch, `fromBank` the bank that approved. */
export interface AcquiredRequest extends AtMachine {
  readonly what: 'acquired';
}

/** Where our own machine says what it holds: its counters, or notes that people put in. `fromBank` is ours. */
export interface MachineReport {
  readonly kind: 'machine';
  readonly rail: 'switch';
  readonly what: 'totals' | 'load';
  readonly bizMsgIdr: string;
  readonly terminal: string;
  /** YYYY-MM-DD, of the machine's day. */
  readonly businessDate: string;
  /** Counted in its cassettes; of a load, what was put in. */
  readonly cashSen: string;
  /** Given out and taken in since the last report that was balanced; nothing of a load. */
  readonly dispensedSen: string;
  readonly depositedSen: string;
  /** Reversals that the machine has not been able to send yet. */
  readonly owedCount: number;
}

/** The network has not answered a reversal of ours for a day: people take over. */
export interface ReversalGivenUp {
  readonly kind: 'reversal_given_up';
  readonly rail: 'switch';
  readonly bizMsgIdr: string;
  readonly fromBank: string;
  readonly amountSen: string;
  readonly keptSen: string;
}

export type SwitchRequestNotice =
  | TransferInRequest
  | CardRequest
  | PinChangeRequest
  | AcquiredRequest;

/** What was approved did not happen, wholly or in part (0400, 0420). Also of a request that never came: it is remembered for 24 h
 * and refuses it. */
export interface SwitchReversalNotice {
  readonly kind: 'reversal';
  readonly rail: 'switch';
  /** What the request was, from DE3. */
  readonly what: 'transfer_in' | 'withdrawal' | 'deposit' | 'acquired';
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
      /** Tag 91 of DE55: the response cryptogram of a chip that was checked, sixteen hex digits. */
      readonly arpc?: string;
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
