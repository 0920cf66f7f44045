/** Reads a company's list: CSV as spreadsheets write it, the columns `bank,account,name,amount,remark`, divided by comma or semicolon. Pure and
 * total. What cannot be read as a list is refused whole; a row that cannot be paid is kept with its fault. An amount is digits with two
 * decimals behind a point or none: `1.500.000` could be a million or one, so it is refused. */
import { parseIdr, type Sen } from '../kernel/money.ts';
import { plainText } from '../payment/text.ts';
import type { RowFault } from '../notify/bulk-reason.ts';
import type { FileRefusal } from './port.ts';

/** Rows of a list. */
export const ROWS_MAX = 10_000;
/** Bytes of a file: ten thousand rows of full length. */
export const FILE_BYTES_MAX = 3_000_000;
const COLUMNS = ['bank', 'account', 'name', 'amount', 'remark'] as const;
/** What a field may hold; longer ones are cut where a faulty row is kept. */
const FIELD_MAX = 140;
const ACCOUNT = /^[0-9]{6,34}$/;
/** As the app's own remark. */
const REMARK = /^[A-Za-z0-9 .,/()+:?'-]{0,60}$/;

/** One row as it was read. */
export interface ReadRow {
  readonly position: number;
  readonly bank: string;
  readonly account: string;
  readonly name: string;
  readonly amountSen?: Sen;
  readonly remark: string;
  readonly fault?: RowFault;
}

export type ReadResult =
  | { readonly ok: true; readonly rows: readonly ReadRow[] }
  /** `line`: where reading ended. */
  | { readonly ok: false; readonly reason: FileRefusal; readonly line?: number };

/** A bank's BIC by what a list calls it: BIC or the three digits of its code. */
export type BankOf = (text: string) => string | undefined;

/** Reads it. */
export function readFile(
  file: string,
  input: { readonly bankOf: BankOf; readonly rowMax: number },
): ReadResult {
  if (file.length > FILE_BYTES_MAX) return { ok: false, reason: 'file_too_long' };
  const text = file.startsWith('\uFEFF') ? file.slice(1) : file;
  const records = readRecords(text, Math.min(input.rowMax, ROWS_MAX) + 1);
  if (!records.ok) return records;
  const [head, ...rest] = records.records;
  if (!head) return { ok: false, reason: 'file_empty' };
  const names = head.map((name) => name.trim().toLowerCase());
  if (names.length !== COLUMNS.length || COLUMNS.some((name, index) => names[index] !== name))
    return { ok: false, reason: 'file_header' };
  if (rest.length === 0) return { ok: false, reason: 'file_empty' };
  const seen = new Set<string>();
  return {
    ok: true,
    rows: rest.map((fields, index) => readRow(fields, { ...input, position: index + 1, seen })),
  };
}

function readRow(
  fields: readonly string[],
  input: { readonly bankOf: BankOf; readonly position: number; readonly seen: Set<string> },
): ReadRow {
  const [bankText = '', account = '', name = '', amountText = '', remark = ''] = fields.map(
    (field) => plainText(field, FIELD_MAX),
  );
  const bank = input.bankOf(bankText.toUpperCase());
  const amountSen = readAmount(amountText);
  const row = {
    position: input.position,
    bank: bank ?? bankText,
    account,
    name,
    remark,
    ...(amountSen !== undefined && amountSen > 0n && { amountSen }),
  };
  const fault = faultOf(row, { columnCount: fields.length, isBankKnown: bank !== undefined });
  if (fault) return { ...row, fault };
  const payee = `${row.bank} ${account} ${amountSen}`;
  if (input.seen.has(payee)) return { ...row, fault: 'row_repeated' };
  input.seen.add(payee);
  return row;
}

function faultOf(
  row: Omit<ReadRow, 'fault'>,
  known: { readonly columnCount: number; readonly isBankKnown: boolean },
): RowFault | undefined {
  if (known.columnCount !== COLUMNS.length) return 'columns_wrong';
  if (!known.isBankKnown) return 'bank_unknown';
  if (!ACCOUNT.test(row.account)) return 'account_malformed';
  if (row.name === '') return 'name_missing';
  if (row.amountSen === undefined) return 'amount_malformed';
  return REMARK.test(row.remark) ? undefined : 'remark_malformed';
}

function readAmount(text: string): Sen | undefined {
  return parseIdr(/^\d+$/.test(text) ? `${text}.00` : text);
}

type Records =
  | { readonly ok: true; readonly records: readonly (readonly string[])[] }
  | { readonly ok: false; readonly reason: FileRefusal; readonly line: number };

/** RFC 4180 with either divider; the first line decides which. Empty lines are left out. */
function readRecords(text: string, recordMax: number): Records {
  const divider = /^[^\n,;]*;/.test(text) ? ';' : ',';
  const records: string[][] = [];
  let fields: string[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const field = readField(text, { at, divider });
    if (!field) return { ok: false, reason: 'file_malformed', line };
    fields.push(field.text);
    line += field.lineCount;
    at = field.end;
    if (text[at] === divider && at + 1 < text.length) {
      at++;
      continue;
    }
    if (text[at] === divider) fields.push('');
    at += text[at] === '\r' ? 2 : 1;
    line++;
    if (fields.some((one) => one !== '')) records.push(fields);
    fields = [];
    if (records.length > recordMax) return { ok: false, reason: 'file_too_long', line };
  }
  return { ok: true, records };
}

/** One field from `at`: its text, where it ends, and how many line ends it holds. Undefined: a quote that nobody closes, or text behind one. */
function readField(
  text: string,
  { at, divider }: { readonly at: number; readonly divider: string },
): { readonly text: string; readonly end: number; readonly lineCount: number } | undefined {
  if (text[at] !== '"') {
    let end = at;
    while (end < text.length && text[end] !== divider && !isLineEnd(text, end)) end++;
    const plain = text.slice(at, end);
    return plain.includes('"') ? undefined : { text: plain, end, lineCount: 0 };
  }
  const parts: string[] = [];
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    parts.push(text.slice(from, quote));
    if (text[quote + 1] === '"') {
      parts.push('"');
      from = quote + 2;
      continue;
    }
    const end = quote + 1;
    if (end < text.length && text[end] !== divider && !isLineEnd(text, end)) return undefined;
    const whole = parts.join('');
    return { text: whole, end, lineCount: whole.split('\n').length - 1 };
  }
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
}
