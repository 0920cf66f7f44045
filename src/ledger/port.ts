/** What the rest of Pulih needs from whatever holds the accounts. Our ledger is the first implementation; a bank's core
 * banking may be another (DESIGN.md section 4). */
import type { Instruction, InstructionDraft } from '../authorisation/instruction.ts';
import type { Tx } from '../db/pool.ts';
import type { Sen } from '../kernel/money.ts';

export type TransferLine = 'principal' | 'fee' | 'tax' | 'mdr' | 'opening' | 'correction';

interface NewMoney<Kind> {
  readonly kind: Kind;
  readonly line: TransferLine;
  readonly debit: string;
  readonly credit: string;
  readonly amount: Sen;
  /** ISO 4217; anything but IDR is refused. @default 'IDR' */
  readonly currency?: string;
}

/** One movement of a request. `single` moves at once; `hold` reserves; `post` and `void` end a hold; `reverse` gives back what a
 * `single` or a `post` moved, all that is left of it unless told otherwise, in a new transfer linked to it. */
export type Leg =
  | NewMoney<'single'>
  | (NewMoney<'hold'> & {
      /** UTC ms: from then on it cannot be posted, and it is voided soon after. Never with an authorisation (I4). @default never */
      readonly expiresAtMs?: number;
    })
  | {
      readonly kind: 'reverse';
      readonly line: TransferLine;
      readonly transferId: bigint;
      readonly amount?: Sen;
    }
  | {
      readonly kind: 'post';
      readonly line: TransferLine;
      readonly holdId: bigint;
      readonly amount?: Sen;
    }
  | { readonly kind: 'void'; readonly line: TransferLine; readonly holdId: bigint };

/** Rows that another slice wants written in the same transaction, set-based: called once per batch with the accepted rows.
 * `write` must not wait for anything but `tx`. */
export interface Companion<Row> {
  readonly name: string;
  write(
    tx: Tx,
    rows: readonly { readonly row: Row; readonly posted: Posted; readonly at: number }[],
  ): Promise<void>;
}

/** An authorisation to commit with the first hold leg. The ledger allocates the ids of its rail from the series and completes the
 * instruction. */
export type AuthorisationDraft = InstructionDraft & {
  readonly jti: string;
  readonly audience: string;
};

/** A limit that is counted in the transaction of the money, under a lock: however many processes post, exactly what fits passes.
 * A counter is made by its first use. */
export type Counter =
  | {
      /** Adds an amount and one to the count, unless a bound would be passed; a bound left out does not bind. */
      readonly kind: 'spend';
      readonly key: string;
      readonly amount: Sen;
      readonly amountMax?: bigint;
      readonly countMax?: bigint;
    }
  | {
      /** At most `countMax` (1…1,000) in any window of `windowMs`, by the instants of posting. */
      readonly kind: 'recent';
      readonly key: string;
      readonly windowMs: number;
      readonly countMax: number;
    }
  | {
      /** Takes an earlier `spend` back. */
      readonly kind: 'give_back';
      readonly key: string;
      readonly amount: Sen;
    };

/** What a counter holds. */
export interface Counted {
  readonly amountSen: bigint;
  readonly count: bigint;
  /** UTC ms. */
  readonly recentMs: readonly bigint[];
}

export interface PostRequest {
  /** Idempotency key, durable for ever. */
  readonly key: string;
  /** Hash of what was asked: the same key with another hash is a conflict. */
  readonly requestHash: Buffer;
  readonly paymentId: string;
  /** All or none. May be empty: then only the key, the answer and the companion's row are made durable (a refusal decided
   * before the ledger keeps its answer that way). */
  readonly legs: readonly Leg[];
  readonly valueDate: string;
  readonly businessDate: string;
  /** Checked before the legs, in order, and counted with them or not at all. Distinct keys. */
  readonly counters?: readonly Counter[];
  readonly authorisation?: AuthorisationDraft;
  readonly companion?: { readonly of: Companion<never>; readonly row: unknown };
}

export interface Posted {
  /** The `paymentId` of the first request under this key: a repeat learns which payment it repeats. */
  readonly paymentId: string;
  /** One per leg, in order. For `hold` it is the hold id. */
  readonly transferIds: readonly bigint[];
  readonly instruction?: Instruction;
  /** Available on the account that the first leg debits, after all legs. Told with the posting, never with a repeat. */
  readonly leftSen?: bigint;
}

export type PostRefusal =
  | 'insufficient_funds'
  | 'account_not_found'
  | 'account_closed'
  | 'account_frozen'
  | 'hold_not_found'
  | 'hold_not_held'
  | 'hold_expired'
  | 'amount_above_hold'
  | 'transfer_not_found'
  | 'already_reversed'
  | 'amount_above_transfer'
  | 'same_account'
  | 'amount_not_positive'
  | 'amount_too_large'
  | 'currency_not_supported'
  | 'limit_exceeded'
  | 'key_conflict';

export type PostResult =
  | { readonly ok: true; readonly repeated: boolean; readonly posted: Posted }
  | {
      readonly ok: false;
      readonly repeated: boolean;
      readonly reason: PostRefusal;
      readonly account?: string;
      /** Of `limit_exceeded`: the key of the counter that had no room. */
      readonly counter?: string;
    };

export interface Balance {
  readonly number: string;
  readonly name: string;
  readonly state: 'open' | 'closed' | 'frozen';
  /** No new money before this instant, milliseconds since 1970; it may have passed. */
  readonly closedUntilMs?: number;
  readonly postedSen: Sen;
  readonly heldSen: Sen;
  readonly pendingCreditSen: Sen;
  readonly availableSen: Sen;
}

export interface LedgerPort {
  /** Posts one request; many in flight are netted into one transaction. Throws DbFault; with `commitUnknown` the caller
   * re-reads by calling again with the same key. Throws `LedgerBusy` when the bounded queue is full (429 upstream). */
  post(request: PostRequest): Promise<PostResult>;
  balance(account: string): Promise<Balance | undefined>;
  /** What counters hold now; a key that never counted is absent. To be told ahead only: `post` decides under the lock. */
  counted(keys: readonly string[]): Promise<ReadonlyMap<string, Counted>>;
}

/** The queue is full: the caller answers 429 and nothing was written. */
export class LedgerBusy extends Error {
  override name = 'LedgerBusy';
}
