/** Whether a person may release a payment that waits. Pure. Source: I5, ADR 0029. */
import type { PaymentRow } from '../row.ts';

export type ReleaseRefusal =
  | 'not_found'
  /** It was released, refused or taken back, or its clock ran out. */
  | 'not_waiting'
  /** The first person cannot be the second. */
  | 'same_person'
  /** Another person asked at the same moment: look again. */
  | 'already_asked'
  /** Its way is stopped, capped, or the other bank is closed: one payment does not open it. */
  | 'way_closed';

export type ReleaseStep =
  | { readonly kind: 'ask' | 'release' }
  | { readonly kind: 'refuse'; readonly reason: ReleaseRefusal };

/** The first person asks, a second one releases; up to `aloneMaxSen` one is enough. At its instant the clock wins. */
export function decideRelease(facts: {
  readonly row: Pick<PaymentRow, 'state' | 'amountSen' | 'resolveByMs'> | undefined;
  readonly askedBy: string | undefined;
  readonly staffId: string;
  readonly nowMs: number;
  readonly aloneMaxSen: bigint;
}): ReleaseStep {
  const { row, askedBy, staffId } = facts;
  if (!row) return { kind: 'refuse', reason: 'not_found' };
  const isOver = row.resolveByMs !== undefined && facts.nowMs >= row.resolveByMs;
  if (row.state !== 'withheld' || isOver) return { kind: 'refuse', reason: 'not_waiting' };
  if (row.amountSen <= facts.aloneMaxSen) return { kind: 'release' };
  if (askedBy === undefined) return { kind: 'ask' };
  return askedBy === staffId ? { kind: 'refuse', reason: 'same_person' } : { kind: 'release' };
}
