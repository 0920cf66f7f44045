import { TRANSFER_KINDS, type Rule } from './rule.ts';

/** A large amount in a session that came to another network since it was opened. People move from home to the street, so it is a question.
 * Source: issue 5, session proof; amount [rec]. */
export const movedSession: Rule<{ readonly fromSen: bigint }> = {
  code: 'moved_session',
  defaults: {
    action: 'step_up',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    numbers: { fromSen: 2_500_000_000n },
  },
  readsPair: false,
  hits: ({ amountSen, signed }, { fromSen }) =>
    signed !== undefined && amountSen >= fromSen && signed.isMoved,
};
