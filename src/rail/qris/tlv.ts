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
    if (tag < 0) return place('structure_broken', options.parent, tags.at(-1));
    const length = twoDigits(text, at + 2);
    if (length <= 0) return place('length_invalid', options.parent, tag);
    const end = options.isPlain ? at + HEADER + length : advance(text, at + HEADER, length);
    if (end > text.length) return place('length_invalid', options.parent, tag);
    if (placeOf(tags, tag) >= 0) return place('duplicate_tag', options.parent, tag);
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
  const at = placeOf(level.tags, tag);
  return at < 0 ? undefined : level.values[at];
}

const NONE: readonly TaggedValue[] = [];

/** The tags of a level that are kept as they stand, in ascending order: the order in a payload is free and says nothing. */
export function keptOf(level: Tlv, isKept: (tag: number) => boolean): readonly TaggedValue[] {
  let kept: TaggedValue[] | undefined;
  for (let i = 0; i < level.tags.length; i++) {
    const tag = level.tags[i]!;
    if (!isKept(tag)) continue;
    kept ??= [];
    kept.push({ tag: tagText(tag), value: level.values[i]! });
  }
  return kept ? kept.sort((a, b) => Number(a.tag) - Number(b.tag)) : NONE;
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

/** A level has a handful of tags: looking through them is quicker than any index. */
function placeOf(tags: readonly number[], tag: number): number {
  for (let i = 0; i < tags.length; i++) if (tags[i] === tag) return i;
  return -1;
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
