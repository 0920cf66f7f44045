/** What channels may ask of merchants and their QRIS codes. Types only. */
import type { Sen } from '../kernel/money.ts';
import type { MerchantCode } from '../rail/qris/code.ts';
import type { MerchantClass } from '../rail/qris/mdr.ts';
import type { QrisRules } from '../rail/qris/rules.ts';
import type { TamperWarning } from '../rail/qris/tamper.ts';

/** A merchant to open. `serial` becomes digits 9 to 18 of its PAN, `nmid` comes from the central repository. */
export interface MerchantDraft {
  readonly id: string;
  readonly serial: bigint;
  readonly nmid: string;
  readonly name: string;
  readonly city: string;
  readonly postalCode: string;
  /** ISO 18245, four digits. */
  readonly category: string;
  readonly merchantClass: MerchantClass;
  /** Of our ledger: where its takings go. */
  readonly settlementAccount: string;
  /** The partner that may make codes for it. */
  readonly partnerId?: string;
  /** At least one; letters and digits. */
  readonly terminals: readonly string[];
}

/** A merchant whose acquirer we are. */
export interface Merchant extends MerchantDraft {
  readonly pan: string;
  /** It is paid no more since then. UTC ms. */
  readonly closedAtMs?: number;
}

/** A code that we made. Times UTC ms. */
export interface MadeCode {
  readonly id: string;
  readonly merchantId: string;
  readonly terminal: string;
  readonly payload: string;
  readonly reference?: string;
  readonly amountSen?: Sen;
  readonly billNumber?: string;
  readonly validUntilMs?: number;
  /** The payment that used it: a dynamic code pays once. */
  readonly paymentId?: string;
  /** Called back before anybody paid it. */
  readonly cancelledAtMs?: number;
}

/** A code to make: with an amount a dynamic one, without one the terminal's static one. */
export interface CodeCommand {
  readonly merchantId: string;
  /** @default the merchant's first terminal */
  readonly terminal?: string;
  readonly amountSen?: Sen;
  readonly billNumber?: string;
  readonly storeLabel?: string;
  /** @default 15 minutes from now */
  readonly validUntilMs?: number;
  /** Who asks: the merchant must be theirs. The reference is the durable key of a dynamic code. */
  readonly partner: {
    readonly id: string;
    readonly referenceNo: string;
    readonly requestHash: Buffer;
  };
}

export type CodeRefusal =
  | 'merchant_not_found'
  | 'terminal_not_found'
  | 'amount_not_positive'
  | 'amount_above_cap'
  | 'validity_out_of_range'
  | 'label_without_amount'
  | 'reference_conflict';

export type CodeResult =
  | {
      readonly ok: true;
      readonly isRepeat: boolean;
      readonly code: MadeCode;
      readonly merchant: Merchant;
    }
  | { readonly ok: false; readonly reason: CodeRefusal };

/** Whom a code of ours pays. */
export interface CodePayee {
  readonly id: string;
  /** That the code names, where it is the merchant's. */
  readonly terminal?: string;
  /** Makes codes for it. */
  readonly partner?: { readonly id: string; readonly referenceNo?: string };
  readonly name: string;
  readonly city: string;
  readonly nmid: string;
  readonly settlementAccount: string;
  readonly merchantClass: MerchantClass;
  /** A dynamic code: it pays once, before this instant (UTC ms). */
  readonly code?: { readonly id: string; readonly validUntilMs: number };
}

/** What we know of a code that somebody scanned. */
export interface CodeReading {
  readonly warnings: readonly (
    | TamperWarning
    | 'merchant_not_known'
    | 'code_not_made_here'
    | 'merchant_closed'
  )[];
  /** A dynamic code of ours: whether it may still be paid. */
  readonly life?: 'open' | 'used' | 'expired';
  /** Of a code of ours without a warning, used and expired ones too. */
  readonly payee?: CodePayee;
}

/** A page of merchants for the bank's own people. */
export interface MerchantPage {
  readonly merchants: readonly Merchant[];
  /** More follow: ask with the last id. */
  readonly hasMore: boolean;
}

export interface Merchants {
  /** The rules of today, with our own number among the institutions. */
  rules(): QrisRules;
  /** Makes a code, or finds the one that was made under the same reference. Durable when it answers. */
  makeCode(command: CodeCommand): Promise<CodeResult>;
  /** Those whose takings go to one of some accounts, by id; at most 20. */
  ofAccounts(accounts: readonly string[]): Promise<readonly Merchant[]>;
  /** Those whose name has the text, or whose NMID or id begins with it, by id after one; at most 50. */
  search(asked: { readonly text: string; readonly afterId: string }): Promise<MerchantPage>;
  find(id: string): Promise<Merchant | undefined>;
  /** The payload of a terminal's printed code. */
  staticCode(at: {
    readonly merchantId: string;
    readonly terminal: string;
  }): Promise<string | undefined>;
  /** Compares a scanned code with what we know: our own merchants, our own dynamic codes. */
  examine(code: MerchantCode): Promise<CodeReading>;
  /** Keeps what spoke against a code, for people to look at; without a warning nothing. Throws DbFault. */
  noteWarnings(of: {
    readonly code: MerchantCode;
    readonly reading: CodeReading;
    readonly channel: 'mobile' | 'snap';
    readonly scannedBy: string;
  }): Promise<void>;
}
