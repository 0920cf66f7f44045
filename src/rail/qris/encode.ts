/** Writes a merchant-presented code: tags in ascending order, the CRC last. What it writes, decode.ts reads as the same code. */
import { writePercent, writeQrisAmount, type Tip } from './amount.ts';
import {
  ADDITIONAL_TAGS,
  type Additional,
  type AdditionalField,
  type LanguageText,
  type MerchantAccount,
  type QrisCode,
  type Repository,
  type TransferAccount,
} from './code.ts';
import { crc16, crcText } from './crc.ts';
import { PAYLOAD_MAX } from './decode.ts';
import {
  ADDITIONAL_TAG,
  LANGUAGE_TAG,
  REPOSITORY_ID,
  REPOSITORY_TAG,
  TRANSFER_TAG,
} from './template.ts';
import { characterCount, writeTag, type TaggedValue } from './tlv.ts';

/** Tag and text; no text, no tag. */
type Field = readonly [tag: number, value: string | undefined];

/** The payload of a code. Throws RangeError when a field is longer than its tag can say or the whole is longer than 512
 * characters; fields are the caller's to validate, and a reader has the last word. */
export function encodeQris(code: QrisCode): string {
  const fields: Field[] = [
    [0, '01'],
    [1, code.statedMethod && (code.statedMethod === 'static' ? '11' : '12')],
    ...accountsOf(code),
    [52, code.category],
    [53, '360'],
    [54, code.amountSen === undefined ? undefined : writeQrisAmount(code.amountSen)],
    ...tipOf(code.tip),
    [58, 'ID'],
    [59, code.name],
    [60, code.city],
    [61, code.postalCode],
    [ADDITIONAL_TAG, code.additional && additionalText(code.additional)],
    [LANGUAGE_TAG, code.languageText && languageText(code.languageText)],
    ...othersOf(code.other),
  ];
  const body = `${write(fields)}6304`;
  const payload = `${body}${crcText(crc16(body, body.length))}`;
  if (characterCount(payload) > PAYLOAD_MAX)
    throw new RangeError(`Cannot write code: longer than ${PAYLOAD_MAX} characters`);
  return payload;
}

/** The text of 62-99 that holds a transfer's unique data. Source: domain.md 1.4, 1.6. */
export function uniqueDataText(data: string): string {
  return write([
    [0, '00'],
    [1, data],
  ]);
}

function accountsOf(code: QrisCode): readonly Field[] {
  if (code.kind !== 'merchant') return [[TRANSFER_TAG, transferText(code.account)]];
  return [
    ...code.accounts.map((account): Field => [account.tag, accountText(account)]),
    [REPOSITORY_TAG, code.repository && repositoryText(code.repository)],
  ];
}

function accountText(account: MerchantAccount): string {
  return write([
    [0, account.globalId],
    [1, account.pan],
    [2, account.merchantId],
    [3, account.criteria],
    ...othersOf(account.other),
  ]);
}

function repositoryText(repository: Repository): string {
  return write([
    [0, REPOSITORY_ID],
    [1, repository.pan],
    [2, repository.nmid],
    [3, repository.criteria],
    ...othersOf(repository.other),
  ]);
}

function transferText(account: TransferAccount): string {
  return write([
    [0, account.globalId],
    [1, account.pan],
    [2, account.beneficiary],
    [4, account.bic],
    ...othersOf(account.other),
  ]);
}

function additionalText(additional: Additional): string {
  const names = Object.keys(ADDITIONAL_TAGS) as AdditionalField[];
  return write([
    ...names.map((name): Field => [ADDITIONAL_TAGS[name], additional[name]]),
    ...othersOf(additional.other),
  ]);
}

function languageText(text: LanguageText): string {
  return write([[0, text.language], [1, text.name], [2, text.city], ...othersOf(text.other)]);
}

function tipOf(tip: Tip): readonly Field[] {
  switch (tip.kind) {
    case 'none':
      return [];
    case 'prompt':
      return [[55, '01']];
    case 'fixed':
      return [
        [55, '02'],
        [56, writeQrisAmount(tip.feeSen)],
      ];
    case 'percent':
      return [
        [55, '03'],
        [57, writePercent(tip.hundredths)],
      ];
  }
}

function othersOf(other: readonly TaggedValue[]): readonly Field[] {
  return other.map(({ tag, value }): Field => [Number(tag), value]);
}

function write(fields: readonly Field[]): string {
  return fields
    .filter((field): field is [number, string] => field[1] !== undefined)
    .toSorted(([a], [b]) => a - b)
    .map(([tag, value]) => writeTag(tag, value))
    .join('');
}
