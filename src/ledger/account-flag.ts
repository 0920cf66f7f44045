/** The flags of an account that people set: closed until an instant, and whether it may go negative. Every change is an event. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import * as store from './store.ts';
import { updateClosedUntil, updateMayGoNegative } from './store-account.ts';

/** Who asks, when and why: kept in the event. */
interface FlagChange {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly number: string;
  readonly by: string;
  readonly reason: string;
}

/** Closes an account to new money until an instant, or opens it again before (`null`). Holds made before still end either way.
 * Idempotent: the instant it has already is `ok` without an event. Locks: the account row. */
export async function setClosedUntil(
  tx: Tx,
  input: FlagChange & { readonly untilMs: number | null },
): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: 'not_found' | 'not_in_future' }
> {
  const account = await lock(tx, input.number);
  if (!account) return { ok: false, reason: 'not_found' };
  const { untilMs } = input;
  if (untilMs !== null && untilMs <= input.nowMs) return { ok: false, reason: 'not_in_future' };
  const before = account.closedUntilMs === null ? null : Number(account.closedUntilMs);
  if (before === untilMs) return { ok: true };
  const changed = await updateClosedUntil(tx, { id: account.id, untilMs });
  assert(changed.length === 1, 'a locked account is still there');
  await record(tx, {
    account,
    input,
    kind: 'account.closed_until',
    data: { untilMs, beforeMs: before },
  });
  return { ok: true };
}

/** Lets an account go below zero, or no longer; the latter is refused while it is below zero, holds counted (T8). Idempotent.
 * Locks: the account row. */
export async function setMayGoNegative(
  tx: Tx,
  input: FlagChange & { readonly to: boolean },
): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: 'not_found' | 'overdrawn' }
> {
  const account = await lock(tx, input.number);
  if (!account) return { ok: false, reason: 'not_found' };
  if (account.mayGoNegative === input.to) return { ok: true };
  const available = account.postedCredit - account.postedDebit - account.pendingDebit;
  if (!input.to && available < 0n) return { ok: false, reason: 'overdrawn' };
  const changed = await updateMayGoNegative(tx, { id: account.id, to: input.to });
  assert(changed.length === 1, 'a locked account is still there');
  const kind = input.to ? 'account.overdraft_allowed' : 'account.overdraft_forbidden';
  await record(tx, { account, input, kind, data: {} });
  return { ok: true };
}

async function lock(tx: Tx, number: string): Promise<store.AccountRow | undefined> {
  const [known] = await store.selectAccountIds(tx, [number]);
  if (!known) return undefined;
  const [account] = await store.lockAccounts(tx, [known.id]);
  return account;
}

function record(
  tx: Tx,
  change: {
    readonly account: store.AccountRow;
    readonly input: FlagChange;
    readonly kind: string;
    readonly data: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { by, reason, nowMs } = change.input;
  return recordEvents(tx, [
    {
      atMs: nowMs,
      kind: change.kind,
      subject: `account:${change.account.id}`,
      data: { by, reason, ...change.data },
    },
  ]);
}
