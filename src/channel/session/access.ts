/** Sign-in, sessions, PIN and CSRF for the mobile app and the console. Owns who somebody is; never what they may do.
 * A refused sign-in says the same, after the same time, whether the name is unknown, the password wrong or the access locked. */
import { createHmac } from 'node:crypto';
import { recordEvents } from '../../audit/record.ts';
import type { Db } from '../../db/pool.ts';
import { equalSecret, sha256 } from '../../kernel/canonical.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Time } from '../../kernel/time.ts';
import type { SignedIn } from '../../payment/port.ts';
import { deviceOf, networkHash, type Origin } from './device.ts';
import type { Secrets } from './secret.ts';
import { unsealStaffKey } from './staff-key.ts';
import { openRefusals, type Refusals } from './refusals.ts';
import * as store from './store.ts';
import type { PersonKind } from './store.ts';

/** Wrong tries in a row before access is locked. */
export const TRY_COUNT_MAX = 5;
/** How long it is locked. */
export const LOCK_MS = 15 * 60_000;
/** A refusal is answered no sooner than this after the question, above what scrypt and a busy machine take. */
const REFUSAL_MS_MIN = 400;
/** A session ends after this, whatever happens: a working day for staff, a day for a customer. */
const LIFETIME_MS = { customer: 24 * 3_600_000, staff: 10 * 3_600_000 } as const;
const TOKEN_BYTES = 32;
const DEVICE_LENGTH_MAX = 400;
const EXPIRED_PAGE = 100;

/** One signed-in person. */
export interface Session {
  readonly kind: PersonKind;
  /** The customer's or staff member's id. */
  readonly subject: string;
  readonly name: string;
  readonly language: 'id' | 'en';
  /** Of staff. */
  readonly role?: string;
  /** What the browser says of itself. */
  readonly device: string;
  /** Absent in a session that was opened before devices were known. */
  readonly signed?: SignedIn;
  /** For consent records; never the token. */
  readonly tokenHash: Buffer;
  readonly csrfHash: Buffer;
  /** The token that the page sends in `x-csrf-token`; can be given again to the same session at any time. */
  readonly csrfToken: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
}

export type SignInResult =
  | {
      readonly ok: true;
      readonly token: string;
      readonly session: Session;
      /** For the browser that had none. */
      readonly deviceToken: string;
    }
  | { readonly ok: false; readonly reason: 'refused' };

export type PinResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'wrong'; readonly triesLeft: number }
  | { readonly ok: false; readonly reason: 'locked'; readonly untilMs: number | undefined };

export interface Access {
  /** Checks a name and password and opens a session. Throws SecretBusy, DbFault. */
  signIn(input: {
    readonly kind: PersonKind;
    readonly username: string;
    readonly password: string;
    readonly device: string;
    /** The address that asks, for D31; @default one for all */
    readonly source?: string;
    /** The device cookie that the browser has. */
    readonly deviceToken?: string | undefined;
  }): Promise<SignInResult>;
  /** The live session of a cookie's token, and whether it is used where it was opened. */
  find(token: string, from?: Origin): Promise<Session | undefined>;
  signOut(session: Session): Promise<void>;
  /** True when the header value belongs to this session; constant time. */
  isCsrfRight(session: Session, header: string | undefined): boolean;
  /** A customer's PIN, with a lock of its own. Throws SecretBusy, DbFault. */
  checkPin(input: { readonly customerId: string; readonly pin: string }): Promise<PinResult>;
  /** A staff member's signing key for one signature, by the password typed now; counts as a try of sign-in. */
  openStaffKey(input: {
    readonly staffId: string;
    readonly password: string;
  }): Promise<string | undefined>;
  setLanguage(session: Session, language: 'id' | 'en'): Promise<void>;
}

interface Opened extends AccessContext {
  readonly refusals: Refusals;
}

interface AccessContext {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly log: Log;
}

/** Opens access control on the database. */
export function openAccess(input: AccessContext): Access {
  const { db, time, secrets } = input;
  const refusals = openRefusals(input.random);

  return {
    signIn: (asked) => signIn({ ...input, refusals }, asked),
    async find(token, from = {}) {
      if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
      const parts = tokenParts(token);
      const row = await store.selectSession(db, {
        tokenHash: parts.tokenHash,
        now: new Date(time.now()),
      });
      if (!row || !row.csrf_hash.equals(parts.csrfHash)) return undefined;
      const { kind, subject, device } = row;
      return {
        ...parts,
        kind,
        subject,
        device,
        ...signedOf(row, { token, from }),
        ...shown(row),
        madeAtMs: row.made_at.getTime(),
        expiresAtMs: row.expires_at.getTime(),
      };
    },
    signOut: (session) =>
      db.tx(async (tx) => {
        if (!(await store.deleteSession(tx, session.tokenHash))) return;
        await recordEvents(tx, [
          {
            atMs: time.now(),
            kind: 'session.closed',
            subject: session.subject,
            data: { kind: session.kind },
          },
        ]);
      }),
    isCsrfRight: (session, header) =>
      header !== undefined && equalSecret(sha256(header), session.csrfHash),
    checkPin: (asked) => checkPin(input, asked),
    async openStaffKey({ staffId, password }) {
      const username = await store.selectStaffUsername(db, staffId);
      const row =
        username === undefined
          ? undefined
          : await checkPassword(input, { kind: 'staff', username, password });
      const sealed = row && (await store.selectSealedKey(db, row.id));
      return sealed === undefined ? undefined : unsealStaffKey(secrets, { sealed, password });
    },
    setLanguage: (session, language) =>
      store.updateLanguage(db, { kind: session.kind, id: session.subject, language }),
  };
}

/** What follows from a token: only hashes are stored, and the CSRF token can be made again from the cookie but not the reverse. */
function tokenParts(token: string): { tokenHash: Buffer; csrfToken: string; csrfHash: Buffer } {
  const csrfToken = createHmac('sha256', token).update('pulih.csrf.v1').digest('base64url');
  return { tokenHash: sha256(token), csrfToken, csrfHash: sha256(csrfToken) };
}

/** A session that is used with another device's cookie, or without one, is in other hands than those that opened it. */
function signedOf(
  row: store.SessionRow,
  { token, from }: { readonly token: string; readonly from: Origin },
): { readonly signed?: SignedIn } {
  const { signed_device: device, network_hash: network, subject } = row;
  if (device === null) return {};
  const now = networkHash(token, from.source);
  return {
    signed: {
      device: deviceOf(from.deviceToken) ?? device,
      subject,
      isSame: deviceOf(from.deviceToken) === device,
      isMoved: network !== null && now !== undefined && !network.equals(now),
    },
  };
}

function shown(row: {
  readonly name: string;
  readonly language: string;
  readonly role: string | null;
}): Pick<Session, 'name' | 'language' | 'role'> {
  return {
    name: row.name,
    language: row.language === 'en' ? 'en' : 'id',
    ...(row.role === null ? {} : { role: row.role }),
  };
}

async function signIn(
  context: Opened,
  asked: Parameters<Access['signIn']>[0],
): Promise<SignInResult> {
  const { db, time, random } = context;
  const { kind, username, password, device } = asked;
  const startedMs = time.now();
  const row = await checkPassword(context, {
    kind,
    username: username.trim().toLowerCase(),
    password,
  });
  await noteTry(context, { ...asked, isRight: row !== undefined });
  if (!row) {
    await time.sleep(Math.max(0, startedMs + REFUSAL_MS_MIN - time.now()));
    return { ok: false, reason: 'refused' };
  }
  const token = random.bytes(TOKEN_BYTES).toString('base64url');
  const now = time.now();
  const known = deviceOf(asked.deviceToken);
  const deviceToken =
    known === undefined ? random.bytes(TOKEN_BYTES).toString('base64url') : asked.deviceToken!;
  const signedDevice = known ?? deviceOf(deviceToken)!; // one of ours
  const fresh = {
    ...tokenParts(token),
    device: device.slice(0, DEVICE_LENGTH_MAX),
    madeAtMs: now,
    expiresAtMs: now + LIFETIME_MS[kind],
  };
  await store.deleteExpiredSessions(db, { now: new Date(now), limit: EXPIRED_PAGE });
  await db.tx(async (tx) => {
    await store.insertSession(tx, {
      ...fresh,
      kind,
      subject: row.id,
      signedDevice,
      networkHash: networkHash(token, asked.source),
      now: new Date(now),
      expiresAt: new Date(fresh.expiresAtMs),
    });
    await recordEvents(tx, [
      { atMs: now, kind: 'session.opened', subject: row.id, data: { kind } },
    ]);
  });
  const signed = { device: signedDevice, subject: row.id, isSame: true, isMoved: false };
  return {
    ok: true,
    token,
    deviceToken,
    session: { ...fresh, kind, subject: row.id, signed, ...shown(row) },
  };
}

/** Counts a try, and tells the stream of many refused ones. As well as it goes: whoever has the right password is let in all the same. */
async function noteTry(
  { db, time, log, refusals }: Opened,
  asked: Parameters<Access['signIn']>[0] & { readonly isRight: boolean },
): Promise<void> {
  const { source = '', username, password, isRight } = asked;
  const nowMs = time.now();
  const told = refusals.note({ source, username, password, isRight, nowMs });
  if (!told) return;
  try {
    await db.tx((tx) =>
      recordEvents(tx, [
        { atMs: nowMs, kind: 'session.refusals', subject: 'sign-in', data: { ...told } },
      ]),
    );
  } catch (error) {
    log.warn({ error: (error as Error).message }, 'session.refusals_not_told');
  }
}

/** Takes a try, checks the password, gives the tries back. Undefined = refused, for any reason. */
async function checkPassword(
  context: AccessContext,
  asked: { readonly kind: PersonKind; readonly username: string; readonly password: string },
): Promise<store.CredentialRow | undefined> {
  const { db, time, secrets, log } = context;
  const { kind, username, password } = asked;
  const now = time.now();
  const claim = claimOf(username, now);
  const row = await (kind === 'customer'
    ? store.claimCustomerTry(db, claim)
    : store.claimStaffTry(db, claim));
  const isRight = await secrets.verify({ secret: password, stored: row?.secret_hash ?? undefined });
  if (row && isRight) {
    await (kind === 'customer'
      ? store.clearCustomerTries(db, row.id)
      : store.clearStaffTries(db, row.id));
    return row;
  }
  if (row?.locked_until) {
    await db.tx((tx) =>
      recordEvents(tx, [
        {
          atMs: now,
          kind: 'session.locked',
          subject: row.id,
          data: { kind, untilMs: now + LOCK_MS },
        },
      ]),
    );
  }
  log.warn({ kind, subject: row?.id, isLocked: Boolean(row?.locked_until) }, 'session.refused');
  return undefined;
}

async function checkPin(
  context: AccessContext,
  { customerId, pin }: { readonly customerId: string; readonly pin: string },
): Promise<PinResult> {
  const { db, time, secrets } = context;
  const now = time.now();
  const row = await store.claimPinTry(db, claimOf(customerId, now));
  const isRight = await secrets.verify({ secret: pin, stored: row?.secret_hash ?? undefined });
  if (row && isRight) {
    await store.clearPinTries(db, row.id);
    return { ok: true };
  }
  const until = row ? row.locked_until : await store.selectPinLock(db, customerId);
  if (row && !until)
    return { ok: false, reason: 'wrong', triesLeft: TRY_COUNT_MAX - row.failed_count };
  if (row)
    await db.tx((tx) =>
      recordEvents(tx, [
        { atMs: now, kind: 'pin.locked', subject: customerId, data: { untilMs: now + LOCK_MS } },
      ]),
    );
  return { ok: false, reason: 'locked', untilMs: until?.getTime() };
}

function claimOf(name: string, nowMs: number): store.ClaimTry {
  return {
    name,
    now: new Date(nowMs),
    lockUntil: new Date(nowMs + LOCK_MS),
    tryCountMax: TRY_COUNT_MAX,
  };
}
