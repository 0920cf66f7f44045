/** Key blocks of TR-31 / ANSI X9.143 version D (AES key derivation binding): a header that says what the key is for, the key encrypted
 * under a key derived from the protection key, and an AES-CMAC over header and key. Whoever changes one character of either breaks the
 * MAC. Pure. Source: ANSI X9.143-2022; the standard's example is in the tests. */
import type { Random } from '../kernel/random.ts';
import { equalSecret } from '../kernel/canonical.ts';
import type { KeyAlgorithm } from '../rail/hsm/port.ts';
import { AES_BLOCK, cbc, wipe } from './cipher.ts';
import { cmac } from './mac.ts';

const HEADER_CHARS = 16;
const MAC_HEX_CHARS = 32;
const BLOCK_CHARS_MAX = 1_024;
/** Every key is padded to as much, so that a block's length tells nothing of the key's. */
const KEY_BYTES_MASKED = 32;
const OPTIONAL_COUNT_MAX = 8;

/** What the header binds. Codes are those of X9.143: usage `P0` PIN encryption, `K0` key wrapping, `M3`/`M6` MAC and so on. */
export interface KeyHeader {
  readonly usage: string;
  readonly algorithm: KeyAlgorithm;
  /** `B` both ways, `D` decrypt only, `C` generate and verify, `X` derive. */
  readonly mode: string;
  /** `E` under a wrapping key, `N` never. */
  readonly exportability: 'E' | 'N';
  /** Optional blocks by their two-character name: `LB` the label, `10` (of the range for own use) our policy. */
  readonly optional: Readonly<Record<string, string>>;
}

/** The two keys of a protection key: they wrap and unwrap. */
export interface BlockKeys {
  readonly encrypt: Buffer;
  readonly authenticate: Buffer;
}

/** The two keys that follow from an AES protection key, by CMAC in counter mode (X9.143 5.3.2.3). The caller wipes them. */
export function deriveBlockKeys(kbpk: Buffer): BlockKeys {
  const algorithm = { 16: 2, 24: 3, 32: 4 }[kbpk.length]!;
  const make = (usage: 0 | 1): Buffer => {
    const parts: Buffer[] = [];
    for (let counter = 1; (counter - 1) * AES_BLOCK < kbpk.length; counter++) {
      const input = Buffer.from([counter, 0, usage, 0, 0, algorithm, 0, 0]);
      input.writeUInt16BE(kbpk.length * 8, 6);
      parts.push(cmac(kbpk, input));
    }
    const whole = Buffer.concat(parts);
    const key = Buffer.from(whole.subarray(0, kbpk.length));
    wipe(whole, ...parts);
    return key;
  };
  return { encrypt: make(0), authenticate: make(1) };
}

/** Wraps a key of 16, 24 or 32 bytes. */
export function wrapKey(input: {
  readonly keys: BlockKeys;
  readonly header: KeyHeader;
  readonly key: Buffer;
  readonly random: Random;
}): string {
  const { keys, header, key, random } = input;
  const optional = optionalText(header.optional);
  const clearBytes = Math.ceil((2 + KEY_BYTES_MASKED) / AES_BLOCK) * AES_BLOCK;
  const chars = HEADER_CHARS + optional.text.length + clearBytes * 2 + MAC_HEX_CHARS;
  const head = [
    `D${String(chars).padStart(4, '0')}`,
    `${header.usage}${header.algorithm}${header.mode}00${header.exportability}`,
    `${String(optional.count).padStart(2, '0')}00${optional.text}`,
  ].join('');
  const clear = random.bytes(clearBytes);
  clear.writeUInt16BE(key.length * 8, 0);
  key.copy(clear, 2);
  const mac = cmac(keys.authenticate, Buffer.concat([Buffer.from(head, 'ascii'), clear]));
  const sealed = cbc({
    algorithm: 'A',
    key: keys.encrypt,
    iv: mac,
    data: clear,
    isEncrypting: true,
  });
  wipe(clear);
  return `${head}${sealed.toString('hex').toUpperCase()}${mac.toString('hex').toUpperCase()}`;
}

/** The header and the key inside; undefined for anything that this protection key did not wrap. The caller wipes the key. */
export function unwrapKey(
  keys: BlockKeys,
  block: string,
): { readonly header: KeyHeader; readonly key: Buffer } | undefined {
  const parsed = readHeader(block);
  if (!parsed) return undefined;
  const { header, headChars } = parsed;
  const mac = Buffer.from(block.slice(-MAC_HEX_CHARS), 'hex');
  const sealed = Buffer.from(block.slice(headChars, -MAC_HEX_CHARS), 'hex');
  const clear = cbc({
    algorithm: 'A',
    key: keys.encrypt,
    iv: mac,
    data: sealed,
    isEncrypting: false,
  });
  const signed = Buffer.concat([Buffer.from(block.slice(0, headChars), 'ascii'), clear]);
  const isOurs = equalSecret(cmac(keys.authenticate, signed), mac);
  const keyBytes = clear.readUInt16BE(0) / 8;
  const isLength = header.algorithm === 'T' ? keyBytes === 16 : [16, 24, 32].includes(keyBytes);
  const key =
    isOurs && isLength && keyBytes + 2 <= clear.length
      ? Buffer.from(clear.subarray(2, 2 + keyBytes))
      : undefined;
  wipe(clear, signed);
  return key && { header, key };
}

const FORM = /^D(\d{4})([A-Z0-9]{2})([TA])([A-Z])[A-Z0-9]{2}([ENS])(\d{2})00/;

function readHeader(
  block: string,
): { readonly header: KeyHeader; readonly headChars: number } | undefined {
  if (block.length > BLOCK_CHARS_MAX || !/^[\x20-\x7e]+$/.test(block)) return undefined;
  const match = FORM.exec(block);
  if (!match || Number(match[1]) !== block.length) return undefined;
  const [, , usage, algorithm, mode, exportability, count] = match;
  const optional: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = HEADER_CHARS;
  if (Number(count) > OPTIONAL_COUNT_MAX) return undefined;
  for (let left = Number(count); left > 0; left--) {
    const chars = Number.parseInt(block.slice(at + 2, at + 4), 16);
    if (!(chars >= 4) || at + chars > block.length) return undefined;
    optional[block.slice(at, at + 2)] = block.slice(at + 4, at + chars);
    at += chars;
  }
  const rest = block.slice(at);
  if (!/^[0-9A-F]+$/.test(rest) || rest.length % 32 !== 0 || rest.length < 64 + MAC_HEX_CHARS)
    return undefined;
  return {
    header: {
      usage: usage!,
      algorithm: algorithm as KeyAlgorithm,
      mode: mode!,
      exportability: exportability === 'N' ? 'N' : 'E',
      optional,
    },
    headChars: at,
  };
}

/** Optional blocks in order, with a padding block `PB` up to whole cipher blocks. */
function optionalText(optional: Readonly<Record<string, string>>): {
  readonly text: string;
  readonly count: number;
} {
  const blocks = Object.entries(optional).map(([name, data]) => `${name}${lengthOf(data)}${data}`);
  if (blocks.length === 0) return { text: '', count: 0 };
  const text = blocks.join('');
  const left = (AES_BLOCK - (text.length % AES_BLOCK)) % AES_BLOCK;
  if (left === 0) return { text, count: blocks.length };
  const padding = '0'.repeat(left >= 4 ? left - 4 : left + AES_BLOCK - 4);
  return { text: `${text}PB${lengthOf(padding)}${padding}`, count: blocks.length + 1 };
}

function lengthOf(data: string): string {
  return (data.length + 4).toString(16).toUpperCase().padStart(2, '0');
}
