/** Keys that are shared with the other end of a link: made, given and taken under the ZMK of that link. Under a TDES ZMK as 32 hex
 * digits in ECB, as the networks do (ISO 8583 key exchange, DE 48 or DE 120), which binds nothing: so the value is bound here, to one
 * name for ever. Under an AES ZMK as a TR-31 block, which binds its use itself. */
import type { HsmRefusal, KeyName, ZoneKey } from '../rail/hsm/port.ts';
import { equalSecret } from '../kernel/canonical.ts';
import { decryptBlocks, encryptBlocks, setOddParity, wipe } from './cipher.ts';
import { deriveBlockKeys, unwrapKey, wrapKey, type BlockKeys } from './key-block.ts';
import { HEADER_OF, kindOf, type StoredKey } from './key-store.ts';
import { checkValueOf } from './mac.ts';
import { findKey, refuse, type Does, type Module } from './module.ts';
import type { ClearKey } from './pin-block.ts';

const ZONE_KINDS = ['zpk', 'zak', 'tpk'];
const BYTES = { T: 16, A: 32 } as const;

/** Makes a new version, keeps it, and gives it under the ZMK. */
export const makeZoneKey: Does<'makeZoneKey'> = (module, input, by) => {
  const { limits, random } = module;
  const zmk = findZmk(module, input.name);
  if (typeof zmk === 'string') return refuse(zmk);
  if (input.algorithm === 'A' && zmk.algorithm === 'T') return refuse('wrong_usage');
  if (!limits.isMakeLeft(input.name)) return refuse('rate_limited');
  limits.countMake(input.name);
  const key: ClearKey = { algorithm: input.algorithm, key: random.bytes(BYTES[input.algorithm]) };
  if (key.algorithm === 'T') setOddParity(key.key);
  const verdict = module.store.judge(input.name, key);
  const made =
    verdict === 'new' ? keep(module, { name: input.name, key, by, event: 'key_made' }) : verdict;
  wipe(key.key);
  return typeof made === 'string'
    ? refuse(asRefusal(made))
    : { ok: true, ...give(module, made, zmk) };
};

/** The current version again. */
export const exportZoneKey: Does<'exportZoneKey'> = (module, input) => {
  const zmk = findZmk(module, input.name);
  if (typeof zmk === 'string') return refuse(zmk);
  const key = module.store.find(input.name);
  if (!key) return refuse('no_key');
  if (key.algorithm === 'A' && zmk.algorithm === 'T') return refuse('wrong_usage');
  return { ok: true, ...give(module, key, zmk) };
};

/** Takes what the other side made. A wrong check value leaves the current key in force. */
export const importZoneKey: Does<'importZoneKey'> = (module, input, by) => {
  const { limits, journal, time } = module;
  const zmk = findZmk(module, input.name);
  if (typeof zmk === 'string') return refuse(zmk);
  if (!limits.isImportLeft(zmk.name)) return refuse('rate_limited');
  const taken = take(module, { ...input, zmk, by });
  if (typeof taken !== 'string') return taken;
  limits.countImport(zmk.name);
  const { name: key, checkValue } = input;
  journal.append({
    atMs: time.now(),
    event: 'import_refused',
    key,
    checkValue,
    by: [by],
    why: taken,
  });
  return refuse(taken);
};

function take(
  module: Module,
  input: {
    readonly zmk: StoredKey;
    readonly name: KeyName;
    readonly cryptogram: string;
    readonly checkValue: string;
    readonly by: string;
  },
): { readonly ok: true; readonly version: number; readonly checkValue: string } | HsmRefusal {
  const { name, checkValue, by } = input;
  const key = module.store.withKey(input.zmk, 'zmk', (zmk) => unwrapZone(zmk, input));
  if (typeof key === 'string') return key;
  try {
    if (!equalSecret(checkValueOf(key.algorithm, key.key), checkValue)) return 'wrong_check_value';
    const verdict = module.store.judge(name, key);
    const current = module.store.find(name);
    if (verdict === 'same') return { ok: true, version: current!.version, checkValue };
    if (verdict !== 'new') return verdict;
    const { version } = keep(module, { name, key, by, event: 'key_imported' });
    return { ok: true, version, checkValue };
  } finally {
    wipe(key.key);
  }
}

function unwrapZone(
  zmk: ClearKey,
  input: { readonly name: string; readonly cryptogram: string },
): ClearKey | HsmRefusal {
  const { cryptogram } = input;
  const kind = kindOf(input.name)!;
  if (/^[0-9A-F]{32}$/.test(cryptogram)) {
    if (zmk.algorithm !== 'T') return 'wrong_usage';
    const key = decryptBlocks('T', zmk.key, Buffer.from(cryptogram, 'hex'));
    return { algorithm: 'T', key: setOddParity(key) };
  }
  if (zmk.algorithm !== 'A') return 'wrong_usage';
  const opened = withBlockKeys(zmk, (keys) => unwrapKey(keys, cryptogram));
  if (!opened) return 'wrong_check_value';
  const { header, key } = opened;
  const { mode } = HEADER_OF[kind];
  const isForThis =
    header.usage === HEADER_OF[kind][header.algorithm] &&
    (header.mode === mode || (kind === 'tpk' && header.mode === 'B'));
  if (isForThis)
    return { algorithm: header.algorithm, key: header.algorithm === 'T' ? setOddParity(key) : key };
  wipe(key);
  return 'wrong_usage';
}

/** Journal first: a key that nobody wrote down must not exist. */
function keep(
  module: Module,
  input: {
    readonly name: string;
    readonly key: ClearKey;
    readonly by: string;
    readonly event: 'key_made' | 'key_imported';
  },
): StoredKey {
  const { name, key, by, event } = input;
  const checkValue = checkValueOf(key.algorithm, key.key);
  module.journal.append({ atMs: module.time.now(), event, key: name, checkValue, by: [by] });
  return module.store.add(name, key, { allowsFormat0: false });
}

function give(module: Module, stored: StoredKey, zmk: StoredKey): ZoneKey {
  const kind = kindOf(stored.name)!;
  const cryptogram = module.store.withKey(zmk, 'zmk', (wrapping) =>
    module.store.withKey(stored, kind, ({ algorithm, key }) => {
      if (wrapping.algorithm === 'T')
        return encryptBlocks('T', wrapping.key, key).toString('hex').toUpperCase();
      const { mode, [algorithm]: usage } = HEADER_OF[kind];
      const header = { usage: usage!, algorithm, mode, exportability: 'N', optional: {} } as const;
      return withBlockKeys(wrapping, (keys) =>
        wrapKey({ keys, header, key, random: module.random }),
      );
    }),
  );
  const { name, version, checkValue } = stored;
  return { name: name as KeyName, version, cryptogram, checkValue };
}

function withBlockKeys<Result>(zmk: ClearKey, use: (keys: BlockKeys) => Result): Result {
  const keys = deriveBlockKeys(zmk.key);
  const result = use(keys);
  wipe(keys.encrypt, keys.authenticate);
  return result;
}

/** The wrapping key of the same link. */
function findZmk(module: Module, name: string): StoredKey | HsmRefusal {
  if (!ZONE_KINDS.includes(kindOf(name)!)) return 'wrong_usage';
  return findKey(module, `zmk.${name.slice(4)}`, ['zmk']);
}

/** A new random value that is known already: the generator is broken, and a second try would hide it. */
function asRefusal(verdict: 'same' | HsmRefusal): HsmRefusal {
  return verdict === 'same' ? 'key_reused' : verdict;
}
