/** What can be wrong with a code. Each rule has one word that never changes its meaning; docs/rail/qris.md lists them. */

/** The rules of merchant-presented codes, in the order in which they are looked at. Source: domain.md 1.1–1.6. */
export const QRIS_FAULT_CODES = [
  'empty',
  'too_long',
  'text_invalid',
  'structure_broken',
  'length_invalid',
  'duplicate_tag',
  'format_indicator_not_first',
  'crc_not_last',
  'missing_tag',
  'format_indicator_invalid',
  'crc_format',
  'crc_mismatch',
  'value_invalid',
  'country_not_supported',
  'currency_not_rupiah',
  'amount_format',
  'amount_decimals',
  'amount_zero',
  'amount_above_cap',
  'tip_fee_missing',
  'tip_fee_unexpected',
  'tip_fee_invalid',
  'account_missing',
  'nns_unknown',
  'repository_missing',
  'nmid_invalid',
  'transfer_not_dynamic',
  'category_invalid',
  'purpose_invalid',
  'unique_data_invalid',
] as const;

export type QrisFaultCode = (typeof QRIS_FAULT_CODES)[number];

/** Why a code is refused: the rule, and the root tag and sub-tag where they are known. */
export interface QrisFault {
  readonly code: QrisFaultCode;
  readonly tag?: string;
  readonly subTag?: string;
}

/** A fault at a place. */
export function faultAt(code: QrisFaultCode, tag?: number, subTag?: number): QrisFault {
  return {
    code,
    ...(tag !== undefined && { tag: tagText(tag) }),
    ...(subTag !== undefined && { subTag: tagText(subTag) }),
  };
}

/** Two digits. */
export function tagText(tag: number): string {
  return tag < 10 ? `0${tag}` : String(tag);
}
