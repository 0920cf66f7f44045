import { PAYEE_KINDS, type Rule } from './rule.ts';

/** The same amount from the same payer to the same payee a moment ago. A clock that stands behind the one of the process before makes
 * no payment older. Source: domain.md 7.5, D26 (60 s). */
export const repeated: Rule<{ readonly withinMs: bigint }> = {
  code: 'repeated',
  defaults: {
    action: 'step_up',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: PAYEE_KINDS,
    numbers: { withinMs: 60_000n },
  },
  readsPair: true,
  hits: ({ amountSen, atMs, pair }, { withinMs }) =>
    pair !== undefined &&
    pair.lastAmountSen === amountSen &&
    atMs - pair.lastAtMs <= Number(withinMs),
};
