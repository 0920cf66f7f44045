/** Decides a batch in memory: pure, no I/O. Requests are taken in order; each sees the effect of those accepted before it, so that
 * only the overdrawing ones are refused. What comes out is written set-based by batch.ts. */
import { assert } from '../kernel/assert.ts';
import { openCounting } from './count.ts';
import type { Leg, PostRefusal, PostRequest } from './port.ts';
import type { AccountChange, AccountRow, HoldEnd, HoldRow, TransferRow } from './store.ts';
import type { CounterRow } from './store-counter.ts';

export interface BatchFacts {
  readonly accountIds: ReadonlyMap<string, bigint>;
  readonly accounts: readonly AccountRow[];
  readonly holds: readonly HoldRow[];
  /** At least one per leg, ascending. */
  readonly transferIds: readonly bigint[];
  /** Locked; one for each key that the requests count under. */
  readonly counters: readonly CounterRow[];
  /** The instant of the batch, UTC ms. */
  readonly atMs: number;
}

export type Decision =
  | { readonly ok: true; readonly transfers: readonly TransferRow[] }
  | {
      readonly ok: false;
      readonly reason: PostRefusal;
      readonly account?: string;
      readonly counter?: string;
    };

export interface BatchPlan {
  /** One per request, in order. */
  readonly decisions: readonly Decision[];
  readonly transfers: readonly TransferRow[];
  readonly newHolds: readonly TransferRow[];
  readonly endedHolds: readonly HoldEnd[];
  readonly changes: readonly AccountChange[];
  readonly counters: readonly CounterRow[];
}

interface Running {
  readonly row: AccountRow;
  postedDebit: bigint;
  postedCredit: bigint;
  pendingDebit: bigint;
  pendingCredit: bigint;
}

/** What one leg would do. */
interface Effect {
  readonly transfer: Omit<TransferRow, 'id' | 'paymentId' | 'line' | 'valueDate' | 'businessDate'>;
  readonly debit: Running;
  readonly credit: Running;
  readonly posted: bigint;
  readonly pending: bigint;
  readonly end?: HoldEnd;
}

type Refused = { readonly reason: PostRefusal; readonly account?: string };

/** Decides every request; accepted ones are all legs or none.
 * Rules: available = posted credit - posted debit - pending debit, holds included (T8). A frozen account may not be debited by new
 * money; a closed one takes no new money and no credit, but a hold on it can still be posted away or voided, because that money was
 * reserved before. A hold ends once (T9). A limit speaks before the funds, and counts only what they let pass. */
export function decideBatch(requests: readonly PostRequest[], facts: BatchFacts): BatchPlan {
  const running = new Map<bigint, Running>();
  for (const row of facts.accounts)
    running.set(row.id, {
      row,
      postedDebit: 0n,
      postedCredit: 0n,
      pendingDebit: 0n,
      pendingCredit: 0n,
    });
  const holds = new Map(facts.holds.map((hold) => [hold.id, hold]));
  const ended = new Map<bigint, HoldEnd>();
  const decisions: Decision[] = [];
  const transfers: TransferRow[] = [];
  const counting = openCounting(facts.counters, facts);
  let taken = 0;
  for (const request of requests) {
    const counters = request.counters ?? [];
    const counter = counting.exceeded(counters);
    if (counter !== undefined) {
      decisions.push({ ok: false, reason: 'limit_exceeded', counter });
      continue;
    }
    const effects = applyLegs(request.legs, { facts, running, holds, ended });
    if ('reason' in effects) {
      decisions.push({ ok: false, ...effects });
      continue;
    }
    counting.take(counters);
    const rows = effects.map((effect, i): TransferRow => {
      const id = facts.transferIds[taken++];
      assert(id !== undefined, 'a batch has an id for every leg');
      const { valueDate, businessDate, paymentId } = request;
      return {
        ...effect.transfer,
        id,
        paymentId,
        line: request.legs[i]!.line,
        valueDate,
        businessDate,
      };
    });
    transfers.push(...rows);
    decisions.push({ ok: true, transfers: rows });
  }
  return {
    decisions,
    transfers,
    newHolds: transfers.filter((row) => row.kind === 'hold'),
    endedHolds: [...ended.values()],
    changes: toChanges(running.values()),
    counters: counting.changed(),
  };
}

interface Scene {
  readonly facts: BatchFacts;
  readonly running: ReadonlyMap<bigint, Running>;
  readonly holds: ReadonlyMap<bigint, HoldRow>;
  readonly ended: Map<bigint, HoldEnd>;
}

/** Applies the legs in order to the running balances; undoes them all when one is refused. */
function applyLegs(legs: readonly Leg[], scene: Scene): readonly Effect[] | Refused {
  const applied: Effect[] = [];
  for (const leg of legs) {
    const effect = effectOf(leg, scene);
    if ('reason' in effect) {
      undo(applied, scene);
      return effect;
    }
    move(effect, 1n);
    if (effect.end) scene.ended.set(effect.end.id, effect.end);
    applied.push(effect);
    // The end of a hold never lowers what is available.
    if (!effect.end && isOverdrawn(effect.debit)) {
      undo(applied, scene);
      return { reason: 'insufficient_funds', account: effect.debit.row.number };
    }
  }
  return applied;
}

function undo(applied: readonly Effect[], scene: Scene): void {
  for (const effect of applied) {
    move(effect, -1n);
    if (effect.end) scene.ended.delete(effect.end.id);
  }
}

function effectOf(leg: Leg, scene: Scene): Effect | Refused {
  return 'holdId' in leg ? endOfHold(leg, scene) : newMoney(leg, scene);
}

function newMoney(leg: Extract<Leg, { kind: 'single' | 'hold' }>, scene: Scene): Effect | Refused {
  if (leg.amount <= 0n) return { reason: 'amount_not_positive' };
  if (leg.debit === leg.credit) return { reason: 'same_account', account: leg.debit };
  const debit = runningOf(leg.debit, scene);
  if (!debit) return { reason: 'account_not_found', account: leg.debit };
  const credit = runningOf(leg.credit, scene);
  if (!credit) return { reason: 'account_not_found', account: leg.credit };
  for (const side of [debit, credit]) {
    if (side.row.state === 'closed') return { reason: 'account_closed', account: side.row.number };
  }
  if (debit.row.state === 'frozen') return { reason: 'account_frozen', account: debit.row.number };
  const isHold = leg.kind === 'hold';
  return {
    transfer: {
      kind: leg.kind,
      debitAccount: debit.row.id,
      creditAccount: credit.row.id,
      amount: leg.amount,
      holdId: null,
    },
    debit,
    credit,
    posted: isHold ? 0n : leg.amount,
    pending: isHold ? leg.amount : 0n,
  };
}

function endOfHold(leg: Extract<Leg, { kind: 'post' | 'void' }>, scene: Scene): Effect | Refused {
  const hold = scene.holds.get(leg.holdId);
  if (!hold) return { reason: 'hold_not_found' };
  if (hold.state !== 'held' || scene.ended.has(hold.id)) return { reason: 'hold_not_held' };
  const debit = scene.running.get(hold.debitAccount);
  const credit = scene.running.get(hold.creditAccount);
  assert(debit && credit, "a hold's accounts are locked before it ends");
  const amount = leg.kind === 'post' ? (leg.amount ?? hold.amount) : hold.amount;
  if (amount <= 0n) return { reason: 'amount_not_positive' };
  if (amount > hold.amount) return { reason: 'amount_above_hold' };
  if (leg.kind === 'post' && credit.row.state === 'closed')
    return { reason: 'account_closed', account: credit.row.number };
  const isPost = leg.kind === 'post';
  return {
    transfer: {
      kind: leg.kind,
      debitAccount: debit.row.id,
      creditAccount: credit.row.id,
      amount,
      holdId: hold.id,
    },
    debit,
    credit,
    posted: isPost ? amount : 0n,
    pending: -hold.amount,
    end: { id: hold.id, state: isPost ? 'posted' : 'voided', posted: isPost ? amount : 0n },
  };
}

function runningOf(number: string, scene: Scene): Running | undefined {
  const id = scene.facts.accountIds.get(number);
  return id === undefined ? undefined : scene.running.get(id);
}

function move(effect: Effect, sign: 1n | -1n): void {
  effect.debit.postedDebit += sign * effect.posted;
  effect.debit.pendingDebit += sign * effect.pending;
  effect.credit.postedCredit += sign * effect.posted;
  effect.credit.pendingCredit += sign * effect.pending;
}

function isOverdrawn(account: Running): boolean {
  if (account.row.mayGoNegative) return false;
  const credit = account.row.postedCredit + account.postedCredit;
  const debit = account.row.postedDebit + account.postedDebit;
  const pending = account.row.pendingDebit + account.pendingDebit;
  return credit - debit - pending < 0n;
}

/** Ascending ids, unchanged accounts left out. */
function toChanges(all: Iterable<Running>): readonly AccountChange[] {
  const changes: AccountChange[] = [];
  for (const { row, postedDebit, postedCredit, pendingDebit, pendingCredit } of all) {
    if (postedDebit !== 0n || postedCredit !== 0n || pendingDebit !== 0n || pendingCredit !== 0n) {
      changes.push({ id: row.id, postedDebit, postedCredit, pendingDebit, pendingCredit });
    }
  }
  return changes.sort((a, b) => (a.id < b.id ? -1 : 1));
}
