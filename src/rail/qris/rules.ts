/** What a day's rules are: the cap, the known institutions. Figures with a beginning, never code; an older code is judged by the
 * rules of the day on which it is read. Source: domain.md 1.8, 1.9, 1.6. */
import { rupiah, type Sen } from '../../kernel/money.ts';
import { NNS_TABLE, type NnsEntry } from './nns.ts';

/** A figure that holds from a WIB date on. */
export interface Dated<T> {
  readonly from: string;
  readonly value: T;
}

/** Highest amount of one payment. Source: domain.md 1.9 (2019-08-17, the launch, is from memory). */
export const QRIS_CAPS: readonly Dated<Sen>[] = [
  { from: '2019-08-17', value: rupiah(2_000_000) },
  { from: '2021-05-01', value: rupiah(5_000_000) },
  { from: '2022-03-01', value: rupiah(10_000_000) },
];

/** Highest amount of one cash withdrawal (Tarik Tunai). Source: domain.md 1.6, from memory: confirm before use. */
export const CASH_OUT_CAPS: readonly Dated<Sen>[] = [
  { from: '2023-08-17', value: rupiah(500_000) },
];

/** The rules of one day. */
export interface QrisRules {
  readonly capSen: Sen;
  readonly cashOutCapSen: Sen;
  readonly institutions: ReadonlyMap<string, NnsEntry>;
}

/** The rules of a WIB date; `own` is the bank's own entry, which no published edition needs to hold. Days before the first
 * figure have the first figure. */
export function qrisRules(onDay: string, own?: NnsEntry): QrisRules {
  const entries = own ? [...NNS_TABLE, own] : NNS_TABLE;
  return {
    capSen: valueOn(QRIS_CAPS, onDay),
    cashOutCapSen: valueOn(CASH_OUT_CAPS, onDay),
    institutions: new Map(entries.map((entry) => [entry.nns, entry])),
  };
}

/** The figure that holds on a day: the last one that has begun, else the first. `figures` are in order of their beginning. */
export function valueOn<T>(figures: readonly Dated<T>[], onDay: string): T {
  // A table of figures is never empty.
  return (figures.findLast((one) => one.from <= onDay) ?? figures[0]!).value;
}
