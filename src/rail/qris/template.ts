/** The templates inside a code: accounts (26–45), the transfer account (40), the repository (51), additional data (62), another
 * language (64). Each reads its level strictly and keeps what it does not know. Source: domain.md 1.3, 1.4, 1.6. */
import {
  ADDITIONAL_TAGS,
  nnsOf,
  PROMPTED,
  type Additional,
  type LanguageText,
  type MerchantAccount,
  type Repository,
  type TransferAccount,
} from './code.ts';
import { faultAt, type QrisFault } from './fault.ts';
import type { QrisRules } from './rules.ts';
import {
  characterCount,
  isFault,
  keptOf,
  readTlv,
  valueOf,
  type TaggedValue,
  type Tlv,
} from './tlv.ts';

/** Tag of the transfer account. */
export const TRANSFER_TAG = 40;
/** Tag of the central repository. */
export const REPOSITORY_TAG = 51;
/** Tag of the additional data. */
export const ADDITIONAL_TAG = 62;
/** Tag of the other language. */
export const LANGUAGE_TAG = 64;
/** The repository's own name in 51-00. */
export const REPOSITORY_ID = 'ID.CO.QRIS.WWW';

/** Sub-tags that are read by name. */
const MERCHANT_KNOWN = [0, 1, 2, 3];
const TRANSFER_KNOWN = [0, 1, 2, 4];
const LANGUAGE_KNOWN = [0, 1, 2];
const GLOBAL_ID_MAX = 32;
const MERCHANT_ID_MAX = 15;
const REFERENCE_MAX = 25;
const CONSUMER_DATA_MAX = 3;
const PROPRIETARY_MAX = 99;
const LANGUAGE_NAME_MAX = 25;
const LANGUAGE_CITY_MAX = 15;
const MERCHANT_PAN = /^\d{9,19}$/;
const CUSTOMER_PAN = /^\d{16,19}$/;
const CRITERIA = /^[A-Z]{3}$/;
const NMID = /^ID\d{13}$/;
const BIC = /^[A-Z0-9]{8}(?:[A-Z0-9]{3})?$/;
const UNIQUE_DATA = /^[^|]{8,64}$/;
const CONSUMER_DATA = /^[AME]{1,3}$/;
const LANGUAGE = /^[A-Za-z]{2}$/;

/** Reads the account of an acquirer and asks whether its institution is known. */
export function readMerchantAccount(
  value: string,
  tag: number,
  rules: QrisRules,
): MerchantAccount | QrisFault {
  const level = readTlv(value, { parent: tag, isPlain: true });
  if (isFault(level)) return level;
  const globalId = valueOf(level, 0);
  const pan = valueOf(level, 1);
  const merchantId = valueOf(level, 2);
  const criteria = valueOf(level, 3);
  if (globalId === undefined) return faultAt('missing_tag', tag, 0);
  if (pan === undefined) return faultAt('missing_tag', tag, 1);
  if (globalId.length > GLOBAL_ID_MAX) return faultAt('value_invalid', tag, 0);
  if (!MERCHANT_PAN.test(pan)) return faultAt('value_invalid', tag, 1);
  if (merchantId !== undefined && merchantId.length > MERCHANT_ID_MAX)
    return faultAt('value_invalid', tag, 2);
  if (criteria !== undefined && !CRITERIA.test(criteria)) return faultAt('value_invalid', tag, 3);
  if (!rules.institutions.has(nnsOf(pan))) return faultAt('nns_unknown', tag, 1);
  return {
    tag,
    globalId,
    pan,
    merchantId,
    criteria,
    other: othersOf(level, MERCHANT_KNOWN),
  };
}

/** Reads the customer's account of a transfer, withdrawal or deposit. */
export function readTransferAccount(value: string, rules: QrisRules): TransferAccount | QrisFault {
  const level = readTlv(value, { parent: TRANSFER_TAG, isPlain: true });
  if (isFault(level)) return level;
  const globalId = valueOf(level, 0);
  const pan = valueOf(level, 1);
  const beneficiary = valueOf(level, 2);
  const bic = valueOf(level, 4);
  if (globalId === undefined) return faultAt('missing_tag', TRANSFER_TAG, 0);
  if (pan === undefined) return faultAt('missing_tag', TRANSFER_TAG, 1);
  if (beneficiary === undefined) return faultAt('missing_tag', TRANSFER_TAG, 2);
  if (globalId.length > GLOBAL_ID_MAX) return faultAt('value_invalid', TRANSFER_TAG, 0);
  if (!CUSTOMER_PAN.test(pan)) return faultAt('value_invalid', TRANSFER_TAG, 1);
  if (beneficiary.length > MERCHANT_ID_MAX) return faultAt('value_invalid', TRANSFER_TAG, 2);
  if (bic !== undefined && !BIC.test(bic)) return faultAt('value_invalid', TRANSFER_TAG, 4);
  if (!rules.institutions.has(nnsOf(pan))) return faultAt('nns_unknown', TRANSFER_TAG, 1);
  return {
    globalId,
    pan,
    beneficiary,
    bic,
    other: othersOf(level, TRANSFER_KNOWN),
  };
}

/** Reads the merchant's entry in the central repository. */
export function readRepository(value: string): Repository | QrisFault {
  const level = readTlv(value, { parent: REPOSITORY_TAG, isPlain: true });
  if (isFault(level)) return level;
  const pan = valueOf(level, 1);
  const nmid = valueOf(level, 2);
  const criteria = valueOf(level, 3);
  if (valueOf(level, 0) !== REPOSITORY_ID) return faultAt('value_invalid', REPOSITORY_TAG, 0);
  if (nmid === undefined || !NMID.test(nmid)) return faultAt('nmid_invalid', REPOSITORY_TAG, 2);
  if (pan !== undefined && !MERCHANT_PAN.test(pan))
    return faultAt('value_invalid', REPOSITORY_TAG, 1);
  if (criteria !== undefined && !CRITERIA.test(criteria))
    return faultAt('value_invalid', REPOSITORY_TAG, 3);
  return {
    nmid,
    pan,
    criteria,
    other: othersOf(level, MERCHANT_KNOWN),
  };
}

const ADDITIONAL_KNOWN: readonly number[] = Object.values(ADDITIONAL_TAGS);

/** Reads bill number, labels, purpose and what else template 62 holds. */
export function readAdditional(value: string): Additional | QrisFault {
  const level = readTlv(value, { parent: ADDITIONAL_TAG, isPlain: true });
  if (isFault(level)) return level;
  for (let i = 0; i < level.tags.length; i++)
    if (!isAdditional(level.tags[i]!, level.values[i]!))
      return faultAt('value_invalid', ADDITIONAL_TAG, level.tags[i]);
  return {
    billNumber: valueOf(level, ADDITIONAL_TAGS.billNumber),
    mobileNumber: valueOf(level, ADDITIONAL_TAGS.mobileNumber),
    storeLabel: valueOf(level, ADDITIONAL_TAGS.storeLabel),
    loyaltyNumber: valueOf(level, ADDITIONAL_TAGS.loyaltyNumber),
    referenceLabel: valueOf(level, ADDITIONAL_TAGS.referenceLabel),
    customerLabel: valueOf(level, ADDITIONAL_TAGS.customerLabel),
    terminalLabel: valueOf(level, ADDITIONAL_TAGS.terminalLabel),
    purpose: valueOf(level, ADDITIONAL_TAGS.purpose),
    consumerData: valueOf(level, ADDITIONAL_TAGS.consumerData),
    proprietary: valueOf(level, ADDITIONAL_TAGS.proprietary),
    other: othersOf(level, ADDITIONAL_KNOWN),
  };
}

function isAdditional(tag: number, text: string): boolean {
  // Reserved (10–49) and of other payment systems (50–98): kept as they stand.
  if (tag === 0 || (tag > ADDITIONAL_TAGS.consumerData && tag !== ADDITIONAL_TAGS.proprietary))
    return true;
  if (tag === ADDITIONAL_TAGS.proprietary) return text.length <= PROPRIETARY_MAX;
  if (tag === ADDITIONAL_TAGS.consumerData)
    return text.length <= CONSUMER_DATA_MAX && CONSUMER_DATA.test(text);
  return text === PROMPTED || (text.length <= REFERENCE_MAX && !text.includes('|'));
}

/** The unique data of a transfer, from the text of 62-99; undefined when it is not `{00 = 00, 01 = 8 to 64 characters}`. */
export function readUniqueData(proprietary: string | undefined): string | undefined {
  if (proprietary === undefined) return undefined;
  const level = readTlv(proprietary, { parent: ADDITIONAL_TAG, isPlain: true });
  if (isFault(level) || valueOf(level, 0) !== '00') return undefined;
  const data = valueOf(level, 1);
  return data !== undefined && UNIQUE_DATA.test(data) ? data : undefined;
}

/** Reads name and city in another script: the one place where other than ASCII stands. */
export function readLanguageText(
  value: string,
  options: { readonly isPlain: boolean },
): LanguageText | QrisFault {
  const level = readTlv(value, { parent: LANGUAGE_TAG, isPlain: options.isPlain });
  if (isFault(level)) return level;
  const language = valueOf(level, 0);
  const name = valueOf(level, 1);
  const city = valueOf(level, 2);
  if (language === undefined) return faultAt('missing_tag', LANGUAGE_TAG, 0);
  if (name === undefined) return faultAt('missing_tag', LANGUAGE_TAG, 1);
  if (!LANGUAGE.test(language)) return faultAt('value_invalid', LANGUAGE_TAG, 0);
  if (characterCount(name) > LANGUAGE_NAME_MAX) return faultAt('value_invalid', LANGUAGE_TAG, 1);
  if (city !== undefined && characterCount(city) > LANGUAGE_CITY_MAX)
    return faultAt('value_invalid', LANGUAGE_TAG, 2);
  return {
    language,
    name,
    city,
    other: othersOf(level, LANGUAGE_KNOWN),
  };
}

function othersOf(level: Tlv, known: readonly number[]): readonly TaggedValue[] {
  return keptOf(level, (tag) => !known.includes(tag));
}
