/** The states of a list and of its rows, and what may follow. SQL (`bulk_move`) has the same facts; a test compares them. */

/** From each state of a list, the states that may follow; a state with none is final. */
export const BULK_MOVES = {
  new: ['checking'],
  checking: ['ready', 'cancelled', 'expired'],
  ready: ['running', 'cancelled', 'expired'],
  running: ['paused', 'done', 'cancelled'],
  paused: ['running', 'cancelled', 'expired'],
  done: [],
  cancelled: [],
  expired: [],
} as const satisfies Record<string, readonly string[]>;

export type BulkState = Exclude<keyof typeof BULK_MOVES, 'new'>;

/** `submitting` is on disk before a payment is asked for: from then on the row goes through, whatever becomes of its list. */
export type RowState = 'unchecked' | 'faulty' | 'checked' | 'submitting' | 'submitted' | 'refused';

/** True when `to` may follow `from`. */
export function mayMoveBulk(move: { readonly from: BulkState; readonly to: BulkState }): boolean {
  return (BULK_MOVES[move.from] as readonly string[]).includes(move.to);
}
