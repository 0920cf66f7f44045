/** PIN blocks of ISO 9564-1: format 0 under TDES and format 4 under AES. A PIN inside is a buffer of digits (0–9), which the caller
 * wipes. Reading looks at every digit and tells only whether the block is right: what is wrong with it would help a searcher. Pure. */
import type { Random } from '../kernel/random.ts';
import type { KeyAlgorithm } from '../rail/hsm/port.ts';
import { AES_BLOCK, decryptBlocks, encryptBlocks, TDES_BLOCK, wipe, xor } from './cipher.ts';

const PIN_DIGITS_MIN = 4;
const PIN_DIGITS_MAX = 12;
const FILL = { T: 0xf, A: 0xa } as const;
const CONTROL = { T: 0, A: 4 } as const;

/** A key ready for use. */
export interface ClearKey {
  readonly algorithm: KeyAlgorithm;
  readonly key: Buffer;
}

/** The encrypted block of a PIN; format 0 for TDES, format 4 for AES. */
export function sealPin(
  { algorithm, key }: ClearKey,
  input: { readonly pin: Buffer; readonly pan: string; readonly random: Random },
): Buffer {
  const field = pinField(algorithm, input);
  if (algorithm === 'T') {
    const clear = xor(field, panField0(input.pan));
    const block = encryptBlocks('T', key, clear);
    wipe(field, clear);
    return block;
  }
  const inner = encryptBlocks('A', key, field);
  const bound = xor(inner, panField4(input.pan));
  const block = encryptBlocks('A', key, bound);
  wipe(field, inner, bound);
  return block;
}

/** The digits of the PIN in a block; undefined when it is not one for this key and PAN. */
export function openPin(
  { algorithm, key }: ClearKey,
  input: { readonly block: Buffer; readonly pan: string },
): Buffer | undefined {
  if (input.block.length !== (algorithm === 'T' ? TDES_BLOCK : AES_BLOCK)) return undefined;
  const outer = decryptBlocks(algorithm, key, input.block);
  const bound = xor(outer, algorithm === 'T' ? panField0(input.pan) : panField4(input.pan));
  const field = algorithm === 'T' ? bound : decryptBlocks('A', key, bound);
  const pin = readField(algorithm, field);
  wipe(outer, bound, field);
  return pin;
}

/** The left eight bytes hold control, length, digits and filler in both formats; format 4 goes on with eight random bytes. */
function pinField(
  algorithm: KeyAlgorithm,
  { pin, random }: { readonly pin: Buffer; readonly random: Random },
): Buffer {
  const field = Buffer.alloc(TDES_BLOCK);
  for (let at = 0; at < 14; at += 2) {
    const high = at < pin.length ? pin[at]! : FILL[algorithm];
    const low = at + 1 < pin.length ? pin[at + 1]! : FILL[algorithm];
    field[1 + at / 2] = (high << 4) | low;
  }
  field[0] = (CONTROL[algorithm] << 4) | pin.length;
  if (algorithm === 'T') return field;
  const whole = Buffer.concat([field, random.bytes(TDES_BLOCK)]);
  wipe(field);
  return whole;
}

function readField(algorithm: KeyAlgorithm, field: Buffer): Buffer | undefined {
  const length = field[0]! & 0xf;
  const digits = Buffer.alloc(PIN_DIGITS_MAX);
  let wrong = field[0]! >> 4 === CONTROL[algorithm] ? 0 : 1;
  wrong |= length < PIN_DIGITS_MIN || length > PIN_DIGITS_MAX ? 1 : 0;
  for (let at = 0; at < 14; at++) {
    const byte = field[1 + (at >> 1)]!;
    const digit = at % 2 === 0 ? byte >> 4 : byte & 0xf;
    wrong |= at < length ? (digit > 9 ? 1 : 0) : digit === FILL[algorithm] ? 0 : 1;
    if (at < PIN_DIGITS_MAX) digits[at] = digit;
  }
  const pin = wrong === 0 ? Buffer.from(digits.subarray(0, length)) : undefined;
  wipe(digits);
  return pin;
}

/** Format 0: the twelve rightmost digits without the check digit. */
function panField0(pan: string): Buffer {
  return Buffer.from(`0000${pan.slice(-13, -1)}`, 'hex');
}

/** Format 4: how many digits beyond twelve, then all digits, then zeros. */
function panField4(pan: string): Buffer {
  return Buffer.from(`${pan.length - 12}${pan}`.padEnd(AES_BLOCK * 2, '0'), 'hex');
}
