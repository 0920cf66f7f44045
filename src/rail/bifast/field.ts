/** A field of an untrusted document and where it stands; every reader says what it wants and throws a FieldFault with the path
 * of the first thing that is not so. `parse.ts` turns that into a typed error: nothing of this leaves the codec. */
import { parseIdr } from '../../kernel/money.ts';
import { isMsgId, parseBizMsgIdr } from './id.ts';

export type FieldProblem =
  | 'missing'
  | 'not_json'
  | 'not_xml'
  | 'wrong_type'
  | 'wrong_form'
  | 'not_supported'
  | 'disagrees';

/** A value and where it stands. */
export interface Field {
  readonly value: unknown;
  readonly path: string;
}

/** The first field that is not as it must be. */
export class FieldFault extends Error {
  readonly path: string;
  readonly problem: FieldProblem;
  constructor(path: string, problem: FieldProblem) {
    super(path);
    this.path = path;
    this.problem = problem;
  }
}

/** Forms that several messages share. Source: docs/rail/bifast.md sections 2 to 4. */
export const FORM = {
  bic: /^[A-Z0-9]{8}$/,
  account: /^[\x21-\x7e]{1,34}$/,
  accountType: /^(CACC|SVGS|LOAN|CCRD|UESB|OTHR)$/,
  name: /^\P{Cc}{1,140}$/u,
  note: /^\P{Cc}{1,350}$/u,
  code: /^[A-Z]\d{3}$/,
  utc: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  local: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/,
  date: /^\d{4}-\d\d-\d\d$/,
} as const;

/** A string of that form. */
export function text(field: Field, form: RegExp): string {
  if (typeof field.value !== 'string') throw new FieldFault(field.path, 'wrong_type');
  if (!form.test(field.value)) throw new FieldFault(field.path, 'wrong_form');
  return field.value;
}

/** The field down the names; a FieldFault names the first that is missing. */
export function at(from: Field, ...names: readonly string[]): Field {
  let field = from;
  for (const name of names) {
    const next = optional(field, name);
    if (!next) throw new FieldFault(join(field.path, name), 'missing');
    field = next;
  }
  return field;
}

/** The field of that name, where there is one. */
export function optional(field: Field, name: string): Field | undefined {
  const fields = record(field);
  if (!Object.hasOwn(fields, name)) return undefined;
  return { value: fields[name], path: join(field.path, name) };
}

/** The one element of a list: BI-FAST messages carry a single transaction. */
export function only(field: Field): Field {
  const all = list(field, 1);
  if (all.length !== 1) throw new FieldFault(field.path, 'wrong_form');
  return all[0]!;
}

/** The elements of a list of at most `countMax`. */
export function list(field: Field, countMax: number): readonly Field[] {
  if (!Array.isArray(field.value)) throw new FieldFault(field.path, 'wrong_type');
  if (field.value.length > countMax) throw new FieldFault(field.path, 'wrong_form');
  return field.value.map((value, i) => ({ value, path: `${field.path}[${i}]` }));
}

/** The fields of an object. */
export function record(field: Field): Readonly<Record<string, unknown>> {
  const { value } = field;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FieldFault(field.path, 'wrong_type');
  return value as Record<string, unknown>;
}

/** A well-formed BizMsgIdr. */
export function bizMsgIdr(field: Field): string {
  if (parseBizMsgIdr(field.value) === undefined) throw new FieldFault(field.path, 'wrong_form');
  return field.value as string; // checked by parseBizMsgIdr
}

/** A well-formed MsgId. */
export function msgId(field: Field): string {
  if (!isMsgId(field.value)) throw new FieldFault(field.path, 'wrong_form');
  return field.value;
}

/** An amount above zero, sen. */
export function amount(field: Field): bigint {
  const sen = amountOrZero(field);
  if (sen === 0n) throw new FieldFault(join(field.path, 'value'), 'wrong_form');
  return sen;
}

/** An amount of zero or more, sen: balances. */
export function amountOrZero(field: Field): bigint {
  text(at(field, 'Ccy'), /^IDR$/);
  const value = at(field, 'value');
  const sen = parseIdr(value.value);
  if (sen === undefined || sen < 0n) throw new FieldFault(value.path, 'wrong_form');
  return sen;
}

/** The BIC of an agent. */
export function bank(field: Field): string {
  return text(at(field, 'FinInstnId', 'Othr', 'Id'), FORM.bic);
}

/** An account's number and, where it must be or is there, its type. */
export function account(
  field: Field,
  needsType: boolean,
): { readonly number: string; readonly type?: string } {
  const kind = needsType ? at(field, 'Tp') : optional(field, 'Tp');
  return {
    number: text(at(field, 'Id', 'Othr', 'Id'), FORM.account),
    ...(kind && { type: text(at(kind, 'Prtry'), FORM.accountType) }),
  };
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
