/** The functions on PINs. Each PIN is in clear in one buffer for one call, and nothing about it leaves but a verdict that was counted,
 * a block under another key for the same card, or a value that only the HSM can compare. ADR 0015 has the attacks and what stops each. */
import type { HsmRefusal, PinInput } from '../rail/hsm/port.ts';
import { wipe } from './cipher.ts';
import { findKey, refuse, type Does, type Module } from './module.ts';
import type { StoredKey } from './key-store.ts';
import { openPin, sealPin } from './pin-block.ts';
import { isPinOf, isSettable, makePinValue, readPinValue, type PinValue } from './pin-value.ts';

/** Translates; the PAN is the same on both sides, for there is only one. */
export const translatePin: Does<'translatePin'> = (module, input) => {
  const from = findKey(module, input.key, ['zpk', 'tpk']);
  if (typeof from === 'string') return refuse(from);
  const to = findKey(module, input.to, ['zpk']);
  if (typeof to === 'string') return refuse(to);
  if (from.algorithm === 'A' && to.algorithm === 'T' && !module.store.allowsFormat0(from))
    return refuse('format_refused');
  if (!module.limits.takeTranslation(module.limits.subjectOf(input.pan)))
    return refuse('rate_limited');
  const pin = readPin(module, input);
  if (typeof pin === 'string') return refuse(pin);
  const block = module.store.withKey(to, 'zpk', (key) =>
    sealPin(key, { pin, pan: input.pan, random: module.random }),
  );
  wipe(pin);
  return { ok: true, block: block.toString('hex').toUpperCase() };
};

/** Compares a PIN with the value of its card. */
export const verifyPin: Does<'verifyPin'> = (module, input) => {
  const verdict = compare(module, input);
  return typeof verdict === 'string' ? refuse(verdict) : { ok: true, isRight: verdict };
};

/** Makes the value of a PIN. */
export const setPin: Does<'setPin'> = (module, input) => {
  const verificationValue = makeValue(module, input);
  return verificationValue.ok ? verificationValue : refuse(verificationValue.reason);
};

/** Compares the old PIN, then makes the value of the new one. */
export const changePin: Does<'changePin'> = (module, input) => {
  const verdict = compare(module, input);
  if (typeof verdict === 'string') return refuse(verdict);
  if (!verdict) return { ok: true, isRight: false };
  const { newBlock, ...rest } = input;
  const made = makeValue(module, { ...rest, block: newBlock });
  return made.ok
    ? { ok: true, isRight: true, verificationValue: made.verificationValue }
    : refuse(made.reason);
};

function compare(
  module: Module,
  input: PinInput & { readonly pvk: string; readonly verificationValue: string },
): boolean | HsmRefusal {
  const { limits } = module;
  const current = findKey(module, input.pvk, ['pvk']);
  if (typeof current === 'string') return current;
  const value = readPinValue(input.verificationValue);
  const pvk = value && module.store.find(input.pvk, value.version);
  if (!value || !pvk) return 'bad_value';
  const subject = limits.subjectOf(input.pan);
  if (!limits.isDayLeft('wrong', subject)) return 'rate_limited';
  const pin = readPin(module, input);
  // A block that cannot be read is a try too: whether it can is one bit about the PIN.
  const isTry = pin === 'bad_pin_block';
  if (typeof pin === 'string') {
    if (isTry) limits.countDay('wrong', subject);
    return pin;
  }
  const isRight = isRightPin(module, { pvk, value, pin, pan: input.pan });
  wipe(pin);
  if (!isRight) limits.countDay('wrong', subject);
  module.count(isRight ? 'pin_right' : 'pin_wrong');
  return isRight;
}

function isRightPin(
  module: Module,
  input: {
    readonly pvk: StoredKey;
    readonly value: PinValue;
    readonly pin: Buffer;
    readonly pan: string;
  },
): boolean {
  return module.store.withKey(input.pvk, 'pvk', (key) => isPinOf(key, input.value, input));
}

/** Counted before it is made: under a PVV key two values of one card can be compared outside. */
function makeValue(
  module: Module,
  input: PinInput & { readonly pvk: string },
):
  | { readonly ok: true; readonly verificationValue: string }
  | { readonly ok: false; readonly reason: HsmRefusal } {
  const { limits } = module;
  const pvk = findKey(module, input.pvk, ['pvk']);
  if (typeof pvk === 'string') return refuse(pvk);
  const subject = limits.subjectOf(input.pan);
  if (!limits.isDayLeft('set', subject)) return refuse('rate_limited');
  limits.countDay('set', subject);
  const pin = readPin(module, input);
  if (typeof pin === 'string') return refuse(pin);
  if (!isSettable(pvk.algorithm, pin.length)) {
    wipe(pin);
    return refuse('pin_length');
  }
  const verificationValue = module.store.withKey(pvk, 'pvk', (key) =>
    makePinValue(key, { pin, pan: input.pan, version: pvk.version, random: module.random }),
  );
  wipe(pin);
  return { ok: true, verificationValue };
}

/** The digits of the PIN, which the caller wipes. While a zone key changes, blocks under the former one are still under way. */
function readPin(module: Module, input: PinInput): Buffer | HsmRefusal {
  const { store, limits } = module;
  const found = findKey(module, input.key, ['zpk', 'tpk']);
  if (typeof found === 'string') return found;
  if (!limits.isReadableLeft(input.key)) return 'rate_limited';
  const kind = input.key.startsWith('tpk.') ? 'tpk' : 'zpk';
  if (!limits.bindBlock(`${input.key} ${input.block}`, input.pan)) {
    module.count('block_of_other_card');
    limits.countUnreadable(input.key);
    return 'bad_pin_block';
  }
  const block = Buffer.from(input.block, 'hex');
  for (const stored of store.usable(input.key)) {
    const pin = store.withKey(stored, kind, (key) => openPin(key, { block, pan: input.pan }));
    if (pin) return pin;
  }
  limits.countUnreadable(input.key);
  return 'bad_pin_block';
}
