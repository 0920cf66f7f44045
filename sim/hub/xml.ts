/** The hub's own reading and writing of XML, for banks that speak it: from bytes to the JSON text that the rest of the hub knows, and
 * back. Written apart from `src/rail/bifast/xml` from the published schemas, so that a mistake in one cannot hide in both; here the
 * whole order of a transaction's elements is held, there only that of the elements that are used. */
import { SaxesParser } from 'saxes';

type Json = Record<string, unknown>;

/** Elements that may come several times, by the element around them. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  FIToFICstmrCdtTrf: ['CdtTrfTxInf'],
  CdtTrfTxInf: ['SplmtryData'],
  RmtInf: ['Ustrd'],
  FIToFIPmtStsRpt: ['OrgnlGrpInfAndSts', 'TxInfAndSts'],
  TxInfAndSts: ['StsRsnInf'],
  FIToFIPmtStsReq: ['TxInf'],
  EvtInf: ['EvtParam'],
  BkToCstmrAcctRpt: ['Rpt'],
  BkToCstmrStmt: ['Stmt'],
  BkToCstmrDbtCdtNtfctn: ['Ntfctn'],
  Rpt: ['Bal', 'Ntry'],
  Stmt: ['Bal', 'Ntry'],
  Ntfctn: ['Ntry'],
  Ntry: ['NtryDtls'],
  NtryDtls: ['TxDtls'],
  NqryRspn: ['Rspn'],
};

/** CreditTransferTransaction39 and PaymentTransaction110 in full: what the schema of the message says. */
const ORDER: Readonly<Record<string, string>> = {
  CdtTrfTxInf:
    'PmtId PmtTpInf IntrBkSttlmAmt IntrBkSttlmDt SttlmPrty SttlmTmIndctn SttlmTmReq AccptncDtTm PoolgAdjstmntDt InstdAmt XchgRate ChrgBr ChrgsInf PrvsInstgAgt1 PrvsInstgAgt1Acct PrvsInstgAgt2 PrvsInstgAgt2Acct PrvsInstgAgt3 PrvsInstgAgt3Acct InstgAgt InstdAgt IntrmyAgt1 IntrmyAgt1Acct IntrmyAgt2 IntrmyAgt2Acct IntrmyAgt3 IntrmyAgt3Acct UltmtDbtr InitgPty Dbtr DbtrAcct DbtrAgt DbtrAgtAcct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr InstrForCdtrAgt InstrForNxtAgt Purp RgltryRptg Tax RltdRmtInf RmtInf SplmtryData',
  TxInfAndSts:
    'StsId OrgnlGrpInf OrgnlInstrId OrgnlEndToEndId OrgnlTxId OrgnlUETR TxSts StsRsnInf ChrgsInf AccptncDtTm FctvIntrBkSttlmDt AcctSvcrRef ClrSysRef InstgAgt InstdAgt OrgnlTxRef SplmtryData',
  OrgnlTxRef:
    'IntrBkSttlmAmt Amt IntrBkSttlmDt ReqdColltnDt ReqdExctnDt CdtrSchmeId SttlmInf PmtTpInf PmtMtd MndtRltdInf RmtInf UltmtDbtr Dbtr DbtrAcct DbtrAgt DbtrAgtAcct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr Purp',
  GrpHdr:
    'MsgId CreDtTm BtchBookg NbOfTxs CtrlSum TtlIntrBkSttlmAmt IntrBkSttlmDt SttlmInf PmtTpInf InstgAgt InstdAgt MsgSndr',
  AppHdr: 'CharSet Fr To BizMsgIdr MsgDefIdr BizSvc CreDt CpyDplct PssblDplct Prty Sgntr Rltd',
};
/** What a transaction must have in its schema, whatever BI-FAST says. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  CdtTrfTxInf: ['PmtId', 'IntrBkSttlmAmt', 'ChrgBr', 'Dbtr', 'DbtrAgt', 'CdtrAgt', 'Cdtr'],
  GrpHdr: ['MsgId', 'CreDtTm'],
};

interface Element {
  readonly name: string;
  readonly space: string;
  readonly currency: string | undefined;
  readonly children: Element[];
  text: string;
}

/** The JSON text of an XML message; undefined when it is not one that the schemas allow. */
export function jsonOfXml(body: Buffer): Buffer | undefined {
  try {
    const root = elementsOf(body);
    const [header, document] = root?.children ?? [];
    if (root?.name !== 'BusMsg' || header?.name !== 'AppHdr' || document?.name !== 'Document')
      return undefined;
    const definition = header.children.find(({ name }) => name === 'MsgDefIdr')?.text;
    const spaces = ['head.001.001.01', definition].map(
      (name) => `urn:iso:std:iso:20022:tech:xsd:${name}`,
    );
    if (header.space !== spaces[0] || document.space !== spaces[1]) return undefined;
    const message = { AppHdr: valueOf(header), Document: valueOf(document) };
    return Buffer.from(JSON.stringify({ BusMsg: message }));
  } catch {
    return undefined;
  }
}

function elementsOf(body: Buffer): Element | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Element[] = [];
  let root: Element | undefined;
  const refuse = (): never => {
    throw new Error('not taken');
  };
  parser.on('error', refuse);
  parser.on('doctype', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('opentag', ({ local, uri, attributes }) => {
    const currency = attributes['Ccy']?.value;
    const element: Element = { name: local, space: uri, currency, children: [], text: '' };
    if (open.length > 30) refuse();
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(new TextDecoder('utf-8', { fatal: true }).decode(body)).close();
  return root;
}

function valueOf(element: Element): unknown {
  const { name, children, currency, text } = element;
  if (currency !== undefined) return { Ccy: currency, value: text };
  const order = ORDER[name]?.split(' ');
  const places = children.map((child) => order?.indexOf(child.name) ?? 0);
  const isOutOfOrder = places.some((place, i) => place < 0 || place < (places[i - 1] ?? 0));
  const lacks = (NEEDED[name] ?? []).some((one) => !children.some((child) => child.name === one));
  if (isOutOfOrder || lacks) throw new Error(`${name} is not as its schema says`);
  if (children.length === 0) return name === 'Cdtr' ? {} : text;
  const value: Json = {};
  for (const child of children) {
    const inside = valueOf(child);
    if (LISTS[name]?.includes(child.name))
      value[child.name] = [...((value[child.name] as unknown[] | undefined) ?? []), inside];
    else if (child.name in value) throw new Error(`${child.name} stands twice`);
    // The schema wants a creditor, BI-FAST's enquiry has none.
    else if (child.name !== 'Cdtr' || Object.keys(inside as Json).length > 0)
      value[child.name] = name === 'OrgnlTxRef' && child.name === 'Cdtr' ? pty(inside) : inside;
  }
  return value;
}

function pty(value: unknown): unknown {
  return (value as Json)['Pty'];
}

/** The XML of a message that the hub's renderers wrote as JSON, in the order of its schema. */
export function xmlOfJson(body: Buffer): Buffer {
  const { BusMsg } = JSON.parse(body.toString()) as { BusMsg: { AppHdr: Json; Document: Json } };
  const { AppHdr, Document } = BusMsg;
  const space = (definition: unknown): string =>
    `urn:iso:std:iso:20022:tech:xsd:${String(definition)}`;
  const header = `<AppHdr xmlns="${space('head.001.001.01')}">${inner(AppHdr, 'AppHdr')}</AppHdr>`;
  const document = `<Document xmlns="${space(AppHdr['MsgDefIdr'])}">${inner(Document, 'Document')}</Document>`;
  return Buffer.from(`<BusMsg>${header}${document}</BusMsg>`);
}

function inner(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return escape(String(value));
  const fields = value as Json;
  const whole = name === 'CdtTrfTxInf' && !('Cdtr' in fields) ? { ...fields, Cdtr: {} } : fields;
  return Object.entries(whole)
    .toSorted(([one], [other]) => placeOf(name, one) - placeOf(name, other))
    .flatMap(([key, one]) => (Array.isArray(one) ? one.map((each) => [key, each]) : [[key, one]]))
    .map(([key, one]) => elementText(String(key), one, name))
    .join('');
}

function placeOf(parent: string, name: string): number {
  return ORDER[parent]?.split(' ').indexOf(name) ?? 0;
}

function elementText(name: string, value: unknown, parent: string): string {
  const money = value as { readonly Ccy?: string; readonly value?: string };
  if (typeof value === 'object' && value !== null && money.Ccy !== undefined)
    return `<${name} Ccy="${money.Ccy}">${escape(String(money.value))}</${name}>`;
  const isWrapped = parent === 'OrgnlTxRef' && name === 'Cdtr';
  const content = inner(isWrapped ? { Pty: value } : value, name);
  return `<${name}>${content}</${name}>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
