/** Two people open a gateway whose journal is new or older than what the guard has seen (DESIGN.md 1.1): a file in the
 * gateway's folder, signed by two distinct people of the roster, for this partition and this epoch, used once. */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { StaffRoster } from '../gate/port.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';

/** The name of the file in the gateway's folder. */
export const OPENING_FILE = 'opening.json';

/** An opening that was signed longer ago was signed for another situation. */
const OPENING_AGE_MS_MAX = 60 * 60_000;

export interface Opening {
  readonly partition: string;
  readonly epoch: number;
  readonly madeAtMs: number;
  readonly signatures: readonly { readonly staffId: string; readonly signature: string }[];
}

/** The bytes that both people sign. */
export function openingSignatureText(
  input: Pick<Opening, 'partition' | 'epoch' | 'madeAtMs'>,
): string {
  const { partition, epoch, madeAtMs } = input;
  return canonicalJson({ purpose: 'pulih.opening.v1', partition, epoch, madeAtMs });
}

/** Makes the text of the opening file. The first start of a partition has epoch 1; `status` of the local control tells later ones. */
export function makeOpening(input: {
  readonly partition: string;
  readonly epoch: number;
  readonly madeAtMs: number;
  readonly signers: readonly { readonly staffId: string; readonly key: KeyObject }[];
}): string {
  const { partition, epoch, madeAtMs } = input;
  const text = Buffer.from(openingSignatureText(input));
  const signatures = input.signers.map(({ staffId, key }) => ({
    staffId,
    signature: sign(null, text, key).toString('base64'),
  }));
  return JSON.stringify({ partition, epoch, madeAtMs, signatures } satisfies Opening);
}

/** True when the file's text opens this partition at this epoch, now. `notBeforeMs` = the last one that was used. */
export function isOpeningValid(input: {
  readonly text: string;
  readonly partition: string;
  readonly epoch: number;
  readonly roster: StaffRoster;
  readonly nowMs: number;
  readonly notBeforeMs: number;
}): boolean {
  const opening = parseJson(input.text) as Opening | undefined;
  if (
    opening?.partition !== input.partition ||
    opening.epoch !== input.epoch ||
    !Array.isArray(opening.signatures)
  )
    return false;
  const { madeAtMs } = opening;
  if (
    !Number.isSafeInteger(madeAtMs) ||
    Math.abs(input.nowMs - madeAtMs) > OPENING_AGE_MS_MAX ||
    madeAtMs < input.notBeforeMs
  )
    return false;
  const text = Buffer.from(openingSignatureText(opening));
  const keys = new Set<string>();
  for (const entry of opening.signatures.slice(0, 8)) {
    const { staffId, signature } = (entry ?? {}) as { staffId?: unknown; signature?: unknown };
    if (typeof staffId !== 'string' || typeof signature !== 'string') continue;
    const pem = Object.hasOwn(input.roster, staffId) ? input.roster[staffId] : undefined;
    if (
      pem !== undefined &&
      verify(null, text, createPublicKey(pem), Buffer.from(signature, 'base64'))
    )
      keys.add(pem);
  }
  return keys.size >= 2;
}
