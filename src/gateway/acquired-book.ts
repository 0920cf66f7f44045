/** What the journal knows of other banks' cards at our machines: what was asked of the switch, what became of it, and which reversals it
 * has not taken yet. A fold; bounded by the journal's own forgetting. */
import type { AcquiredIntent, JournalBody, TakeBackOwed } from '../rail/journal-entry.ts';

/** One request over the switch, as far as the journal knows. */
export interface Acquired extends AcquiredIntent {
  readonly atMs: number;
  readonly word?: 'approved' | 'declined' | 'not_sent';
  readonly code?: string;
  readonly takeBack?: TakeBackOwed & { readonly atMs: number };
  readonly takeBackWord?: 'taken' | 'given_up';
}

export interface AcquiredView {
  find(bizMsgIdr: string): Acquired | undefined;
  ofRequest(requestId: string): Acquired | undefined;
  /** True for a request that was taken back before it came. */
  isNever(requestId: string): boolean;
  /** Nobody knows what became of them, and nothing takes them back yet. */
  unanswered(): readonly Acquired[];
  /** Reversals that the network has not answered, oldest first. */
  owed(): readonly (Acquired & { readonly takeBack: NonNullable<Acquired['takeBack']> })[];
}

type Body = Extract<
  JournalBody,
  { kind: 'acquired' | 'acquired_word' | 'take_back' | 'take_back_word' | 'acquired_never' }
>;

export interface AcquiredBook extends AcquiredView {
  fold(body: Body, atMs: number): void;
  forget(beforeMs: number): void;
}

/** An empty book. */
export function makeAcquiredBook(): AcquiredBook {
  const all = new Map<string, Acquired>();
  const byRequest = new Map<string, string>();
  const never = new Map<string, number>();
  // Few at any time, whatever the day's count.
  const open = new Set<string>();
  const owed = new Set<string>();
  const change = (id: string, more: Partial<Acquired>): void => {
    const known = all.get(id);
    if (known) all.set(id, { ...known, ...more });
  };
  const list = (ids: ReadonlySet<string>): readonly Acquired[] =>
    [...ids].flatMap((id) => all.get(id) ?? []);
  return {
    find: (id) => all.get(id),
    ofRequest: (requestId) => all.get(byRequest.get(requestId) ?? ''),
    isNever: (requestId) => never.has(requestId),
    unanswered: () => list(open),
    owed: () =>
      list(owed).flatMap((one) => (one.takeBack ? [{ ...one, takeBack: one.takeBack }] : [])),
    fold(body, atMs) {
      switch (body.kind) {
        case 'acquired': {
          const { kind: _kind, ...intent } = body;
          all.set(body.bizMsgIdr, { ...intent, atMs });
          byRequest.set(body.requestId, body.bizMsgIdr);
          return void open.add(body.bizMsgIdr);
        }
        case 'acquired_word':
          open.delete(body.bizMsgIdr);
          return change(body.bizMsgIdr, { word: body.word, code: body.code });
        case 'take_back': {
          const { kind: _kind, ...takeBack } = body;
          open.delete(body.bizMsgIdr);
          owed.add(body.bizMsgIdr);
          return change(body.bizMsgIdr, { takeBack: { ...takeBack, atMs } });
        }
        case 'take_back_word':
          owed.delete(body.bizMsgIdr);
          return change(body.bizMsgIdr, { takeBackWord: body.word });
        case 'acquired_never':
          return void never.set(body.requestId, atMs);
      }
    },
    forget(beforeMs) {
      for (const [id, { atMs, requestId }] of all) {
        if (atMs >= beforeMs) break;
        all.delete(id);
        byRequest.delete(requestId);
        open.delete(id);
        owed.delete(id);
      }
      for (const [id, atMs] of never) {
        if (atMs >= beforeMs) break;
        never.delete(id);
      }
    },
  };
}
