/** EMV data objects (BER-TLV) as they stand in DE55: a flat list of tags with values as hex text. Templates stay closed: their
 * contents are bytes. Strict: definite and shortest lengths, no filling between objects, no tag twice. Source: EMV Book 3, Annex B. */
import { CONTENT_BIT, hasOnly } from './character.ts';
import type { IsoProblem, IsoResult } from './spec.ts';

interface Bounds {
  /** Of the field, for errors. */
  readonly path: string;
  readonly countMax: number;
}

/** Four bytes name more tags than EMV has; three is the longest in use. */
const TAG_BYTES_MAX = 3;

/** Tags with values from upper-case hex text; nothing throws. */
export function readEmv(hex: string, bounds: Bounds): IsoResult<ReadonlyMap<string, string>> {
  const { path } = bounds;
  const fault = (at: string, problem: IsoProblem): IsoResult<never> => ({
    ok: false,
    error: { path: at, problem },
  });
  if (hex.length % 2 === 1 || !isHex(hex)) return fault(path, 'wrong_characters');
  const bytes = Buffer.from(hex, 'hex');
  const tags = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const tagEnd = endOfTag(bytes, at);
    if (tagEnd === undefined) return fault(path, 'wrong_characters');
    if (tagEnd > bytes.length) return fault(path, 'too_short');
    const tag = hex.slice(at * 2, tagEnd * 2);
    const length = readLength(bytes, tagEnd);
    if (typeof length === 'string') return fault(`${path}.${tag}`, length);
    at = length.from + length.count;
    if (at > bytes.length) return fault(`${path}.${tag}`, 'too_short');
    if (tags.has(tag)) return fault(`${path}.${tag}`, 'repeated');
    if (tags.size >= bounds.countMax) return fault(path, 'too_long');
    tags.set(tag, hex.slice(length.from * 2, at * 2));
  }
  return tags.size === 0 ? fault(path, 'missing') : { ok: true, value: tags };
}

/** Hex text of tags in their order. */
export function writeEmv(tags: ReadonlyMap<string, string>, bounds: Bounds): IsoResult<string> {
  const { path } = bounds;
  if (tags.size === 0) return { ok: false, error: { path, problem: 'missing' } };
  if (tags.size > bounds.countMax) return { ok: false, error: { path, problem: 'too_long' } };
  let hex = '';
  for (const [tag, value] of tags) {
    if (!isTag(tag)) return { ok: false, error: { path, problem: 'wrong_characters' } };
    const at = `${path}.${tag}`;
    if (typeof value !== 'string') return { ok: false, error: { path: at, problem: 'wrong_type' } };
    if (value.length % 2 === 1 || !isHex(value))
      return { ok: false, error: { path: at, problem: 'wrong_characters' } };
    const count = value.length / 2;
    if (count > 0xffff) return { ok: false, error: { path: at, problem: 'too_long' } };
    const prefix = count < 0x80 ? '' : count < 0x100 ? '81' : '82';
    hex += `${tag}${prefix}${hexOf(count)}${value}`;
  }
  return { ok: true, value: hex };
}

function hexOf(count: number): string {
  return count
    .toString(16)
    .toUpperCase()
    .padStart(count < 0x100 ? 2 : 4, '0');
}

function isHex(text: string): boolean {
  return hasOnly(text, { bit: CONTENT_BIT.b, from: 0, to: text.length });
}

function isTag(tag: string): boolean {
  if (tag.length % 2 === 1 || !isHex(tag)) return false;
  const bytes = Buffer.from(tag, 'hex');
  return bytes.length > 0 && endOfTag(bytes, 0) === bytes.length;
}

/** Where the tag that begins at `at` ends; undefined for what is no tag (filling, too many bytes). */
function endOfTag(bytes: Buffer, at: number): number | undefined {
  const first = bytes[at]!;
  if (first === 0x00 || first === 0xff) return undefined;
  if ((first & 0x1f) !== 0x1f) return at + 1;
  for (let next = at + 1; next < at + TAG_BYTES_MAX; next++) {
    const byte = bytes[next];
    if (byte === undefined) return next + 1;
    // The tag number's own leading zeros would give one tag two names.
    if (next === at + 1 && byte === 0x80) return undefined;
    if ((byte & 0x80) === 0) return next + 1;
  }
  return undefined;
}

function readLength(
  bytes: Buffer,
  at: number,
): { readonly from: number; readonly count: number } | IsoProblem {
  const first = bytes[at];
  if (first === undefined) return 'too_short';
  if (first < 0x80) return { from: at + 1, count: first };
  const size = first & 0x7f;
  if (size < 1 || size > 2) return 'wrong_length';
  if (at + 1 + size > bytes.length) return 'too_short';
  const count = bytes.readUIntBE(at + 1, size);
  return count < (size === 1 ? 0x80 : 0x100) ? 'wrong_length' : { from: at + 1 + size, count };
}
