/** Reads a merchant-presented code. Pure and total: any text gives a code or the one rule that it breaks. Form first (text,
 * structure, first and last tag, CRC), then the rules of the Indonesian profile; so a damaged code is told as damaged, whatever its
 * content has become. Source: domain.md 1.1–1.6; docs/rail/qris.md lists the rules. */
import type { Sen } from '../../kernel/money.ts';
import { readPercent, readQrisAmount, type Tip } from './amount.ts';
import { crc16, crcText } from './crc.ts';
import type {
  Additional,
  LanguageText,
  MerchantAccount,
  MerchantCode,
  QrisCode,
  QrisMethod,
  QrisWarning,
  TransferCode,
} from './code.ts';
import { faultAt, tagText, type QrisFault } from './fault.ts';
import { hasCheckDigit } from './pan.ts';
import type { QrisRules } from './rules.ts';
import {
  ADDITIONAL_TAG,
  LANGUAGE_TAG,
  readAdditional,
  readLanguageText,
  readMerchantAccount,
  readRepository,
  readTransferAccount,
  readUniqueData,
  REPOSITORY_TAG,
  TRANSFER_TAG,
} from './template.ts';
import {
  characterCount,
  isFault,
  keptOf,
  readTlv,
  valueOf,
  type TaggedValue,
  type Tlv,
} from './tlv.ts';

/** A code, with what a person should know of it; or why it is refused. */
export type Decoded =
  | { readonly ok: true; readonly code: QrisCode; readonly warnings: readonly QrisWarning[] }
  | { readonly ok: false; readonly fault: QrisFault };

/** Longest payload, in characters. Source: domain.md 1.1. */
export const PAYLOAD_MAX = 512;

const CRC_TAG = 63;
const CRC_LENGTH = 4;
const NAME_MAX = 25;
const CITY_MAX = 15;
const DOMESTIC_FIRST = 26;
const DOMESTIC_LAST = 45;
const TRANSFER_CATEGORY = '4829';
const PLAIN = /^[\x20-\x7e]*$/;
const CRC_TEXT = /^[0-9A-F]{4}$/;
const CATEGORY = /^\d{4}$/;
const POSTAL_CODE = /^[A-Za-z0-9 -]{1,10}$/;

/** Purposes in 62-08 that make a code with tag 40 something else than a merchant payment. Source: domain.md 1.6. */
export const TRANSFER_PURPOSES = {
  BOOK: 'transfer',
  DMCT: 'transfer',
  XBCT: 'transfer',
  CWDL: 'cash_out',
  CDPT: 'cash_in',
} as const satisfies Record<string, TransferCode['kind']>;

/** Reads a code by the rules of a day. Never throws; work is bounded by the longest payload. */
export function decodeQris(payload: string, rules: QrisRules): Decoded {
  const read = decode(payload, rules);
  return isFault(read)
    ? { ok: false, fault: read }
    : { ok: true, code: read, warnings: warningsOf(read) };
}

function decode(payload: string, rules: QrisRules): QrisCode | QrisFault {
  const isPlain = PLAIN.test(payload);
  const fault = textFault(payload, isPlain);
  if (fault) return fault;
  const root = readTlv(payload, { isPlain });
  if (isFault(root)) return root;
  return frameFault(payload, root) ?? plainFault(root, isPlain) ?? readCode(root, rules, isPlain);
}

function textFault(payload: string, isPlain: boolean): QrisFault | undefined {
  if (payload === '') return faultAt('empty');
  // A character has two units at most: what is longer still is not looked at.
  if (payload.length > PAYLOAD_MAX * 2) return faultAt('too_long');
  if (isPlain) return payload.length > PAYLOAD_MAX ? faultAt('too_long') : undefined;
  if (characterCount(payload) > PAYLOAD_MAX) return faultAt('too_long');
  return payload.isWellFormed() ? undefined : faultAt('text_invalid');
}

/** Tag 00 first, tag 63 last, and the CRC over everything before its value. */
function frameFault(payload: string, root: Tlv): QrisFault | undefined {
  const { tags } = root;
  if (tags[0] !== 0)
    return faultAt(tags.includes(0) ? 'format_indicator_not_first' : 'missing_tag', 0);
  if (tags.at(-1) !== CRC_TAG)
    return faultAt(tags.includes(CRC_TAG) ? 'crc_not_last' : 'missing_tag', CRC_TAG);
  const stated = root.values.at(-1)!;
  if (!CRC_TEXT.test(stated)) return faultAt('crc_format', CRC_TAG);
  if (crcText(crc16(payload, payload.length - CRC_LENGTH)) !== stated)
    return faultAt('crc_mismatch', CRC_TAG);
  return root.values[0] === '01' ? undefined : faultAt('format_indicator_invalid', 0);
}

/** Other than printable ASCII stands in tag 64 only. */
function plainFault(root: Tlv, isPlain: boolean): QrisFault | undefined {
  if (isPlain) return undefined;
  const at = root.values.findIndex(
    (value, i) => root.tags[i] !== LANGUAGE_TAG && !PLAIN.test(value),
  );
  return at === -1 ? undefined : faultAt('text_invalid', root.tags[at]);
}

function readCode(root: Tlv, rules: QrisRules, isPlain: boolean): QrisCode | QrisFault {
  const fault = payeeFault(root);
  if (fault) return fault;
  const amountSen = readAmount(root, rules);
  if (typeof amountSen === 'object') return amountSen;
  const tip = readTip(root);
  if (isFault(tip)) return tip;
  const method = readMethod(valueOf(root, 1));
  if (typeof method === 'object') return method;
  const additional = optionally(valueOf(root, ADDITIONAL_TAG), readAdditional);
  if (additional && isFault(additional)) return additional;
  const languageText = optionally(valueOf(root, LANGUAGE_TAG), (value) =>
    readLanguageText(value, { isPlain }),
  );
  if (languageText && isFault(languageText)) return languageText;
  const shared: Shared = { root, rules, amountSen, tip, method, additional, languageText };
  return kindOf(root, additional) === 'merchant' ? readMerchant(shared) : readTransfer(shared);
}

/** What every kind of code has been read to hold. */
interface Shared {
  readonly root: Tlv;
  readonly rules: QrisRules;
  readonly amountSen: Sen | undefined;
  readonly tip: Tip;
  readonly method: QrisMethod | undefined;
  readonly additional: Additional | undefined;
  readonly languageText: LanguageText | undefined;
}

function readMerchant(shared: Shared): MerchantCode | QrisFault {
  const { root, rules } = shared;
  const category = valueOf(root, 52);
  if (category === undefined) return faultAt('missing_tag', 52);
  if (!CATEGORY.test(category)) return faultAt('category_invalid', 52);
  const accounts: MerchantAccount[] = [];
  let isInternational = false;
  for (let i = 0; i < root.tags.length; i++) {
    const tag = root.tags[i]!;
    if (tag >= 2 && tag < DOMESTIC_FIRST) isInternational = true;
    if (!isDomestic(tag)) continue;
    const account = readMerchantAccount(root.values[i]!, tag, rules);
    if (isFault(account)) return account;
    accounts.push(account);
  }
  // The order of tags is free and says nothing: one code has one form.
  if (accounts.length > 1) accounts.sort((a, b) => a.tag - b.tag);
  const repository = optionally(valueOf(root, REPOSITORY_TAG), readRepository);
  if (repository && isFault(repository)) return repository;
  if (accounts.length === 0 && !repository && !isInternational) return faultAt('account_missing');
  const method = methodOf(shared);
  if (method === 'static' && !repository) return faultAt('repository_missing', REPOSITORY_TAG);
  return {
    kind: 'merchant',
    statedMethod: shared.method,
    method,
    amountSen: shared.amountSen,
    tip: shared.tip,
    name: valueOf(root, 59)!,
    city: valueOf(root, 60)!,
    postalCode: valueOf(root, 61)!,
    additional: shared.additional,
    languageText: shared.languageText,
    other: othersOf(root),
    category,
    accounts,
    repository,
  };
}

function readTransfer(shared: Shared): TransferCode | QrisFault {
  const { root, rules, additional } = shared;
  if (shared.method !== 'dynamic') return faultAt('transfer_not_dynamic', 1);
  const category = valueOf(root, 52);
  if (category !== undefined && category !== TRANSFER_CATEGORY)
    return faultAt('category_invalid', 52);
  const kind = purposeKind(additional?.purpose);
  if (kind === undefined) return faultAt('purpose_invalid', ADDITIONAL_TAG, 8);
  const value = valueOf(root, TRANSFER_TAG);
  if (value === undefined) return faultAt('missing_tag', TRANSFER_TAG);
  const account = readTransferAccount(value, rules);
  if (isFault(account)) return account;
  const uniqueData = readUniqueData(additional?.proprietary);
  if (uniqueData === undefined) return faultAt('unique_data_invalid', ADDITIONAL_TAG, 99);
  if (kind === 'cash_out' && (shared.amountSen ?? 0n) > rules.cashOutCapSen)
    return faultAt('amount_above_cap', 54);
  return {
    kind,
    statedMethod: shared.method,
    method: shared.method,
    amountSen: shared.amountSen,
    tip: shared.tip,
    name: valueOf(root, 59)!,
    city: valueOf(root, 60)!,
    postalCode: valueOf(root, 61)!,
    additional,
    languageText: shared.languageText,
    other: othersOf(root),
    category,
    account,
    uniqueData,
  };
}

/** A transfer has tag 40, and a purpose or category that says so; everything else is a payment to a merchant. */
function kindOf(root: Tlv, additional: Additional | undefined): 'merchant' | 'transfer' {
  if (!root.tags.includes(TRANSFER_TAG)) return 'merchant';
  const isTransfer =
    purposeKind(additional?.purpose) !== undefined || valueOf(root, 52) === TRANSFER_CATEGORY;
  return isTransfer ? 'transfer' : 'merchant';
}

function purposeKind(purpose: string | undefined): TransferCode['kind'] | undefined {
  return purpose !== undefined && Object.hasOwn(TRANSFER_PURPOSES, purpose)
    ? TRANSFER_PURPOSES[purpose as keyof typeof TRANSFER_PURPOSES]
    : undefined;
}

/** Without tag 01 an amount tells that the code was made for one payment. Source: domain.md 1.5. */
function methodOf(shared: Shared): QrisMethod {
  return shared.method ?? (shared.amountSen === undefined ? 'static' : 'dynamic');
}

/** Country, currency, name, city and postal code: there and of their form. */
function payeeFault(root: Tlv): QrisFault | undefined {
  const currency = valueOf(root, 53);
  const country = valueOf(root, 58);
  const name = valueOf(root, 59);
  const city = valueOf(root, 60);
  const postalCode = valueOf(root, 61);
  if (currency === undefined) return faultAt('missing_tag', 53);
  if (country === undefined) return faultAt('missing_tag', 58);
  if (name === undefined) return faultAt('missing_tag', 59);
  if (city === undefined) return faultAt('missing_tag', 60);
  if (postalCode === undefined) return faultAt('missing_tag', 61);
  if (country !== 'ID') return faultAt('country_not_supported', 58);
  if (currency !== '360') return faultAt('currency_not_rupiah', 53);
  if (!isText(name, NAME_MAX)) return faultAt('value_invalid', 59);
  if (!isText(city, CITY_MAX)) return faultAt('value_invalid', 60);
  return POSTAL_CODE.test(postalCode) ? undefined : faultAt('value_invalid', 61);
}

function readMethod(value: string | undefined): QrisMethod | undefined | QrisFault {
  if (value === undefined) return undefined;
  if (value === '11') return 'static';
  return value === '12' ? 'dynamic' : faultAt('value_invalid', 1);
}

function readAmount(root: Tlv, rules: QrisRules): Sen | undefined | QrisFault {
  const text = valueOf(root, 54);
  if (text === undefined) return undefined;
  const amount = readQrisAmount(text);
  if (typeof amount === 'string') return faultAt(amount, 54);
  return amount > rules.capSen ? faultAt('amount_above_cap', 54) : amount;
}

function readTip(root: Tlv): Tip | QrisFault {
  const indicator = valueOf(root, 55);
  const fixed = valueOf(root, 56);
  const percent = valueOf(root, 57);
  if (fixed !== undefined && indicator !== '02') return faultAt('tip_fee_unexpected', 56);
  if (percent !== undefined && indicator !== '03') return faultAt('tip_fee_unexpected', 57);
  if (indicator === undefined) return { kind: 'none' };
  if (indicator === '01') return { kind: 'prompt' };
  if (indicator === '02') return readFixedTip(fixed);
  if (indicator === '03') return readPercentTip(percent);
  return faultAt('value_invalid', 55);
}

function readFixedTip(text: string | undefined): Tip | QrisFault {
  if (text === undefined) return faultAt('tip_fee_missing', 56);
  const feeSen = readQrisAmount(text);
  return typeof feeSen === 'string' ? faultAt('tip_fee_invalid', 56) : { kind: 'fixed', feeSen };
}

function readPercentTip(text: string | undefined): Tip | QrisFault {
  if (text === undefined) return faultAt('tip_fee_missing', 57);
  const hundredths = readPercent(text);
  return hundredths === undefined
    ? faultAt('tip_fee_invalid', 57)
    : { kind: 'percent', hundredths };
}

/** Source: domain.md 1.11, I15: warn; refuse only where the acquirer's own profile demands it. */
function warningsOf(code: QrisCode): readonly QrisWarning[] {
  const warnings: QrisWarning[] = [];
  if (code.kind !== 'merchant') warnOfPan(warnings, code.account.pan, TRANSFER_TAG);
  else for (const { pan, tag } of code.accounts) warnOfPan(warnings, pan, tag);
  if (code.statedMethod === 'static' && code.amountSen !== undefined)
    warnings.push({ code: 'static_with_amount', tag: '54' });
  return warnings;
}

function warnOfPan(warnings: QrisWarning[], pan: string, tag: number): void {
  if (!hasCheckDigit(pan)) warnings.push({ code: 'check_digit_wrong', tag: tagText(tag) });
}

function isText(value: string, max: number): boolean {
  return value.length <= max && !value.includes('|');
}

function isDomestic(tag: number): boolean {
  return tag >= DOMESTIC_FIRST && tag <= DOMESTIC_LAST;
}

function optionally<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

/** International schemes (02–25), reserved domestic (46–50), reserved (65–79) and unreserved (80–99) tags. */
function othersOf(root: Tlv): readonly TaggedValue[] {
  return keptOf(root, isKept);
}

function isKept(tag: number): boolean {
  return (
    (tag >= 2 && tag < DOMESTIC_FIRST) ||
    (tag > DOMESTIC_LAST && tag < REPOSITORY_TAG) ||
    tag > LANGUAGE_TAG
  );
}
