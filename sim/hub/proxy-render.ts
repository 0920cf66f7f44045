/** Writes the hub's answers about proxies, its system events and its account reports. Pure. */
import { moneyOf } from './amount.ts';
import type { FeedLine } from './book.ts';
import type { DirectoryEntry } from './directory.ts';
import type { DirectoryProxy } from './proxy-schema.ts';
import { envelope, localTime, type Ids } from './render.ts';

interface Addressed {
  readonly to: string;
  readonly nowMs: number;
  readonly ids: Ids;
}

const agent = (bic: string): unknown => ({ FinInstnId: { Othr: { Id: bic } } });
const proxyField = ({ type, value }: DirectoryProxy): unknown => ({ Tp: type, Val: value });
const verdict = (code: string): object => ({
  PrxRspnSts: code === 'U000' ? 'ACTC' : 'RJCT',
  StsRsnInf: { Prtry: code },
});

function targetField(entry: DirectoryEntry): unknown {
  return {
    RegnId: entry.registrationId,
    DsplNm: entry.displayName,
    Agt: agent(entry.bank),
    Acct: {
      Id: { Othr: { Id: entry.account } },
      Tp: { Prtry: entry.accountType },
      Nm: entry.accountName,
    },
  };
}

function send(of: Addressed, definition: string, document: unknown): Buffer {
  const { bizMsgIdr } = of.ids;
  return envelope({ to: of.to, bizMsgIdr, definition, nowMs: of.nowMs, document });
}

function answered(of: Addressed & { readonly answeredMsgId: string }, definition: string): object {
  return {
    GrpHdr: { MsgId: of.ids.msgId, CreDtTm: localTime(of.nowMs) },
    OrgnlGrpInf: { OrgnlMsgId: of.answeredMsgId, OrgnlMsgNmId: definition },
  };
}

/** prxy.002. */
export function renderRegistered(
  of: Addressed & {
    readonly answeredMsgId: string;
    readonly operation: string;
    readonly code: string;
    readonly entry?: DirectoryEntry;
  },
): Buffer {
  const entry = of.entry && {
    PrxyRegn: { RegnId: of.entry.registrationId, Agt: agent(of.entry.bank) },
  };
  return send(of, 'prxy.002.001.01', {
    PrxyRegnRspn: {
      ...answered(of, 'prxy.001.001.01'),
      RegnRspn: { ...verdict(of.code), OrgnlRegnTp: of.operation, ...entry },
    },
  });
}

/** prxy.004. */
export function renderLookedUp(
  of: Addressed & {
    readonly answeredMsgId: string;
    readonly lookupId: string;
    readonly proxy: DirectoryProxy;
    readonly code: string;
    readonly entry?: DirectoryEntry;
  },
): Buffer {
  return send(of, 'prxy.004.001.01', {
    PrxyLookUpRspn: {
      ...answered(of, 'prxy.003.001.01'),
      LkUpRspn: {
        OrgnlId: of.lookupId,
        OrgnlPrxyRtrvl: proxyField(of.proxy),
        RegnRspn: { ...verdict(of.code), ...(of.entry && { Regn: targetField(of.entry) }) },
      },
    },
  });
}

const STATE_WORD = { active: 'ACTV', suspended: 'SUSP', blocked: 'SUSP', ended: 'ICTV' } as const;

/** prxy.006. */
export function renderEnquired(
  of: Addressed & {
    readonly answeredMsgId: string;
    readonly entries: readonly DirectoryEntry[];
  },
): Buffer {
  const found = of.entries.map((entry) => ({
    Prxy: proxyField(entry.proxy),
    Regn: targetField(entry),
    RegnSts: STATE_WORD[entry.state],
  }));
  return send(of, 'prxy.006.001.01', {
    PrxyNqryRspn: {
      ...answered(of, 'prxy.005.001.01'),
      NqryRspn: { ...verdict('U000'), ...(found.length > 0 && { Rspn: found }) },
    },
  });
}

/** prxy.901. */
export function renderPortedAway(
  of: Addressed & { readonly former: DirectoryEntry; readonly newBank: string },
): Buffer {
  return send(of, 'prxy.901.001.01', {
    PrxyNtfctn: {
      GrpHdr: { MsgId: of.ids.msgId, CreDtTm: localTime(of.nowMs) },
      Ntfctn: {
        OrgnlPrxy: proxyField(of.former.proxy),
        OrgnlRegnId: of.former.registrationId,
        NewAcct: { Agt: agent(of.newBank) },
      },
    },
  });
}

/** admi.004 about a participant. */
export function renderParticipantEvent(
  of: Addressed & {
    readonly bic: string;
    readonly isOpen: boolean;
    readonly changedAtMs: number;
  },
): Buffer {
  return send(of, 'admi.004.001.02', {
    SysEvtNtfctn: {
      EvtInf: {
        EvtCd: of.isOpen ? 'POPN' : 'PCLS',
        EvtParam: [of.bic],
        EvtDesc: of.isOpen ? 'participant open' : 'participant closed',
        EvtTm: localTime(of.changedAtMs),
      },
    },
  });
}

export interface ReportBalance {
  readonly kind: 'OPBD' | 'ITBD' | 'ITAV' | 'CLBD';
  readonly amountSen: bigint;
  readonly atMs: number;
}

const REPORTS = {
  position: ['camt.052.001.08', 'BkToCstmrAcctRpt', 'Rpt'],
  statement: ['camt.053.001.08', 'BkToCstmrStmt', 'Stmt'],
  lines: ['camt.054.001.08', 'BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
} as const;

/** camt.052, camt.053 or camt.054. */
export function renderReport(
  of: Addressed & {
    readonly what: keyof typeof REPORTS;
    readonly reportId: string;
    readonly account: string;
    readonly balances: readonly ReportBalance[];
    /** Summed up when given; a statement carries sums and no lines. */
    readonly counted?: readonly FeedLine[];
    readonly lines?: readonly FeedLine[];
  },
): Buffer {
  const [definition, key, list] = REPORTS[of.what];
  const at = localTime(of.nowMs);
  return send(of, definition, {
    [key]: {
      GrpHdr: { MsgId: of.ids.msgId, CreDtTm: at },
      [list]: [
        {
          Id: of.reportId,
          CreDtTm: at,
          Acct: { Id: { Othr: { Id: of.account } } },
          ...(of.balances.length > 0 && { Bal: of.balances.map(balanceField) }),
          ...(of.counted && { TxsSummry: summary(of.counted) }),
          ...(of.lines && { Ntry: of.lines.map(entryField) }),
        },
      ],
    },
  });
}

function balanceField({ kind, amountSen, atMs }: ReportBalance): unknown {
  return {
    Tp: { CdOrPrtry: { Cd: kind } },
    Amt: { Ccy: 'IDR', value: moneyOf(amountSen < 0n ? -amountSen : amountSen) },
    CdtDbtInd: amountSen < 0n ? 'DBIT' : 'CRDT',
    Dt: { DtTm: localTime(atMs) },
  };
}

function summary(lines: readonly FeedLine[]): unknown {
  const of = (direction: 'in' | 'out'): unknown => {
    const those = lines.filter((line) => line.direction === direction);
    const sum = those.reduce((all, line) => all + BigInt(line.amountSen), 0n);
    return { NbOfNtries: String(those.length), Sum: moneyOf(sum) };
  };
  return { TtlCdtNtries: of('in'), TtlDbtNtries: of('out') };
}

function entryField(line: FeedLine): unknown {
  const isIn = line.direction === 'in';
  return {
    NtryRef: line.lineId,
    Amt: { Ccy: 'IDR', value: moneyOf(BigInt(line.amountSen)) },
    CdtDbtInd: isIn ? 'CRDT' : 'DBIT',
    Sts: { Cd: 'BOOK' },
    BookgDt: { DtTm: localTime(line.settledAtMs) },
    ValDt: { Dt: line.businessDate },
    BkTxCd: { Prtry: { Cd: line.bizMsgIdr.slice(16, 19) } },
    NtryDtls: [
      {
        TxDtls: [
          {
            Refs: { EndToEndId: line.bizMsgIdr },
            RltdAgts: { [isIn ? 'DbtrAgt' : 'CdtrAgt']: agent(line.counterpartyBank) },
          },
        ],
      },
    ],
    ...(line.connector !== '' && { AddtlNtryInf: `connector=${line.connector}` }),
  };
}
