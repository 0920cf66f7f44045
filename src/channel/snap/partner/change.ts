/** Changes of a partner by people: what there is to change, whether it loosens, and the change itself with the signatures of those who
 * made it. What only tightens one person does alone and at once; what loosens needs a second one (I5), here and in SQL. Runs in the
 * operator's command, never in a process that listens. */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { recordEvents } from '../../../audit/record.ts';
import type { Db, Tx } from '../../../db/pool.ts';
import type { StaffRoster } from '../../../gate/port.ts';
import { canonicalJson } from '../../../kernel/canonical.ts';
import { newId } from '../../../kernel/ids.ts';
import { examineArrangement, writeArrangement } from './arrange.ts';
import {
  shownArrangement,
  type ArrangementChange,
  type ArrangementRefusal,
} from './arrangement.ts';
import { boundOf, LIVE_KEYS_MAX, readPublicKey } from './credential.ts';
import { readNetworks } from './network.ts';
import { keyRow, writePartner, type KeyWriter, type PartnerDraft } from './partner.ts';
import {
  insertPartnerChange,
  insertPartnerKey,
  lockPartner,
  revokeKey,
  selectPartnerKeys,
  selectPartnerLimits,
  updateKeyEnd,
  updatePartner,
  upsertPartnerLimit,
  type PartnerLimitRow,
  type PartnerRow,
} from './store.ts';

/** One change. Keys and secrets are not part of what is signed and kept but by `fingerprint`, the SHA-256 of a public key. */
export type PartnerChange =
  | ArrangementChange
  | { readonly kind: 'add'; readonly draft: PartnerDraft }
  | {
      readonly kind: 'rotate';
      readonly key: 'public' | 'secret';
      readonly text: string;
      readonly fromMs: number;
      /** When the keys that hold now end: the overlap. */
      readonly oldUntilMs: number;
    }
  | { readonly kind: 'revoke'; readonly keyId: string }
  | { readonly kind: 'state'; readonly state: PartnerRow['state'] }
  | {
      readonly kind: 'allow';
      readonly networks: readonly string[];
      readonly certificates: readonly string[];
    }
  | { readonly kind: 'limit'; readonly group: PartnerLimitRow }
  | {
      readonly kind: 'ceiling';
      readonly amountMaxSen?: bigint;
      readonly requestsPerSecondMax?: number;
      /** null = none. */
      readonly dailyAmountMaxSen?: bigint | null;
      readonly dailyCountMax?: bigint | null;
    };

export type ChangeRefusal =
  | ArrangementRefusal
  | 'not_found'
  | 'exists'
  | 'bad_key'
  | 'bad_network'
  | 'too_many_keys'
  | 'key_not_found'
  | 'second_person_needed'
  | 'same_person'
  | 'bad_signature';

export type ChangeResult =
  | {
      readonly ok: true;
      readonly loosens: boolean;
      readonly keyId?: string;
      /** It stood so before: nothing was written. */
      readonly isUnchanged?: true;
    }
  | { readonly ok: false; readonly reason: ChangeRefusal };

/** A person with the key that signs. */
export interface ChangeSigner {
  readonly staffId: string;
  readonly key: KeyObject;
}

interface ChangeContext extends KeyWriter {
  readonly db: Db;
  readonly roster: StaffRoster;
}

/** Makes a change: all of it with its events and signatures, or nothing. Throws DbFault. */
export async function changePartner(
  context: ChangeContext,
  input: {
    readonly partnerId: string;
    readonly change: PartnerChange;
    readonly reason: string;
    readonly by: ChangeSigner;
    readonly second?: ChangeSigner | undefined;
  },
): Promise<ChangeResult> {
  const { partnerId, change, second } = input;
  const wrong = refuseForm(change);
  if (wrong) return { ok: false, reason: wrong };
  if (second?.staffId === input.by.staffId) return { ok: false, reason: 'same_person' };
  return context.db.tx(async (tx): Promise<ChangeResult> => {
    const row = await lockPartner(tx, partnerId);
    if (change.kind === 'add' ? row : !row)
      return { ok: false, reason: row ? 'exists' : 'not_found' };
    if (isOfArrangement(change)) {
      const word = await examineArrangement(context, { tx, partnerId, change });
      if (word === 'nothing') return { ok: true, loosens: false, isUnchanged: true };
      if (word !== 'write') return { ok: false, reason: word };
    }
    const limits = await selectPartnerLimits(tx, partnerId);
    const loosens = doesLoosen(change, { row, limits });
    if (loosens && !second) return { ok: false, reason: 'second_person_needed' };
    const signed = signChange(context, { ...input, loosens });
    if (!signed) return { ok: false, reason: 'bad_signature' };
    const done = await apply(context, { ...input, tx, row });
    if (!done.ok) return done;
    const now = new Date(context.time.now());
    await insertPartnerChange(tx, { ...signed, partnerId, loosens, now });
    const data = { change: signed.id, kind: change.kind, by: input.by.staffId, loosens };
    await recordEvents(tx, [
      {
        atMs: now.getTime(),
        kind: 'partner.changed',
        subject: partnerId,
        data: { ...data, approvedBy: signed.approvedBy ?? '', key: done.keyId ?? '' },
      },
    ]);
    return { ok: true, loosens, ...(done.keyId !== undefined && { keyId: done.keyId }) };
  });
}

/** Whether a change gives more than there is now. Anything new is more; what is taken away, ended or made smaller is not. */
export function doesLoosen(
  change: PartnerChange,
  now: { readonly row: PartnerRow | undefined; readonly limits: readonly PartnerLimitRow[] },
): boolean {
  const { row } = now;
  switch (change.kind) {
    case 'add':
    case 'rotate':
    case 'arrange':
      return true;
    case 'revoke':
    case 'end':
      return false;
    case 'state':
      return change.state === 'active' && row?.state !== 'active';
    case 'allow':
      return (
        isWider(row?.networks ?? [], change.networks) ||
        isWider(row?.certificates ?? [], change.certificates)
      );
    case 'limit': {
      const { group } = change;
      const before = now.limits.find((one) => one.service_group === group.service_group);
      return (['per_second_max', 'per_minute_max', 'concurrent_max'] as const).some((name) =>
        isMore(before?.[name] ?? null, group[name]),
      );
    }
    case 'ceiling':
      return (
        isMoreIfSaid(row?.amount_max_sen, change.amountMaxSen) ||
        isMoreIfSaid(row?.requests_per_second_max, change.requestsPerSecondMax) ||
        isMoreIfSaid(row?.daily_amount_max_sen, change.dailyAmountMaxSen) ||
        isMoreIfSaid(row?.daily_count_max, change.dailyCountMax)
      );
  }
}

/** No list = everybody, so an emptied list is wider; so is any entry that was not there. */
function isWider(before: readonly string[], after: readonly string[]): boolean {
  if (before.length === 0) return false;
  return after.length === 0 || after.some((one) => !before.includes(one));
}

/** null = no bound. */
function isMore(before: number | bigint | null, after: number | bigint | null): boolean {
  if (before === null) return false;
  return after === null || after > before;
}

function isMoreIfSaid(
  before: number | bigint | null | undefined,
  after: number | bigint | null | undefined,
): boolean {
  return after !== undefined && isMore(before ?? null, after);
}

const CERTIFICATE = /^[0-9a-f]{64}$/;

function refuseForm(change: PartnerChange): ChangeRefusal | undefined {
  if (change.kind === 'add') return refuseLists(change.draft) ?? refuseKey(change.draft);
  if (change.kind === 'allow') return refuseLists(change);
  if (change.kind !== 'rotate') return undefined;
  const isKey = change.key === 'secret' ? isLong(change.text) : readPublicKey(change.text);
  return isKey && change.oldUntilMs > change.fromMs ? undefined : 'bad_key';
}

function refuseKey(draft: PartnerDraft): ChangeRefusal | undefined {
  const needsSecret = (draft.signatureKind ?? 'symmetric') === 'symmetric';
  const isUsable =
    readPublicKey(draft.publicKeyPem) && (!needsSecret || isLong(draft.secret ?? ''));
  return isUsable ? undefined : 'bad_key';
}

/** A shorter secret could be guessed by who has seen one signature. */
function isLong(secret: string): boolean {
  return secret.length >= 32;
}

function refuseLists(lists: {
  readonly networks?: readonly string[];
  readonly certificates?: readonly string[];
}): ChangeRefusal | undefined {
  try {
    readNetworks(lists.networks ?? []);
  } catch {
    return 'bad_network';
  }
  return (lists.certificates ?? []).every((one) => CERTIFICATE.test(one))
    ? undefined
    : 'bad_network';
}

/** What people sign: the change without secrets, its partner, reason and instant. */
function signedText(input: {
  readonly id: string;
  readonly partnerId: string;
  readonly change: PartnerChange;
  readonly reason: string;
  readonly loosens: boolean;
}): string {
  const { change, ...rest } = input;
  const { text: _text, draft, ...plain } = { text: undefined, draft: undefined, ...change };
  const { secret: _secret, ...shown } = { secret: undefined, ...draft };
  const said = draft
    ? { ...plain, draft: shown }
    : change.kind === 'arrange'
      ? { kind: change.kind, arrangement: shownArrangement(change.arrangement) }
      : plain;
  const keyOf = change.kind === 'rotate' && change.key === 'public' ? change.text : undefined;
  return canonicalJson({ ...rest, change: { ...said, publicKeyPem: keyOf } });
}

function signChange(
  context: Pick<ChangeContext, 'time' | 'random' | 'roster'>,
  input: {
    readonly partnerId: string;
    readonly change: PartnerChange;
    readonly reason: string;
    readonly loosens: boolean;
    readonly by: ChangeSigner;
    readonly second?: ChangeSigner | undefined;
  },
) {
  const { partnerId, change, reason, loosens, by, second } = input;
  const id = newId('pchg', context.time.now(), context.random);
  const body = signedText({ id, partnerId, change, reason, loosens });
  const signatureOf = ({ staffId, key }: ChangeSigner): string | undefined => {
    const pem = Object.hasOwn(context.roster, staffId) ? context.roster[staffId] : undefined;
    const signature = sign(null, Buffer.from(body), key);
    const isKnown =
      pem !== undefined && verify(null, Buffer.from(body), createPublicKey(pem), signature);
    return isKnown ? signature.toString('base64') : undefined;
  };
  const madeSignature = signatureOf(by);
  const approvedSignature = second && signatureOf(second);
  if (madeSignature === undefined || (second && approvedSignature === undefined)) return undefined;
  return {
    id,
    body,
    madeBy: by.staffId,
    madeSignature,
    approvedBy: second?.staffId ?? null,
    approvedSignature: approvedSignature ?? null,
  };
}

type Applied =
  | { readonly ok: true; readonly keyId?: string }
  | { readonly ok: false; readonly reason: ChangeRefusal };

async function apply(
  context: ChangeContext,
  input: {
    readonly tx: Tx;
    readonly partnerId: string;
    readonly change: PartnerChange;
    readonly by: ChangeSigner;
    readonly second?: ChangeSigner | undefined;
    readonly row: PartnerRow | undefined;
  },
): Promise<Applied> {
  const { tx, partnerId, change } = input;
  if (isOfArrangement(change)) {
    const people = { by: input.by.staffId, second: input.second?.staffId };
    const isWritten = await writeArrangement(context, { tx, partnerId, change, ...people });
    return isWritten ? { ok: true } : { ok: false, reason: 'taken' };
  }
  const row = input.row!; // Absent only for `add`, which does not look at it.
  switch (change.kind) {
    case 'add':
      return (await writePartner(context, { tx, draft: change.draft }))
        ? { ok: true }
        : { ok: false, reason: 'exists' };
    case 'rotate':
      return rotate(context, { tx, partnerId, change });
    case 'revoke': {
      const keys = await keysOf(context, { tx, partnerId });
      if (!keys.some(({ id }) => id === change.keyId))
        return { ok: false, reason: 'key_not_found' };
      await revokeKey(tx, { id: change.keyId, now: new Date(context.time.now()) });
      return { ok: true, keyId: change.keyId };
    }
    case 'state':
      await updatePartner(tx, { ...row, state: change.state });
      return { ok: true };
    case 'allow':
      await updatePartner(tx, {
        ...row,
        networks: change.networks,
        certificates: change.certificates,
      });
      return { ok: true };
    case 'limit':
      await upsertPartnerLimit(tx, { partnerId, row: change.group });
      return { ok: true };
    case 'ceiling':
      await updatePartner(tx, {
        ...row,
        amount_max_sen: change.amountMaxSen ?? row.amount_max_sen,
        requests_per_second_max: change.requestsPerSecondMax ?? row.requests_per_second_max,
        daily_amount_max_sen: said(change.dailyAmountMaxSen, row.daily_amount_max_sen),
        daily_count_max: said(change.dailyCountMax, row.daily_count_max),
      });
      return { ok: true };
  }
}

function isOfArrangement(change: PartnerChange): change is ArrangementChange {
  return change.kind === 'arrange' || change.kind === 'end';
}

function said<Value>(value: Value | undefined, before: Value): Value {
  return value === undefined ? before : value;
}

/** The keys that hold or will hold. */
async function keysOf(
  context: Pick<ChangeContext, 'time'>,
  input: { readonly tx: Tx; readonly partnerId: string },
) {
  const endedAfter = new Date(context.time.now());
  const rows = await selectPartnerKeys(input.tx, { partnerId: input.partnerId, endedAfter });
  return rows.filter(({ sealed }) => sealed !== null);
}

async function rotate(
  context: ChangeContext,
  input: {
    readonly tx: Tx;
    readonly partnerId: string;
    readonly change: Extract<PartnerChange, { kind: 'rotate' }>;
  },
): Promise<Applied> {
  const { tx, partnerId, change } = input;
  const { sealer } = context;
  const live = (await keysOf(context, { tx, partnerId })).filter(({ kind }) => kind === change.key);
  if (live.length >= LIVE_KEYS_MAX) return { ok: false, reason: 'too_many_keys' };
  const validUntil = new Date(change.oldUntilMs);
  for (const row of live) {
    if (row.valid_until !== null && row.valid_until <= validUntil) continue;
    if (row.valid_from >= validUntil) continue;
    const text = sealer.open({ sealed: row.sealed!, bound: boundOf(row) });
    // Somebody wrote it past us: it is worth nothing, and stays so.
    if (text === undefined) continue;
    const sealed = sealer.seal({ text, bound: boundOf({ ...row, valid_until: validUntil }) });
    await updateKeyEnd(tx, { id: row.id, sealed, validUntil });
  }
  const { key: kind, text, fromMs } = change;
  const row = keyRow(context, { partnerId, kind, text, fromMs });
  await insertPartnerKey(tx, { row, now: new Date(context.time.now()) });
  return { ok: true, keyId: row.id };
}
