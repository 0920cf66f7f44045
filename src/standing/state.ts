/** The states of a standing order and of its runs, and what may follow. SQL (`standing_order_move`) and the screens read the same facts; a
 * test compares them. */

/** From each state of an order, the states that may follow; a state with none is final. */
export const STANDING_MOVES = {
  new: ['active'],
  active: ['paused', 'cancelled', 'ended'],
  paused: ['active', 'cancelled', 'ended'],
  cancelled: [],
  ended: [],
} as const satisfies Record<string, readonly string[]>;

export type StandingState = Exclude<keyof typeof STANDING_MOVES, 'new'>;

/** `submitting` is on disk before a payment is asked for: after a crash its key says what became of it. */
export type RunState = 'waiting' | 'submitting' | 'submitted' | 'missed';

/** True when `to` may follow `from`. */
export function mayMoveStanding(move: {
  readonly from: StandingState;
  readonly to: StandingState;
}): boolean {
  return (STANDING_MOVES[move.from] as readonly string[]).includes(move.to);
}
