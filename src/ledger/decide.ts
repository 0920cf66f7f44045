/** Decides a batch in memory: pure, no I/O. Requests are taken in order; each sees the effect of those accepted before it, so that
 * only the overdrawing ones are refused. What comes out is written set-based by batch.ts. */
import { assert } from '../kernel/assert.ts';
import { SEN_MAX } from '../kernel/money.ts';
import { openCounting } from './count.ts';
import type { Leg, PostRefusal, PostRequest } from './port.ts';
import type {
  AccountChange,
  AccountRow,
  HoldEnd,
  HoldRow,
  NewHold,
  ReversalRow,
  ReversibleRow,
  TransferRow,
} from './store.ts';
import type { CounterRow } from './store-counter.ts';

export interface BatchFacts {
  readonly accountIds: ReadonlyMap<string, bigint>;
  readonly accounts: readonly AccountRow[];
  readonly holds: readonly HoldRow[];
  readonly reversibles: readonly ReversibleRow[];
  /** The instant of the batch, milliseconds since 1970. */
  readonly atMs: number;
  /** At least one per leg, ascending. */
  readonly transferIds: readonly bigint[];
  /** Locked; one for each key that the requests count under. */
  readonly counters: readonly CounterRow[];
}

export type Decision =
  | {
      readonly ok: true;
      readonly transfers: readonly TransferRow[];
      /** Available on the first leg's debit account after all legs; absent when there is no leg. */
      readonly leftSen?: bigint;
    }
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
  readonly newHolds: readonly NewHold[];
  readonly endedHolds: readonly HoldEnd[];
  readonly reversals: readonly ReversalRow[];
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
  readonly transfer: Pick<
    TransferRow,
    'kind' | 'debitAccount' | 'creditAccount' | 'amount' | 'holdId' | 'reverses'
  >;
  readonly debit: Running;
  readonly credit: Running;
  readonly posted: bigint;
  readonly pending: bigint;
  readonly end?: HoldEnd;
}

/** An effect with the posted balances that it left behind. */
interface Applied extends Effect {
  readonly debitBalance: bigint | null;
  readonly creditBalance: bigint | null;
}

type Refused = { readonly reason: PostRefusal; readonly account?: string };

/** Decides every request; accepted ones are all legs or none.
 * Rules: available = posted credit - posted debit - pending debit, holds included (T8). A frozen account may not be debited by new
 * money; a closed one takes no new money and no credit, but a hold on it can still be posted away or voided, because that money was
 * reserved before; a hold past its time can only be voided; one closed until an instant takes no new money before it, and ends every hold. A hold ends once (T9). A reversal
 * is new money the other way; all reversals of a transfer together give back at most what it moved (T7). Posted and pending of one
 * side together always fit a row, so that no later post can overflow either. A limit speaks before the funds,
 * and counts only what they let pass. */
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
  const reversibles = new Map(facts.reversibles.map((row) => [row.id, row]));
  const reversed = new Map<bigint, bigint>();
  const scene: Scene = { facts, running, holds, ended, reversibles, reversed };
  const decisions: Decision[] = [];
  const transfers: TransferRow[] = [];
  const newHolds: NewHold[] = [];
  const counting = openCounting(facts.counters, facts);
  let taken = 0;
  for (const request of requests) {
    const counters = request.counters ?? [];
    const counter = counting.exceeded(counters);
    if (counter !== undefined) {
      decisions.push({ ok: false, reason: 'limit_exceeded', counter });
      continue;
    }
    const effects = applyLegs(request.legs, scene);
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
        debitBalance: effect.debitBalance,
        creditBalance: effect.creditBalance,
        id,
        paymentId,
        line: request.legs[i]!.line,
        valueDate,
        businessDate,
      };
    });
    transfers.push(...rows);
    request.legs.forEach((leg, i) => {
      if (leg.kind === 'hold') newHolds.push({ ...rows[i]!, expiresAtMs: leg.expiresAtMs ?? null });
    });
    const payer = effects[0]?.debit;
    decisions.push({ ok: true, transfers: rows, ...(payer && { leftSen: availableOf(payer) }) });
  }
  return {
    decisions,
    transfers,
    newHolds,
    endedHolds: [...ended.values()],
    reversals: toReversals(scene),
    changes: toChanges(running.values()),
    counters: counting.changed(),
  };
}

interface Scene {
  readonly facts: BatchFacts;
  readonly running: ReadonlyMap<bigint, Running>;
  readonly holds: ReadonlyMap<bigint, HoldRow>;
  readonly ended: Map<bigint, HoldEnd>;
  readonly reversibles: ReadonlyMap<bigint, ReversibleRow>;
  /** What this batch gives back of each transfer. */
  readonly reversed: Map<bigint, bigint>;
}

/** Applies the legs in order to the running balances; undoes them all when one is refused. */
function applyLegs(legs: readonly Leg[], scene: Scene): readonly Applied[] | Refused {
  const applied: Applied[] = [];
  for (const leg of legs) {
    const effect = effectOf(leg, scene);
    if ('reason' in effect) {
      undo(applied, scene);
      return effect;
    }
    move(effect, 1n);
    note(effect, { scene, sign: 1n });
    const isPosted = effect.posted > 0n;
    applied.push({
      ...effect,
      debitBalance: isPosted ? postedOf(effect.debit) : null,
      creditBalance: isPosted ? postedOf(effect.credit) : null,
    });
    const refused = effect.end ? undefined : limitBroken(effect);
    if (refused) {
      undo(applied, scene);
      return refused;
    }
  }
  return applied;
}

/** What new money may not do to its two accounts. The end of a hold lowers neither what is available nor what is free of a row. */
function limitBroken({ debit, credit }: Effect): Refused | undefined {
  if (isOverdrawn(debit)) return { reason: 'insufficient_funds', account: debit.row.number };
  if (
    debit.row.postedDebit + debit.postedDebit + debit.row.pendingDebit + debit.pendingDebit >
    SEN_MAX
  )
    return { reason: 'amount_too_large', account: debit.row.number };
  if (
    credit.row.postedCredit +
      credit.postedCredit +
      credit.row.pendingCredit +
      credit.pendingCredit >
    SEN_MAX
  )
    return { reason: 'amount_too_large', account: credit.row.number };
  return undefined;
}

/** Remembers, or forgets, what the effect does to a hold or to the transfer that it reverses. */
function note(effect: Effect, input: { readonly scene: Scene; readonly sign: 1n | -1n }): void {
  const { scene, sign } = input;
  if (effect.end) {
    if (sign === 1n) scene.ended.set(effect.end.id, effect.end);
    else scene.ended.delete(effect.end.id);
  }
  const { reverses, amount } = effect.transfer;
  if (reverses !== null)
    scene.reversed.set(reverses, (scene.reversed.get(reverses) ?? 0n) + sign * amount);
}

function undo(applied: readonly Effect[], scene: Scene): void {
  for (const effect of applied) {
    move(effect, -1n);
    note(effect, { scene, sign: -1n });
  }
}

function effectOf(leg: Leg, scene: Scene): Effect | Refused {
  if ('holdId' in leg) return endOfHold(leg, scene);
  return leg.kind === 'reverse' ? reversal(leg, scene) : newMoney(leg, scene);
}

function newMoney(leg: Extract<Leg, { kind: 'single' | 'hold' }>, scene: Scene): Effect | Refused {
  if ((leg.currency ?? 'IDR') !== 'IDR') return { reason: 'currency_not_supported' };
  if (leg.amount <= 0n) return { reason: 'amount_not_positive' };
  if (leg.amount > SEN_MAX) return { reason: 'amount_too_large' };
  if (leg.debit === leg.credit) return { reason: 'same_account', account: leg.debit };
  const debit = runningOf(leg.debit, scene);
  if (!debit) return { reason: 'account_not_found', account: leg.debit };
  const credit = runningOf(leg.credit, scene);
  if (!credit) return { reason: 'account_not_found', account: leg.credit };
  const refused = unwilling({ debit, credit, atMs: scene.facts.atMs });
  if (refused) return refused;
  const isHold = leg.kind === 'hold';
  return {
    transfer: {
      kind: leg.kind,
      debitAccount: debit.row.id,
      creditAccount: credit.row.id,
      amount: leg.amount,
      holdId: null,
      reverses: null,
    },
    debit,
    credit,
    posted: isHold ? 0n : leg.amount,
    pending: isHold ? leg.amount : 0n,
  };
}

/** Whether one of the accounts takes part in no new money now. */
function unwilling(input: {
  readonly debit: Running;
  readonly credit: Running;
  readonly atMs: number;
}): Refused | undefined {
  for (const { row } of [input.debit, input.credit]) {
    const isClosedForNow = row.closedUntilMs !== null && row.closedUntilMs > BigInt(input.atMs);
    if (row.state === 'closed' || isClosedForNow)
      return { reason: 'account_closed', account: row.number };
  }
  const { state, number } = input.debit.row;
  return state === 'frozen' ? { reason: 'account_frozen', account: number } : undefined;
}

function reversal(leg: Extract<Leg, { kind: 'reverse' }>, scene: Scene): Effect | Refused {
  const original = scene.reversibles.get(leg.transferId);
  if (!original) return { reason: 'transfer_not_found' };
  const debit = scene.running.get(original.creditAccount);
  const credit = scene.running.get(original.debitAccount);
  assert(debit && credit, "a transfer's accounts are locked before it is reversed");
  const left = original.amount - original.reversed - (scene.reversed.get(original.id) ?? 0n);
  if (left === 0n) return { reason: 'already_reversed' };
  const amount = leg.amount ?? left;
  if (amount <= 0n) return { reason: 'amount_not_positive' };
  if (amount > left) return { reason: 'amount_above_transfer' };
  const refused = unwilling({ debit, credit, atMs: scene.facts.atMs });
  if (refused) return refused;
  return {
    transfer: {
      kind: 'single',
      debitAccount: debit.row.id,
      creditAccount: credit.row.id,
      amount,
      holdId: null,
      reverses: original.id,
    },
    debit,
    credit,
    posted: amount,
    pending: 0n,
  };
}

function endOfHold(leg: Extract<Leg, { kind: 'post' | 'void' }>, scene: Scene): Effect | Refused {
  const hold = scene.holds.get(leg.holdId);
  if (!hold) return { reason: 'hold_not_found' };
  if (hold.state !== 'held' || scene.ended.has(hold.id)) return { reason: 'hold_not_held' };
  const isOver = hold.expiresAtMs !== null && hold.expiresAtMs <= BigInt(scene.facts.atMs);
  if (leg.kind === 'post' && isOver) return { reason: 'hold_expired' };
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
      reverses: null,
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

function postedOf({ row, postedCredit, postedDebit }: Running): bigint {
  return row.postedCredit + postedCredit - row.postedDebit - postedDebit;
}

function isOverdrawn(account: Running): boolean {
  return !account.row.mayGoNegative && availableOf(account) < 0n;
}

function availableOf(account: Running): bigint {
  return postedOf(account) - account.row.pendingDebit - account.pendingDebit;
}

function toReversals({ reversed, reversibles }: Scene): readonly ReversalRow[] {
  const rows: ReversalRow[] = [];
  for (const [transferId, sum] of reversed) {
    const { amount, reversed: before } = reversibles.get(transferId)!;
    // Zero: only refused requests wanted it.
    if (sum > 0n) rows.push({ transferId, amount, reversed: before + sum });
  }
  return rows;
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
