/** Onboarding of a partner's own accounts and of the addresses for its customers' browsers: two people vouch for each (I5). Needs a
 * database role that may write them; core's may only end a binding. */
import { recordEvents } from '../../audit/record.ts';
import type { Transactor } from '../../db/pool.ts';
import { newId } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import { endPartnerAccount, endRedirect, insertPartnerAccount, insertRedirect } from './store.ts';

interface BindContext {
  readonly db: Transactor;
  readonly time: Time;
  readonly random: Random;
}

interface TwoPeople {
  /** Ids of two distinct members of staff. */
  readonly proposedBy: string;
  readonly approvedBy: string;
}

/** Lets a partner read an account as its own; one that is bound stays as it is. Throws DbFault, also for one person alone. */
export async function bindAccount(
  context: BindContext,
  input: TwoPeople & {
    readonly partnerId: string;
    readonly account: string;
    /** UTC ms; absent: until it is ended. */
    readonly validUntilMs?: number;
  },
): Promise<void> {
  const atMs = context.time.now();
  const id = newId('pac', atMs, context.random);
  await context.db.tx(async (tx) => {
    const isNew = await insertPartnerAccount(tx, {
      ...input,
      id,
      validFrom: new Date(atMs),
      validUntil: input.validUntilMs === undefined ? null : new Date(input.validUntilMs),
    });
    if (!isNew) return;
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'partner_account.bound',
        subject: id,
        data: { partnerId, proposedBy, approvedBy },
      },
    ]);
  });
}

/** Ends a binding at once; one person is enough. False when there was none. */
export async function endBinding(
  context: BindContext,
  input: { readonly partnerId: string; readonly account: string; readonly by: string },
): Promise<boolean> {
  const atMs = context.time.now();
  return context.db.tx(async (tx) => {
    const id = await endPartnerAccount(tx, { ...input, now: new Date(atMs) });
    if (id === undefined) return false;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'partner_account.ended',
        subject: id,
        data: { partnerId: input.partnerId, by: input.by },
      },
    ]);
    return true;
  });
}

/** Registers an address that a customer's browser may be sent back to: https, or http on this machine in the demo. */
export async function registerRedirect(
  context: BindContext,
  input: TwoPeople & { readonly partnerId: string; readonly url: string },
): Promise<void> {
  if (!isRedirectUrl(input.url))
    throw new RangeError('Cannot register address: it is not https without fragment or user');
  const atMs = context.time.now();
  await context.db.tx(async (tx) => {
    if (!(await insertRedirect(tx, { ...input, now: new Date(atMs) }))) return;
    const { partnerId, proposedBy, approvedBy, url } = input;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'partner_redirect.registered',
        subject: partnerId,
        data: { url, proposedBy, approvedBy },
      },
    ]);
  });
}

/** Ends an address: no consent can be asked for through it any more. One person is enough. False when there was none. */
export async function endRedirectUrl(
  context: BindContext,
  input: { readonly partnerId: string; readonly url: string; readonly by: string },
): Promise<boolean> {
  const atMs = context.time.now();
  return context.db.tx(async (tx) => {
    if (!(await endRedirect(tx, { ...input, now: new Date(atMs) }))) return false;
    const { partnerId, url, by } = input;
    await recordEvents(tx, [
      { atMs, kind: 'partner_redirect.ended', subject: partnerId, data: { url, by } },
    ]);
    return true;
  });
}

/** True for https without user, password and fragment, and for http on a loopback address. */
export function isRedirectUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.href !== text || url.username !== '' || url.password !== '' || url.hash !== '')
    return false;
  const isLoopback = url.hostname === '127.0.0.1' || url.hostname === 'localhost';
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback);
}
