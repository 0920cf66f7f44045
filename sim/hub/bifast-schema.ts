/** Reads a BusMsg that came in: strict shapes of docs/rail/bifast.md and the rules between its fields. Written for the
 * simulators apart from `src/rail`, so that a mistake shared by renderer and parser there cannot pass here. Pure. */
import { isMoney, senOf } from './amount.ts';
import { crossFault } from './cross-fault.ts';
import {
  PROXY_DOCUMENTS,
  proxyView,
  type DirectoryProxy,
  type ProxyRequest,
} from './proxy-schema.ts';
import { list, object, oneOf, some, text, words, type Shape } from './schema.ts';

export interface Header {
  readonly from: string;
  readonly to: string;
  readonly bizMsgIdr: string;
  readonly definition: string;
}

export interface CreditMessage {
  readonly kind: 'credit';
  readonly trxType: '010' | '110' | '011' | '510';
  readonly msgId: string;
  readonly endToEndId: string;
  readonly amountSen: bigint;
  readonly settlementDate?: string;
  readonly debtorBank: string;
  readonly debtorName: string;
  readonly debtorAccount?: string;
  readonly creditorBank: string;
  readonly creditorName?: string;
  readonly creditorAccount: string;
  readonly creditorProxy?: DirectoryProxy;
  readonly remittance: string;
  readonly relatedEndToEndId?: string;
}

/** What a bank says of one payment. */
export interface PaymentWord {
  readonly endToEndId: string;
  readonly txId: string;
  readonly status: 'ACTC' | 'ACSC' | 'RJCT';
  readonly code: string;
  readonly accountName?: string;
  readonly accountType?: string;
}

/** Credits of one message. */
export const BULK_COUNT_MAX = 100;

export type BusMessage =
  | CreditMessage
  | {
      readonly kind: 'status_request';
      readonly msgId: string;
      readonly endToEndId: string;
      readonly txId: string;
    }
  | {
      readonly kind: 'admin';
      readonly msgId: string;
      readonly operation: 'SIGNON' | 'SIGNOFF' | 'ECHO';
    }
  | ({ readonly kind: 'answer'; readonly answeredMsgId: string } & PaymentWord)
  /** A word for each credit of a list. */
  | {
      readonly kind: 'bulk_answer';
      readonly answeredMsgId: string;
      readonly words: readonly PaymentWord[];
    }
  | { readonly kind: 'reject'; readonly ref: string; readonly code: string }
  | ProxyRequest;

export type ReadResult =
  | { readonly ok: true; readonly header: Header; readonly message: BusMessage }
  /** `ref` = the BizMsgIdr as far as it could be read, else empty. */
  | { readonly ok: false; readonly ref: string; readonly where: string };

const BIC = /^[A-Z]{6}[A-Z0-9]{2}$/;
const BIZ_MSG_IDR = /^\d{8}[A-Z]{6}[A-Z0-9]{2}\d{3}[ORH]\d{2}\d{8}$/;
const MSG_ID = /^\d{8}[A-Z]{6}[A-Z0-9]{2}\d{3}\d{8}$/;
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const DATE_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}$/;
const CREATED = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const ACCOUNT = /^[0-9A-Za-z]{1,34}$/;
const CODE = /^[UK]\d{3}$/;
const ACCOUNT_TYPES = ['CACC', 'SVGS', 'LOAN', 'CCRD', 'UESB', 'OTHR'] as const;

const othr = (shape: Shape): Shape => object({ Othr: object({ Id: shape }) });
const agent = object({ FinInstnId: othr(text(BIC)) });
const prtry = (shape: Shape): Shape => object({ Prtry: shape });
const money: Shape = object({
  Ccy: oneOf('IDR'),
  value: (value, path) => (isMoney(value) ? undefined : `${path}: not an amount`),
});
const personId = object(
  {},
  {
    PrvtId: object({ Othr: list(1, object({ Id: words(35) })) }),
    OrgId: object({ Othr: list(1, object({ Id: words(35) })) }),
  },
);
const party = object({ Nm: words(140) }, { Id: personId });
const account = object({ Id: othr(text(ACCOUNT)) }, { Tp: prtry(oneOf(...ACCOUNT_TYPES)) });
const typedAccount = object({ Id: othr(text(ACCOUNT)), Tp: prtry(oneOf(...ACCOUNT_TYPES)) });
const partyDetail = object({
  Tp: oneOf('01', '02', '03', '04', '99'),
  RsdntSts: oneOf('01', '02'),
  TwnNm: text(/^\d{4}$/),
});
const detail = list(
  1,
  object({
    Envlp: object({
      Dtl: object({}, { Dbtr: partyDetail, Cdtr: partyDetail, RltdEndToEndId: text(BIZ_MSG_IDR) }),
    }),
  }),
);
const groupHeader = object({ MsgId: text(MSG_ID), CreDtTm: text(DATE_TIME) });

const creditCommon = {
  PmtId: object({ EndToEndId: text(BIZ_MSG_IDR), TxId: text(MSG_ID) }),
  PmtTpInf: object({
    LclInstrm: prtry(text(/^\d{2}$/)),
    CtgyPurp: prtry(text(/^(010|110|011|510)(01|02|03|99)$/)),
  }),
  IntrBkSttlmAmt: money,
  ChrgBr: oneOf('DEBT'),
  Dbtr: party,
  DbtrAgt: agent,
  CdtrAgt: agent,
};
const remittance = object({ Ustrd: list(1, words(140)) });
const creditTransaction = object(
  {
    ...creditCommon,
    IntrBkSttlmDt: text(DATE),
    DbtrAcct: typedAccount,
    Cdtr: party,
    CdtrAcct: typedAccount,
    SplmtryData: detail,
  },
  { RmtInf: remittance },
);
/** No debtor account, no creditor name, no creditor account type: nothing that the asker could not know. */
const enquiryTransaction = object(
  { ...creditCommon, CdtrAcct: object({ Id: othr(text(ACCOUNT)) }) },
  { IntrBkSttlmDt: text(DATE), RmtInf: remittance, SplmtryData: detail },
);
const creditGroup = object({
  MsgId: text(MSG_ID),
  CreDtTm: text(DATE_TIME),
  NbOfTxs: oneOf('1'),
  SttlmInf: object({ SttlmMtd: oneOf('CLRG') }),
});
const credit = (transaction: Shape): Shape =>
  object({ FIToFICstmrCdtTrf: object({ GrpHdr: creditGroup, CdtTrfTxInf: list(1, transaction) }) });

const proxyTransaction = object(
  {
    ...creditCommon,
    IntrBkSttlmDt: text(DATE),
    DbtrAcct: typedAccount,
    Cdtr: party,
    CdtrAcct: object({
      Id: othr(text(ACCOUNT)),
      Tp: prtry(oneOf(...ACCOUNT_TYPES)),
      Prxy: object({ Tp: prtry(oneOf('01', '02', '03')), Id: words(100) }),
    }),
    SplmtryData: detail,
  },
  { RmtInf: remittance },
);
const TRANSACTIONS: Readonly<Record<string, Shape>> = {
  '110': proxyTransaction,
  '510': enquiryTransaction,
};

const DOCUMENTS: Readonly<Record<string, (trxType: string) => Shape>> = {
  ...Object.fromEntries(
    Object.entries(PROXY_DOCUMENTS).map(([definition, shape]) => [definition, () => shape]),
  ),
  'pacs.008.001.08': (trxType) => credit(TRANSACTIONS[trxType] ?? creditTransaction),
  'pacs.028.001.04': () =>
    object({
      FIToFIPmtStsReq: object({
        GrpHdr: groupHeader,
        TxInf: list(1, object({ OrgnlEndToEndId: text(BIZ_MSG_IDR), OrgnlTxId: text(MSG_ID) })),
      }),
    }),
  'pacs.002.001.10': (trxType) =>
    object({
      FIToFIPmtStsRpt: object({
        GrpHdr: groupHeader,
        OrgnlGrpInfAndSts: list(
          1,
          object({
            OrgnlMsgId: text(MSG_ID),
            OrgnlMsgNmId: oneOf('pacs.008.001.08', 'pacs.028.001.04'),
          }),
        ),
        TxInfAndSts: some(
          trxType === '020' ? BULK_COUNT_MAX : 1,
          object(
            {
              OrgnlEndToEndId: text(BIZ_MSG_IDR),
              OrgnlTxId: text(MSG_ID),
              TxSts: oneOf('ACTC', 'ACSC', 'RJCT'),
              StsRsnInf: list(1, object({ Rsn: prtry(text(CODE)) })),
            },
            {
              OrgnlTxRef: object(
                {},
                {
                  IntrBkSttlmAmt: money,
                  IntrBkSttlmDt: text(DATE),
                  Cdtr: object({ Nm: words(140) }),
                  CdtrAcct: account,
                },
              ),
            },
          ),
        ),
      }),
    }),
  'admn.001.001.01': () =>
    object({
      AdmnReq: object({
        MsgId: text(MSG_ID),
        CreDtTm: text(DATE_TIME),
        Fctn: oneOf('SIGNON', 'SIGNOFF', 'ECHO'),
      }),
    }),
  'admi.002.001.01': () =>
    object({
      MessageReject: object({
        RltdRef: object({ Ref: text(/^([0-9A-Z]{30})?$/) }),
        Rsn: object(
          { RjctgPtyRsn: text(CODE), RsnDtTm: text(DATE_TIME) },
          { ErrLctn: words(200), RsnDesc: words(200) },
        ),
      }),
    }),
};

const header = object(
  {
    Fr: object({ FIId: agent }),
    To: object({ FIId: agent }),
    BizMsgIdr: text(BIZ_MSG_IDR),
    MsgDefIdr: oneOf(...Object.keys(DOCUMENTS)),
    CreDt: text(CREATED),
  },
  { BizSvc: oneOf('CLEAR', 'STTL'), CpyDplct: oneOf('DUPL'), PssblDplct: oneOf('true') },
);
const envelope = object({ BusMsg: object({ AppHdr: header, Document: () => undefined }) });

/** Reads one message. Never throws, whatever the bytes. */
export function readBusMsg(body: Buffer): ReadResult {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return { ok: false, ref: '', where: 'body: not JSON' };
  }
  const ref = refOf(value);
  const outside = envelope(value, '');
  if (outside) return { ok: false, ref, where: outside };
  const bus = (value as Raw)['BusMsg'] as Raw;
  const head = bus['AppHdr'] as RawHeader;
  const parsed: Header = {
    from: head.Fr.FIId.FinInstnId.Othr.Id,
    to: head.To.FIId.FinInstnId.Othr.Id,
    bizMsgIdr: head.BizMsgIdr,
    definition: head.MsgDefIdr,
  };
  const inside = DOCUMENTS[parsed.definition]!(parsed.bizMsgIdr.slice(16, 19))(
    bus['Document'],
    'Document',
  );
  if (inside) return { ok: false, ref, where: inside };
  const message = viewOf(parsed, bus['Document'] as Raw);
  const crooked = crossFault(parsed, message);
  return crooked ? { ok: false, ref, where: crooked } : { ok: true, header: parsed, message };
}

type Raw = Record<string, unknown>;
interface RawHeader {
  readonly Fr: RawAgent;
  readonly To: RawAgent;
  readonly BizMsgIdr: string;
  readonly MsgDefIdr: string;
}
interface RawAgent {
  readonly FIId: { readonly FinInstnId: { readonly Othr: { readonly Id: string } } };
}

/** Walks a checked document; every step exists because its shape was checked. */
function at(value: unknown, path: string): string {
  return optionalAt(value, path) as string;
}

function optionalAt(value: unknown, path: string): string | undefined {
  let here = value;
  for (const key of path.split('.')) here = (here as Raw | undefined)?.[key];
  return here as string | undefined;
}

function refOf(value: unknown): string {
  try {
    const ref = optionalAt(value, 'BusMsg.AppHdr.BizMsgIdr');
    return typeof ref === 'string' && BIZ_MSG_IDR.test(ref) ? ref : '';
  } catch {
    return '';
  }
}

function viewOf(head: Header, document: Raw): BusMessage {
  switch (head.definition) {
    case 'pacs.008.001.08':
      return creditView(head, document);
    case 'pacs.028.001.04':
      return {
        kind: 'status_request',
        msgId: at(document, 'FIToFIPmtStsReq.GrpHdr.MsgId'),
        endToEndId: at(document, 'FIToFIPmtStsReq.TxInf.0.OrgnlEndToEndId'),
        txId: at(document, 'FIToFIPmtStsReq.TxInf.0.OrgnlTxId'),
      };
    case 'admn.001.001.01':
      return {
        kind: 'admin',
        msgId: at(document, 'AdmnReq.MsgId'),
        operation: at(document, 'AdmnReq.Fctn') as 'SIGNON',
      };
    case 'admi.002.001.01':
      return {
        kind: 'reject',
        ref: at(document, 'MessageReject.RltdRef.Ref'),
        code: at(document, 'MessageReject.Rsn.RjctgPtyRsn'),
      };
    default:
      return proxyView(head.definition, document) ?? answerView(head, document);
  }
}

function creditView(head: Header, document: Raw): CreditMessage {
  const root = document['FIToFICstmrCdtTrf'] as Raw;
  const transaction = (root['CdtTrfTxInf'] as unknown[])[0];
  const settlementDate = optionalAt(transaction, 'IntrBkSttlmDt');
  const debtorAccount = optionalAt(transaction, 'DbtrAcct.Id.Othr.Id');
  const creditorName = optionalAt(transaction, 'Cdtr.Nm');
  const proxyType = optionalAt(transaction, 'CdtrAcct.Prxy.Tp.Prtry');
  const related = optionalAt(transaction, 'SplmtryData.0.Envlp.Dtl.RltdEndToEndId');
  return {
    kind: 'credit',
    trxType: head.bizMsgIdr.slice(16, 19) as '010',
    msgId: at(root, 'GrpHdr.MsgId'),
    endToEndId: at(transaction, 'PmtId.EndToEndId'),
    amountSen: senOf(at(transaction, 'IntrBkSttlmAmt.value')),
    ...(settlementDate === undefined ? {} : { settlementDate }),
    debtorBank: at(transaction, 'DbtrAgt.FinInstnId.Othr.Id'),
    debtorName: at(transaction, 'Dbtr.Nm'),
    ...(debtorAccount === undefined ? {} : { debtorAccount }),
    creditorBank: at(transaction, 'CdtrAgt.FinInstnId.Othr.Id'),
    ...(creditorName === undefined ? {} : { creditorName }),
    creditorAccount: at(transaction, 'CdtrAcct.Id.Othr.Id'),
    ...(proxyType === undefined
      ? {}
      : { creditorProxy: { type: proxyType, value: at(transaction, 'CdtrAcct.Prxy.Id') } }),
    remittance: optionalAt(transaction, 'RmtInf.Ustrd.0') ?? '',
    ...(related === undefined ? {} : { relatedEndToEndId: related }),
  };
}

function answerView(head: Header, document: Raw): BusMessage {
  const root = document['FIToFIPmtStsRpt'] as Raw;
  const answeredMsgId = at(root, 'OrgnlGrpInfAndSts.0.OrgnlMsgId');
  const words = (root['TxInfAndSts'] as unknown[]).map(wordView);
  return head.bizMsgIdr.slice(16, 19) === '020'
    ? { kind: 'bulk_answer', answeredMsgId, words }
    : { kind: 'answer', answeredMsgId, ...words[0]! }; // its shape has one
}

function wordView(transaction: unknown): PaymentWord {
  const accountName = optionalAt(transaction, 'OrgnlTxRef.Cdtr.Nm');
  const accountType = optionalAt(transaction, 'OrgnlTxRef.CdtrAcct.Tp.Prtry');
  return {
    endToEndId: at(transaction, 'OrgnlEndToEndId'),
    txId: at(transaction, 'OrgnlTxId'),
    status: at(transaction, 'TxSts') as 'ACTC',
    code: at(transaction, 'StsRsnInf.0.Rsn.Prtry'),
    ...(accountName === undefined ? {} : { accountName }),
    ...(accountType === undefined ? {} : { accountType }),
  };
}
