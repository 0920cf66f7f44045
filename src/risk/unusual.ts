import { TRANSFER_KINDS, type Rule } from './rule.ts';

/** A large amount, many times the payer's usual one, to a payee whom this payer does not know yet. Who has paid too few times has no usual
 * amount. Source: Issue 5, amount against own history; domain.md 7.6 (new payees held); amounts [rec]. */
export const unusual: Rule<{
  readonly fromSen: bigint;
  readonly times: bigint;
  readonly pastCount: bigint;
  readonly newForMs: bigint;
}> = {
  code: 'unusual',
  defaults: {
    action: 'hold',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    // Above a holiday bonus that is passed on.
    numbers: { fromSen: 2_500_000_000n, times: 10n, pastCount: 5n, newForMs: 86_400_000n },
  },
  readsPair: true,
  readsUseFrom: 'fromSen',
  hits({ amountSen, atMs, pair, use }, { fromSen, times, pastCount, newForMs }) {
    if (!use || (pair !== undefined && atMs - pair.firstAtMs >= Number(newForMs))) return false;
    return amountSen >= fromSen && use.pastCount >= pastCount && amountSen >= use.medianSen * times;
  },
};
