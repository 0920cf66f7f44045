/** Reads BusMsg JSON from untrusted bytes: a typed message, or an error with the path of the first bad field. Never throws.
 * Ids are strict (30 and 27 characters, a calendar date); fields that the table does not name are passed over.
 * Source: docs/rail/bifast.md sections 2 to 4. */
import { parseIdr } from '../../kernel/money.ts';
import { parseJson } from '../../kernel/wire.ts';
import { isMsgId, parseBizMsgIdr } from './id.ts';
import {
  MSG_DEF,
  type AdminFunction,
  type AdminRequest,
  type AdminResponse,
  type BifastMessage,
  type CreditTransfer,
  type Header,
  type MessageReject,
  type StatusReport,
  type StatusRequest,
} from './message.ts';

export interface ParseError {
  /** Where, e.g. `BusMsg.AppHdr.BizMsgIdr`. */
  readonly path: string;
  readonly problem:
    | 'missing'
    | 'not_json'
    | 'wrong_type'
    | 'wrong_form'
    | 'not_supported'
    | 'disagrees';
  /** BizMsgIdr where it could still be read. */
  readonly bizMsgIdr?: string;
}

export type ParseResult =
  | { readonly ok: true; readonly message: BifastMessage }
  | { readonly ok: false; readonly error: ParseError };

/** Parses one message. */
export function parseMessage(bytes: Uint8Array): ParseResult {
  const root = parseJson(bytes);
  if (root === undefined) return { ok: false, error: { path: '', problem: 'not_json' } };
  const top: Field = { value: root, path: '' };
  try {
    return { ok: true, message: readMessage(top) };
  } catch (fault) {
    if (!(fault instanceof FieldFault)) throw fault;
    const bizMsgIdr = readBizMsgIdr(root);
    return {
      ok: false,
      error: { path: fault.path, problem: fault.problem, ...(bizMsgIdr && { bizMsgIdr }) },
    };
  }
}

/** A value and where it stands. */
interface Field {
  readonly value: unknown;
  readonly path: string;
}

class FieldFault extends Error {
  readonly path: string;
  readonly problem: ParseError['problem'];
  constructor(path: string, problem: ParseError['problem']) {
    super(path);
    this.path = path;
    this.problem = problem;
  }
}

function readMessage(root: Field): BifastMessage {
  const app = at(root, 'BusMsg', 'AppHdr');
  const header = readHeader(app);
  const definition = text(at(app, 'MsgDefIdr'), /^.{1,35}$/);
  const document = at(root, 'BusMsg', 'Document');
  if (Object.keys(record(document)).length !== 1) throw new FieldFault(document.path, 'wrong_form');
  switch (definition) {
    case MSG_DEF.creditTransfer:
      return readCreditTransfer(header, at(document, 'FIToFICstmrCdtTrf'));
    case MSG_DEF.statusReport:
      return readStatusReport(header, at(document, 'FIToFIPmtStsRpt'));
    case MSG_DEF.statusRequest:
      return readStatusRequest(header, at(document, 'FIToFIPmtStsReq'));
    case MSG_DEF.adminRequest:
      return readAdminRequest(header, at(document, 'AdmnReq'));
    case MSG_DEF.adminResponse:
      return readAdminResponse(header, at(document, 'AdmnResp'));
    case MSG_DEF.messageReject:
      return readMessageReject(header, at(document, 'MessageReject'));
    default:
      throw new FieldFault(`${app.path}.MsgDefIdr`, 'not_supported');
  }
}

const BIC = /^[A-Z0-9]{8}$/;
const ACCOUNT = /^[\x21-\x7e]{1,34}$/;
const ACCOUNT_TYPE = /^(CACC|SVGS|LOAN|CCRD|UESB|OTHR)$/;
const NAME = /^\P{Cc}{1,140}$/u;
const NOTE = /^\P{Cc}{1,350}$/u;
const CODE = /^[A-Z]\d{3}$/;
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

function readHeader(app: Field): Header {
  const service = optional(app, 'BizSvc');
  return {
    from: text(at(app, 'Fr', 'FIId', 'FinInstnId', 'Othr', 'Id'), BIC),
    to: text(at(app, 'To', 'FIId', 'FinInstnId', 'Othr', 'Id'), BIC),
    bizMsgIdr: bizMsgIdr(at(app, 'BizMsgIdr')),
    createdAt: text(at(app, 'CreDt'), UTC),
    ...(service && { service: text(service, /^(CLEAR|STTL)$/) as 'CLEAR' | 'STTL' }),
    isCopy: optional(app, 'CpyDplct') !== undefined,
    isPossibleDuplicate: optional(app, 'PssblDplct')?.value === 'true',
  };
}

function readCreditTransfer(header: Header, document: Field): CreditTransfer {
  const group = at(document, 'GrpHdr');
  text(at(group, 'NbOfTxs'), /^1$/);
  const tx = only(at(document, 'CdtTrfTxInf'));
  const endToEndId = bizMsgIdr(at(tx, 'PmtId', 'EndToEndId'));
  const ids = parseBizMsgIdr(endToEndId)!; // checked by bizMsgIdr above
  if (!/^(010|011|510)$/.test(ids.trxType))
    throw new FieldFault(`${tx.path}.PmtId.EndToEndId`, 'not_supported');
  const trxType = ids.trxType as CreditTransfer['trxType'];
  const category = text(at(tx, 'PmtTpInf', 'CtgyPurp', 'Prtry'), /^\d{5}$/);
  if (!category.startsWith(trxType))
    throw new FieldFault(`${tx.path}.PmtTpInf.CtgyPurp.Prtry`, 'disagrees');
  const date = optional(tx, 'IntrBkSttlmDt');
  const debtorAccount = trxType === '510' ? undefined : readAccount(at(tx, 'DbtrAcct'), true);
  const creditor = optional(tx, 'Cdtr');
  const creditorAccount = readAccount(at(tx, 'CdtrAcct'), trxType !== '510');
  const related = readRelated(tx);
  if (trxType === '011' && !related) throw new FieldFault(`${tx.path}.SplmtryData`, 'missing');
  return {
    kind: 'credit_transfer',
    header,
    msgId: msgId(at(group, 'MsgId')),
    madeAt: text(at(group, 'CreDtTm'), LOCAL),
    endToEndId,
    txId: msgId(at(tx, 'PmtId', 'TxId')),
    trxType,
    channelCode: text(at(tx, 'PmtTpInf', 'LclInstrm', 'Prtry'), /^\d{2}$/),
    categoryPurpose: category,
    amountSen: amount(at(tx, 'IntrBkSttlmAmt')),
    ...(date && { settlementDate: text(date, DATE) }),
    debtorName: text(at(tx, 'Dbtr', 'Nm'), NAME),
    ...(debtorAccount && {
      debtorAccount: { number: debtorAccount.number, type: debtorAccount.type! },
    }),
    debtorBank: text(at(tx, 'DbtrAgt', 'FinInstnId', 'Othr', 'Id'), BIC),
    creditorBank: text(at(tx, 'CdtrAgt', 'FinInstnId', 'Othr', 'Id'), BIC),
    ...((creditor || trxType !== '510') && { creditorName: text(at(tx, 'Cdtr', 'Nm'), NAME) }),
    creditorAccount,
    remittance: readRemittance(tx),
    ...(related && { relatedEndToEndId: related }),
  };
}

function readRemittance(tx: Field): string {
  const info = optional(tx, 'RmtInf');
  return info ? text(only(at(info, 'Ustrd')), NAME) : '';
}

function readRelated(tx: Field): string | undefined {
  const data = optional(tx, 'SplmtryData');
  if (!data) return undefined;
  const related = optional(at(only(data), 'Envlp', 'Dtl'), 'RltdEndToEndId');
  return related && bizMsgIdr(related);
}

function readStatusReport(header: Header, document: Field): StatusReport {
  const group = at(document, 'GrpHdr');
  const original = only(at(document, 'OrgnlGrpInfAndSts'));
  const tx = only(at(document, 'TxInfAndSts'));
  const reference = optional(tx, 'OrgnlTxRef');
  const amountField = reference && optional(reference, 'IntrBkSttlmAmt');
  const date = reference && optional(reference, 'IntrBkSttlmDt');
  const creditor = reference && optional(reference, 'Cdtr');
  const account = reference && optional(reference, 'CdtrAcct');
  return {
    kind: 'status_report',
    header,
    msgId: msgId(at(group, 'MsgId')),
    madeAt: text(at(group, 'CreDtTm'), LOCAL),
    originalMsgId: msgId(at(original, 'OrgnlMsgId')),
    originalMsgDef: text(at(original, 'OrgnlMsgNmId'), /^(pacs\.008\.001\.08|pacs\.028\.001\.04)$/),
    originalEndToEndId: bizMsgIdr(at(tx, 'OrgnlEndToEndId')),
    originalTxId: msgId(at(tx, 'OrgnlTxId')),
    status: text(at(tx, 'TxSts'), /^(ACTC|ACSC|RJCT)$/) as StatusReport['status'],
    code: text(at(only(at(tx, 'StsRsnInf')), 'Rsn', 'Prtry'), CODE),
    ...(amountField && { amountSen: amount(amountField) }),
    ...(date && { settlementDate: text(date, DATE) }),
    ...(creditor && { creditorName: text(at(creditor, 'Nm'), NAME) }),
    ...(account && { creditorAccount: readAccount(account, false) }),
  };
}

function readStatusRequest(header: Header, document: Field): StatusRequest {
  const tx = only(at(document, 'TxInf'));
  return {
    kind: 'status_request',
    header,
    msgId: msgId(at(document, 'GrpHdr', 'MsgId')),
    madeAt: text(at(document, 'GrpHdr', 'CreDtTm'), LOCAL),
    originalEndToEndId: bizMsgIdr(at(tx, 'OrgnlEndToEndId')),
    originalTxId: msgId(at(tx, 'OrgnlTxId')),
  };
}

function readAdminRequest(header: Header, document: Field): AdminRequest {
  return {
    kind: 'admin_request',
    header,
    msgId: msgId(at(document, 'MsgId')),
    madeAt: text(at(document, 'CreDtTm'), LOCAL),
    fn: adminFunction(at(document, 'Fctn')),
  };
}

function readAdminResponse(header: Header, document: Field): AdminResponse {
  return {
    kind: 'admin_response',
    header,
    msgId: msgId(at(document, 'MsgId')),
    madeAt: text(at(document, 'CreDtTm'), LOCAL),
    originalMsgId: msgId(at(document, 'OrgnlMsgId')),
    fn: adminFunction(at(document, 'Fctn')),
    isAccepted: text(at(document, 'Sts'), /^(ACPT|RJCT)$/) === 'ACPT',
    code: text(at(document, 'Rsn'), CODE),
  };
}

function readMessageReject(header: Header, document: Field): MessageReject {
  const reason = at(document, 'Rsn');
  const location = optional(reason, 'ErrLctn');
  const description = optional(reason, 'RsnDesc');
  return {
    kind: 'message_reject',
    header,
    reference: text(at(document, 'RltdRef', 'Ref'), /^([0-9A-Z]{30})?$/),
    code: text(at(reason, 'RjctgPtyRsn'), CODE),
    madeAt: text(at(reason, 'RsnDtTm'), LOCAL),
    ...(location && { location: text(location, NOTE) }),
    ...(description && { description: text(description, NOTE) }),
  };
}

function readAccount(field: Field, needsType: boolean): { number: string; type?: string } {
  const kind = needsType ? at(field, 'Tp') : optional(field, 'Tp');
  return {
    number: text(at(field, 'Id', 'Othr', 'Id'), ACCOUNT),
    ...(kind && { type: text(at(kind, 'Prtry'), ACCOUNT_TYPE) }),
  };
}

function amount(field: Field): bigint {
  text(at(field, 'Ccy'), /^IDR$/);
  const value = at(field, 'value');
  const sen = parseIdr(value.value);
  if (sen === undefined || sen <= 0n) throw new FieldFault(value.path, 'wrong_form');
  return sen;
}

function adminFunction(field: Field): AdminFunction {
  return text(field, /^(SIGNON|SIGNOFF|ECHO)$/) as AdminFunction;
}

function bizMsgIdr(field: Field): string {
  if (parseBizMsgIdr(field.value) === undefined) throw new FieldFault(field.path, 'wrong_form');
  return field.value as string; // checked by parseBizMsgIdr
}

function msgId(field: Field): string {
  if (!isMsgId(field.value)) throw new FieldFault(field.path, 'wrong_form');
  return field.value;
}

function text(field: Field, form: RegExp): string {
  if (typeof field.value !== 'string') throw new FieldFault(field.path, 'wrong_type');
  if (!form.test(field.value)) throw new FieldFault(field.path, 'wrong_form');
  return field.value;
}

/** The field down the names; a FieldFault names the first that is missing. */
function at(from: Field, ...names: readonly string[]): Field {
  let field = from;
  for (const name of names) {
    const next = optional(field, name);
    if (!next) throw new FieldFault(join(field.path, name), 'missing');
    field = next;
  }
  return field;
}

function optional(field: Field, name: string): Field | undefined {
  const fields = record(field);
  if (!Object.hasOwn(fields, name)) return undefined;
  return { value: fields[name], path: join(field.path, name) };
}

/** The one element of a list: BI-FAST messages carry a single transaction. */
function only(field: Field): Field {
  if (!Array.isArray(field.value)) throw new FieldFault(field.path, 'wrong_type');
  if (field.value.length !== 1) throw new FieldFault(field.path, 'wrong_form');
  return { value: field.value[0], path: `${field.path}[0]` };
}

function record(field: Field): Readonly<Record<string, unknown>> {
  const { value } = field;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FieldFault(field.path, 'wrong_type');
  return value as Record<string, unknown>;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function readBizMsgIdr(root: unknown): string | undefined {
  try {
    return bizMsgIdr(at({ value: root, path: '' }, 'BusMsg', 'AppHdr', 'BizMsgIdr'));
  } catch (fault) {
    if (fault instanceof FieldFault) return undefined;
    throw fault;
  }
}
