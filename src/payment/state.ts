/** The one table of payment states and allowed moves. SQL (`payment_move`), code and web read the same facts; a test compares them. */

/** From each state, the states that may follow; a state with none is final. */
export const PAYMENT_MOVES = {
  new: ['refused', 'settled', 'held', 'withheld', 'accepted', 'pending_credit', 'rejected'],
  withheld: ['held', 'settled', 'cancelled'],
  held: ['sending', 'cancelled'],
  sending: ['accepted', 'settled', 'unknown', 'refunded'],
  accepted: ['settled', 'refunded', 'unknown'],
  unknown: ['accepted', 'settled', 'refunded', 'review'],
  review: ['settled', 'refunded'],
  pending_credit: ['settled', 'rejected', 'returned'],
  settled: [],
  refunded: [],
  refused: [],
  cancelled: [],
  rejected: [],
  returned: [],
} as const satisfies Record<string, readonly string[]>;

export type PaymentState = keyof typeof PAYMENT_MOVES;

/** True when nothing may follow. */
export function isFinal(state: PaymentState): boolean {
  return PAYMENT_MOVES[state].length === 0;
}

/** States that nothing follows. */
export const FINAL_STATES = (Object.keys(PAYMENT_MOVES) as PaymentState[]).filter(isFinal);

/** True when `to` may follow `from`. */
export function mayMove(move: { readonly from: PaymentState; readonly to: PaymentState }): boolean {
  return (PAYMENT_MOVES[move.from] as readonly string[]).includes(move.to);
}
