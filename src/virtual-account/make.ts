/** The registry of virtual accounts: corporates and paying partners by onboarding (two people each), the accounts by the corporates. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import type { Sen } from '../kernel/money.ts';
import type { Time } from '../kernel/time.ts';
import type { VaKind } from './decide.ts';
import { insertChannel, insertService, insertVa, selectService } from './store.ts';

interface MakeContext {
  readonly db: Db;
  readonly time: Time;
}

interface Onboarding {
  readonly partnerId: string;
  readonly account: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
}

/** Gives a corporate a service id whose payments go to `account`. Needs a role that may write it. */
export async function registerService(
  context: MakeContext,
  input: Onboarding & { readonly serviceId: string },
): Promise<void> {
  const atMs = context.time.now();
  await context.db.tx(async (tx) => {
    await insertService(tx, { ...input, now: new Date(atMs) });
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'va_service.registered',
        subject: input.serviceId,
        data: { partnerId, proposedBy, approvedBy },
      },
    ]);
  });
}

/** Lets a partner pay bills from `account`. Needs a role that may write it. */
export async function registerChannel(context: MakeContext, input: Onboarding): Promise<void> {
  const atMs = context.time.now();
  await context.db.tx(async (tx) => {
    await insertChannel(tx, { ...input, now: new Date(atMs) });
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      { atMs, kind: 'va_channel.registered', subject: partnerId, data: { proposedBy, approvedBy } },
    ]);
  });
}

export interface NewVa {
  readonly partnerId: string;
  readonly serviceId: string;
  readonly customerNo: string;
  readonly name: string;
  readonly kind: VaKind;
  /** Absent for `open` only. */
  readonly amountSen?: Sen;
  readonly expiresAtMs?: number;
  readonly bills: string;
  readonly trxId: string;
}

/** Makes a virtual account of a corporate's own service. `not_yours`: no such service of the partner; `taken`: its number is used.
 * Throws DbFault. */
export async function makeVa(
  context: MakeContext,
  input: NewVa,
): Promise<'made' | 'not_yours' | 'taken'> {
  const atMs = context.time.now();
  return context.db.tx(async (tx) => {
    if (!(await selectService(tx, input))) return 'not_yours';
    const number = `${input.serviceId}${input.customerNo}`;
    if (!(await insertVa(tx, { ...input, number, now: new Date(atMs) }))) return 'taken';
    const { partnerId, kind, amountSen } = input;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'virtual_account.made',
        subject: number,
        data: { partnerId, kind, ...(amountSen !== undefined && { amountSen: String(amountSen) }) },
      },
    ]);
    return 'made';
  });
}
