/** One batch is one database transaction: lock the accounts once in id order, decide in memory (decide.ts), write set-based, net each
 * account to one update, commit, answer everyone. Owns the transaction; owns no queue and no retry (post.ts). */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import { networkIds, seriesOf, type Instruction } from '../authorisation/instruction.ts';
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import { faultPoint } from '../kernel/fault-point.ts';
import { wibDate } from '../kernel/time.ts';
import { decideBatch, type BatchPlan } from './decide.ts';
import { all, drawAll, lockAndRead, resolveScope, type BatchContext } from './facts.ts';
import { issue } from './issue.ts';
import type { Companion, Leg, Posted, PostRequest, PostResult } from './port.ts';
import * as store from './store.ts';
import { changeCounters } from './store-counter.ts';

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
    const issued = issueAll(fresh, { plan, onDate, atMs, lasts });
    const results = await writeAll(tx, { fresh, plan, issued, atMs, onDate });
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

function issueAll(
  fresh: readonly PostRequest[],
  input: {
    readonly plan: BatchPlan;
    readonly onDate: string;
    readonly atMs: number;
    readonly lasts: Map<string, bigint>;
  },
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
    const moment = { day: input.onDate, atMs: input.atMs, sequence };
    issued.set(request.key, issue(request.authorisation, { ...moment, holdId }));
  });
  return issued;
}

interface WriteInput {
  readonly fresh: readonly PostRequest[];
  readonly plan: BatchPlan;
  readonly issued: ReadonlyMap<string, Issued>;
  readonly atMs: number;
  readonly onDate: string;
}

/** Transfers per statement: the database inserts the first while the next are spelled. */
const TRANSFERS_PER_STATEMENT = 250;

/** Writes everything in one round trip, the companions' rows included; the answers. What moves money goes first, and what is told of it
 * is spelled while the database has that to do: the locks are held meanwhile. */
async function writeAll(tx: Tx, input: WriteInput): Promise<ReadonlyMap<string, PostResult>> {
  const { fresh, plan, atMs } = input;
  if (fresh.length === 0) return new Map();
  const moved = [
    plan.changes.length > 0 ? changeAll(tx, plan) : undefined,
    ...writeTransfers(tx, input),
    plan.counters.length > 0 ? countAll(tx, plan) : undefined,
    plan.newHolds.length > 0 ? store.insertHolds(tx, { atMs, rows: plan.newHolds }) : undefined,
    plan.endedHolds.length > 0 ? endAll(tx, { plan, atMs }) : undefined,
    plan.reversals.length > 0 ? store.upsertReversals(tx, plan.reversals) : undefined,
  ];
  const results = new Map(
    fresh.map((request, i) => [
      request.key,
      toResult(request, {
        decision: plan.decisions[i]!,
        issued: input.issued.get(request.key),
      }),
    ]),
  );
  await all<unknown[]>([...moved, ...writeTold(tx, { ...input, results })]);
  return results;
}

function writeTransfers(tx: Tx, input: WriteInput): Promise<void>[] {
  const { plan, atMs, onDate } = input;
  const written: Promise<void>[] = [];
  for (let from = 0; from < plan.transfers.length; from += TRANSFERS_PER_STATEMENT) {
    const rows = plan.transfers.slice(from, from + TRANSFERS_PER_STATEMENT);
    written.push(store.insertTransfers(tx, { atMs, onDate, rows }));
  }
  return written;
}

/** Answers, authorisations, events and the companions' rows. */
function writeTold(
  tx: Tx,
  input: WriteInput & { readonly results: ReadonlyMap<string, PostResult> },
): Promise<void>[] {
  const { fresh, atMs, onDate, results } = input;
  const issued = [...input.issued.values()];
  const requests = fresh.map((request) => ({
    key: request.key,
    requestHash: request.requestHash,
    result: storedText(results.get(request.key)!, request.authorisation?.jti),
  }));
  const written = [store.insertRequests(tx, { atMs, rows: requests })];
  if (issued.length > 0)
    written.push(
      store.insertAuthorisations(tx, { atMs, rows: issued.map((one) => one.row) }),
      store.insertRegisteredIds(tx, { atMs, onDate, rows: issued.flatMap((one) => one.ids) }),
    );
  written.push(recordEvents(tx, toEvents(input)), ...companionWrites(tx, input));
  return written;
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
          ...networkIds(issued.instruction),
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
function companionWrites(
  tx: Tx,
  input: WriteInput & { readonly results: ReadonlyMap<string, PostResult> },
): Promise<void>[] {
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
    ...(decision.leftSen !== undefined && { leftSen: decision.leftSen }),
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
