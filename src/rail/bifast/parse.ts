/** Reads BusMsg JSON from untrusted bytes: a typed message, or an error with the path of the first bad field. Never throws.
 * Ids are strict (30 and 27 characters, a calendar date); fields that the table does not name are passed over.
 * Source: docs/rail/bifast.md sections 2 to 4. */
import { parseJson } from '../../kernel/wire.ts';
import { readEventAck, readSystemEvent } from './event.ts';
import {
  account,
  amount,
  at,
  bank,
  bizMsgIdr,
  FieldFault,
  FORM,
  list,
  msgId,
  only,
  optional,
  record,
  text,
  type Field,
  type FieldProblem,
} from './field.ts';
import { parseBizMsgIdr } from './id.ts';
import {
  MSG_DEF,
  type AdminFunction,
  type AdminRequest,
  type AdminResponse,
  type BifastMessage,
  type BulkCredit,
  type BulkReport,
  type CreditReport,
  type CreditTransfer,
  type Header,
  type MessageReject,
  type StatusReport,
  type StatusRequest,
} from './message.ts';
import { readProxyMessage } from './proxy-codec.ts';
import { isProxy, type Proxy } from './proxy.ts';
import { readReport } from './report.ts';

/** Of the header's BizMsgIdr: several credits in one message. */
export const BULK_TYPE = '020';
/** Credits of one message: what one answer in time can speak of. */
export const BULK_COUNT_MAX = 100;

export interface ParseError {
  /** Where, e.g. `BusMsg.AppHdr.BizMsgIdr`. */
  readonly path: string;
  readonly problem: FieldProblem;
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
  return parseTree(root);
}

/** Parses a message whose encoding was read already: the tree that the JSON form spells, from untrusted data. */
export function parseTree(root: unknown): ParseResult {
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

function readMessage(root: Field): BifastMessage {
  const app = at(root, 'BusMsg', 'AppHdr');
  const header = readHeader(app);
  const definition = text(at(app, 'MsgDefIdr'), /^.{1,35}$/);
  const document = at(root, 'BusMsg', 'Document');
  if (Object.keys(record(document)).length !== 1) throw new FieldFault(document.path, 'wrong_form');
  switch (definition) {
    case MSG_DEF.creditTransfer:
      return isBulk(header)
        ? readBulkCredit(header, at(document, 'FIToFICstmrCdtTrf'))
        : readCreditTransfer(header, at(document, 'FIToFICstmrCdtTrf'));
    case MSG_DEF.statusReport:
      return isBulk(header)
        ? readBulkReport(header, at(document, 'FIToFIPmtStsRpt'))
        : readStatusReport(header, at(document, 'FIToFIPmtStsRpt'));
    case MSG_DEF.statusRequest:
      return readStatusRequest(header, at(document, 'FIToFIPmtStsReq'));
    case MSG_DEF.adminRequest:
      return readAdminRequest(header, at(document, 'AdmnReq'));
    case MSG_DEF.adminResponse:
      return readAdminResponse(header, at(document, 'AdmnResp'));
    case MSG_DEF.messageReject:
      return readMessageReject(header, at(document, 'MessageReject'));
    case MSG_DEF.systemEvent:
      return readSystemEvent(header, at(document, 'SysEvtNtfctn'));
    case MSG_DEF.eventAck:
      return readEventAck(header, at(document, 'SysEvtAck'));
    default: {
      const other =
        readProxyMessage(header, { definition, document }) ??
        readReport(header, { definition, document });
      if (!other) throw new FieldFault(`${app.path}.MsgDefIdr`, 'not_supported');
      return other;
    }
  }
}

function readHeader(app: Field): Header {
  const service = optional(app, 'BizSvc');
  return {
    from: text(at(app, 'Fr', 'FIId', 'FinInstnId', 'Othr', 'Id'), FORM.bic),
    to: text(at(app, 'To', 'FIId', 'FinInstnId', 'Othr', 'Id'), FORM.bic),
    bizMsgIdr: bizMsgIdr(at(app, 'BizMsgIdr')),
    createdAt: text(at(app, 'CreDt'), FORM.utc),
    ...(service && { service: text(service, /^(CLEAR|STTL)$/) as 'CLEAR' | 'STTL' }),
    isCopy: optional(app, 'CpyDplct') !== undefined,
    isPossibleDuplicate: optional(app, 'PssblDplct')?.value === 'true',
  };
}

function isBulk({ bizMsgIdr }: Header): boolean {
  return parseBizMsgIdr(bizMsgIdr)?.trxType === BULK_TYPE;
}

function readCreditTransfer(header: Header, document: Field): CreditTransfer {
  const group = at(document, 'GrpHdr');
  text(at(group, 'NbOfTxs'), /^1$/);
  return readCredit({ header, group, tx: only(at(document, 'CdtTrfTxInf')) });
}

/** Number and sum must be those of the credits: of a list that lost a line on its way none is believed. */
function readBulkCredit(header: Header, document: Field): BulkCredit {
  const group = at(document, 'GrpHdr');
  const field = at(document, 'CdtTrfTxInf');
  const credits = list(field, BULK_COUNT_MAX).map((tx) => readCredit({ header, group, tx }));
  if (credits.length === 0) throw new FieldFault(field.path, 'wrong_form');
  const count = at(group, 'NbOfTxs');
  if (text(count, /^\d{1,15}$/) !== String(credits.length))
    throw new FieldFault(count.path, 'disagrees');
  const total = at(group, 'TtlIntrBkSttlmAmt');
  if (amount(total) !== credits.reduce((all, { amountSen }) => all + amountSen, 0n))
    throw new FieldFault(total.path, 'disagrees');
  return {
    kind: 'bulk_credit',
    header,
    msgId: msgId(at(group, 'MsgId')),
    madeAt: text(at(group, 'CreDtTm'), FORM.local),
    credits,
  };
}

function readCredit(of: {
  readonly header: Header;
  readonly group: Field;
  readonly tx: Field;
}): CreditTransfer {
  const { header, group, tx } = of;
  const endToEndId = bizMsgIdr(at(tx, 'PmtId', 'EndToEndId'));
  const ids = parseBizMsgIdr(endToEndId)!; // checked by bizMsgIdr above
  if (!/^(010|110|011|510)$/.test(ids.trxType))
    throw new FieldFault(`${tx.path}.PmtId.EndToEndId`, 'not_supported');
  const trxType = ids.trxType as CreditTransfer['trxType'];
  const category = text(at(tx, 'PmtTpInf', 'CtgyPurp', 'Prtry'), /^\d{5}$/);
  if (!category.startsWith(trxType))
    throw new FieldFault(`${tx.path}.PmtTpInf.CtgyPurp.Prtry`, 'disagrees');
  const date = optional(tx, 'IntrBkSttlmDt');
  const debtorAccount = trxType === '510' ? undefined : account(at(tx, 'DbtrAcct'), true);
  const creditor = optional(tx, 'Cdtr');
  const creditorAccount = account(at(tx, 'CdtrAcct'), trxType !== '510');
  const related = readRelated(tx);
  if (trxType === '011' && !related) throw new FieldFault(`${tx.path}.SplmtryData`, 'missing');
  return {
    kind: 'credit_transfer',
    header,
    msgId: msgId(at(group, 'MsgId')),
    madeAt: text(at(group, 'CreDtTm'), FORM.local),
    endToEndId,
    txId: msgId(at(tx, 'PmtId', 'TxId')),
    trxType,
    channelCode: text(at(tx, 'PmtTpInf', 'LclInstrm', 'Prtry'), /^\d{2}$/),
    categoryPurpose: category,
    amountSen: amount(at(tx, 'IntrBkSttlmAmt')),
    ...(date && { settlementDate: text(date, FORM.date) }),
    debtorName: text(at(tx, 'Dbtr', 'Nm'), FORM.name),
    ...(debtorAccount && {
      debtorAccount: { number: debtorAccount.number, type: debtorAccount.type! },
    }),
    debtorBank: bank(at(tx, 'DbtrAgt')),
    creditorBank: bank(at(tx, 'CdtrAgt')),
    ...((creditor || trxType !== '510') && { creditorName: text(at(tx, 'Cdtr', 'Nm'), FORM.name) }),
    creditorAccount,
    ...(trxType === '110' && { creditorProxy: readCreditorProxy(at(tx, 'CdtrAcct', 'Prxy')) }),
    remittance: readRemittance(tx),
    ...(related && { relatedEndToEndId: related }),
  };
}

function readCreditorProxy(field: Field): Proxy {
  const type = text(at(field, 'Tp', 'Prtry'), /^0[123]$/) as Proxy['type'];
  const value = text(at(field, 'Id'), FORM.name);
  if (!isProxy({ type, value })) throw new FieldFault(`${field.path}.Id`, 'wrong_form');
  return { type, value };
}

function readRemittance(tx: Field): string {
  const info = optional(tx, 'RmtInf');
  return info ? text(only(at(info, 'Ustrd')), FORM.name) : '';
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
  return {
    kind: 'status_report',
    header,
    msgId: msgId(at(group, 'MsgId')),
    madeAt: text(at(group, 'CreDtTm'), FORM.local),
    originalMsgId: msgId(at(original, 'OrgnlMsgId')),
    originalMsgDef: text(at(original, 'OrgnlMsgNmId'), /^(pacs\.008\.001\.08|pacs\.028\.001\.04)$/),
    ...readWord(only(at(document, 'TxInfAndSts'))),
  };
}

function readBulkReport(header: Header, document: Field): BulkReport {
  const original = only(at(document, 'OrgnlGrpInfAndSts'));
  text(at(original, 'OrgnlMsgNmId'), /^pacs\.008\.001\.08$/);
  return {
    kind: 'bulk_report',
    header,
    msgId: msgId(at(document, 'GrpHdr', 'MsgId')),
    madeAt: text(at(document, 'GrpHdr', 'CreDtTm'), FORM.local),
    originalMsgId: msgId(at(original, 'OrgnlMsgId')),
    reports: list(at(document, 'TxInfAndSts'), BULK_COUNT_MAX).map(readWord),
  };
}

function readWord(tx: Field): CreditReport {
  const reference = optional(tx, 'OrgnlTxRef');
  const amountField = reference && optional(reference, 'IntrBkSttlmAmt');
  const date = reference && optional(reference, 'IntrBkSttlmDt');
  const creditor = reference && optional(reference, 'Cdtr');
  const creditorAccount = reference && optional(reference, 'CdtrAcct');
  return {
    originalEndToEndId: bizMsgIdr(at(tx, 'OrgnlEndToEndId')),
    originalTxId: msgId(at(tx, 'OrgnlTxId')),
    status: text(at(tx, 'TxSts'), /^(ACTC|ACSC|RJCT)$/) as StatusReport['status'],
    code: text(at(only(at(tx, 'StsRsnInf')), 'Rsn', 'Prtry'), FORM.code),
    ...(amountField && { amountSen: amount(amountField) }),
    ...(date && { settlementDate: text(date, FORM.date) }),
    ...(creditor && { creditorName: text(at(creditor, 'Nm'), FORM.name) }),
    ...(creditorAccount && { creditorAccount: account(creditorAccount, false) }),
  };
}

function readStatusRequest(header: Header, document: Field): StatusRequest {
  const tx = only(at(document, 'TxInf'));
  return {
    kind: 'status_request',
    header,
    msgId: msgId(at(document, 'GrpHdr', 'MsgId')),
    madeAt: text(at(document, 'GrpHdr', 'CreDtTm'), FORM.local),
    originalEndToEndId: bizMsgIdr(at(tx, 'OrgnlEndToEndId')),
    originalTxId: msgId(at(tx, 'OrgnlTxId')),
  };
}

function readAdminRequest(header: Header, document: Field): AdminRequest {
  return {
    kind: 'admin_request',
    header,
    msgId: msgId(at(document, 'MsgId')),
    madeAt: text(at(document, 'CreDtTm'), FORM.local),
    fn: text(at(document, 'Fctn'), /^(SIGNON|SIGNOFF|ECHO)$/) as AdminFunction,
  };
}

function readAdminResponse(header: Header, document: Field): AdminResponse {
  return {
    kind: 'admin_response',
    header,
    msgId: msgId(at(document, 'MsgId')),
    madeAt: text(at(document, 'CreDtTm'), FORM.local),
    originalMsgId: msgId(at(document, 'OrgnlMsgId')),
    fn: text(at(document, 'Fctn'), /^(SIGNON|SIGNOFF|ECHO)$/) as AdminFunction,
    isAccepted: text(at(document, 'Sts'), /^(ACPT|RJCT)$/) === 'ACPT',
    code: text(at(document, 'Rsn'), FORM.code),
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
    code: text(at(reason, 'RjctgPtyRsn'), FORM.code),
    madeAt: text(at(reason, 'RsnDtTm'), FORM.local),
    ...(location && { location: text(location, FORM.note) }),
    ...(description && { description: text(description, FORM.note) }),
  };
}

function readBizMsgIdr(root: unknown): string | undefined {
  try {
    return bizMsgIdr(at({ value: root, path: '' }, 'BusMsg', 'AppHdr', 'BizMsgIdr'));
  } catch (fault) {
    if (fault instanceof FieldFault) return undefined;
    throw fault;
  }
}
