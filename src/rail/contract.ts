/** What every rail promises the payment engine, and nothing more. A rail may be called again with the same payment after a
 * crash: every method is idempotent by the instruction's ids. */
import type { Instruction, RailName } from '../authorisation/instruction.ts';
import type { BillAnswer } from './gateway-wire.ts';

/** Who said so, for the audit trail. */
export type EvidenceSource = 'rail_answer' | 'rail_notice' | 'inquiry' | 'statement' | 'gateway';

/** I2: the only answers there are. `unknown` is never guessed into another. */
export type RailAnswer =
  /** The network took it. `isFinal` = settled (ACSC), else provisional (ACTC). */
  | {
      readonly outcome: 'accepted';
      readonly isFinal: boolean;
      readonly code: string;
      /** What proves it to the customer, sealed to core (`seal.ts`); where a rail has such a thing. */
      readonly receipt?: string;
    }
  /** An authenticated, final refusal by the network. */
  | { readonly outcome: 'rejected'; readonly code: string }
  /** Proven by the gateway's journal: no byte left and none ever will (the jti is burned as void or was refused). */
  | { readonly outcome: 'not_sent'; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** The payment engine's view of a rail. Never throws for an expected outcome; a transport fault is `unknown`,
 * except where it is proven that nothing can have left: then `not_reached`, and the caller may try again later. */
export interface RailPort {
  /** Hands a signed instruction over. */
  send(input: {
    readonly instruction: Instruction;
    readonly token: string;
  }): Promise<RailAnswer | { readonly outcome: 'not_reached'; readonly reason: string }>;
  /** Asks the network for the state of what was sent, by its network ids (BI-FAST: pacs.028). A rail whose question repeats the
   * payment (biller: advice) needs the instruction; the gateway takes it only when it is the very one that it burned. */
  inquire(input: {
    readonly rail: RailName;
    readonly paymentId: string;
    readonly bizMsgIdr: string;
    readonly msgId?: string;
    readonly instruction?: Instruction;
  }): Promise<RailAnswer | { readonly outcome: 'not_reached'; readonly reason: string }>;
  /** Has the gateway burn a jti that was not sent: `not_sent` proves it, `unknown` = it may have left. */
  void(input: {
    readonly jti: string;
    readonly paymentId: string;
  }): Promise<RailAnswer | { readonly outcome: 'not_reached'; readonly reason: string }>;
  /** What the gateway's journal knows of a jti. */
  recall(input: {
    readonly jti: string;
  }): Promise<
    | { readonly known: 'never_seen' | 'voided' | 'intent' }
    | { readonly known: 'outcome'; readonly answer: RailAnswer }
    | { readonly known: 'not_reached'; readonly reason: string }
  >;
  /** What is owed for a product and a customer's key; no money. */
  enquireBill(input: {
    readonly rail: RailName;
    readonly product: string;
    readonly customerKey: string;
  }): Promise<BillAnswer>;
  /** Account enquiry at another bank; no money. */
  enquireAccount(input: {
    readonly rail: RailName;
    readonly bank: string;
    readonly account: string;
    readonly amountSen: bigint;
  }): Promise<
    | { readonly found: true; readonly name: string; readonly accountType: string }
    | { readonly found: false; readonly code: string }
    | { readonly found: 'unknown'; readonly reason: string }
  >;
}

/** What the guard may ask the operator of a network in our name: to close a connector's certificate, to close or open our own
 * outbound. */
export type PortalRequest = { readonly requestId: string; readonly reason: string } & (
  | { readonly action: 'revoke'; readonly fingerprint: string }
  | { readonly action: 'suspend_out' | 'resume_out' }
);
