/** The elements of each message in the order of its schema, as far as our messages have them. One table serves both ways: it orders
 * what is written, and says of what is read which elements are lists and which order is wrong. Elements that are not in it are
 * passed over. Source: ISO 20022 pacs.008.001.08, pacs.002.001.10, pacs.028.001.04, camt.052/053/054.001.08, head.001.001.01 as
 * published, read in public copies; prxy, admn and admi as docs/rail/bifast.md has them. */

export interface Sequence {
  readonly children: ReadonlyMap<string, Child>;
}

/** `amount`: a text with a `Ccy` attribute. */
export type Shape = 'text' | 'amount' | Sequence;

export interface Child {
  /** Its place among its brothers. */
  readonly place: number;
  readonly shape: Shape;
  readonly isList: boolean;
  /** Whatever namespace it has, and its children: supplementary data. */
  readonly isForeign: boolean;
}

type Entry = readonly [name: string, shape: Shape, kind?: 'list' | 'foreign'];

function seq(...entries: readonly Entry[]): Sequence {
  return {
    children: new Map(
      entries.map(([name, shape, kind], place) => [
        name,
        { place, shape, isList: kind === 'list', isForeign: kind === 'foreign' },
      ]),
    ),
  };
}

/** Elements of text only, in order. */
function texts(...names: readonly string[]): Sequence {
  return seq(...names.map((name): Entry => [name, 'text']));
}

const othr = seq(['Othr', texts('Id')]);
const agent = seq(['FinInstnId', othr]);
const prtry = texts('Prtry');
const party = texts('Nm');
const group = texts('MsgId', 'CreDtTm');
const account = seq(
  ['Id', othr],
  ['Tp', prtry],
  ['Nm', 'text'],
  ['Prxy', seq(['Tp', prtry], ['Id', 'text'])],
);

/** The business header, head.001.001.01. */
export const HEADER_SHAPE: Sequence = seq(
  ['Fr', seq(['FIId', agent])],
  ['To', seq(['FIId', agent])],
  ['BizMsgIdr', 'text'],
  ['MsgDefIdr', 'text'],
  ['BizSvc', 'text'],
  ['CreDt', 'text'],
  ['CpyDplct', 'text'],
  ['PssblDplct', 'text'],
);

const partyDetail = texts('Tp', 'RsdntSts', 'TwnNm');
const supplement = seq([
  'Envlp',
  seq([
    'Dtl',
    seq(['Dbtr', partyDetail], ['Cdtr', partyDetail], ['RltdEndToEndId', 'text']),
    'foreign',
  ]),
]);

const creditTransfer = seq(
  [
    'GrpHdr',
    seq(
      ['MsgId', 'text'],
      ['CreDtTm', 'text'],
      ['NbOfTxs', 'text'],
      ['TtlIntrBkSttlmAmt', 'amount'],
      ['SttlmInf', texts('SttlmMtd')],
    ),
  ],
  [
    'CdtTrfTxInf',
    seq(
      ['PmtId', texts('EndToEndId', 'TxId')],
      ['PmtTpInf', seq(['LclInstrm', prtry], ['CtgyPurp', prtry])],
      ['IntrBkSttlmAmt', 'amount'],
      ['IntrBkSttlmDt', 'text'],
      ['ChrgBr', 'text'],
      ['Dbtr', party],
      ['DbtrAcct', account],
      ['DbtrAgt', agent],
      ['CdtrAgt', agent],
      ['Cdtr', party],
      ['CdtrAcct', account],
      ['RmtInf', seq(['Ustrd', 'text', 'list'])],
      ['SplmtryData', supplement, 'list'],
    ),
    'list',
  ],
);

const statusReport = seq(
  ['GrpHdr', group],
  ['OrgnlGrpInfAndSts', texts('OrgnlMsgId', 'OrgnlMsgNmId'), 'list'],
  [
    'TxInfAndSts',
    seq(
      ['OrgnlEndToEndId', 'text'],
      ['OrgnlTxId', 'text'],
      ['TxSts', 'text'],
      ['StsRsnInf', seq(['Rsn', prtry]), 'list'],
      [
        'OrgnlTxRef',
        seq(
          ['IntrBkSttlmAmt', 'amount'],
          ['IntrBkSttlmDt', 'text'],
          ['Cdtr', seq(['Pty', party])],
          ['CdtrAcct', account],
        ),
      ],
    ),
    'list',
  ],
);

const statusRequest = seq(
  ['GrpHdr', group],
  ['TxInf', texts('OrgnlEndToEndId', 'OrgnlTxId'), 'list'],
);

const balance = seq(
  ['Tp', seq(['CdOrPrtry', texts('Cd')])],
  ['Amt', 'amount'],
  ['CdtDbtInd', 'text'],
  ['Dt', texts('DtTm')],
);
const sums = texts('NbOfNtries', 'Sum');
const entry = seq(
  ['NtryRef', 'text'],
  ['Amt', 'amount'],
  ['CdtDbtInd', 'text'],
  ['Sts', texts('Cd')],
  ['BookgDt', texts('DtTm')],
  ['ValDt', texts('Dt')],
  ['BkTxCd', seq(['Prtry', texts('Cd')])],
  [
    'NtryDtls',
    seq([
      'TxDtls',
      seq(['Refs', texts('EndToEndId')], ['RltdAgts', seq(['DbtrAgt', agent], ['CdtrAgt', agent])]),
      'list',
    ]),
    'list',
  ],
  ['AddtlNtryInf', 'text'],
);
const report = seq(
  ['Id', 'text'],
  ['CreDtTm', 'text'],
  ['Acct', seq(['Id', othr])],
  ['Bal', balance, 'list'],
  ['TxsSummry', seq(['TtlCdtNtries', sums], ['TtlDbtNtries', sums])],
  ['Ntry', entry, 'list'],
);
const reports = (list: string): Sequence => seq(['GrpHdr', group], [list, report, 'list']);

const typed = texts('Tp', 'Val');
const sentGroup = seq(
  ['MsgId', 'text'],
  ['CreDtTm', 'text'],
  ['MsgSndr', seq(['Agt', agent], ['Acct', seq(['Id', othr])])],
);
const answered: Entry = ['OrgnlGrpInf', texts('OrgnlMsgId', 'OrgnlMsgNmId')];
const target = seq(
  ['RegnId', 'text'],
  ['DsplNm', 'text'],
  ['Agt', agent],
  ['Acct', account],
  ['ScndId', typed],
);
const verdict: readonly Entry[] = [
  ['PrxRspnSts', 'text'],
  ['StsRsnInf', prtry],
];

/** By MsgDefIdr: the element inside `Document`, and what it holds. */
export const DOCUMENT_SHAPES: ReadonlyMap<string, readonly [element: string, shape: Sequence]> =
  new Map([
    ['pacs.008.001.08', ['FIToFICstmrCdtTrf', creditTransfer]],
    ['pacs.002.001.10', ['FIToFIPmtStsRpt', statusReport]],
    ['pacs.028.001.04', ['FIToFIPmtStsReq', statusRequest]],
    ['camt.052.001.08', ['BkToCstmrAcctRpt', reports('Rpt')]],
    ['camt.053.001.08', ['BkToCstmrStmt', reports('Stmt')]],
    ['camt.054.001.08', ['BkToCstmrDbtCdtNtfctn', reports('Ntfctn')]],
    ['admn.001.001.01', ['AdmnReq', texts('MsgId', 'CreDtTm', 'Fctn')]],
    [
      'admn.002.001.01',
      ['AdmnResp', texts('MsgId', 'CreDtTm', 'OrgnlMsgId', 'Fctn', 'Sts', 'Rsn')],
    ],
    [
      'admi.002.001.01',
      [
        'MessageReject',
        seq(
          ['RltdRef', texts('Ref')],
          ['Rsn', texts('RjctgPtyRsn', 'RsnDtTm', 'ErrLctn', 'RsnDesc')],
        ),
      ],
    ],
    [
      'admi.004.001.02',
      [
        'SysEvtNtfctn',
        seq([
          'EvtInf',
          seq(
            ['EvtCd', 'text'],
            ['EvtParam', 'text', 'list'],
            ['EvtDesc', 'text'],
            ['EvtTm', 'text'],
          ),
        ]),
      ],
    ],
    [
      'admi.011.001.01',
      ['SysEvtAck', seq(['MsgId', 'text'], ['OrgtrRef', 'text'], ['AckDtls', texts('EvtCd')])],
    ],
    [
      'prxy.001.001.01',
      [
        'PrxyRegn',
        seq(
          ['GrpHdr', sentGroup],
          ['Regn', seq(['RegnTp', 'text'], ['Prxy', typed], ['PrxyRegn', target])],
        ),
      ],
    ],
    [
      'prxy.002.001.01',
      [
        'PrxyRegnRspn',
        seq(['GrpHdr', group], answered, [
          'RegnRspn',
          seq(...verdict, ['OrgnlRegnTp', 'text'], ['PrxyRegn', target]),
        ]),
      ],
    ],
    [
      'prxy.003.001.01',
      [
        'PrxyLookUp',
        seq(
          ['GrpHdr', sentGroup],
          [
            'LookUp',
            seq(['PrxyOnly', seq(['LkUpTp', 'text'], ['Id', 'text'], ['PrxyRtrvl', typed])]),
          ],
        ),
      ],
    ],
    [
      'prxy.004.001.01',
      [
        'PrxyLookUpRspn',
        seq(['GrpHdr', group], answered, [
          'LkUpRspn',
          seq(
            ['OrgnlId', 'text'],
            ['OrgnlPrxyRtrvl', typed],
            ['RegnRspn', seq(...verdict, ['Regn', target])],
          ),
        ]),
      ],
    ],
    [
      'prxy.005.001.01',
      ['PrxyNqryReq', seq(['GrpHdr', sentGroup], ['Nqry', seq(['ScndId', typed])])],
    ],
    [
      'prxy.006.001.01',
      [
        'PrxyNqryRspn',
        seq(['GrpHdr', group], answered, [
          'NqryRspn',
          seq(...verdict, [
            'Rspn',
            seq(['Prxy', typed], ['Regn', target], ['RegnSts', 'text']),
            'list',
          ]),
        ]),
      ],
    ],
    [
      'prxy.901.001.01',
      [
        'PrxyNtfctn',
        seq(
          ['GrpHdr', group],
          [
            'Ntfctn',
            seq(['OrgnlPrxy', typed], ['OrgnlRegnId', 'text'], ['NewAcct', seq(['Agt', agent])]),
          ],
        ),
      ],
    ],
  ]);

/** Namespace of a message definition. */
export function namespaceOf(definition: string): string {
  return `urn:iso:std:iso:20022:tech:xsd:${definition}`;
}

/** Namespace of the business header. */
export const HEADER_NAMESPACE = namespaceOf('head.001.001.01');
/** Of the supplementary data, which no schema of ISO knows. [own] */
export const SUPPLEMENT_NAMESPACE = 'urn:pulih:bifast:supplement:1';
