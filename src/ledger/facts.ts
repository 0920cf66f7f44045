/** What a batch asks the database before it decides: which accounts, their rows under lock, keys, holds, ids. */
import type { Db, Tx } from '../db/pool.ts';
import type { Time } from '../kernel/time.ts';
import type { IdCache } from './id-cache.ts';
import { seriesOf } from '../authorisation/instruction.ts';
import type { PostRequest } from './port.ts';
import * as store from './store.ts';
import { lockCounters } from './store-counter.ts';

export interface BatchContext {
  readonly db: Db;
  readonly time: Time;
  readonly cache: IdCache;
}

/** Which accounts the batch touches. Ids of accounts and the accounts of holds never change, so they are read before the transaction. */
export async function resolveScope(context: BatchContext, requests: readonly PostRequest[]) {
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

/** Which of these requests need only accounts that nobody holds at this moment. */
export async function findFree(
  context: BatchContext,
  requests: readonly PostRequest[],
): Promise<(request: PostRequest) => boolean> {
  const scopes = await Promise.all(requests.map((request) => resolveScope(context, [request])));
  const wanted = [...new Set(scopes.flatMap(({ lockIds }) => lockIds))];
  const free = new Set(await context.db.tx((tx) => store.selectUnlocked(tx, wanted)));
  const isFree = new Map(
    requests.map((request, i) => [request, scopes[i]!.lockIds.every((id) => free.has(id))]),
  );
  return (request) => isFree.get(request) ?? false;
}

/** Locks, then reads what the decisions need: one round trip, in the order in which it is asked. */
export async function lockAndRead(
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
export async function drawAll(
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

/** Like Promise.all, but waits for every one before it throws, so that nothing is still on its way when the transaction rolls back;
 * throws the cause, not the "transaction is aborted" that follows it. */
export async function all<T extends readonly unknown[]>(work: {
  readonly [K in keyof T]: T[K] | Promise<T[K]>;
}): Promise<T> {
  const settled = await Promise.allSettled(work as readonly unknown[]);
  const failed = settled.filter((one) => one.status === 'rejected');
  const cause =
    failed.find((one) => (one.reason as { code?: string }).code !== '25P02') ?? failed[0];
  if (cause) throw cause.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
