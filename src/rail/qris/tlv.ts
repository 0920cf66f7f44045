/** The flat text of QRIS: two digits of tag, two of length, a value of 1 to 99 characters; templates repeat the scheme inside.
 * A character is a Unicode code point, so that a length never cuts one in two. Source: domain.md 1.1. */
import { faultAt, tagText, type QrisFault } from './fault.ts';

/** One level, in the order of the payload. `tags[i]` has `values[i]`. */
export interface Tlv {
  readonly tags: readonly number[];
  readonly values: readonly string[];
}

/** A tag and its value as they stood. */
export interface TaggedValue {
  readonly tag: string;
  readonly value: string;
}

const ZERO = 0x30;
const HEADER = 4;
const LENGTH_MAX = 99;

/** Reads one level; `parent` is the template's tag inside which it stands. Returns a fault for anything that is not exactly that
 * form: no digits where digits must be, a length of 00 or past the end, a tag that comes twice. Never throws. */
export function readTlv(
  text: string,
  options: { readonly parent?: number; readonly isPlain: boolean },
): Tlv | QrisFault {
  const tags: number[] = [];
  const values: string[] = [];
  let at = 0;
  while (at < text.length) {
    const tag = twoDigits(text, at);
    const last = tags.at(-1);
    if (tag < 0) return place('structure_broken', options.parent, last);
    const length = twoDigits(text, at + 2);
    if (length <= 0) return place('length_invalid', options.parent, tag);
    const end = options.isPlain ? at + HEADER + length : advance(text, at + HEADER, length);
    if (end > text.length) return place('length_invalid', options.parent, tag);
    if (tags.includes(tag)) return place('duplicate_tag', options.parent, tag);
    tags.push(tag);
    values.push(text.slice(at + HEADER, end));
    at = end;
  }
  return { tags, values };
}

/** True when reading failed. */
export function isFault(read: object): read is QrisFault {
  return 'code' in read;
}

/** The value of a tag on this level. */
export function valueOf(level: Tlv, tag: number): string | undefined {
  return level.values[level.tags.indexOf(tag)];
}

/** Writes one tag. Throws RangeError for an empty or too long value: a builder's bug, not the world's. */
export function writeTag(tag: number, value: string): string {
  const length = characterCount(value);
  if (length < 1 || length > LENGTH_MAX)
    throw new RangeError(`Cannot write tag ${tagText(tag)}: ${length} characters`);
  return `${tagText(tag)}${tagText(length)}${value}`;
}

/** How many characters (code points) a text has. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if (isHighSurrogate(text.charCodeAt(i))) count -= 1;
  return count;
}

function place(
  code: 'structure_broken' | 'length_invalid' | 'duplicate_tag',
  parent: number | undefined,
  tag: number | undefined,
): QrisFault {
  return parent === undefined ? faultAt(code, tag) : faultAt(code, parent, tag);
}

/** Two decimal digits as a number, or -1. */
function twoDigits(text: string, at: number): number {
  // Past the end charCodeAt is NaN, which no comparison holds for.
  const high = text.charCodeAt(at) - ZERO;
  const low = text.charCodeAt(at + 1) - ZERO;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}

/** The index after `count` characters; past the end when there are not as many. */
function advance(text: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count; i++) at += isHighSurrogate(text.charCodeAt(at)) ? 2 : 1;
  return at;
}

/** The text is well formed (the parser asks first), so that the low half follows. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
