/** How keys that no network brings come in: two different people, each with a signature of their own, agree on one key. Either each
 * brings a component, and the key is both together, or the HSM makes it. Neither person ever knows the key, and the HSM shows check
 * values only. The first half waits under the master key, so that the second person may come the next day. */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { assert } from '../kernel/assert.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import type { KeyAlgorithm, KeyName } from '../rail/hsm/port.ts';
import { setOddParity, wipe, xor } from './cipher.ts';
import { unwrapKey, wrapKey, type KeyHeader } from './key-block.ts';
import { HEADER_OF, kindOf, type WaitingBlock } from './key-store.ts';
import { checkValueOf } from './mac.ts';
import type { Module } from './module.ts';
import type { ClearKey } from './pin-block.ts';

/** The second person has a day. */
const WAITING_MS = 24 * 3_600_000;
const WAITING_COUNT_MAX = 16;
/** How far the clock of a person's machine may be off. */
const SKEW_MS = 120_000;
const NONCE_COUNT_MAX = 1_000;
const COMPONENT_BYTES = { T: 16, A: 32 } as const;

/** What one person wants. All but `component`, `staffId`, `atMs` and `nonce` must be the same with both. */
export interface CeremonyAct {
  readonly name: KeyName;
  readonly algorithm: KeyAlgorithm;
  /** PINs under this AES key may go on under a TDES key. */
  readonly allowsFormat0: boolean;
  /** What the other side says the key's check value is. */
  readonly checkValue?: string;
  /** Hex, 16 or 32 bytes; absent when the HSM shall make the key. */
  readonly component?: string;
  readonly staffId: string;
  readonly atMs: number;
  /** 24 hex digits. */
  readonly nonce: string;
}

/** An act with the person's signature, base64. */
export interface SignedAct {
  readonly act: CeremonyAct;
  readonly signature: string;
}

export type CeremonyRefusal =
  | 'malformed'
  | 'bad_signature'
  | 'too_old'
  | 'repeated'
  | 'same_person'
  | 'differs'
  | 'too_many'
  | 'wrong_usage'
  | 'wrong_check_value'
  | 'weak_key'
  | 'key_reused';

export type CeremonyAnswer =
  | { readonly ok: true; readonly state: 'waiting'; readonly checkValue?: string }
  | {
      readonly ok: true;
      readonly state: 'formed';
      readonly version: number;
      readonly checkValue: string;
    }
  | { readonly ok: false; readonly reason: CeremonyRefusal };

/** Staff who may, by id: PEM of their public keys. */
export type Roster = Readonly<Record<string, string>>;

/** Signs an act as one person. */
export function signAct(key: KeyObject, act: CeremonyAct): SignedAct {
  return { act, signature: sign(null, textOf(act), key).toString('base64') };
}

/** The ceremonies of one HSM; remembers nonces for as long as an act may be sent again. */
export function openCeremonies(
  module: Module,
  roster: () => Roster,
): (value: unknown) => CeremonyAnswer {
  const seen = new Map<string, number>();
  return (value) => {
    const signed = readSigned(value);
    if (!signed) return refused('malformed');
    const { act } = signed;
    const reason = refuseAct(module, { signed, roster: roster(), seen });
    if (reason) return note(module, act, reason);
    seen.set(act.nonce, act.atMs);
    return advance(module, act, roster());
  };
}

function refuseAct(
  module: Module,
  input: {
    readonly signed: SignedAct;
    readonly roster: Roster;
    readonly seen: Map<string, number>;
  },
): CeremonyRefusal | undefined {
  const { signed, roster, seen } = input;
  const { act, signature } = signed;
  const pem = Object.hasOwn(roster, act.staffId) ? roster[act.staffId] : undefined;
  const isSigned =
    pem !== undefined &&
    verify(null, textOf(act), createPublicKey(pem), Buffer.from(signature, 'base64'));
  if (!isSigned) return 'bad_signature';
  const nowMs = module.time.now();
  if (Math.abs(nowMs - act.atMs) > SKEW_MS) return 'too_old';
  for (const [nonce, atMs] of seen) if (nowMs - atMs > 2 * SKEW_MS) seen.delete(nonce);
  if (seen.has(act.nonce)) return 'repeated';
  if (seen.size >= NONCE_COUNT_MAX) return 'too_many';
  const header = HEADER_OF[kindOf(act.name)!];
  const isFormat0 = act.allowsFormat0 && !(act.algorithm === 'A' && header[act.algorithm] === 'P0');
  return header[act.algorithm] === undefined || isFormat0 ? 'wrong_usage' : undefined;
}

/** The first person's half waits; the second person's completes. The first may send again and replaces what waited. */
function advance(module: Module, act: CeremonyAct, roster: Roster): CeremonyAnswer {
  const { store, time } = module;
  const nowMs = time.now();
  const waiting = store.body().waiting.filter((one) => nowMs < one.expiresAtMs);
  const first = waiting.find((one) => one.name === act.name);
  const others = waiting.filter((one) => one !== first);
  if (!first || first.staffId === act.staffId) {
    if (others.length >= WAITING_COUNT_MAX) return note(module, act, 'too_many');
    return open(module, act, others);
  }
  if (roster[first.staffId] === roster[act.staffId] || !Object.hasOwn(roster, first.staffId))
    return note(module, act, 'same_person');
  if (first.facts !== factsOf(act)) return note(module, act, 'differs');
  return form(module, { act, first, others });
}

function open(module: Module, act: CeremonyAct, others: readonly WaitingBlock[]): CeremonyAnswer {
  const { store, journal, time } = module;
  const component = act.component === undefined ? undefined : Buffer.from(act.component, 'hex');
  const checkValue = component && checkValueOf(act.algorithm, component);
  const block = component && wrapComponent(module, component);
  if (component) wipe(component);
  journal.append({
    atMs: time.now(),
    event: 'ceremony_opened',
    key: act.name,
    by: [act.staffId],
    ...(checkValue ? { checkValue } : {}),
  });
  const expiresAtMs = time.now() + WAITING_MS;
  const half = { name: act.name, facts: factsOf(act), staffId: act.staffId, expiresAtMs };
  store.setWaiting([...others, block ? { ...half, block } : half]);
  return { ok: true, state: 'waiting', ...(checkValue ? { checkValue } : {}) };
}

/** Whatever comes out, the first half is used up: a wrong component is entered again by both. */
function form(
  module: Module,
  input: {
    readonly act: CeremonyAct;
    readonly first: WaitingBlock;
    readonly others: readonly WaitingBlock[];
  },
): CeremonyAnswer {
  const { act, first, others } = input;
  const { store, journal, time } = module;
  const key = combine(module, act, first);
  try {
    const checkValue = checkValueOf(key.algorithm, key.key);
    const isExpected = act.checkValue === undefined || act.checkValue === checkValue;
    const verdict = isExpected ? store.judge(act.name, key) : 'wrong_check_value';
    store.setWaiting(others);
    if (verdict !== 'new') return note(module, act, REFUSALS[verdict] ?? 'weak_key');
    const by = [first.staffId, act.staffId];
    journal.append({ atMs: time.now(), event: 'key_formed', key: act.name, checkValue, by });
    const { version } = store.add(act.name, key, act);
    return { ok: true, state: 'formed', version, checkValue };
  } finally {
    wipe(key.key);
  }
}

const REFUSALS: Readonly<Record<string, CeremonyRefusal>> = {
  same: 'key_reused',
  key_reused: 'key_reused',
  weak_key: 'weak_key',
  wrong_usage: 'wrong_usage',
  wrong_check_value: 'wrong_check_value',
  rate_limited: 'too_many',
};

/** The exclusive or of both components, or a key of the HSM's own making. */
function combine(module: Module, act: CeremonyAct, first: WaitingBlock): ClearKey {
  const bytes = COMPONENT_BYTES[act.algorithm];
  let key: Buffer;
  if (act.component === undefined || first.block === undefined) key = module.random.bytes(bytes);
  else {
    const halves = [
      unwrapComponent(module, first.block),
      Buffer.from(act.component, 'hex'),
    ] as const;
    key = xor(...halves);
    wipe(...halves);
  }
  if (act.algorithm === 'T') setOddParity(key);
  return { algorithm: act.algorithm, key };
}

/** Usage `10` is of the range for own use: no function opens it. */
const COMPONENT_HEADER: KeyHeader = {
  usage: '10',
  algorithm: 'A',
  mode: 'N',
  exportability: 'N',
  optional: {},
};

function wrapComponent({ keys, random }: Module, component: Buffer): string {
  return wrapKey({ keys: keys.block, header: COMPONENT_HEADER, key: component, random });
}

function unwrapComponent({ keys }: Module, block: string): Buffer {
  const opened = unwrapKey(keys.block, block);
  assert(opened?.header.usage === COMPONENT_HEADER.usage, 'what waits is a component of this HSM');
  return opened.key;
}

function note(module: Module, act: CeremonyAct, reason: CeremonyRefusal): CeremonyAnswer {
  const { journal, time } = module;
  // What nobody of the staff signed could be repeated until the disk is full.
  if (reason !== 'bad_signature' && reason !== 'repeated' && reason !== 'too_old')
    journal.append({
      atMs: time.now(),
      event: 'ceremony_refused',
      key: act.name,
      by: [act.staffId],
      why: reason,
    });
  return refused(reason);
}

function refused(reason: CeremonyRefusal): CeremonyAnswer {
  return { ok: false, reason };
}

function textOf(act: CeremonyAct): Buffer {
  return Buffer.from(canonicalJson({ purpose: 'pulih.hsm.ceremony.v1', act }));
}

function factsOf(act: CeremonyAct): string {
  const { name, algorithm, allowsFormat0, checkValue, component } = act;
  const from = component === undefined ? 'random' : 'components';
  return canonicalJson({ name, algorithm, allowsFormat0, checkValue, from });
}

function readSigned(value: unknown): SignedAct | undefined {
  const { act, signature } = (value ?? {}) as Partial<SignedAct>;
  if (typeof signature !== 'string' || signature.length > 200) return undefined;
  if (typeof act !== 'object' || act === null) return undefined;
  const { name, algorithm, allowsFormat0, checkValue, component, staffId, atMs, nonce } = act;
  const bytes = Object.hasOwn(COMPONENT_BYTES, algorithm) ? COMPONENT_BYTES[algorithm] : 0;
  const isWhole =
    [name, staffId, nonce].every((text) => typeof text === 'string') &&
    kindOf(name) !== undefined &&
    bytes > 0 &&
    typeof allowsFormat0 === 'boolean' &&
    isAbsentOr(checkValue, /^[0-9A-F]{6}$/) &&
    isAbsentOr(component, new RegExp(`^[0-9A-F]{${bytes * 2}}$`)) &&
    /^[\w-]{1,64}$/.test(staffId) &&
    /^[0-9a-f]{24}$/.test(nonce) &&
    Number.isSafeInteger(atMs);
  if (!isWhole) return undefined;
  const fields = { name, algorithm, allowsFormat0, checkValue, component, staffId, atMs, nonce };
  return Object.keys(act).every((field) => Object.hasOwn(fields, field))
    ? { act, signature }
    : undefined;
}

function isAbsentOr(value: unknown, form: RegExp): boolean {
  return value === undefined || (typeof value === 'string' && form.test(value));
}
