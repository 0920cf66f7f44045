/** What the text of a composite field is made of: fixed parts, blocks of them, or tagged values; EMV data goes to `emv.ts`. Which
 * form a field has is data of the dialect. Nothing throws. Source: domain.md 4.3; 5.1 for tags. */
import { CONTENT_BIT, SIGN_BIT, hasOnly } from './character.ts';
import { readEmv, writeEmv } from './emv.ts';
import type {
  CompositeForm,
  Dialect,
  FieldNumber,
  IsoFields,
  IsoProblem,
  IsoResult,
  PartFormat,
} from './spec.ts';

/** Parts by name, without filling. */
export type Parts = Readonly<Record<string, string>>;

/** What a composite holds. Tags keep their order. */
export type Composite =
  | { readonly kind: 'parts'; readonly parts: Parts }
  | { readonly kind: 'blocks'; readonly blocks: readonly Parts[] }
  | { readonly kind: 'tags'; readonly tags: ReadonlyMap<string, string> }
  | { readonly kind: 'emv'; readonly tags: ReadonlyMap<string, string> };

/** The form that a field of this message has in the dialect; undefined = plain text. */
export function compositeForm(
  dialect: Dialect,
  input: { readonly field: FieldNumber; readonly fields: IsoFields },
): CompositeForm | undefined {
  const processing = input.fields[3]?.slice(0, 2) ?? '';
  return dialect.composites.find(
    (rule) =>
      rule.field === input.field && (!rule.processing || rule.processing.includes(processing)),
  )?.form;
}

/** Reads a field that is there. Errors: `missing`, `not_supported` where the dialect has no form for it, else the part's path. */
export function readComposite(
  dialect: Dialect,
  input: { readonly field: FieldNumber; readonly fields: IsoFields },
): IsoResult<Composite> {
  const path = `DE${input.field}`;
  const text = input.fields[input.field];
  if (text === undefined) return wrong(path, 'missing');
  const form = compositeForm(dialect, input);
  if (!form) return wrong(path, 'not_supported');
  switch (form.kind) {
    case 'parts': {
      const isPadded = dialect.fields[input.field]?.padding === 'space_right';
      const whole = isPadded ? text.padEnd(lengthOf(form.parts)) : text;
      if (whole.length !== lengthOf(form.parts)) return wrong(path, 'wrong_length');
      const read = readParts(whole, { path, parts: form.parts });
      return read.ok ? { ok: true, value: { kind: 'parts', parts: read.value } } : read;
    }
    case 'blocks':
      return readBlocks(text, { path, form });
    case 'tags':
      return readTags(text, { path, form });
    case 'emv': {
      const read = readEmv(text, { path, countMax: form.countMax });
      return read.ok ? { ok: true, value: { kind: 'emv', tags: read.value } } : read;
    }
  }
}

/** The text of a field for this composite. `fields` tells which form (DE3). */
export function writeComposite(
  dialect: Dialect,
  input: {
    readonly field: FieldNumber;
    readonly fields: IsoFields;
    readonly value: Composite;
  },
): IsoResult<string> {
  const path = `DE${input.field}`;
  const form = compositeForm(dialect, input);
  const { value } = input;
  if (form?.kind === 'emv' && value.kind === 'emv')
    return writeEmv(value.tags, { path, countMax: form.countMax });
  if (form?.kind === 'tags' && value.kind === 'tags') return writeTags(value.tags, { path, form });
  if (form?.kind === 'blocks' && value.kind === 'blocks')
    return writeBlocks(value.blocks, { path, form });
  if (form?.kind !== 'parts' || value.kind !== 'parts') return wrong(path, 'not_supported');
  const written = writeParts(value.parts, { path, parts: form.parts });
  const isPadded = dialect.fields[input.field]?.padding === 'space_right';
  return written.ok && isPadded ? { ok: true, value: written.value.trimEnd() } : written;
}

/** An error at a path. */
export function wrong(
  path: string,
  problem: IsoProblem,
): { readonly ok: false; readonly error: { readonly path: string; readonly problem: IsoProblem } } {
  return { ok: false, error: { path, problem } };
}

function lengthOf(parts: readonly PartFormat[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

type Blocks = Extract<CompositeForm, { kind: 'blocks' }>;
type Tags = Extract<CompositeForm, { kind: 'tags' }>;

function readParts(
  text: string,
  input: { readonly path: string; readonly parts: readonly PartFormat[] },
): IsoResult<Parts> {
  const values: Record<string, string> = {};
  let at = 0;
  for (const part of input.parts) {
    const raw = text.slice(at, at + part.length);
    at += part.length;
    const problem = problemOfPart(raw, part);
    if (problem) return wrong(`${input.path}.${part.name}`, problem);
    values[part.name] = unfilled(raw, part);
  }
  return { ok: true, value: values };
}

function unfilled(raw: string, part: PartFormat): string {
  if (part.padding === 'space_right') return raw.trimEnd();
  // One digit stays, so that zero is told from nothing.
  return part.padding === 'zero_left' ? raw.replace(/^0+(?=\d)/, '') : raw;
}

function problemOfPart(raw: string, part: PartFormat): IsoProblem | undefined {
  const bit = CONTENT_BIT[part.content];
  const to = part.padding === 'space_right' ? raw.trimEnd().length : raw.length;
  const isSigned = part.content === 'xn';
  const isSignRight = !isSigned || hasOnly(raw, { bit: SIGN_BIT, from: 0, to: 1 });
  return isSignRight && hasOnly(raw, { bit, from: isSigned ? 1 : 0, to })
    ? undefined
    : 'wrong_characters';
}

function writeParts(
  values: Parts,
  input: { readonly path: string; readonly parts: readonly PartFormat[] },
): IsoResult<string> {
  let text = '';
  for (const part of input.parts) {
    const path = `${input.path}.${part.name}`;
    const value = values[part.name];
    if (value === undefined) return wrong(path, 'missing');
    if (typeof value !== 'string') return wrong(path, 'wrong_type');
    if (value.length > part.length) return wrong(path, 'too_long');
    const filled =
      part.padding === 'space_right'
        ? value.padEnd(part.length)
        : part.padding === 'zero_left'
          ? value.padStart(part.length, '0')
          : value;
    if (filled.length !== part.length) return wrong(path, 'wrong_length');
    const problem = problemOfPart(filled, part);
    if (problem) return wrong(path, problem);
    if (unfilled(filled, part) !== value) return wrong(path, 'wrong_padding');
    text += filled;
  }
  const named = Object.keys(values).find((name) => !input.parts.some((part) => part.name === name));
  return named === undefined
    ? { ok: true, value: text }
    : wrong(`${input.path}.${named}`, 'not_supported');
}

function readBlocks(
  text: string,
  input: { readonly path: string; readonly form: Blocks },
): IsoResult<Composite> {
  const { path, form } = input;
  const size = lengthOf(form.parts);
  if (text.length % size !== 0) return wrong(path, 'wrong_length');
  const count = text.length / size;
  if (count < 1 || count > form.countMax) return wrong(path, 'wrong_length');
  const blocks: Parts[] = [];
  for (let index = 0; index < count; index++) {
    const read = readParts(text.slice(index * size, (index + 1) * size), {
      path: `${path}[${index}]`,
      parts: form.parts,
    });
    if (!read.ok) return read;
    blocks.push(read.value);
  }
  return { ok: true, value: { kind: 'blocks', blocks } };
}

function writeBlocks(
  blocks: readonly Parts[],
  input: { readonly path: string; readonly form: Blocks },
): IsoResult<string> {
  const { path, form } = input;
  if (blocks.length < 1 || blocks.length > form.countMax) return wrong(path, 'wrong_length');
  let text = '';
  for (const [index, block] of blocks.entries()) {
    const written = writeParts(block, { path: `${path}[${index}]`, parts: form.parts });
    if (!written.ok) return written;
    text += written.value;
  }
  return { ok: true, value: text };
}

const TAG_LENGTH = 2;

function readTags(
  text: string,
  input: { readonly path: string; readonly form: Tags },
): IsoResult<Composite> {
  const { path, form } = input;
  const tags = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const tag = text.slice(at, at + TAG_LENGTH);
    if (!isTag(tag)) return wrong(path, tag.length < TAG_LENGTH ? 'too_short' : 'wrong_characters');
    const tagPath = `${path}.${tag}`;
    const digits = text.slice(at + TAG_LENGTH, at + TAG_LENGTH + form.lengthDigits);
    if (digits.length < form.lengthDigits) return wrong(`${tagPath}.length`, 'too_short');
    if (!/^\d+$/.test(digits)) return wrong(`${tagPath}.length`, 'wrong_characters');
    const from = at + TAG_LENGTH + form.lengthDigits;
    at = from + Number(digits);
    if (at > text.length) return wrong(tagPath, 'too_short');
    if (tags.has(tag)) return wrong(tagPath, 'repeated');
    if (tags.size >= form.countMax) return wrong(path, 'too_long');
    tags.set(tag, text.slice(from, at));
  }
  return tags.size === 0 ? wrong(path, 'missing') : { ok: true, value: { kind: 'tags', tags } };
}

function writeTags(
  tags: ReadonlyMap<string, string>,
  input: { readonly path: string; readonly form: Tags },
): IsoResult<string> {
  const { path, form } = input;
  if (tags.size === 0) return wrong(path, 'missing');
  if (tags.size > form.countMax) return wrong(path, 'too_long');
  let text = '';
  for (const [tag, value] of tags) {
    if (!isTag(tag)) return wrong(path, 'wrong_characters');
    if (typeof value !== 'string') return wrong(`${path}.${tag}`, 'wrong_type');
    if (value.length >= 10 ** form.lengthDigits) return wrong(`${path}.${tag}`, 'too_long');
    text += `${tag}${String(value.length).padStart(form.lengthDigits, '0')}${value}`;
  }
  return { ok: true, value: text };
}

function isTag(tag: string): boolean {
  return (
    tag.length === TAG_LENGTH && hasOnly(tag, { bit: CONTENT_BIT.an, from: 0, to: TAG_LENGTH })
  );
}
