/** One batch is one database transaction: lock the accounts once in id order, decide in memory (decide.ts), write set-based, net each
 * account to one update, commit, answer everyone. Owns the transaction; owns no queue and no retry (post.ts). */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Instruction } from '../authorisation/instruction.ts';
import type { Db, Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { wibDate, type Time } from '../kernel/time.ts';
import { decideBatch, type BatchPlan } from './decide.ts';
import type { IdCache } from './id-cache.ts';
import { issue, seriesOf } from './issue.ts';
import type { Companion, Leg, Posted, PostRequest, PostResult } from './port.ts';
import * as store from './store.ts';
import { changeCounters, lockCounters } from './store-counter.ts';

export interface BatchContext {
  readonly db: Db;
  readonly time: Time;
  readonly cache: IdCache;
}

/** What is kept under a key. */
interface StoredResult {
  readonly ok: boolean;
  readonly paymentId?: string;
  readonly ids?: readonly string[];
  readonly jti?: string;
  readonly reason?: string;
  readonly account?: string;
  readonly counter?: string;
}

interface Issued {
  readonly instruction: Instruction;
  readonly row: store.AuthorisationRow;
  readonly ids: readonly store.RegisteredId[];
}

/** Locks, reads, and a counter that starts at nothing: no harm without a transaction. */
const OPENS_READING = { opensReading: true };

/** Posts requests with distinct keys in one transaction; the answers in the same order.
 * Throws what the database or a companion throws; then nothing of the batch was written, except where DbFault says `commitUnknown`. */
export async function runBatch(
  context: BatchContext,
  requests: readonly PostRequest[],
): Promise<readonly PostResult[]> {
  const scope = await resolveScope(context, requests);
  const done = await context.db.tx(async (tx) => {
    const facts = await lockAndRead(tx, { ...scope, requests });
    // The instant of the batch is read with the locks held, so that ids, dates and order on an account agree.
    const atMs = context.time.now();
    const onDate = wibDate(atMs);
    const lasts = await drawAll(tx, { requests, onDate });
    const fresh = requests.filter((request) => !facts.known.has(request.key));
    const plan = decideBatch(fresh, {
      accountIds: scope.accountIds,
      accounts: facts.accounts,
      atMs,
      holds: facts.holds,
      reversibles: facts.reversibles,
      transferIds: facts.transferIds,
      counters: facts.counters,
    });
    const issued = issueAll(fresh, { plan, onDate, lasts });
    const results = new Map<string, PostResult>();
    fresh.forEach((request, i) =>
      results.set(
        request.key,
        toResult(request, { decision: plan.decisions[i]!, issued: issued.get(request.key) }),
      ),
    );
    await writeAll(tx, { fresh, plan, issued, results, atMs, onDate });
    const repeats = await repeatAll(tx, { requests, known: facts.known });
    faultPoint('ledger.beforeCommit');
    return {
      answers: requests.map((request) => results.get(request.key) ?? repeats.get(request.key)!),
      newHolds: plan.newHolds,
    };
  }, OPENS_READING);
  context.cache.keepHolds(done.newHolds);
  return done.answers;
}

/** Which accounts the batch touches. Ids of accounts and the accounts of holds never change, so they are read before the transaction. */
async function resolveScope(context: BatchContext, requests: readonly PostRequest[]) {
  const numbers = new Set<string>();
  const holdIds = new Set<bigint>();
  const reversedIds = new Set<bigint>();
  const counterKeys = new Set<string>();
  for (const request of requests) {
    for (const counter of request.counters ?? []) counterKeys.add(counter.key);
    for (const leg of request.legs) {
      if (leg.kind === 'post' || leg.kind === 'void') holdIds.add(leg.holdId);
      else if (leg.kind === 'reverse') reversedIds.add(leg.transferId);
      else numbers.add(leg.debit).add(leg.credit);
    }
  }
  const [accountIds, holdAccounts, reversed] = await Promise.all([
    context.cache.accountIds(context.db, numbers),
    context.cache.holdAccounts(context.db, holdIds),
    reversedIds.size > 0 ? store.selectReversibles(context.db, [...reversedIds]) : [],
  ]);
  const lockIds = new Set<bigint>(accountIds.values());
  for (const one of [...holdAccounts, ...reversed])
    lockIds.add(one.debitAccount).add(one.creditAccount);
  return {
    accountIds,
    holdIds: [...holdIds],
    reversedIds: reversed.map((row) => row.id),
    lockIds: [...lockIds],
    counterKeys: [...counterKeys],
  };
}

/** Locks, then reads what the decisions need: one round trip, in the order in which it is asked. */
async function lockAndRead(
  tx: Tx,
  input: {
    readonly requests: readonly PostRequest[];
    readonly lockIds: readonly bigint[];
    readonly counterKeys: readonly string[];
    readonly holdIds: readonly bigint[];
    readonly reversedIds: readonly bigint[];
  },
) {
  const legCount = input.requests.reduce((sum, { legs }) => sum + legs.length, 0);
  const [accounts, counters, known, holds, reversibles, transferIds] = await all([
    input.lockIds.length > 0 ? store.lockAccounts(tx, input.lockIds) : [],
    input.counterKeys.length > 0 ? lockCounters(tx, input.counterKeys) : [],
    store.selectKnownRequests(
      tx,
      input.requests.map((request) => request.key),
    ),
    input.holdIds.length > 0 ? store.selectHolds(tx, input.holdIds) : [],
    input.reversedIds.length > 0 ? store.selectReversibles(tx, input.reversedIds) : [],
    legCount > 0 ? store.takeTransferIds(tx, legCount) : [],
  ]);
  return {
    accounts,
    counters,
    known: new Map(known.map((row) => [row.key, row])),
    holds,
    reversibles,
    transferIds,
  };
}

/** Draws a number of its series for every authorisation draft; per series the number before the first one drawn. A draft that is refused
 * leaves a gap, and a gap was never issued. */
async function drawAll(
  tx: Tx,
  input: { readonly requests: readonly PostRequest[]; readonly onDate: string },
): Promise<Map<string, bigint>> {
  const counts = new Map<string, number>();
  for (const { authorisation } of input.requests) {
    if (authorisation)
      counts.set(seriesOf(authorisation), (counts.get(seriesOf(authorisation)) ?? 0) + 1);
  }
  if (counts.size === 0) return new Map();
  const drawn = await store.drawSequence(tx, {
    day: input.onDate,
    series: [...counts.keys()],
    counts: [...counts.values()],
  });
  return new Map(drawn.map((row) => [row.series, row.last - BigInt(counts.get(row.series)!)]));
}

function issueAll(
  fresh: readonly PostRequest[],
  input: { readonly plan: BatchPlan; readonly onDate: string; readonly lasts: Map<string, bigint> },
): ReadonlyMap<string, Issued> {
  const issued = new Map<string, Issued>();
  fresh.forEach((request, i) => {
    const decision = input.plan.decisions[i]!;
    if (!decision.ok || !request.authorisation) return;
    const holdId = decision.transfers.find((row) => row.kind === 'hold')?.id;
    assert(holdId !== undefined, 'an authorisation comes with a hold');
    const series = seriesOf(request.authorisation);
    const sequence = input.lasts.get(series)! + 1n;
    input.lasts.set(series, sequence);
    issued.set(request.key, issue(request.authorisation, { day: input.onDate, sequence, holdId }));
  });
  return issued;
}

interface WriteInput {
  readonly fresh: readonly PostRequest[];
  readonly plan: BatchPlan;
  readonly issued: ReadonlyMap<string, Issued>;
  readonly results: ReadonlyMap<string, PostResult>;
  readonly atMs: number;
  readonly onDate: string;
}

/** Writes everything in one round trip, the companions' rows included. */
async function writeAll(tx: Tx, input: WriteInput): Promise<void> {
  const { fresh, plan, atMs, onDate, results } = input;
  if (fresh.length === 0) return;
  const issued = [...input.issued.values()];
  const requests = fresh.map((request) => ({
    key: request.key,
    requestHash: request.requestHash,
    result: storedText(results.get(request.key)!, request.authorisation?.jti),
  }));
  await all<unknown[]>([
    plan.changes.length > 0 ? changeAll(tx, plan) : undefined,
    plan.counters.length > 0 ? countAll(tx, plan) : undefined,
    plan.transfers.length > 0
      ? store.insertTransfers(tx, { atMs, onDate, rows: plan.transfers })
      : undefined,
    plan.newHolds.length > 0 ? store.insertHolds(tx, { atMs, rows: plan.newHolds }) : undefined,
    plan.endedHolds.length > 0 ? endAll(tx, { plan, atMs }) : undefined,
    plan.reversals.length > 0 ? store.upsertReversals(tx, plan.reversals) : undefined,
    store.insertRequests(tx, { atMs, rows: requests }),
    issued.length > 0
      ? store.insertAuthorisations(tx, { atMs, rows: issued.map((one) => one.row) })
      : undefined,
    issued.length > 0
      ? store.insertRegisteredIds(tx, { atMs, onDate, rows: issued.flatMap((one) => one.ids) })
      : undefined,
    recordEvents(tx, toEvents(input)),
    ...companionWrites(tx, input),
  ]);
}

async function changeAll(tx: Tx, plan: BatchPlan): Promise<void> {
  const changed = await store.changeAccounts(tx, plan.changes);
  assert(changed === plan.changes.length, 'every locked account is updated once');
}

async function countAll(tx: Tx, plan: BatchPlan): Promise<void> {
  const changed = await changeCounters(tx, plan.counters);
  assert(changed.length === plan.counters.length, 'every locked counter is updated once');
}

async function endAll(
  tx: Tx,
  input: { readonly plan: BatchPlan; readonly atMs: number },
): Promise<void> {
  const ended = await store.endHolds(tx, { atMs: input.atMs, rows: input.plan.endedHolds });
  assert(ended.length === input.plan.endedHolds.length, 'a hold that ends was still held (T9)');
}

/** One event per accepted request that moved something; internal account ids only (I11). `verify.ts` compares them with the rows. */
function toEvents(input: WriteInput): readonly EventDraft[] {
  const events: EventDraft[] = [];
  input.fresh.forEach((request, i) => {
    const decision = input.plan.decisions[i]!;
    if (!decision.ok || decision.transfers.length === 0) return;
    const issued = input.issued.get(request.key);
    events.push({
      atMs: input.atMs,
      kind: 'ledger.posted',
      subject: request.paymentId,
      data: {
        transfers: decision.transfers.map((row, at) => eventTransfer(row, request.legs[at])),
        ...(issued && {
          jti: issued.row.jti,
          bizMsgIdr: issued.instruction.bizMsgIdr,
          msgId: issued.instruction.msgId,
          instructionHash: issued.row.instructionHash.toString('hex'),
        }),
      },
    });
  });
  return events;
}

/** A transfer as the audit stream keeps it. */
export function eventTransfer(
  row: store.TransferRow,
  leg?: Leg,
): Readonly<Record<string, unknown>> {
  const { id, kind, line, debitAccount, creditAccount, amount, holdId, reverses } = row;
  return {
    id,
    kind,
    line,
    debit: debitAccount,
    credit: creditAccount,
    amountSen: amount,
    ...(holdId !== null && { holdId }),
    ...(reverses !== null && { reverses }),
    ...(leg?.kind === 'hold' && leg.expiresAtMs !== undefined && { expiresAtMs: leg.expiresAtMs }),
  };
}

/** Each companion is called once with its accepted rows. */
function companionWrites(tx: Tx, input: WriteInput): Promise<void>[] {
  const groups = new Map<Companion<never>, { row: never; posted: Posted; at: number }[]>();
  for (const request of input.fresh) {
    const result = input.results.get(request.key)!;
    if (!result.ok || !request.companion) continue;
    const group = groups.get(request.companion.of) ?? [];
    groups.set(request.companion.of, group);
    // `Companion<never>` erased the row's type where the request was made; the row goes back to the object it was made for.
    group.push({ row: request.companion.row as never, posted: result.posted, at: input.atMs });
  }
  return [...groups].map(([companion, rows]) => companion.write(tx, rows));
}

function toResult(
  request: PostRequest,
  input: { readonly decision: BatchPlan['decisions'][number]; readonly issued: Issued | undefined },
): PostResult {
  const { decision, issued } = input;
  if (!decision.ok) return { ...decision, repeated: false };
  const posted: Posted = {
    paymentId: request.paymentId,
    transferIds: decision.transfers.map((row) => row.id),
    ...(issued && { instruction: issued.instruction }),
  };
  return { ok: true, repeated: false, posted };
}

function storedText(result: PostResult, jti: string | undefined): string {
  const stored: StoredResult = result.ok
    ? {
        ok: true,
        paymentId: result.posted.paymentId,
        ids: result.posted.transferIds.map(String),
        ...(result.posted.instruction && jti !== undefined && { jti }),
      }
    : {
        ok: false,
        reason: result.reason,
        ...(result.account !== undefined && { account: result.account }),
        ...(result.counter !== undefined && { counter: result.counter }),
      };
  return JSON.stringify(stored);
}

/** The first answers of keys that are known; another body is a conflict (T6). */
async function repeatAll(
  tx: Tx,
  input: {
    readonly requests: readonly PostRequest[];
    readonly known: ReadonlyMap<string, store.KnownRequest>;
  },
): Promise<ReadonlyMap<string, PostResult>> {
  const answers = new Map<string, PostResult>();
  const waiting: { key: string; stored: StoredResult }[] = [];
  for (const request of input.requests) {
    const known = input.known.get(request.key);
    if (!known) continue;
    if (!known.requestHash.equals(request.requestHash)) {
      answers.set(request.key, { ok: false, repeated: true, reason: 'key_conflict' });
    } else {
      waiting.push({ key: request.key, stored: JSON.parse(known.result) as StoredResult });
    }
  }
  const jtis = waiting.flatMap(({ stored }) => stored.jti ?? []);
  const rows = jtis.length > 0 ? await store.selectInstructions(tx, jtis) : [];
  const instructions = new Map(
    rows.map((row) => [row.jti, JSON.parse(row.instruction) as Instruction]),
  );
  for (const { key, stored } of waiting) answers.set(key, storedAnswer(stored, instructions));
  return answers;
}

function storedAnswer(
  stored: StoredResult,
  instructions: ReadonlyMap<string, Instruction>,
): PostResult {
  if (!stored.ok) {
    // The reason was written by this file from the same union.
    const reason = stored.reason as Extract<PostResult, { ok: false }>['reason'];
    return {
      ok: false,
      repeated: true,
      reason,
      ...(stored.account !== undefined && { account: stored.account }),
      ...(stored.counter !== undefined && { counter: stored.counter }),
    };
  }
  const instruction = stored.jti === undefined ? undefined : instructions.get(stored.jti);
  return {
    ok: true,
    repeated: true,
    posted: {
      paymentId: stored.paymentId!,
      transferIds: stored.ids!.map(BigInt),
      ...(instruction && { instruction }),
    },
  };
}

/** Like Promise.all, but waits for every one before it throws, so that nothing is still on its way when the transaction rolls back;
 * throws the cause, not the "transaction is aborted" that follows it. */
async function all<T extends readonly unknown[]>(work: {
  readonly [K in keyof T]: T[K] | Promise<T[K]>;
}): Promise<T> {
  const settled = await Promise.allSettled(work as readonly unknown[]);
  const failed = settled.filter((one) => one.status === 'rejected');
  const cause =
    failed.find((one) => (one.reason as { code?: string }).code !== '25P02') ?? failed[0];
  if (cause) throw cause.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
