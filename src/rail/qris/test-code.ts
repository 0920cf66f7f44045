/** Codes of every kind, and damaged payloads, for the property tests. */
import fc from 'fast-check';
import { sen } from '../../kernel/money.ts';
import type { Tip } from './amount.ts';
import {
  NO_ADDITIONAL,
  type Additional,
  type LanguageText,
  type MerchantCode,
  type QrisCode,
  type TransferCode,
} from './code.ts';
import { crc16, crcText } from './crc.ts';
import { uniqueDataText } from './encode.ts';
import { NNS_TABLE } from './nns.ts';

const word = (max: number, min = 1) =>
  fc.string({
    minLength: min,
    maxLength: max,
    unit: fc.constantFrom(...'ABCXYZ abc019.-/&'),
  });
const foreign = (max: number) =>
  fc.string({ minLength: 1, maxLength: max, unit: fc.constantFrom(...'aé京𠮷') });
const digits = (min: number, max: number) =>
  fc.string({ minLength: min, maxLength: max, unit: fc.constantFrom(...'0123456789') });
const pan = fc
  .tuple(fc.constantFrom(...NNS_TABLE.map(({ nns }) => nns)), digits(8, 11))
  .map(([nns, rest]) => `${nns}${rest}`);
const amountSen = fc.bigInt({ min: 1n, max: 1_000_000_000n }).map(sen);
const criteria = fc.constantFrom('UMI', 'UKE', 'UME', 'UBE', 'URE', 'PSO', 'BLU');
const none = fc.constant([]);

const tip: fc.Arbitrary<Tip> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.constant({ kind: 'prompt' as const }),
  amountSen.map((feeSen) => ({ kind: 'fixed' as const, feeSen })),
  fc
    .integer({ min: 1, max: 9_999 })
    .map((hundredths) => ({ kind: 'percent' as const, hundredths })),
);

/** A field that may be missing. */
const perhaps = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const account = (tag: number) =>
  fc.record({
    tag: fc.constant(tag),
    globalId: word(20),
    pan,
    merchantId: perhaps(word(15)),
    criteria: perhaps(criteria),
    other: fc.oneof(
      none,
      word(5).map((value) => [{ tag: '07', value }]),
    ),
  });

const reference = fc.oneof(word(20), fc.constant('***'));

/** At most three fields, so that the template stays within 99 characters. */
const additional: fc.Arbitrary<Additional> = fc
  .oneof<fc.Arbitrary<Partial<Additional>>[]>(
    fc.record({ terminalLabel: reference }),
    fc.record({
      billNumber: reference,
      referenceLabel: reference,
      consumerData: fc.constant('ME'),
    }),
    fc.record({ mobileNumber: reference, storeLabel: reference, customerLabel: word(25) }),
    fc.record({ loyaltyNumber: word(25), purpose: word(25) }),
    fc.record({ other: word(30).map((value) => [{ tag: '50', value }]) }),
  )
  .map((some) => ({ ...NO_ADDITIONAL, ...some }));

const languageText: fc.Arbitrary<LanguageText> = fc.record({
  language: fc.constantFrom('ZH', 'id'),
  name: foreign(25),
  city: perhaps(foreign(15)),
  other: none,
});

const fields = {
  amountSen: perhaps(amountSen),
  tip,
  name: word(25),
  city: word(15),
  postalCode: digits(5, 5),
  languageText: perhaps(languageText),
};

const merchant: fc.Arbitrary<MerchantCode> = fc
  .record({
    ...fields,
    statedMethod: perhaps(fc.constantFrom('static' as const, 'dynamic' as const)),
    category: digits(4, 4),
    accounts: fc.oneof(
      account(26).map((one) => [one]),
      fc.tuple(account(27), account(45)),
    ),
    repository: fc.record({
      nmid: digits(13, 13).map((text) => `ID${text}`),
      pan: perhaps(pan),
      criteria: perhaps(criteria),
      other: none,
    }),
    additional: perhaps(additional),
    other: fc.oneof(
      none,
      word(9).map((value) => [
        { tag: '02', value },
        { tag: '80', value },
      ]),
    ),
  })
  .map((code) => ({
    kind: 'merchant',
    ...code,
    method: code.statedMethod ?? (code.amountSen === undefined ? 'static' : 'dynamic'),
  }));

const transfer: fc.Arbitrary<TransferCode> = fc
  .record({
    ...fields,
    category: perhaps(fc.constant('4829')),
    account: fc.record({
      globalId: word(20),
      pan: pan.filter((text) => text.length >= 16),
      beneficiary: word(15),
      bic: perhaps(fc.constant('BDKIIDJ1')),
      other: none,
    }),
    purpose: fc.constantFrom('BOOK', 'DMCT', 'XBCT'),
    uniqueData: word(40, 8),
    other: none,
  })
  .map(({ purpose, ...code }) => ({
    kind: 'transfer',
    ...code,
    statedMethod: 'dynamic',
    method: 'dynamic',
    additional: { ...NO_ADDITIONAL, purpose, proprietary: uniqueDataText(code.uniqueData) },
  }));

/** Any code that the builder can write. */
export function anyCode(): fc.Arbitrary<QrisCode> {
  // The copy has ordinary objects, as the reader makes them.
  return fc.oneof(merchant, transfer).map((code) => structuredClone(code));
}

/** Random text, and payloads with characters changed, dropped, doubled or cut; half of them with a right CRC, so that the rules
 * behind it are reached too. */
export function anyDamage(payloads: readonly string[]): fc.Arbitrary<string> {
  const cut = fc.tuple(
    fc.constantFrom(...payloads),
    fc.nat(300),
    fc.nat(300),
    fc.string({ maxLength: 6, unit: 'binary' }),
  );
  const digitsCut = fc.tuple(fc.constantFrom(...payloads), fc.nat(300), fc.nat(4), digits(0, 4));
  return fc.oneof(
    fc.string({ maxLength: 700, unit: 'binary' }),
    cut.map(([text, at, length, put]) => `${text.slice(0, at)}${put}${text.slice(at + length)}`),
    fc
      .oneof(digitsCut, cut)
      .map(([text, at, length, put]) =>
        resigned(
          `${text.slice(0, Math.min(at, text.length - 8))}${put}${text.slice(at + length, -8)}`,
        ),
      ),
  );
}

function resigned(body: string): string {
  const text = `${body}6304`;
  return `${text}${crcText(crc16(text, text.length))}`;
}
