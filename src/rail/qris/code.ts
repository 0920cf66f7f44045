/** What a merchant-presented code says, read and typed. Texts are as they stood; amounts are sen. What a code does not
 * say is undefined: the fields are always there, so that all codes have one shape and reading is quick. */
import type { Sen } from '../../kernel/money.ts';
import type { Tip } from './amount.ts';
import type { TaggedValue } from './tlv.ts';

/** Static: the same code for everybody, the payer types the amount. Dynamic: made for one payment. */
export type QrisMethod = 'static' | 'dynamic';

/** A merchant's account at one acquirer: template 26–45. Source: domain.md 1.3. */
export interface MerchantAccount {
  readonly tag: number;
  readonly globalId: string;
  readonly pan: string;
  readonly merchantId: string | undefined;
  readonly criteria: string | undefined;
  readonly other: readonly TaggedValue[];
}

/** The merchant in the central repository: template 51. Source: domain.md 1.3. */
export interface Repository {
  readonly nmid: string;
  readonly pan: string | undefined;
  readonly criteria: string | undefined;
  readonly other: readonly TaggedValue[];
}

/** The customer's side of QRIS Transfer, Tarik Tunai and Setor Tunai: template 40. Source: domain.md 1.6. */
export interface TransferAccount {
  readonly globalId: string;
  readonly pan: string;
  readonly beneficiary: string;
  readonly bic: string | undefined;
  readonly other: readonly TaggedValue[];
}

/** Template 62 by name. A value of `***` is for the payer to type. Source: domain.md 1.4. */
export interface Additional {
  readonly billNumber: string | undefined;
  readonly mobileNumber: string | undefined;
  readonly storeLabel: string | undefined;
  readonly loyaltyNumber: string | undefined;
  readonly referenceLabel: string | undefined;
  readonly customerLabel: string | undefined;
  readonly terminalLabel: string | undefined;
  readonly purpose: string | undefined;
  readonly consumerData: string | undefined;
  /** 62-99 as it stood: `{00 = 00, 01 = unique data}`. */
  readonly proprietary: string | undefined;
  readonly other: readonly TaggedValue[];
}

/** Name and city in another script: template 64. */
export interface LanguageText {
  readonly language: string;
  readonly name: string;
  readonly city: string | undefined;
  readonly other: readonly TaggedValue[];
}

interface CodeFields {
  /** What tag 01 says; absent where it is missing. */
  readonly statedMethod: QrisMethod | undefined;
  readonly method: QrisMethod;
  readonly amountSen: Sen | undefined;
  readonly tip: Tip;
  readonly name: string;
  readonly city: string;
  readonly postalCode: string;
  readonly additional: Additional | undefined;
  readonly languageText: LanguageText | undefined;
  /** International schemes (02–25), reserved and unreserved tags: kept, not read. */
  readonly other: readonly TaggedValue[];
}

/** A payment to a merchant. */
export interface MerchantCode extends CodeFields {
  readonly kind: 'merchant';
  readonly category: string;
  readonly accounts: readonly MerchantAccount[];
  readonly repository: Repository | undefined;
}

/** QRIS Transfer, Tarik Tunai (cash out), Setor Tunai (cash in). */
export interface TransferCode extends CodeFields {
  readonly kind: 'transfer' | 'cash_out' | 'cash_in';
  readonly category: string | undefined;
  readonly account: TransferAccount;
  readonly uniqueData: string;
}

export type QrisCode = MerchantCode | TransferCode;

/** Something a person should know before paying; not a reason to refuse. */
export interface QrisWarning {
  readonly code: 'check_digit_wrong' | 'static_with_amount';
  readonly tag: string;
}

/** Template 62 sub-tags by field, in the order in which they are written. */
export const ADDITIONAL_TAGS = {
  billNumber: 1,
  mobileNumber: 2,
  storeLabel: 3,
  loyaltyNumber: 4,
  referenceLabel: 5,
  customerLabel: 6,
  terminalLabel: 7,
  purpose: 8,
  consumerData: 9,
  proprietary: 99,
} as const satisfies Record<Exclude<keyof Additional, 'other'>, number>;

export type AdditionalField = keyof typeof ADDITIONAL_TAGS;

/** The value by which a code asks the payer to type a field. Source: domain.md 1.4. */
export const PROMPTED = '***';

/** The fields of template 62 that the payer has to type. */
export function promptedFields(code: QrisCode): readonly AdditionalField[] {
  const { additional } = code;
  if (!additional) return [];
  const names = Object.keys(ADDITIONAL_TAGS) as AdditionalField[];
  return names.filter((name) => additional[name] === PROMPTED);
}

/** A merchant's class for the discount rate: the acquirer's template, else the repository's, else regular.
 * Source: domain.md 1.3 (absent: the issuer fills URE). */
export function criteriaOf(code: MerchantCode): string {
  const given = code.accounts.find((account) => account.criteria !== undefined)?.criteria;
  return given ?? code.repository?.criteria ?? 'URE';
}

/** The account that a payment goes to: the first template. */
export function payeePan(code: QrisCode): string | undefined {
  return code.kind === 'merchant' ? code.accounts[0]?.pan : code.account.pan;
}

/** Digits 1 to 8 of a PAN: its institution. */
export function nnsOf(pan: string): string {
  return pan.slice(0, 8);
}

/** Template 62 with nothing in it, to build one from. */
export const NO_ADDITIONAL: Additional = {
  billNumber: undefined,
  mobileNumber: undefined,
  storeLabel: undefined,
  loyaltyNumber: undefined,
  referenceLabel: undefined,
  customerLabel: undefined,
  terminalLabel: undefined,
  purpose: undefined,
  consumerData: undefined,
  proprietary: undefined,
  other: [],
};
