/** What one request may not do to its neighbours in a batch: a fault that it causes is its own, a lock that it waits for too. Retries what
 * goes away by itself. */
import { DbFault, isRetryable } from '../db/pool.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { runBatch } from './batch.ts';
import { findFree, type BatchContext } from './facts.ts';
import type { PostRequest, PostResult } from './port.ts';

/** A deadlock, a serialization failure or a key raced by another process goes away on the next try. */
const RETRY_MAX = 5;
const RETRY_BACKOFF_MS = 5;

export interface IsolateOptions {
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
}

export type Outcome = { readonly result: PostResult } | { readonly error: unknown };

/** Runs a batch; when one request makes it fail, halves it until that one fails alone. Never throws. */
export async function runIsolated(
  requests: readonly PostRequest[],
  input: { readonly context: BatchContext; readonly options: IsolateOptions },
): Promise<readonly Outcome[]> {
  try {
    const results = await runRetrying(requests, input);
    return results.map((result) => ({ result }));
  } catch (error) {
    if (requests.length > 1 && isLockTimeout(error))
      return passLocked(requests, { ...input, error });
    if (requests.length === 1 || !isCausedByRequest(error)) {
      input.options.log.error(
        { requests: requests.length, code: (error as { code?: string }).code },
        'ledger.batch_failed',
      );
      return requests.map(() => ({ error }));
    }
    input.options.log.warn(
      { requests: requests.length, code: (error as { code?: string }).code },
      'ledger.batch_halved',
    );
    const half = requests.length >> 1;
    const first = await runIsolated(requests.slice(0, half), input);
    return [...first, ...(await runIsolated(requests.slice(half), input))];
  }
}

/** Somebody outside holds one of the accounts: only those who need a locked one are told so, the others go on. Another batch of ours may
 * hold an account just now as well; its askers then get the answer that all of them would have got. */
async function passLocked(
  requests: readonly PostRequest[],
  input: {
    readonly context: BatchContext;
    readonly options: IsolateOptions;
    readonly error: unknown;
  },
): Promise<readonly Outcome[]> {
  const { error } = input;
  const isFree = await findFree(input.context, requests).catch(() => undefined);
  const free = isFree ? requests.filter(isFree) : [];
  input.options.log.warn(
    { requests: requests.length, waiting: requests.length - free.length },
    'ledger.accounts_locked',
  );
  // All of them free, or none: nothing was learnt, and each has waited once.
  if (free.length === 0 || free.length === requests.length) return requests.map(() => ({ error }));
  const posted = new Map<PostRequest, Outcome>();
  const outcomes = await runIsolated(free, input);
  free.forEach((request, i) => posted.set(request, outcomes[i]!));
  return requests.map((request) => posted.get(request) ?? { error });
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof DbFault && error.code === '55P03';
}

async function runRetrying(
  requests: readonly PostRequest[],
  input: { readonly context: BatchContext; readonly options: IsolateOptions },
): Promise<readonly PostResult[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runBatch(input.context, requests);
    } catch (error) {
      if (attempt >= RETRY_MAX || !(isRetryable(error) || isKeyRace(error))) throw error;
      const { time, random } = input.options;
      await time.sleep(1 + random.below(RETRY_BACKOFF_MS * attempt));
    }
  }
}

/** Another process posted the same key between our look and our write: the next try finds its answer. */
function isKeyRace(error: unknown): boolean {
  return (
    error instanceof DbFault && error.code === '23505' && error.constraint === 'ledger_request_pkey'
  );
}

/** A fault of the data or of a companion may be one request's; a lost connection, a full disk or a shutdown is everybody's. */
function isCausedByRequest(error: unknown): boolean {
  if (!(error instanceof DbFault)) return true;
  return !error.commitUnknown && /^(21|22|23|40|42|44|54|P0)[0-9A-Z]{3}$/.test(error.code ?? '');
}
