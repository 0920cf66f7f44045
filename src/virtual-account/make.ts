/** The registry of virtual accounts: corporates and paying partners by onboarding (two people each), the accounts by the corporates. */
import { recordEvents } from '../audit/record.ts';
import type { Transactor } from '../db/pool.ts';
import type { Sen } from '../kernel/money.ts';
import type { Time } from '../kernel/time.ts';
import type { VaKind } from './decide.ts';
import {
  insertChannel,
  insertService,
  insertVa,
  selectService,
  updateChannelEnd,
  updateServiceEnd,
} from './store.ts';

interface MakeContext {
  readonly db: Transactor;
  readonly time: Time;
}

interface Onboarding {
  readonly partnerId: string;
  readonly account: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
}

/** Gives a corporate a service id whose payments go to `account`; one that is there, or another's, stays as it is. Needs a role that
 * may write it. */
export async function registerService(
  context: MakeContext,
  input: Onboarding & { readonly serviceId: string },
): Promise<boolean> {
  const atMs = context.time.now();
  return context.db.tx(async (tx) => {
    if (!(await insertService(tx, { ...input, now: new Date(atMs) }))) return false;
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      {
        atMs,
        kind: 'va_service.registered',
        subject: input.serviceId,
        data: { partnerId, proposedBy, approvedBy },
      },
    ]);
    return true;
  });
}

/** Lets a partner pay bills from `account`; one that may already stays as it is. Needs a role that may write it. */
export async function registerChannel(context: MakeContext, input: Onboarding): Promise<boolean> {
  const atMs = context.time.now();
  return context.db.tx(async (tx) => {
    if (!(await insertChannel(tx, { ...input, now: new Date(atMs) }))) return false;
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      { atMs, kind: 'va_channel.registered', subject: partnerId, data: { proposedBy, approvedBy } },
    ]);
    return true;
  });
}

interface Ending {
  readonly partnerId: string;
  readonly by: string;
}

/** Ends a corporate's service: its virtual accounts can be neither made nor paid any more. One person is enough. False when there is
 * none. */
export async function endService(
  context: MakeContext,
  input: Ending & { readonly serviceId: string },
): Promise<boolean> {
  const atMs = context.time.now();
  const { partnerId, serviceId, by } = input;
  return context.db.tx(async (tx) => {
    if (!(await updateServiceEnd(tx, { ...input, now: new Date(atMs) }))) return false;
    await recordEvents(tx, [
      { atMs, kind: 'va_service.ended', subject: serviceId, data: { partnerId, by } },
    ]);
    return true;
  });
}

/** Ends what lets a partner pay bills; one person is enough. False when there is nothing. */
export async function endChannel(context: MakeContext, input: Ending): Promise<boolean> {
  const atMs = context.time.now();
  const { partnerId, by } = input;
  return context.db.tx(async (tx) => {
    if (!(await updateChannelEnd(tx, { partnerId, now: new Date(atMs) }))) return false;
    await recordEvents(tx, [{ atMs, kind: 'va_channel.ended', subject: partnerId, data: { by } }]);
    return true;
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
