/** The stop button's local control (I9): a request signed with a person's own credential, checked against the roster on the
 * gateway's disk. Needs no core, database, guard or sign-on. Stopping takes one person; nothing here loosens. */
import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { isRailName, type RailName } from '../authorisation/instruction.ts';
import type { StaffRoster } from '../gate/port.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { recordOf } from '../rail/gateway-wire.ts';

/** How far the person's clock may be off. */
const SKEW_MS = 2 * 60_000;
const NONCE_COUNT_MAX = 1_000;

export interface StopRequest {
  readonly action: 'stop';
  readonly partition: string;
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
  readonly reason: string;
  readonly staffId: string;
  readonly atMs: number;
  readonly nonce: string;
  /** Ed25519 over `stopSignatureText`, base64. */
  readonly signature: string;
}

export type StopRefusal = 'malformed' | 'bad_signature' | 'too_old' | 'repeated';

/** The bytes that a person signs to stop. */
export function stopSignatureText(request: Omit<StopRequest, 'signature'>): string {
  const { action, partition, rail, direction, reason, staffId, atMs, nonce } = request;
  return canonicalJson({
    purpose: 'pulih.stop.v1',
    action,
    partition,
    rail,
    direction,
    reason,
    staffId,
    atMs,
    nonce,
  });
}

/** Signs a stop with a person's key: what `pulih stop` writes to the control socket. */
export function makeStop(
  key: KeyObject,
  request: Omit<StopRequest, 'signature' | 'action'>,
): StopRequest {
  const whole = { ...request, action: 'stop' as const };
  return {
    ...whole,
    signature: sign(null, Buffer.from(stopSignatureText(whole)), key).toString('base64'),
  };
}

/** Checks stop requests; remembers nonces for as long as a request could be played again. */
export function makeStopCheck(input: {
  readonly partition: string;
  readonly roster: StaffRoster;
}): (
  value: unknown,
  nowMs: number,
) =>
  | { readonly ok: true; readonly request: StopRequest }
  | { readonly ok: false; readonly reason: StopRefusal } {
  const seen = new Map<string, number>();
  // An unknown person costs the same work as a known one, so that the roster cannot be read by timing.
  const nobody = generateKeyPairSync('ed25519').publicKey;
  return (value, nowMs) => {
    const request = readStop(value);
    if (!request || request.partition !== input.partition)
      return { ok: false, reason: 'malformed' };
    const pem = Object.hasOwn(input.roster, request.staffId)
      ? input.roster[request.staffId]
      : undefined;
    const key = pem === undefined ? nobody : createPublicKey(pem);
    const isGood = verify(
      null,
      Buffer.from(stopSignatureText(request)),
      key,
      Buffer.from(request.signature, 'base64'),
    );
    if (!isGood || pem === undefined) return { ok: false, reason: 'bad_signature' };
    if (Math.abs(nowMs - request.atMs) > SKEW_MS) return { ok: false, reason: 'too_old' };
    for (const [nonce, atMs] of seen)
      if (Math.abs(nowMs - atMs) > 2 * SKEW_MS || seen.size >= NONCE_COUNT_MAX) seen.delete(nonce);
    const nonce = `${request.staffId}:${request.nonce}`;
    if (seen.has(nonce)) return { ok: false, reason: 'repeated' };
    seen.set(nonce, nowMs);
    return { ok: true, request };
  };
}

function readStop(value: unknown): StopRequest | undefined {
  const { action, partition, rail, direction, reason, staffId, atMs, nonce, signature } =
    recordOf(value);
  const isGood =
    action === 'stop' &&
    isRailName(rail) &&
    (direction === 'out' || direction === 'in') &&
    isText(partition, 64) &&
    isText(reason, 500) &&
    isText(staffId, 64) &&
    isText(nonce, 64) &&
    isText(signature, 128) &&
    Number.isSafeInteger(atMs);
  if (!isGood) return undefined;
  return {
    action,
    partition,
    rail,
    direction,
    reason,
    staffId,
    atMs: Number(atMs),
    nonce,
    signature,
  };
}

function isText(value: unknown, charsMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= charsMax;
}
