/** A token that stands for one account of a grant, so that a partner takes debits without the customer's access token: made after a code that
 * the customer read, as good as the grant, and replaced by the next one for the same account. Only its hash is stored. */
import { recordEvents } from '../../audit/record.ts';
import type { Tx } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import { newId } from '../../kernel/ids.ts';
import { sen, type Sen } from '../../kernel/money.ts';
import { limitsOf, type GrantContext } from './make.ts';
import { isAccessScope, type AccessScope, type DebitLimits } from './port.ts';
import {
  endTokenOfAccount,
  insertAccountToken,
  selectAccountToken,
  type AccountTokenRow,
} from './store-account-token.ts';
import { lockGrant } from './store.ts';

const TOKEN_BYTES = 32;
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

/** Makes the token of an account; the one before it is dead from this commit on. Undefined when the grant has ended meanwhile. Throws DbFault. */
export function makeAccountToken(
  context: GrantContext,
  input: {
    readonly grantId: string;
    readonly account: string;
    /** Of one payment; the grant's own where there is none. */
    readonly limitSen: Sen | undefined;
  },
): Promise<
  { readonly id: string; readonly token: string; readonly expiresAtMs: number } | undefined
> {
  const { random, time } = context;
  return context.db.tx(async (tx) => {
    const grant = await lockGrant(tx, input.grantId);
    const nowMs = time.now();
    if (!grant || grant.ended_at !== null || grant.expires_at.getTime() <= nowMs) return undefined;
    const { grantId, account, limitSen } = input;
    await end(tx, { grantId, account, nowMs });
    const id = newId('atk', nowMs, random);
    const token = random.bytes(TOKEN_BYTES).toString('base64url');
    await insertAccountToken(tx, {
      id,
      grantId,
      account,
      tokenHash: sha256(token),
      limitSen: limitSen ?? null,
      now: new Date(nowMs),
    });
    await recordEvents(tx, [
      { atMs: nowMs, kind: 'account_token.made', subject: id, data: { grantId } },
    ]);
    return { id, token, expiresAtMs: grant.expires_at.getTime() };
  });
}

/** Ends a token of a partner; again it is done already. False when there never was one. Throws DbFault. */
export function endAccountToken(
  context: GrantContext,
  input: { readonly partnerId: string; readonly token: string },
): Promise<boolean> {
  return context.db.tx(async (tx) => {
    const nowMs = context.time.now();
    const row = await find(tx, { ...input, nowMs });
    if (!row) return false;
    await lockGrant(tx, row.id);
    // Under the lock: a new token of the account may have come meanwhile, and stays.
    const known = await find(tx, { ...input, nowMs });
    if (known?.is_ended === false) await end(tx, { grantId: row.id, account: row.account, nowMs });
    return true;
  });
}

/** What a token lets a partner do at this moment: as of an access token, with one account and the narrower limit. `ended`: the token, its
 * grant, or the account's being the customer's. Throws DbFault. */
export async function findAccountToken(
  context: Pick<GrantContext, 'db' | 'time'>,
  input: { readonly partnerId: string; readonly token: string },
): Promise<
  | {
      readonly grantId: string;
      readonly customerId: string;
      readonly scopes: readonly AccessScope[];
      readonly accounts: readonly string[];
      readonly limits?: DebitLimits;
    }
  | 'ended'
  | undefined
> {
  const row = await find(context.db, { ...input, nowMs: context.time.now() });
  if (!row) return undefined;
  if (row.is_ended || row.accounts.length === 0) return 'ended';
  const { limits } = limitsOf(row);
  const own = row.token_limit_sen;
  return {
    grantId: row.id,
    customerId: row.customer_id,
    scopes: row.scopes.filter(isAccessScope),
    accounts: row.accounts,
    ...(limits && {
      limits: {
        ...limits,
        perPaymentSen: own !== null && own < limits.perPaymentSen ? sen(own) : limits.perPaymentSen,
      },
    }),
  };
}

async function find(
  db: Parameters<typeof selectAccountToken>[0],
  input: { readonly partnerId: string; readonly token: string; readonly nowMs: number },
): Promise<AccountTokenRow | undefined> {
  if (!TOKEN_FORM.test(input.token)) return undefined;
  return selectAccountToken(db, {
    tokenHash: sha256(input.token),
    partnerId: input.partnerId,
    now: new Date(input.nowMs),
  });
}

async function end(
  tx: Tx,
  { nowMs, ...of }: { readonly grantId: string; readonly account: string; readonly nowMs: number },
): Promise<void> {
  const id = await endTokenOfAccount(tx, { ...of, now: new Date(nowMs) });
  if (id === undefined) return;
  const data = { grantId: of.grantId };
  await recordEvents(tx, [{ atMs: nowMs, kind: 'account_token.ended', subject: id, data }]);
}
