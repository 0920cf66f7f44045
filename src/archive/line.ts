/** The lines of archive files: tab-separated, as PostgreSQL's COPY writes text (a backslash before what would part fields or lines; an
 * empty field where there is nothing). The first line of a file is a header in JSON. */
import type { StreamRow } from '../audit/stream.ts';

/** Read by any later version of Pulih. */
export const FORMAT_VERSION = 1;

export type ArchiveTable = 'event' | 'transfer';

/** Names of the columns, in order. `check` is the first eight bytes of the event's leaf: it names the row that was changed. */
export const COLUMNS = {
  event: ['position', 'check', 'id', 'xid', 'on_date', 'at_ms', 'kind', 'subject', 'data'],
  transfer: [
    'position',
    'id',
    'kind',
    'line',
    'debit_account',
    'credit_account',
    'amount_sen',
    'hold_id',
    'payment_id',
    'booked_on',
    'booked_at_ms',
    'reverses',
    'value_date',
    'business_date',
    'debit_balance_sen',
    'credit_balance_sen',
  ],
} as const satisfies Readonly<Record<ArchiveTable, readonly string[]>>;

/** The first line of a file. */
export function headerLine(input: {
  readonly table: ArchiveTable;
  readonly month: string;
}): string {
  const { table, month } = input;
  return JSON.stringify({
    format: 'pulih-archive',
    version: FORMAT_VERSION,
    table,
    month,
    columns: COLUMNS[table],
  });
}

/** The last line of a file: without it the file was cut. */
export function trailerLine(rows: bigint): string {
  return JSON.stringify({ end: true, rows: String(rows) });
}

/** An event of a file, and where it says that it stands in the stream. */
export interface ArchivedEvent {
  readonly position: string;
  readonly check: string;
  readonly row: StreamRow;
}

/** The event of a line; undefined when it has other fields than an event. */
export function parseEventLine(line: string): ArchivedEvent | undefined {
  const fields = line.split('\t');
  if (fields.length !== COLUMNS.event.length) return undefined;
  const [position, check, id, xid, onDate, atMs, kind, subject, data] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    position,
    check,
    row: {
      id,
      xid,
      onDate,
      atMs,
      kind: plainText(kind),
      subject: plainText(subject),
      data: plainText(data),
    },
  };
}

const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

function plainText(field: string): string {
  return field.includes('\\')
    ? field.replace(/\\([tnr\\])/g, (_, letter: string) => ESCAPED[letter]!)
    : field;
}

/** Fields of a transfer that its event tells of: the first eleven. */
const TOLD_FIELDS = 11;

/** The position of a transfer's event. */
export function positionOf(line: string): string {
  return line.slice(0, line.indexOf('\t'));
}

/** A transfer without its position, as `selectTransfersBetween` of the ledger gives it. */
export function toldFields(line: string): string {
  return line
    .split('\t')
    .slice(1, 1 + TOLD_FIELDS)
    .join('\u001f');
}

/** `check` of an event from its leaf. */
export function checkOf(leaf: Buffer): string {
  return leaf.toString('hex', 0, CHECK_BYTES);
}

const CHECK_BYTES = 8;
