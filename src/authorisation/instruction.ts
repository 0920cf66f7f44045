/** The canonical instruction: every money-relevant field of one outgoing payment, as the ledger committed it.
 * The gateway renders the wire message from this and from nothing else (DESIGN.md 1.1). */
import { canonicalJson, sha256 } from '../kernel/canonical.ts';

export interface InstructionParty {
  /** BIC for BI-FAST. */
  readonly bank: string;
  readonly account: string;
  readonly accountType: string;
  readonly name: string;
}

export interface Instruction {
  readonly version: 1;
  readonly env: 'prod' | 'drill';
  readonly rail: 'bifast';
  readonly direction: 'out';
  readonly kind: 'credit_transfer' | 'return';
  readonly paymentId: string;
  readonly attempt: number;
  readonly bizMsgIdr: string;
  readonly msgId: string;
  /** Sen as decimal text. */
  readonly amountSen: string;
  readonly currency: 'IDR';
  readonly debtor: InstructionParty;
  readonly creditor: InstructionParty;
  /** BI-FAST channel code, e.g. `02` mobile banking (domain.md 2.3). */
  readonly channelCode: string;
  /** The channel in our own words, for restriction scopes. */
  readonly channel: string;
  /** trxType + purpose, e.g. `01099`. */
  readonly categoryPurpose: string;
  readonly remittance: string;
  /** BizMsgIdr of the credit that a return gives back. */
  readonly relatedEndToEndId?: string;
  /** WIB date of settlement. */
  readonly businessDate: string;
  /** The customer's stable cohort, 0–9999, and whether it is a member of staff: recovery stages admit by these. */
  readonly cohortBucket: number;
  readonly isStaff: boolean;
}

/** The bytes that are hashed and signed. */
export function instructionText(instruction: Instruction): string {
  return canonicalJson(instruction);
}

/** SHA-256 of the canonical bytes, lower-case hex. */
export function instructionHash(instruction: Instruction): string {
  return sha256(instructionText(instruction)).toString('hex');
}
