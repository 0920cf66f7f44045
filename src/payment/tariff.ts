/** What a transfer costs: versioned rows of `fee_tariff`, chosen by rail, channel, amount and instant. Pure. */
import { assert } from '../kernel/assert.ts';
import { sen, type Sen } from '../kernel/money.ts';
import type { UsedRail } from './kind.ts';
import type { TransferCommand } from './port.ts';

/** What a bill is charged as. */
export type FeeClass = 'bill' | 'top_up';

/** One row. `undefined` means all channels, no end of the band, no tax. Times are UTC ms. */
export interface Tariff {
  readonly rail: UsedRail;
  /** Absent: a transfer. */
  readonly kind?: FeeClass | undefined;
  readonly version: number;
  readonly channel: TransferCommand['channel'] | undefined;
  /** First amount of the band. */
  readonly amountFromSen: bigint;
  /** First amount above the band. */
  readonly amountToSen: bigint | undefined;
  /** What the customer pays, tax included. */
  readonly feeSen: bigint;
  readonly taxBasisPoints: number | undefined;
  readonly validFromMs: number;
}

/** A fee as it is charged: `feeSen` leaves the customer's account, `taxSen` of it is tax. */
export interface Price {
  readonly feeSen: Sen;
  readonly taxSen: Sen;
}

export interface Priced {
  readonly rail: Tariff['rail'];
  readonly kind?: FeeClass | undefined;
  readonly channel: TransferCommand['channel'];
  readonly amountSen: bigint;
  readonly atMs: number;
}

/** The one tariff that applies. A tariff of the channel goes before one of all channels; then the one that began last; then the
 * higher version. Asserts that there is one: version 0 of each rail covers everything from the beginning. */
export function tariffOf(tariffs: readonly Tariff[], asked: Priced): Tariff {
  const chosen = tariffs
    .filter((tariff) => covers(tariff, asked))
    .reduce<Tariff | undefined>(
      (best, one) => (best && isBefore(best, one) ? best : one),
      undefined,
    );
  assert(chosen, `a tariff covers every transfer over ${asked.rail}`);
  return chosen;
}

function covers(tariff: Tariff, asked: Priced): boolean {
  return (
    tariff.rail === asked.rail &&
    tariff.kind === asked.kind &&
    (tariff.channel === undefined || tariff.channel === asked.channel) &&
    tariff.validFromMs <= asked.atMs &&
    tariff.amountFromSen <= asked.amountSen &&
    (tariff.amountToSen === undefined || asked.amountSen < tariff.amountToSen)
  );
}

function isBefore(one: Tariff, other: Tariff): boolean {
  if ((one.channel === undefined) !== (other.channel === undefined))
    return one.channel !== undefined;
  if (one.validFromMs !== other.validFromMs) return one.validFromMs > other.validFromMs;
  return one.version > other.version;
}

/** The fee and the tax in it. */
export function priceOf(tariffs: readonly Tariff[], asked: Priced): Price {
  const { feeSen, taxBasisPoints } = tariffOf(tariffs, asked);
  return { feeSen: sen(feeSen), taxSen: taxWithin(feeSen, taxBasisPoints ?? 0) };
}

const BASIS = 10_000n;

/** The tax in a price that includes it, to the nearest sen, halves up: the price is fixed, the tax gives way. */
export function taxWithin(priceSen: bigint, basisPoints: number): Sen {
  const rate = BigInt(basisPoints);
  return sen((2n * priceSen * rate + BASIS + rate) / (2n * (BASIS + rate)));
}
