import { OUT_KINDS, type Rule } from './rule.ts';

/** The session is used from another device than the one that opened it, or from none: somebody took its cookie along. Source: issue 5,
 * session proof. */
export const stolenSession: Rule<{ readonly fromSen: bigint }> = {
  code: 'stolen_session',
  defaults: {
    action: 'hold',
    unasked: 'hold',
    isShadow: false,
    channels: ['mobile'],
    kinds: OUT_KINDS,
    numbers: { fromSen: 1n },
  },
  readsPair: false,
  hits: ({ amountSen, signed }, { fromSen }) =>
    signed !== undefined && amountSen >= fromSen && !signed.isSame,
};
