/** A customer's grant to a partner: made with a PIN that the mobile channel has checked, listed, ended at once. Owns the state of a
 * grant and its events; the words are the app's, the wire is SNAP's. */
import { recordEvents } from '../../audit/record.ts';
import type { Db, Tx } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import { newId } from '../../kernel/ids.ts';
import { sen } from '../../kernel/money.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import type { MessageTemplate } from '../../notify/template.ts';
import {
  CODE_MS,
  isAccessScope,
  movesMoney,
  type AccessGrant,
  type AccessScope,
  type DebitLimits,
} from './port.ts';
import {
  endGrant,
  insertGrant,
  insertGrantMessage,
  lockCustomer,
  lockGrant,
  selectGrants,
  selectLiveGrant,
  type GrantRow,
} from './store.ts';

/** What the functions of this slice are given. */
export interface GrantContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
}

const CODE_BYTES = 32;
const DAY_MS = 86_400_000;

/** Writes what was agreed, and the one-time code that the partner gets for it; an earlier live grant to the same partner ends in the
 * same commit. Only the hash of the code is stored. Throws DbFault. */
export async function makeGrant(
  context: GrantContext,
  input: {
    readonly partnerId: string;
    readonly partnerName: string;
    readonly customerId: string;
    readonly scopes: readonly AccessScope[];
    readonly accounts: readonly string[];
    /** With a scope that moves money, and only then. */
    readonly limits?: DebitLimits;
    readonly redirectUrl: string;
    readonly days: number;
    readonly sessionHash: Buffer;
    readonly device: string;
    readonly textShown: string;
    readonly language: string;
  },
): Promise<{ readonly id: string; readonly code: string }> {
  const { db, time, random } = context;
  const nowMs = time.now();
  const now = new Date(nowMs);
  const id = newId('grt', nowMs, random);
  const code = random.bytes(CODE_BYTES).toString('base64url');
  await db.tx(async (tx) => {
    await lockCustomer(tx, input.customerId);
    const before = await selectLiveGrant(tx, input);
    if (before !== undefined)
      await end(tx, context, { id: before, customerId: input.customerId, by: 'replaced' });
    await insertGrant(tx, {
      ...input,
      id,
      madeAt: now,
      expiresAt: new Date(nowMs + input.days * DAY_MS),
      codeHash: sha256(code),
      codeExpiresAt: new Date(nowMs + CODE_MS),
      limitSen: input.limits?.perPaymentSen ?? null,
      dayLimitSen: input.limits?.perDaySen ?? null,
    });
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: 'access_grant.made',
        subject: id,
        data: {
          partnerId: input.partnerId,
          customerId: input.customerId,
          scopes: [...input.scopes],
          accountCount: input.accounts.length,
          days: input.days,
        },
      },
    ]);
    await tell(tx, context, {
      ...input,
      template: madeTemplate(input.scopes),
      grantId: id,
    });
  });
  return { id, code };
}

function madeTemplate(
  scopes: readonly AccessScope[],
): Extract<MessageTemplate, `access_grant.${string}`> {
  if (scopes.includes('qris')) return 'access_grant.made_qris';
  return movesMoney(scopes) ? 'access_grant.made_debit' : 'access_grant.made';
}

/** Ends a customer's own grant; its tokens are refused from this commit on. False when it is not the customer's; ending twice is fine. */
export async function revokeGrant(
  context: GrantContext,
  input: { readonly id: string; readonly customerId: string },
): Promise<boolean> {
  return context.db.tx(async (tx) => {
    const row = await lockGrant(tx, input.id);
    if (!row || row.customer_id !== input.customerId) return false;
    if (row.ended_at === null) {
      await end(tx, context, { ...input, by: 'customer' });
      await tellEnded(tx, context, row);
    }
    return true;
  });
}

/** Ends a locked grant because a code or a refresh token came twice: somebody else may hold it. The customer is told. */
export async function endForReuse(tx: Tx, context: GrantContext, row: GrantRow): Promise<void> {
  if (row.ended_at !== null) return;
  await end(tx, context, { id: row.id, customerId: row.customer_id, by: 'reuse' });
  await tellEnded(tx, context, row);
}

/** The customer's grants, newest first, at most 50. */
export async function listGrants(
  context: Pick<GrantContext, 'db'>,
  customerId: string,
): Promise<readonly AccessGrant[]> {
  return (await selectGrants(context.db, customerId)).map((row) => ({
    id: row.id,
    partnerId: row.partner_id,
    partnerName: row.partner_name,
    scopes: row.scopes.filter(isAccessScope),
    accounts: row.accounts,
    ...limitsOf(row),
    madeAtMs: row.made_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
    isUsed: row.code_used_at !== null,
    ...(row.ended_at && { endedAtMs: row.ended_at.getTime() }),
    ...(row.ended_by && { endedBy: row.ended_by }),
  }));
}

/** The limits of a row, where it has them. */
export function limitsOf(row: {
  readonly limit_sen: bigint | null;
  readonly day_limit_sen: bigint | null;
}): { readonly limits?: DebitLimits } {
  if (row.limit_sen === null || row.day_limit_sen === null) return {};
  return { limits: { perPaymentSen: sen(row.limit_sen), perDaySen: sen(row.day_limit_sen) } };
}

async function end(
  tx: Tx,
  context: GrantContext,
  input: {
    readonly id: string;
    readonly customerId: string;
    readonly by: 'customer' | 'replaced' | 'reuse';
  },
): Promise<void> {
  const atMs = context.time.now();
  const isEnded = await endGrant(tx, { id: input.id, by: input.by, now: new Date(atMs) });
  if (!isEnded) return;
  await recordEvents(tx, [
    {
      atMs,
      kind: 'access_grant.ended',
      subject: input.id,
      data: { by: input.by, customerId: input.customerId },
    },
  ]);
}

function tellEnded(tx: Tx, context: GrantContext, row: GrantRow): Promise<void> {
  return tell(tx, context, {
    customerId: row.customer_id,
    partnerName: row.partner_name,
    template: 'access_grant.ended',
    grantId: row.id,
  });
}

function tell(
  tx: Tx,
  context: GrantContext,
  input: {
    readonly customerId: string;
    readonly partnerName: string;
    readonly template: Extract<MessageTemplate, `access_grant.${string}`>;
    readonly grantId: string;
  },
): Promise<void> {
  const atMs = context.time.now();
  return insertGrantMessage(tx, {
    id: newId('msg', atMs, context.random),
    customerId: input.customerId,
    template: input.template,
    params: JSON.stringify({
      amountSen: '0',
      name: input.partnerName,
      reference: input.grantId,
      atMs: String(atMs),
    }),
    now: new Date(atMs),
  });
}
