/** Whose account a request may read: with a customer's token what that customer granted, without one what is bound to the partner as
 * its own. There is no third way, and nothing is remembered between requests. */
import type { IncomingHttpHeaders } from 'node:http';
import type { AccessScope } from '../grant/port.ts';
import { findAccess } from '../grant/token.ts';
import { selectPartnerAccounts } from '../grant/store.ts';
import { SnapRefusal } from './fault.ts';
import type { ServiceContext } from './serve.ts';

const DEVICE_LENGTH_MAX = 400;

/** What a customer's token lets a request do. Throws SnapRefusal, DbFault. Source: domain.md 3.3. */
export async function customerAccess(
  context: Pick<ServiceContext, 'db' | 'time'>,
  input: {
    readonly partnerId: string;
    readonly headers: IncomingHttpHeaders;
    readonly scope: AccessScope;
  },
): Promise<NonNullable<Awaited<ReturnType<typeof findAccess>>>> {
  const { partnerId, headers, scope } = input;
  const token = headers['authorization-customer'];
  if (token === undefined || token === '') throw new SnapRefusal('customerTokenNotFound');
  const match = typeof token === 'string' ? /^Bearer ([\x21-\x7e]{1,2048})$/i.exec(token) : null;
  if (!match) throw new SnapRefusal('invalidCustomerToken');
  demandDevice(headers);
  const access = await findAccess(context, { partnerId, accessToken: match[1]! });
  if (!access) throw new SnapRefusal('invalidCustomerToken');
  if (!access.scopes.includes(scope)) throw new SnapRefusal('featureNotAllowed', 'scope');
  return access;
}

/** The accounts that a request may read with `scope`, by number. Throws SnapRefusal, DbFault. Source: domain.md 3.3. */
export async function readableAccounts(
  context: Pick<ServiceContext, 'db' | 'time'>,
  input: {
    readonly partnerId: string;
    readonly headers: IncomingHttpHeaders;
    readonly scope: AccessScope;
  },
): Promise<readonly string[]> {
  const { partnerId, headers } = input;
  if (headers['authorization-customer'] === undefined) {
    const now = new Date(context.time.now());
    const own = await selectPartnerAccounts(context.db, { partnerId, now });
    if (own.length === 0) throw new SnapRefusal('customerTokenNotFound');
    return own;
  }
  return (await customerAccess(context, input)).accounts;
}

/** The one account that a request reads: the named one, or the only readable one where none is named. `field` is what a refusal
 * names. */
export function chooseAccount(
  readable: readonly string[],
  asked: { readonly account: string | undefined; readonly field: string },
): string {
  const { account, field } = asked;
  if (account === undefined) {
    if (readable.length === 1) return readable[0]!;
    throw new SnapRefusal(readable.length === 0 ? 'notPermitted' : 'missingField', field);
  }
  if (!readable.includes(account)) throw new SnapRefusal('notPermitted', field);
  return account;
}

/** X-DEVICE-ID comes with every request for a customer; it is the partner's word and proves nothing. */
function demandDevice(headers: IncomingHttpHeaders): void {
  const device = headers['x-device-id'];
  if (device === undefined || device === '') throw new SnapRefusal('missingField', 'X-DEVICE-ID');
  if (typeof device !== 'string' || device.length > DEVICE_LENGTH_MAX)
    throw new SnapRefusal('invalidFormat', 'X-DEVICE-ID');
}
