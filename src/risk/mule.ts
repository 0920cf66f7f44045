import { TRANSFER_KINDS, type Rule } from './rule.ts';

const PERCENT = 100n;

/** An account that is young, or that nobody used for long, got much within a day and passes nearly all of it on within a quarter of an hour.
 * Source: domain.md 7.5, D24; `lookFromSen`: fifty payments of Rp1.000.000 carry what D24 is about, more than velocity lets pass [rec]. */
export const mule: Rule<{
  readonly lookFromSen: bigint;
  readonly inSen: bigint;
  readonly outPercent: bigint;
  readonly youngMs: bigint;
  readonly quietMs: bigint;
}> = {
  code: 'mule',
  defaults: {
    action: 'hold',
    unasked: 'allow',
    isShadow: false,
    // Where it cannot be sent on it is drawn.
    channels: ['mobile', 'network', 'atm'],
    kinds: [...TRANSFER_KINDS, 'cash'],
    numbers: {
      lookFromSen: 100_000_000n,
      inSen: 5_000_000_000n,
      outPercent: 90n,
      youngMs: 30n * 86_400_000n,
      quietMs: 180n * 86_400_000n,
    },
  },
  readsPair: false,
  readsUseFrom: 'lookFromSen',
  hits({ amountSen, use }, { inSen, outPercent, youngMs, quietMs }) {
    if (!use || (use.ageMs >= youngMs && use.quietMs < quietMs)) return false;
    const outSen = use.outQuarterSen + amountSen;
    return use.inSen >= inSen && outSen * PERCENT >= use.inSen * outPercent;
  },
};
