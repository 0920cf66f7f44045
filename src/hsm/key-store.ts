/** The keys that the HSM holds: key blocks under the master key in one file, which is authenticated as a whole and replaced as a whole.
 * A key is in clear only inside `withKey`, for one call, and is wiped afterwards. */
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { assert } from '../kernel/assert.ts';
import { canonicalJson, equalSecret } from '../kernel/canonical.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import { parseJson } from '../kernel/wire.ts';
import {
  KEY_KINDS,
  type HsmRefusal,
  type KeyAlgorithm,
  type KeyKind,
  type ListedKey,
} from '../rail/hsm/port.ts';
import { hasEqualHalves, wipe } from './cipher.ts';
import { replaceFile } from './durable-file.ts';
import { unwrapKey, wrapKey } from './key-block.ts';
import { checkValueOf } from './mac.ts';
import type { Journal } from './journal.ts';
import type { MasterKeys } from './master-key.ts';
import type { ClearKey } from './pin-block.ts';

/** A zone key that was replaced still opens what is under way for so long. */
const PREVIOUS_MS = 10 * 60_000;
const NEVER_MS = Number.MAX_SAFE_INTEGER;
/** A demo has a dozen; a bank some hundred terminals. */
const KEY_COUNT_MAX = 5_000;
/** Values that a name had: kept so that an old key exchange cannot be played again. A year of daily changes. */
const FORMER_COUNT_MAX = 400;

/** TR-31 usage and mode by kind and algorithm; absent = this kind has no key of the algorithm. */
export const HEADER_OF: Readonly<
  Record<
    KeyKind,
    {
      readonly mode: string;
      readonly T?: string;
      readonly A?: string;
      readonly isZone: boolean;
    }
  >
> = {
  zmk: { mode: 'B', T: 'K0', A: 'K0', isZone: false },
  zpk: { mode: 'B', T: 'P0', A: 'P0', isZone: true },
  tpk: { mode: 'D', T: 'P0', A: 'P0', isZone: true },
  zak: { mode: 'C', T: 'M3', A: 'M6', isZone: true },
  pvk: { mode: 'C', T: 'V2', A: 'V0', isZone: false },
  cvk: { mode: 'C', T: 'C0', isZone: false },
  imk: { mode: 'X', T: 'E0', isZone: false },
};

/** One key as it is kept. */
export interface StoredKey {
  readonly name: string;
  readonly version: number;
  readonly algorithm: KeyAlgorithm;
  readonly block: string;
  readonly checkValue: string;
  readonly fingerprint: string;
  /** Set when a newer one took its place: refused from this instant on. Keys that verify what is kept have no end. */
  readonly usableUntilMs?: number;
}

/** What the file holds; `extra` is the ceremonies' own (`ceremony.ts`). */
export interface StoreBody {
  readonly keys: readonly StoredKey[];
  /** Fingerprints that a name had before, oldest first. */
  readonly former: Readonly<Record<string, readonly string[]>>;
  readonly waiting: readonly WaitingBlock[];
  readonly journalHead: string;
}

/** The first half of a ceremony, waiting for the second person. */
export interface WaitingBlock {
  readonly name: string;
  /** Canonical text of what was agreed. */
  readonly facts: string;
  readonly staffId: string;
  readonly expiresAtMs: number;
  /** The component under the master key; absent when the HSM makes the key itself. */
  readonly block?: string;
}

const EMPTY: StoreBody = { keys: [], former: {}, waiting: [], journalHead: '' };

/** Reads the file. `undefined` when there is none yet. Throws when it was changed. */
export function readStore(path: string, keys: MasterKeys): StoreBody | undefined {
  if (!existsSync(path)) return undefined;
  const file = (parseJson(readFileSync(path)) ?? {}) as { readonly body?: unknown; mac?: unknown };
  const isOurs =
    typeof file.body === 'string' &&
    typeof file.mac === 'string' &&
    equalSecret(macOf(keys, file.body), file.mac);
  if (!isOurs) throw new Error('Cannot start the HSM: its key store was changed');
  return parseJson(file.body as string) as StoreBody;
}

function macOf(keys: MasterKeys, body: string): string {
  return createHmac('sha256', keys.store).update(body).digest('base64url');
}

/** The store of a running HSM. */
export interface KeyStore {
  body(): StoreBody;
  list(): readonly ListedKey[];
  /** The current key of this name, or the version asked for while it may be used. */
  find(name: string, version?: number): StoredKey | undefined;
  /** All versions that may be used, the current one first. */
  usable(name: string): readonly StoredKey[];
  /** True when the block says that PINs under this AES key may go on in format 0. */
  allowsFormat0(stored: StoredKey): boolean;
  /** Runs `use` with the key in clear, and wipes it. `kind` is what the function needs: the block must say the same. */
  withKey<Result>(stored: StoredKey, kind: KeyKind, use: (key: ClearKey) => Result): Result;
  /** Whether these key bytes, parity set, may become `name`; `same` = they are its current key already. */
  judge(name: string, key: ClearKey): 'new' | 'same' | HsmRefusal;
  /** Keeps a new version of `name`; the caller has asked `judge` and written the journal. On disk when it returns. */
  add(name: string, key: ClearKey, options: { readonly allowsFormat0: boolean }): StoredKey;
  /** Replaces the ceremonies that wait. */
  setWaiting(waiting: readonly WaitingBlock[]): void;
}

/** The kind in a key's name; undefined when it is no name. */
export function kindOf(name: string): KeyKind | undefined {
  const kind = /^([a-z]{3})\.[a-z0-9][a-z0-9-]{0,23}$/.exec(name)?.[1];
  return KEY_KINDS.find((one) => one === kind);
}

/** Opens the store over what `readStore` gave. Throws when a block in it is not of this master key. */
export function openKeyStore(input: {
  readonly path: string;
  readonly keys: MasterKeys;
  readonly body: StoreBody | undefined;
  readonly journal: Pick<Journal, 'head' | 'fail'>;
  readonly time: Time;
  readonly random: Random;
}): KeyStore {
  const { keys, time, random } = input;
  let body = input.body ?? EMPTY;
  const save = (next: Omit<StoreBody, 'journalHead'>): void => {
    const whole = { ...next, journalHead: input.journal.head() };
    const text = canonicalJson(whole);
    try {
      replaceFile(input.path, JSON.stringify({ body: text, mac: macOf(keys, text) }));
    } catch (error) {
      input.journal.fail();
      throw error;
    }
    body = whole;
  };
  const find: KeyStore['find'] = (name, version) => {
    const versions = body.keys.filter((one) => one.name === name);
    if (version === undefined) return versions.find((one) => one.usableUntilMs === undefined);
    const found = versions.find((one) => one.version === version);
    return found && isUsable(found, time.now()) ? found : undefined;
  };
  // After a crash between journal and store they meet again here.
  if (!input.body || body.journalHead !== input.journal.head()) save(body);
  for (const stored of body.keys) open(keys, stored, kindOf(stored.name)!).key.fill(0);
  return {
    body: () => body,
    list: () =>
      body.keys.map((one) => ({
        name: one.name,
        version: one.version,
        algorithm: one.algorithm,
        checkValue: one.checkValue,
        isCurrent: find(one.name) === one,
      })),
    find,
    usable: (name) =>
      body.keys
        .filter((one) => one.name === name && isUsable(one, time.now()))
        .toSorted((a, b) => b.version - a.version),
    allowsFormat0(stored) {
      const opened = unwrapKey(keys.block, stored.block);
      if (opened) wipe(opened.key);
      return opened?.header.optional['10'] === 'ISO0';
    },
    withKey(stored, kind, use) {
      const clear = open(keys, stored, kind);
      try {
        return use(clear);
      } finally {
        wipe(clear.key);
      }
    },
    judge: (name, key) => judge({ body, keys, name, key, current: find(name) }),
    add(name, key, { allowsFormat0 }) {
      const made = seal({ keys, random, name, key, allowsFormat0, versions: body.keys });
      const kept = keepAfter({ stored: body.keys, name, nowMs: time.now() });
      const former = [...(body.former[name] ?? []), made.fingerprint].slice(-FORMER_COUNT_MAX);
      save({ ...body, keys: [...kept, made], former: { ...body.former, [name]: former } });
      return made;
    },
    setWaiting: (waiting) => save({ ...body, waiting }),
  };
}

/** What stays when `name` gets a new version. */
function keepAfter(input: {
  readonly stored: readonly StoredKey[];
  readonly name: string;
  readonly nowMs: number;
}): readonly StoredKey[] {
  const { name, nowMs } = input;
  const { isZone } = HEADER_OF[kindOf(name)!];
  const usableUntilMs = isZone ? nowMs + PREVIOUS_MS : NEVER_MS;
  return (
    input.stored
      .filter((one) => isUsable(one, nowMs))
      // A replaced ZMK wraps and unwraps nothing any more.
      .filter((one) => one.name !== name || !name.startsWith('zmk.'))
      .map((one) =>
        one.name === name && one.usableUntilMs === undefined ? { ...one, usableUntilMs } : one,
      )
  );
}

function isUsable(stored: StoredKey, nowMs: number): boolean {
  return stored.usableUntilMs === undefined || nowMs < stored.usableUntilMs;
}

function open(keys: MasterKeys, stored: StoredKey, kind: KeyKind): ClearKey {
  const opened = unwrapKey(keys.block, stored.block);
  const header = opened?.header;
  const expected = HEADER_OF[kind];
  const isBound =
    header !== undefined &&
    header.usage === expected[header.algorithm] &&
    header.mode === expected.mode &&
    header.algorithm === stored.algorithm &&
    header.optional['LB'] === labelOf(stored);
  assert(opened && isBound, `the block of ${labelOf(stored)} is of this HSM and for this use`);
  return { algorithm: opened.header.algorithm, key: opened.key };
}

function labelOf(stored: { readonly name: string; readonly version: number }): string {
  return `${stored.name}@${stored.version}`;
}

function seal(input: {
  readonly keys: MasterKeys;
  readonly random: Random;
  readonly name: string;
  readonly key: ClearKey;
  readonly allowsFormat0: boolean;
  readonly versions: readonly StoredKey[];
}): StoredKey {
  const { keys, random, name, key } = input;
  const { mode, isZone, [key.algorithm]: usage } = HEADER_OF[kindOf(name)!];
  assert(usage !== undefined, `a ${name} may be of algorithm ${key.algorithm}`);
  const version =
    1 + Math.max(0, ...input.versions.filter((one) => one.name === name).map((one) => one.version));
  const policy = input.allowsFormat0 ? { '10': 'ISO0' } : {};
  const block = wrapKey({
    keys: keys.block,
    header: {
      usage,
      algorithm: key.algorithm,
      mode,
      exportability: isZone ? 'E' : 'N',
      optional: { LB: labelOf({ name, version }), ...policy },
    },
    key: key.key,
    random,
  });
  return {
    name,
    version,
    algorithm: key.algorithm,
    block,
    checkValue: checkValueOf(key.algorithm, key.key),
    fingerprint: fingerprintOf(keys, key),
  };
}

/** One value, one name: a value that was ever known under another is a mix-up or an attack (a PIN key given out as a MAC key would
 * make every PIN block a MAC). */
function judge(input: {
  readonly body: StoreBody;
  readonly keys: MasterKeys;
  readonly name: string;
  readonly key: ClearKey;
  readonly current: StoredKey | undefined;
}): 'new' | 'same' | HsmRefusal {
  const { body, keys, name, key, current } = input;
  const kind = kindOf(name);
  if (!kind || HEADER_OF[kind][key.algorithm] === undefined) return 'wrong_usage';
  if (key.algorithm === 'T' && (key.key.length !== 16 || hasEqualHalves(key.key)))
    return 'weak_key';
  const fingerprint = fingerprintOf(keys, key);
  if (current?.fingerprint === fingerprint) return 'same';
  if (Object.values(body.former).some((known) => known.includes(fingerprint))) return 'key_reused';
  return body.keys.length >= KEY_COUNT_MAX ? 'rate_limited' : 'new';
}

function fingerprintOf(keys: MasterKeys, key: ClearKey): string {
  return createHmac('sha256', keys.fingerprint)
    .update(key.key)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}
