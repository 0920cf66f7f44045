import { TRANSFER_KINDS, type Rule } from './rule.ts';

/** A large amount to a payee whom this payer does not know yet. A payee counts as new for some time after the first payment: who sends
 * Rp1 ahead is asked all the same. Source: Issue 5, first-seen beneficiary; amounts [rec]. */
export const firstPayee: Rule<{ readonly fromSen: bigint; readonly newForMs: bigint }> = {
  code: 'first_payee',
  defaults: {
    action: 'step_up',
    // Lists, standing orders and grants were agreed to with a PIN, payee by payee.
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    numbers: { fromSen: 1_000_000_000n, newForMs: 86_400_000n },
  },
  readsPair: true,
  hits: ({ amountSen, atMs, pair }, { fromSen, newForMs }) =>
    amountSen >= fromSen && (pair === undefined || atMs - pair.firstAtMs < Number(newForMs)),
};
