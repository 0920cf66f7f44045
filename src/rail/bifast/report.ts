/** What the hub reports of our settlement account: the position now (camt.052), the statement of a date (camt.053) and single
 * lines (camt.054), as one typed value. Field names per ISO 20022, contents as in docs/rail/bifast.md section 4.9. Pure. */
import { formatIdr } from '../../kernel/money.ts';
import { instant } from './event.ts';
import {
  amount,
  amountOrZero,
  at,
  bank,
  bizMsgIdr,
  FieldFault,
  FORM,
  list,
  msgId,
  only,
  optional,
  text,
  type Field,
} from './field.ts';
import type { Header } from './message.ts';

type Json = Readonly<Record<string, unknown>>;

/** `OPBD` at the opening of the date, `ITBD` now, `ITAV` now and free to be used, `CLBD` at the close. */
export type BalanceKind = 'OPBD' | 'ITBD' | 'ITAV' | 'CLBD';

export interface ReportBalance {
  readonly kind: BalanceKind;
  /** Below zero = we owe. */
  readonly amountSen: bigint;
  /** WIB without a zone, milliseconds. */
  readonly at: string;
}

export interface ReportTotals {
  readonly inCount: number;
  readonly inSen: bigint;
  readonly outCount: number;
  readonly outSen: bigint;
}

export interface ReportEntry {
  readonly lineId: string;
  readonly direction: 'in' | 'out';
  readonly amountSen: bigint;
  readonly bookedAt: string;
  /** The business date. */
  readonly valueDate: string;
  readonly trxType: string;
  readonly endToEndId: string;
  readonly counterpartyBank: string;
  /** Fingerprint of the certificate that sent it to the hub; empty for what came in. */
  readonly connector: string;
}

export interface AccountReport {
  readonly kind: 'account_report';
  readonly of: 'position' | 'statement' | 'lines';
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
  readonly reportId: string;
  /** The BIC whose settlement account it is. */
  readonly account: string;
  readonly balances: readonly ReportBalance[];
  readonly totals?: ReportTotals;
  readonly entries: readonly ReportEntry[];
}

/** Definition, document key and list key of each. */
export const REPORT_DEF = {
  position: ['camt.052.001.08', 'BkToCstmrAcctRpt', 'Rpt'],
  statement: ['camt.053.001.08', 'BkToCstmrStmt', 'Stmt'],
  lines: ['camt.054.001.08', 'BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
} as const satisfies Record<AccountReport['of'], readonly [string, string, string]>;

const BALANCES_MAX = 8;
/** As many as a page of the feed. */
const ENTRIES_MAX = 500;
const REPORT_ID = /^[\x21-\x7e]{1,35}$/;
const COUNT = /^(0|[1-9]\d{0,14})$/;
const CONNECTOR = /^connector=([0-9a-f]{64})$/;

/** Reads the document of a report; undefined for another definition. Throws FieldFault. */
export function readReport(
  header: Header,
  input: { readonly definition: string; readonly document: Field },
): AccountReport | undefined {
  const kinds = Object.keys(REPORT_DEF) as AccountReport['of'][];
  const of = kinds.find((one) => REPORT_DEF[one][0] === input.definition);
  if (!of) return undefined;
  const [, documentKey, listKey] = REPORT_DEF[of];
  const body = at(input.document, documentKey);
  const report = only(at(body, listKey));
  const balances = optional(report, 'Bal');
  const totals = optional(report, 'TxsSummry');
  const entries = optional(report, 'Ntry');
  return {
    kind: 'account_report',
    of,
    header,
    msgId: msgId(at(body, 'GrpHdr', 'MsgId')),
    madeAt: text(at(body, 'GrpHdr', 'CreDtTm'), FORM.local),
    reportId: text(at(report, 'Id'), REPORT_ID),
    account: text(at(report, 'Acct', 'Id', 'Othr', 'Id'), FORM.bic),
    balances: balances ? list(balances, BALANCES_MAX).map(readBalance) : [],
    ...(totals && { totals: readTotals(totals) }),
    entries: entries ? list(entries, ENTRIES_MAX).map(readEntry) : [],
  };
}

function readBalance(field: Field): ReportBalance {
  const sen = amountOrZero(at(field, 'Amt'));
  const isDebit = text(at(field, 'CdtDbtInd'), /^(CRDT|DBIT)$/) === 'DBIT';
  // A zero that we owe is a zero: two ways to write one balance would be one too many.
  if (isDebit && sen === 0n) throw new FieldFault(`${field.path}.CdtDbtInd`, 'disagrees');
  return {
    kind: text(at(field, 'Tp', 'CdOrPrtry', 'Cd'), /^(OPBD|ITBD|ITAV|CLBD)$/) as BalanceKind,
    amountSen: isDebit ? -sen : sen,
    at: instant(at(field, 'Dt', 'DtTm')),
  };
}

function readTotals(field: Field): ReportTotals {
  const credit = at(field, 'TtlCdtNtries');
  const debit = at(field, 'TtlDbtNtries');
  return {
    inCount: Number(text(at(credit, 'NbOfNtries'), COUNT)),
    inSen: sum(at(credit, 'Sum')),
    outCount: Number(text(at(debit, 'NbOfNtries'), COUNT)),
    outSen: sum(at(debit, 'Sum')),
  };
}

/** A total has no currency of its own in ISO 20022. */
function sum(field: Field): bigint {
  return amountOrZero({ value: { Ccy: 'IDR', value: field.value }, path: field.path });
}

function readEntry(field: Field): ReportEntry {
  const isIn = text(at(field, 'CdtDbtInd'), /^(CRDT|DBIT)$/) === 'CRDT';
  const detail = only(at(only(at(field, 'NtryDtls')), 'TxDtls'));
  text(at(field, 'Sts', 'Cd'), /^BOOK$/);
  const note = optional(field, 'AddtlNtryInf');
  return {
    lineId: text(at(field, 'NtryRef'), REPORT_ID),
    direction: isIn ? 'in' : 'out',
    amountSen: amount(at(field, 'Amt')),
    bookedAt: instant(at(field, 'BookgDt', 'DtTm')),
    valueDate: text(at(field, 'ValDt', 'Dt'), FORM.date),
    trxType: text(at(field, 'BkTxCd', 'Prtry', 'Cd'), /^\d{3}$/),
    endToEndId: bizMsgIdr(at(detail, 'Refs', 'EndToEndId')),
    counterpartyBank: bank(at(detail, 'RltdAgts', isIn ? 'DbtrAgt' : 'CdtrAgt')),
    connector: note ? CONNECTOR.exec(text(note, CONNECTOR))![1]! : '', // `text` has checked it
  };
}

/** The document of a report, by its key. */
export function reportDocument(report: AccountReport): Json {
  const [, documentKey, listKey] = REPORT_DEF[report.of];
  return {
    [documentKey]: {
      GrpHdr: { MsgId: report.msgId, CreDtTm: report.madeAt },
      [listKey]: [
        {
          Id: report.reportId,
          CreDtTm: report.madeAt,
          Acct: { Id: { Othr: { Id: report.account } } },
          ...(report.balances.length > 0 && { Bal: report.balances.map(balanceField) }),
          ...(report.totals && { TxsSummry: totalsField(report.totals) }),
          ...(report.entries.length > 0 && { Ntry: report.entries.map(entryField) }),
        },
      ],
    },
  };
}

function balanceField({ kind, amountSen, at: when }: ReportBalance): Json {
  const isDebit = amountSen < 0n;
  return {
    Tp: { CdOrPrtry: { Cd: kind } },
    Amt: money(isDebit ? -amountSen : amountSen),
    CdtDbtInd: isDebit ? 'DBIT' : 'CRDT',
    Dt: { DtTm: when },
  };
}

function totalsField(totals: ReportTotals): Json {
  return {
    TtlCdtNtries: { NbOfNtries: String(totals.inCount), Sum: formatIdr(totals.inSen) },
    TtlDbtNtries: { NbOfNtries: String(totals.outCount), Sum: formatIdr(totals.outSen) },
  };
}

function entryField(entry: ReportEntry): Json {
  const agent = { FinInstnId: { Othr: { Id: entry.counterpartyBank } } };
  return {
    NtryRef: entry.lineId,
    Amt: money(entry.amountSen),
    CdtDbtInd: entry.direction === 'in' ? 'CRDT' : 'DBIT',
    Sts: { Cd: 'BOOK' },
    BookgDt: { DtTm: entry.bookedAt },
    ValDt: { Dt: entry.valueDate },
    BkTxCd: { Prtry: { Cd: entry.trxType } },
    NtryDtls: [
      {
        TxDtls: [
          {
            Refs: { EndToEndId: entry.endToEndId },
            RltdAgts: entry.direction === 'in' ? { DbtrAgt: agent } : { CdtrAgt: agent },
          },
        ],
      },
    ],
    ...(entry.connector && { AddtlNtryInf: `connector=${entry.connector}` }),
  };
}

function money(sen: bigint): Json {
  return { Ccy: 'IDR', value: formatIdr(sen) };
}
