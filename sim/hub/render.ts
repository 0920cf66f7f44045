/** Writes the hub's messages as docs/rail/bifast.md section 4 spells them. Pure; the same facts give the same bytes, so that
 * a repeat is byte-identical. */
import { wibDate } from '../../src/kernel/time.ts';
import { moneyOf } from './amount.ts';
import type { TransferFacts } from './book.ts';
import { HUB_BIC } from './participant.ts';
import { otherAccount } from './people.ts';

const WIB_MS = 7 * 3_600_000;

/** Both identifiers of a message. */
export interface Ids {
  readonly bizMsgIdr: string;
  readonly msgId: string;
}

/** Both identifiers of one message; `sequence` is the maker's. */
export function makeIds(input: {
  readonly nowMs: number;
  readonly bic: string;
  readonly trxType: string;
  readonly originator: 'O' | 'R' | 'H';
  readonly channel: string;
  readonly sequence: number;
}): Ids {
  const date = wibDate(input.nowMs).replaceAll('-', '');
  const sequence = String(input.sequence % 100_000_000).padStart(8, '0');
  return {
    bizMsgIdr: `${date}${input.bic}${input.trxType}${input.originator}${input.channel}${sequence}`,
    msgId: `${date}${input.bic}${input.trxType}${sequence}`,
  };
}

interface EnvelopeInput {
  readonly from?: string;
  readonly to: string;
  readonly bizMsgIdr: string;
  readonly definition: string;
  readonly nowMs: number;
  readonly service?: 'CLEAR' | 'STTL';
  readonly document: unknown;
}

/** A BusMsg with the hub as its sender unless another is named. */
export function envelope(input: EnvelopeInput): Buffer {
  const party = (bic: string): unknown => ({ FIId: { FinInstnId: { Othr: { Id: bic } } } });
  const header = {
    Fr: party(input.from ?? HUB_BIC),
    To: party(input.to),
    BizMsgIdr: input.bizMsgIdr,
    MsgDefIdr: input.definition,
    CreDt: `${new Date(input.nowMs).toISOString().slice(0, 19)}Z`,
    ...(input.service === undefined ? {} : { BizSvc: input.service }),
  };
  return Buffer.from(JSON.stringify({ BusMsg: { AppHdr: header, Document: input.document } }));
}

/** WIB, no zone, milliseconds: the `CreDtTm` form. */
export function localTime(nowMs: number): string {
  return new Date(nowMs + WIB_MS).toISOString().slice(0, 23);
}

export interface StatusReport {
  readonly to: string;
  readonly nowMs: number;
  readonly ids: Ids;
  readonly service: 'CLEAR' | 'STTL';
  /** The message that is answered. */
  readonly answered: {
    readonly msgId: string;
    readonly definition: 'pacs.008.001.08' | 'pacs.028.001.04';
  };
  /** The payment that it is about. */
  readonly payment: { readonly endToEndId: string; readonly txId: string };
  readonly status: 'ACTC' | 'ACSC' | 'RJCT';
  readonly code: string;
  readonly amountSen?: bigint;
  readonly settlementDate?: string;
  /** Answer of an account enquiry. */
  readonly creditor?: {
    readonly name: string;
    readonly account: string;
    readonly accountType: string;
  };
}

/** pacs.002: answer or notice. */
export function renderStatusReport(report: StatusReport): Buffer {
  const reference = {
    ...(report.amountSen === undefined
      ? {}
      : { IntrBkSttlmAmt: { Ccy: 'IDR', value: moneyOf(report.amountSen) } }),
    ...(report.settlementDate === undefined ? {} : { IntrBkSttlmDt: report.settlementDate }),
    ...(report.creditor === undefined
      ? {}
      : {
          Cdtr: { Nm: report.creditor.name },
          CdtrAcct: {
            Id: { Othr: { Id: report.creditor.account } },
            Tp: { Prtry: report.creditor.accountType },
          },
        }),
  };
  const document = {
    FIToFIPmtStsRpt: {
      GrpHdr: { MsgId: report.ids.msgId, CreDtTm: localTime(report.nowMs) },
      OrgnlGrpInfAndSts: [
        { OrgnlMsgId: report.answered.msgId, OrgnlMsgNmId: report.answered.definition },
      ],
      TxInfAndSts: [
        {
          OrgnlEndToEndId: report.payment.endToEndId,
          OrgnlTxId: report.payment.txId,
          TxSts: report.status,
          StsRsnInf: [{ Rsn: { Prtry: report.code } }],
          ...(Object.keys(reference).length === 0 ? {} : { OrgnlTxRef: reference }),
        },
      ],
    },
  };
  return envelope({
    to: report.to,
    bizMsgIdr: report.ids.bizMsgIdr,
    definition: 'pacs.002.001.10',
    nowMs: report.nowMs,
    service: report.service,
    document,
  });
}

/** pacs.008: by default as the hub passes it on to the bank that receives; `from` and `to` make any other sender's of it. */
export function renderCredit(
  facts: Omit<TransferFacts, 'connector'>,
  route: { readonly from?: string; readonly to?: string } = {},
): Buffer {
  return renderPacs008({
    from: route.from ?? HUB_BIC,
    to: route.to ?? facts.toBank,
    ids: facts,
    nowMs: facts.takenAtMs,
    transaction: creditOf(facts),
  });
}

/** pacs.008 `020`: several credits of one bank in one message, with their number and their sum. */
export function renderBulk(input: {
  readonly ids: Ids;
  readonly nowMs: number;
  readonly credits: readonly Omit<TransferFacts, 'connector'>[];
}): Buffer {
  const { ids, nowMs, credits } = input;
  const sumSen = credits.reduce((all, { amountSen }) => all + BigInt(amountSen), 0n);
  const document = {
    FIToFICstmrCdtTrf: {
      GrpHdr: {
        MsgId: ids.msgId,
        CreDtTm: localTime(nowMs),
        NbOfTxs: String(credits.length),
        TtlIntrBkSttlmAmt: { Ccy: 'IDR', value: moneyOf(sumSen) },
        SttlmInf: { SttlmMtd: 'CLRG' },
      },
      CdtTrfTxInf: credits.map(creditOf),
    },
  };
  return envelope({
    to: credits[0]!.toBank, // of one bank, and at least one
    bizMsgIdr: ids.bizMsgIdr,
    definition: 'pacs.008.001.08',
    nowMs,
    document,
  });
}

function creditOf(facts: Omit<TransferFacts, 'connector'>): object {
  const detail = { Tp: '01', RsdntSts: '01', TwnNm: '0300' };
  return {
    PmtId: { EndToEndId: facts.bizMsgIdr, TxId: facts.msgId },
    PmtTpInf: {
      LclInstrm: { Prtry: facts.bizMsgIdr.slice(20, 22) },
      CtgyPurp: { Prtry: `${facts.trxType}99` },
    },
    IntrBkSttlmAmt: { Ccy: 'IDR', value: moneyOf(BigInt(facts.amountSen)) },
    IntrBkSttlmDt: facts.businessDate,
    ChrgBr: 'DEBT',
    Dbtr: { Nm: facts.debtorName },
    DbtrAcct: {
      Id: { Othr: { Id: facts.debtorAccount } },
      Tp: { Prtry: otherAccount(facts.debtorAccount).accountType },
    },
    DbtrAgt: { FinInstnId: { Othr: { Id: facts.fromBank } } },
    CdtrAgt: { FinInstnId: { Othr: { Id: facts.toBank } } },
    Cdtr: { Nm: facts.creditorName },
    CdtrAcct: {
      Id: { Othr: { Id: facts.creditorAccount } },
      Tp: { Prtry: 'SVGS' },
      ...proxyOf(facts.creditorProxy),
    },
    ...(facts.remittance === '' ? {} : { RmtInf: { Ustrd: [facts.remittance] } }),
    SplmtryData: [
      {
        Envlp: {
          Dtl: {
            Dbtr: detail,
            Cdtr: detail,
            ...(facts.relatedEndToEndId === undefined
              ? {}
              : { RltdEndToEndId: facts.relatedEndToEndId }),
          },
        },
      },
    ],
  };
}

function proxyOf(joined: string | undefined): object {
  if (joined === undefined) return {};
  const [type, value] = joined.split('|');
  return { Prxy: { Tp: { Prtry: type }, Id: value } };
}

/** pacs.008 510: another bank asks who owns an account. */
export function renderEnquiry(input: {
  readonly to: string;
  readonly fromBank: string;
  readonly fromName: string;
  readonly account: string;
  readonly amountSen: bigint;
  readonly ids: Ids;
  readonly nowMs: number;
}): Buffer {
  return renderPacs008({
    to: input.to,
    ids: input.ids,
    nowMs: input.nowMs,
    transaction: {
      PmtId: { EndToEndId: input.ids.bizMsgIdr, TxId: input.ids.msgId },
      PmtTpInf: { LclInstrm: { Prtry: '99' }, CtgyPurp: { Prtry: '51099' } },
      IntrBkSttlmAmt: { Ccy: 'IDR', value: moneyOf(input.amountSen) },
      ChrgBr: 'DEBT',
      Dbtr: { Nm: input.fromName },
      DbtrAgt: { FinInstnId: { Othr: { Id: input.fromBank } } },
      CdtrAgt: { FinInstnId: { Othr: { Id: input.to } } },
      CdtrAcct: { Id: { Othr: { Id: input.account } } },
    },
  });
}

function renderPacs008(input: {
  readonly from?: string;
  readonly to: string;
  readonly ids: Ids;
  readonly nowMs: number;
  readonly transaction: unknown;
}): Buffer {
  const document = {
    FIToFICstmrCdtTrf: {
      GrpHdr: {
        MsgId: input.ids.msgId,
        CreDtTm: localTime(input.nowMs),
        NbOfTxs: '1',
        SttlmInf: { SttlmMtd: 'CLRG' },
      },
      CdtTrfTxInf: [input.transaction],
    },
  };
  return envelope({
    from: input.from ?? HUB_BIC,
    to: input.to,
    bizMsgIdr: input.ids.bizMsgIdr,
    definition: 'pacs.008.001.08',
    nowMs: input.nowMs,
    document,
  });
}

/** admn.002: answer to sign-on, sign-off and echo. */
export function renderAdminAnswer(input: {
  readonly to: string;
  readonly nowMs: number;
  readonly ids: Ids;
  readonly answeredMsgId: string;
  readonly operation: string;
  readonly status: 'ACPT' | 'RJCT';
  readonly code: string;
}): Buffer {
  const document = {
    AdmnResp: {
      MsgId: input.ids.msgId,
      CreDtTm: localTime(input.nowMs),
      OrgnlMsgId: input.answeredMsgId,
      Fctn: input.operation,
      Sts: input.status,
      Rsn: input.code,
    },
  };
  return envelope({
    to: input.to,
    bizMsgIdr: input.ids.bizMsgIdr,
    definition: 'admn.002.001.01',
    nowMs: input.nowMs,
    document,
  });
}

/** admi.002: the hub did not take the message. */
export function renderReject(input: {
  readonly to: string;
  readonly nowMs: number;
  readonly ids: Ids;
  readonly ref: string;
  readonly where: string;
}): Buffer {
  const [place = '', word = ''] = input.where.split(': ');
  const document = {
    MessageReject: {
      RltdRef: { Ref: input.ref },
      Rsn: {
        RjctgPtyRsn: 'U215',
        RsnDtTm: localTime(input.nowMs),
        ErrLctn: place.replace(/^\./, '').slice(0, 200) || 'body',
        RsnDesc: word.slice(0, 200) || 'malformed',
      },
    },
  };
  return envelope({
    to: input.to,
    bizMsgIdr: input.ids.bizMsgIdr,
    definition: 'admi.002.001.01',
    nowMs: input.nowMs,
    document,
  });
}
