import { TRANSFER_KINDS, type Rule } from './rule.ts';

const PERCENT = 100n;

/** An account that nobody used for long is emptied within a day, in one payment or in many. Source: domain.md 7.5, D25; shares [rec]. */
export const woken: Rule<{
  readonly lookFromSen: bigint;
  readonly outPercent: bigint;
  readonly quietMs: bigint;
}> = {
  code: 'woken',
  defaults: {
    action: 'hold',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    numbers: { lookFromSen: 100_000_000n, outPercent: 90n, quietMs: 180n * 86_400_000n },
  },
  readsPair: false,
  readsUseFrom: 'lookFromSen',
  hits({ amountSen, use }, { outPercent, quietMs }) {
    if (!use || use.quietMs < quietMs) return false;
    const wasThereSen = use.availableSen + use.outDaySen;
    const outSen = use.outDaySen + amountSen;
    return outSen * PERCENT >= wasThereSen * outPercent;
  },
};
