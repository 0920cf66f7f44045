/** Reads a body by the fields of its service. Strict: a field that the service does not have is refused too. Pure. Source: domain.md 3.6. */
import { isUtf8 } from 'node:buffer';
import { parseIdr, type Sen } from '../../kernel/money.ts';
import { SnapRefusal } from './fault.ts';
import type { Field, Fields } from './field.ts';
import { parseTimestamp } from './timestamp.ts';

/** A body that has passed: texts are texts, amounts are sen under `sen`, all else as it came. */
export interface ReadBody {
  /** A mandatory text. */
  text(name: string): string;
  optionalText(name: string): string | undefined;
  sen(name: string): Sen;
  optionalSen(name: string): Sen | undefined;
  /** A whole number, whether it came as a number or as its digits. */
  optionalCount(name: string): number | undefined;
  /** The JSON as it came, for the echo in answers. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Reads a body strictly. Throws SnapRefusal: `badRequest` for no JSON object, `missingField` and `invalidFormat` with the name. */
export function readBody(fields: Fields, body: Buffer): ReadBody {
  const raw = parseObject(body);
  const amounts = new Map<string, Sen>();
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (value === undefined || value === null || value === '') {
      if (field.isMandatory) throw new SnapRefusal('missingField', name);
      continue;
    }
    checkField({ name, field, value, amounts });
  }
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(fields, name))
      throw new SnapRefusal('invalidFormat', /^\w{1,40}$/.test(name) ? name : 'body');
  }
  const optionalText = (name: string): string | undefined => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    raw,
    optionalText,
    text: (name) => optionalText(name) ?? missing(name),
    optionalCount: (name) => {
      const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
      return value === undefined || value === null || value === '' ? undefined : Number(value);
    },
    optionalSen: (name) => amounts.get(name),
    sen: (name) => amounts.get(name) ?? missing(name),
  };
}

function missing(name: string): never {
  throw new SnapRefusal('missingField', name);
}

function parseObject(body: Buffer): Record<string, unknown> {
  if (!isUtf8(body)) throw new SnapRefusal('badRequest', 'body is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new SnapRefusal('badRequest', 'body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SnapRefusal('badRequest', 'body is not an object');
  return value as Record<string, unknown>;
}

function checkField(input: {
  readonly name: string;
  readonly field: Field;
  readonly value: unknown;
  readonly amounts: Map<string, Sen>;
}): void {
  const { name, field, value } = input;
  const refuse = (where = name): never => {
    throw new SnapRefusal('invalidFormat', where);
  };
  switch (field.kind) {
    case 'text':
      if (typeof value !== 'string' || value.length > field.max || !field.form.test(value))
        refuse();
      return;
    case 'time':
      if (typeof value !== 'string' || parseTimestamp(value) === undefined) refuse();
      return;
    case 'count':
      if (!/^\d{1,9}$/.test(String(value)) || Number(value) > field.max) refuse();
      return;
    case 'object':
      if (typeof value !== 'object' || Array.isArray(value)) refuse();
      return;
    case 'list':
      if (!Array.isArray(value) || value.length > field.max) refuse();
      return;
    case 'amount': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse();
      const { value: digits, currency, ...rest } = value as Record<string, unknown>;
      if (digits === undefined || digits === null || digits === '') missing(`${name}.value`);
      if (currency === undefined || currency === null || currency === '')
        missing(`${name}.currency`);
      const read = parseIdr(digits);
      if (read === undefined) return refuse(`${name}.value`);
      if (currency !== 'IDR') refuse(`${name}.currency`);
      if (Object.keys(rest).length > 0) refuse();
      input.amounts.set(name, read);
    }
  }
}
