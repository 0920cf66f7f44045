/** The merchant discount rate: what a merchant pays per payment, by class, amount and day. Data with a beginning; never surcharged to
 * the payer. Source: domain.md 1.9 (PSO and BLU at 0 % are from memory: confirm before use). */
import { rupiah, sen, type Sen } from '../../kernel/money.ts';
import { shareHalfUp } from './amount.ts';

/** Classes of merchants. UMI micro, UKE small, UME medium, UBE large, URE regular, PSO public service, BLU public agency; EDU
 * education, FUEL filling station, FREE government and donations: those three are agreed with the acquirer, no code says them. */
export const MERCHANT_CLASSES = [
  'UMI',
  'UKE',
  'UME',
  'UBE',
  'URE',
  'PSO',
  'BLU',
  'EDU',
  'FUEL',
  'FREE',
] as const;

export type MerchantClass = (typeof MERCHANT_CLASSES)[number];

/** A rate in hundredths of a percent for amounts up to and including `toSen`; without it, for all above. */
interface Rate {
  readonly toSen?: Sen;
  readonly hundredths: number;
}

/** Rates of classes from a WIB date on, bands in ascending order. */
export interface MdrEdition {
  readonly from: string;
  readonly rates: Readonly<Record<MerchantClass, readonly Rate[]>>;
}

const MICRO_LIMIT = rupiah(500_000);
const FLAT = (hundredths: number): readonly Rate[] => [{ hundredths }];

const SINCE_2021 = {
  UMI: [{ toSen: MICRO_LIMIT, hundredths: 30 }, { hundredths: 30 }],
  UKE: FLAT(70),
  UME: FLAT(70),
  UBE: FLAT(70),
  URE: FLAT(70),
  PSO: FLAT(40),
  BLU: FLAT(40),
  EDU: FLAT(60),
  FUEL: FLAT(40),
  FREE: FLAT(0),
} as const satisfies MdrEdition['rates'];

const SINCE_DECEMBER_2024 = {
  ...SINCE_2021,
  UMI: [{ toSen: MICRO_LIMIT, hundredths: 0 }, { hundredths: 30 }],
} as const satisfies MdrEdition['rates'];

/** All editions, in the order of their beginning. */
export const MDR_EDITIONS: readonly MdrEdition[] = [
  { from: '2021-06-01', rates: SINCE_2021 },
  { from: '2024-12-01', rates: SINCE_DECEMBER_2024 },
  { from: '2025-03-14', rates: { ...SINCE_DECEMBER_2024, PSO: FLAT(0), BLU: FLAT(0) } },
];

/** What the merchant pays for one payment on a WIB date, rounded half up to a whole sen. Days before the first edition have it. */
export function decideMdr(input: {
  readonly merchantClass: MerchantClass;
  readonly amountSen: Sen;
  readonly onDay: string;
}): Sen {
  const { amountSen } = input;
  const edition = MDR_EDITIONS.findLast((one) => one.from <= input.onDay) ?? MDR_EDITIONS[0]!;
  const rate = edition.rates[input.merchantClass].find(
    ({ toSen }) => toSen === undefined || amountSen <= toSen,
  );
  return rate ? shareHalfUp(amountSen, rate.hundredths) : sen(0n);
}

/** What a code says of a merchant's class. Classes that no code may name (education, fuel, free) go as URE: what they pay is the acquirer's
 * own record. */
export function criteriaOf(merchantClass: MerchantClass): string {
  return ['EDU', 'FUEL', 'FREE'].includes(merchantClass) ? 'URE' : merchantClass;
}
