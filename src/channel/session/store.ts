/** Every statement of sign-in and sessions. Owns `session` and the credential columns of `customer` and `staff`. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';

/** Whose session or credential. */
export type PersonKind = 'customer' | 'staff';

export interface CredentialRow {
  readonly id: string;
  readonly name: string;
  readonly secret_hash: string | null;
  readonly locked_until: Date | null;
  readonly failed_count: number;
  readonly language: string;
  readonly role: string | null;
}

export interface SessionRow {
  readonly kind: PersonKind;
  readonly subject: string;
  readonly csrf_hash: Buffer;
  readonly device: string;
  readonly signed_device: string | null;
  readonly network_hash: Buffer | null;
  readonly made_at: Date;
  readonly expires_at: Date;
  readonly name: string;
  readonly language: string;
  readonly role: string | null;
}

/** Takes one try of a customer's sign-in before the password is looked at, so that parallel guesses cannot exceed the limit.
 * No row: unknown, without password, or locked. A lock that has passed starts a new count. */
export async function claimCustomerTry(
  db: Queryable,
  input: ClaimTry,
): Promise<CredentialRow | undefined> {
  const rows = await db.query<CredentialRow>(sql`
    update customer set
      failed_count = case when locked_until is null then failed_count + 1 else 1 end,
      locked_until = case when (case when locked_until is null then failed_count + 1 else 1 end) >= ${input.tryCountMax}
        then ${input.lockUntil}::timestamptz end
    where username = ${input.name} and password_hash is not null and (locked_until is null or locked_until <= ${input.now}::timestamptz)
    returning id, name, password_hash as secret_hash, locked_until, failed_count, language, null as role`);
  return rows[0];
}

export interface ClaimTry {
  readonly name: string;
  readonly now: Date;
  readonly lockUntil: Date;
  readonly tryCountMax: number;
}

/** The same for staff. */
export async function claimStaffTry(
  db: Queryable,
  input: ClaimTry,
): Promise<CredentialRow | undefined> {
  const rows = await db.query<CredentialRow>(sql`
    update staff set
      failed_count = case when locked_until is null then failed_count + 1 else 1 end,
      locked_until = case when (case when locked_until is null then failed_count + 1 else 1 end) >= ${input.tryCountMax}
        then ${input.lockUntil}::timestamptz end
    where username = ${input.name} and (locked_until is null or locked_until <= ${input.now}::timestamptz)
    returning id, name, password_hash as secret_hash, locked_until, failed_count, language, role`);
  return rows[0];
}

/** The same for a customer's PIN; `name` is the customer id. */
export async function claimPinTry(
  db: Queryable,
  input: ClaimTry,
): Promise<CredentialRow | undefined> {
  const rows = await db.query<CredentialRow>(sql`
    update customer set
      pin_failed_count = case when pin_locked_until is null then pin_failed_count + 1 else 1 end,
      pin_locked_until = case when (case when pin_locked_until is null then pin_failed_count + 1 else 1 end) >= ${input.tryCountMax}
        then ${input.lockUntil}::timestamptz end
    where id = ${input.name} and pin_hash is not null and (pin_locked_until is null or pin_locked_until <= ${input.now}::timestamptz)
    returning id, name, pin_hash as secret_hash, pin_locked_until as locked_until, pin_failed_count as failed_count, language, null as role`);
  return rows[0];
}

/** Gives the tries back after a right password. */
export async function clearCustomerTries(db: Queryable, id: string): Promise<void> {
  await db.query(sql`update customer set failed_count = 0, locked_until = null where id = ${id}`);
}

/** Gives the tries back after a right password of staff. */
export async function clearStaffTries(db: Queryable, id: string): Promise<void> {
  await db.query(sql`update staff set failed_count = 0, locked_until = null where id = ${id}`);
}

/** Gives the tries back after a right PIN. */
export async function clearPinTries(db: Queryable, id: string): Promise<void> {
  await db.query(
    sql`update customer set pin_failed_count = 0, pin_locked_until = null where id = ${id}`,
  );
}

/** Until when a customer's PIN is locked. */
export async function selectPinLock(db: Queryable, id: string): Promise<Date | undefined> {
  const rows = await db.query<{ pin_locked_until: Date | null }>(
    sql`select pin_locked_until from customer where id = ${id}`,
  );
  return rows[0]?.pin_locked_until ?? undefined;
}

/** The username of a staff member, for a repeated password check. */
export async function selectStaffUsername(db: Queryable, id: string): Promise<string | undefined> {
  const rows = await db.query<{ username: string }>(
    sql`select username from staff where id = ${id}`,
  );
  return rows[0]?.username;
}

/** The sealed signing key of a staff member. */
export async function selectSealedKey(db: Queryable, id: string): Promise<string | undefined> {
  const rows = await db.query<{ sealed_key: string }>(
    sql`select sealed_key from staff where id = ${id}`,
  );
  return rows[0]?.sealed_key;
}

export interface NewSession {
  readonly tokenHash: Buffer;
  readonly kind: PersonKind;
  readonly subject: string;
  readonly csrfHash: Buffer;
  readonly device: string;
  readonly signedDevice: string;
  readonly networkHash: Buffer | undefined;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** Writes a session, and that its person signed in with this device. */
export async function insertSession(db: Queryable, row: NewSession): Promise<void> {
  await db.query(sql`
    with signed as (
      insert into signed_device (device, kind, subject, first_at, last_at)
      values (${row.signedDevice}, ${row.kind}, ${row.subject}, ${row.now}, ${row.now})
      on conflict (device, kind, subject) do update set last_at = greatest(signed_device.last_at, excluded.last_at)
    )
    insert into session (token_hash, kind, subject, csrf_hash, device, signed_device, network_hash, made_at, expires_at)
    values (${row.tokenHash}, ${row.kind}, ${row.subject}, ${row.csrfHash}, ${row.device}, ${row.signedDevice}, ${row.networkHash ?? null},
      ${row.now}, ${row.expiresAt})`);
}

/** A live session with what the channels show of its owner. */
export async function selectSession(
  db: Queryable,
  input: { readonly tokenHash: Buffer; readonly now: Date },
): Promise<SessionRow | undefined> {
  const rows = await db.query<SessionRow>(sql`
    select s.kind, s.subject, s.csrf_hash, s.device, s.signed_device, s.network_hash, s.made_at, s.expires_at, coalesce(c.name, t.name) as name,
      coalesce(c.language, t.language) as language, t.role
    from session s
    left join customer c on s.kind = 'customer' and c.id = s.subject
    left join staff t on s.kind = 'staff' and t.id = s.subject
    where s.token_hash = ${input.tokenHash} and s.expires_at > ${input.now}::timestamptz and coalesce(c.id, t.id) is not null`);
  return rows[0];
}

/** Ends one session; true when there was one. */
export async function deleteSession(db: Queryable, tokenHash: Buffer): Promise<boolean> {
  const rows = await db.query<{ gone: number }>(
    sql`delete from session where token_hash = ${tokenHash} returning 1 as gone`,
  );
  return rows.length > 0;
}

/** Removes what has expired of everybody; the count is bounded. */
export async function deleteExpiredSessions(
  db: Queryable,
  input: { readonly now: Date; readonly limit: number },
): Promise<void> {
  await db.query(sql`
    delete from session where token_hash in (select token_hash from session where expires_at <= ${input.now}::timestamptz limit ${input.limit})`);
}

/** Sets a person's language. */
export async function updateLanguage(
  db: Queryable,
  input: { readonly kind: PersonKind; readonly id: string; readonly language: 'id' | 'en' },
): Promise<void> {
  await (input.kind === 'customer'
    ? db.query(sql`update customer set language = ${input.language} where id = ${input.id}`)
    : db.query(sql`update staff set language = ${input.language} where id = ${input.id}`));
}

export interface NewStaff {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly role: string;
  readonly passwordHash: string;
  readonly publicKey: string;
  readonly sealedKey: string;
  readonly now: Date;
}

/** Writes a staff member. */
export async function insertStaff(db: Queryable, row: NewStaff): Promise<void> {
  await db.query(sql`
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    values (${row.id}, ${row.name}, ${row.username}, ${row.role}, ${row.passwordHash}, ${row.publicKey}, ${row.sealedKey}, ${row.now})`);
}

export interface NewCustomer {
  readonly id: string;
  readonly name: string;
  readonly isStaff: boolean;
  readonly cohortBucket: number;
}

/** Writes customers without credentials, set-based; those that exist stay as they are. */
export async function insertCustomers(
  db: Queryable,
  input: { readonly rows: readonly NewCustomer[]; readonly now: Date },
): Promise<void> {
  const { rows, now } = input;
  await db.query(sql`
    insert into customer (id, name, is_staff, cohort_bucket, made_at)
    select c.id, c.name, c.is_staff, c.cohort_bucket, ${now}::timestamptz
    from unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.name)}::text[],
      ${rows.map((row) => row.isStaff)}::boolean[], ${rows.map((row) => row.cohortBucket)}::integer[])
      as c (id, name, is_staff, cohort_bucket)
    on conflict (id) do nothing`);
}

/** Gives a customer a username, a password and a PIN. */
export async function updateCredential(
  db: Queryable,
  input: {
    readonly id: string;
    readonly username: string;
    readonly passwordHash: string;
    readonly pinHash: string;
  },
): Promise<boolean> {
  const rows = await db.query<{ id: string }>(sql`
    update customer set username = ${input.username}, password_hash = ${input.passwordHash}, pin_hash = ${input.pinHash}
    where id = ${input.id} returning id`);
  return rows.length > 0;
}
