/** Renders BI-FAST messages as BusMsg JSON. Source: docs/rail/bifast.md sections 3 and 4. */
import { formatIdr } from '../../kernel/money.ts';
import { eventDocument } from './event.ts';
import {
  MSG_DEF,
  type AdminRequest,
  type AdminResponse,
  type BifastMessage,
  type BulkCredit,
  type BulkReport,
  type CreditReport,
  type CreditTransfer,
  type MessageReject,
  type StatusReport,
  type StatusRequest,
} from './message.ts';
import { PROXY_DEF, proxyDocument } from './proxy-codec.ts';
import type { Proxy } from './proxy.ts';
import { REPORT_DEF, reportDocument } from './report.ts';

type Json = Readonly<Record<string, unknown>>;

/** The bytes that are signed and sent, as JSON. */
export function encodeMessage(message: BifastMessage): Buffer {
  return Buffer.from(JSON.stringify(messageTree(message)));
}

/** The tree that both encodings spell. */
export function messageTree(message: BifastMessage): Json {
  const [definition, document] = documentOf(message);
  return { BusMsg: { AppHdr: header(message, definition), Document: document } };
}

function documentOf(message: BifastMessage): readonly [definition: string, document: Json] {
  switch (message.kind) {
    case 'credit_transfer':
      return [MSG_DEF.creditTransfer, { FIToFICstmrCdtTrf: creditTransfer(message) }];
    case 'bulk_credit':
      return [MSG_DEF.creditTransfer, { FIToFICstmrCdtTrf: bulkCredit(message) }];
    case 'bulk_report':
      return [MSG_DEF.statusReport, { FIToFIPmtStsRpt: bulkReport(message) }];
    case 'status_report':
      return [MSG_DEF.statusReport, { FIToFIPmtStsRpt: statusReport(message) }];
    case 'status_request':
      return [MSG_DEF.statusRequest, { FIToFIPmtStsReq: statusRequest(message) }];
    case 'admin_request':
      return [MSG_DEF.adminRequest, { AdmnReq: adminRequest(message) }];
    case 'admin_response':
      return [MSG_DEF.adminResponse, { AdmnResp: adminResponse(message) }];
    case 'message_reject':
      return [MSG_DEF.messageReject, { MessageReject: messageReject(message) }];
    case 'system_event':
      return [MSG_DEF.systemEvent, eventDocument(message)];
    case 'event_ack':
      return [MSG_DEF.eventAck, eventDocument(message)];
    case 'account_report':
      return [REPORT_DEF[message.of][0], reportDocument(message)];
    default:
      return [PROXY_DEF[message.kind][0], proxyDocument(message)];
  }
}

function header({ header: from }: BifastMessage, definition: string): Json {
  return {
    Fr: { FIId: institution(from.from) },
    To: { FIId: institution(from.to) },
    BizMsgIdr: from.bizMsgIdr,
    MsgDefIdr: definition,
    ...(from.service && { BizSvc: from.service }),
    CreDt: from.createdAt,
    ...(from.isCopy && { CpyDplct: 'DUPL' }),
    ...(from.isPossibleDuplicate && { PssblDplct: 'true' }),
  };
}

function creditTransfer(message: CreditTransfer): Json {
  return {
    GrpHdr: {
      MsgId: message.msgId,
      CreDtTm: message.madeAt,
      NbOfTxs: '1',
      SttlmInf: { SttlmMtd: 'CLRG' },
    },
    CdtTrfTxInf: [transaction(message)],
  };
}

function bulkCredit({ msgId, madeAt, credits }: BulkCredit): Json {
  return {
    GrpHdr: {
      MsgId: msgId,
      CreDtTm: madeAt,
      NbOfTxs: String(credits.length),
      TtlIntrBkSttlmAmt: amount(credits.reduce((all, { amountSen }) => all + amountSen, 0n)),
      SttlmInf: { SttlmMtd: 'CLRG' },
    },
    CdtTrfTxInf: credits.map(transaction),
  };
}

function transaction(message: CreditTransfer): Json {
  const party = { Tp: '01', RsdntSts: '01', TwnNm: '0300' };
  const detail = {
    Dbtr: party,
    Cdtr: party,
    ...(message.relatedEndToEndId && { RltdEndToEndId: message.relatedEndToEndId }),
  };
  const { debtorAccount, creditorAccount } = message;
  return {
    PmtId: { EndToEndId: message.endToEndId, TxId: message.txId },
    PmtTpInf: {
      LclInstrm: { Prtry: message.channelCode },
      CtgyPurp: { Prtry: message.categoryPurpose },
    },
    IntrBkSttlmAmt: amount(message.amountSen),
    ...(message.settlementDate && { IntrBkSttlmDt: message.settlementDate }),
    ChrgBr: 'DEBT',
    Dbtr: { Nm: message.debtorName },
    ...(debtorAccount && { DbtrAcct: account(debtorAccount) }),
    DbtrAgt: institution(message.debtorBank),
    CdtrAgt: institution(message.creditorBank),
    ...(message.creditorName && { Cdtr: { Nm: message.creditorName } }),
    CdtrAcct: {
      ...account(creditorAccount),
      ...(message.creditorProxy && { Prxy: creditorProxy(message.creditorProxy) }),
    },
    ...(message.remittance && { RmtInf: { Ustrd: [message.remittance] } }),
    SplmtryData: [{ Envlp: { Dtl: detail } }],
  };
}

function statusReport(message: StatusReport): Json {
  return {
    GrpHdr: { MsgId: message.msgId, CreDtTm: message.madeAt },
    OrgnlGrpInfAndSts: [
      { OrgnlMsgId: message.originalMsgId, OrgnlMsgNmId: message.originalMsgDef },
    ],
    TxInfAndSts: [word(message)],
  };
}

function bulkReport(message: BulkReport): Json {
  return {
    GrpHdr: { MsgId: message.msgId, CreDtTm: message.madeAt },
    OrgnlGrpInfAndSts: [
      { OrgnlMsgId: message.originalMsgId, OrgnlMsgNmId: MSG_DEF.creditTransfer },
    ],
    TxInfAndSts: message.reports.map(word),
  };
}

function word(message: CreditReport): Json {
  const reference = {
    ...(message.amountSen !== undefined && { IntrBkSttlmAmt: amount(message.amountSen) }),
    ...(message.settlementDate && { IntrBkSttlmDt: message.settlementDate }),
    ...(message.creditorName && { Cdtr: { Nm: message.creditorName } }),
    ...(message.creditorAccount && { CdtrAcct: account(message.creditorAccount) }),
  };
  return {
    OrgnlEndToEndId: message.originalEndToEndId,
    OrgnlTxId: message.originalTxId,
    TxSts: message.status,
    StsRsnInf: [{ Rsn: { Prtry: message.code } }],
    ...(Object.keys(reference).length > 0 && { OrgnlTxRef: reference }),
  };
}

function statusRequest(message: StatusRequest): Json {
  return {
    GrpHdr: { MsgId: message.msgId, CreDtTm: message.madeAt },
    TxInf: [{ OrgnlEndToEndId: message.originalEndToEndId, OrgnlTxId: message.originalTxId }],
  };
}

function adminRequest(message: AdminRequest): Json {
  return { MsgId: message.msgId, CreDtTm: message.madeAt, Fctn: message.fn };
}

function adminResponse(message: AdminResponse): Json {
  return {
    MsgId: message.msgId,
    CreDtTm: message.madeAt,
    OrgnlMsgId: message.originalMsgId,
    Fctn: message.fn,
    Sts: message.isAccepted ? 'ACPT' : 'RJCT',
    Rsn: message.code,
  };
}

function messageReject(message: MessageReject): Json {
  return {
    RltdRef: { Ref: message.reference },
    Rsn: {
      RjctgPtyRsn: message.code,
      RsnDtTm: message.madeAt,
      ...(message.location && { ErrLctn: message.location }),
      ...(message.description && { RsnDesc: message.description }),
    },
  };
}

function creditorProxy({ type, value }: Proxy): Json {
  return { Tp: { Prtry: type }, Id: value };
}

function institution(bic: string): Json {
  return { FinInstnId: { Othr: { Id: bic } } };
}

function account(of: { readonly number: string; readonly type?: string }): Json {
  return { Id: { Othr: { Id: of.number } }, ...(of.type && { Tp: { Prtry: of.type } }) };
}

function amount(sen: bigint): Json {
  return { Ccy: 'IDR', value: formatIdr(sen) };
}
