/** One state change. Its row is also the audit leaf; the guard's detectors fold over the same rows (I10). */
export interface EventDraft {
  /** UTC milliseconds, from the process clock. */
  readonly atMs: number;
  /** Past-tense dotted name: `payment.settled`, `restriction.placed`, `session.opened`. */
  readonly kind: string;
  /** The id of what changed. */
  readonly subject: string;
  /** Canonical JSON; ids, states and amounts (sen as decimal text) only, never a name or a full account number of a customer. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A row of the stream as readers get it, in the order (xid, id). */
export interface StreamEvent extends EventDraft {
  readonly xid: bigint;
  readonly id: bigint;
}
