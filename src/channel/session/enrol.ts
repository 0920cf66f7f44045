/** Makes people: customers in bulk without credentials, credentials for some of them, staff with a sealed signing key.
 * For seeding and for a back office; needs a database role that may write `staff`. */
import { generateKeyPairSync } from 'node:crypto';
import type { Db } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import type { Time } from '../../kernel/time.ts';
import type { Secrets } from './secret.ts';
import { sealStaffKey } from './staff-key.ts';
import { insertCustomers, insertStaff, updateCredential } from './store.ts';

/** How many customers one statement writes. */
const CUSTOMER_PAGE = 5_000;
const PIN = /^\d{6}$/;

/** The stable cohort of a customer, 0–9999: recovery stages admit by it, so nobody flickers. */
export function cohortBucketOf(customerId: string): number {
  return sha256(`cohort:${customerId}`).readUInt32BE(0) % 10_000;
}

/** Writes customers set-based; those that exist stay as they are. They cannot sign in until they have a credential. */
export async function createCustomers(
  context: { readonly db: Db; readonly time: Time },
  customers: readonly { readonly id: string; readonly name: string; readonly isStaff?: boolean }[],
): Promise<void> {
  for (let from = 0; from < customers.length; from += CUSTOMER_PAGE) {
    const rows = customers.slice(from, from + CUSTOMER_PAGE).map(({ id, name, isStaff }) => ({
      id,
      name,
      isStaff: isStaff ?? false,
      cohortBucket: cohortBucketOf(id),
    }));
    await insertCustomers(context.db, { rows, now: new Date(context.time.now()) });
  }
}

/** Gives a customer a sign-in name, a password and a PIN of six digits. False when there is no such customer. */
export async function createCustomerCredential(
  context: { readonly db: Db; readonly secrets: Secrets },
  input: {
    readonly customerId: string;
    readonly username: string;
    readonly password: string;
    readonly pin: string;
  },
): Promise<boolean> {
  if (!PIN.test(input.pin)) throw new RangeError('Cannot set PIN: it must be six digits');
  const passwordHash = await context.secrets.hash(input.password);
  const pinHash = await context.secrets.hash(input.pin);
  return updateCredential(context.db, {
    id: input.customerId,
    username: input.username.trim().toLowerCase(),
    passwordHash,
    pinHash,
  });
}

/** Writes a staff member with a fresh Ed25519 signing key. Returns the public key (SPKI PEM) for the rosters of the processes. */
export async function createStaff(
  context: { readonly db: Db; readonly time: Time; readonly secrets: Secrets },
  input: {
    readonly id: string;
    readonly name: string;
    readonly username: string;
    readonly role: 'operator' | 'risk' | 'service_desk' | 'compliance' | 'admin';
    readonly password: string;
  },
): Promise<{ readonly publicKeyPem: string }> {
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const passwordHash = await context.secrets.hash(input.password);
  const sealedKey = await sealStaffKey(context.secrets, {
    privateKeyPem: pair.privateKey,
    password: input.password,
  });
  const { id, name, role } = input;
  const username = input.username.trim().toLowerCase();
  await insertStaff(context.db, {
    id,
    name,
    role,
    username,
    passwordHash,
    publicKey: pair.publicKey,
    sealedKey,
    now: new Date(context.time.now()),
  });
  return { publicKeyPem: pair.publicKey };
}
