/** Reads and writes the proxy messages. Structure as seen in public code, values as in docs/rail/bifast.md section 4.7. Pure. */
import {
  account,
  at,
  bank,
  FieldFault,
  FORM,
  list,
  msgId,
  optional,
  text,
  type Field,
} from './field.ts';
import type { Header } from './message.ts';
import type {
  ProxyEnquiry,
  ProxyEnquiryAnswer,
  ProxyLookup,
  ProxyLookupAnswer,
  ProxyMessage,
  ProxyNotice,
  ProxyOperation,
  ProxyRegistration,
  ProxyRegistrationAnswer,
  ProxyState,
  ProxyTarget,
  SecondId,
} from './proxy-message.ts';
import { isProxy, type Proxy } from './proxy.ts';

type Json = Readonly<Record<string, unknown>>;

/** The version and the document key of each proxy message. */
export const PROXY_DEF = {
  proxy_registration: ['prxy.001.001.01', 'PrxyRegn'],
  proxy_registration_answer: ['prxy.002.001.01', 'PrxyRegnRspn'],
  proxy_lookup: ['prxy.003.001.01', 'PrxyLookUp'],
  proxy_lookup_answer: ['prxy.004.001.01', 'PrxyLookUpRspn'],
  proxy_enquiry: ['prxy.005.001.01', 'PrxyNqryReq'],
  proxy_enquiry_answer: ['prxy.006.001.01', 'PrxyNqryRspn'],
  proxy_notice: ['prxy.901.001.01', 'PrxyNtfctn'],
} as const satisfies Record<ProxyMessage['kind'], readonly [string, string]>;

/** Proxies of one person in one answer; more is a hub that is not well. */
const STATES_MAX = 50;
const OPERATION = /^(NEWR|AMND|DEAC|SUSP|ACTV|PORT)$/;
const REGISTRATION_ID = /^[A-Za-z0-9]{1,35}$/;
const LOOKUP_ID = /^[A-Za-z0-9]{1,35}$/;
const SECOND_ID = /^[A-Za-z0-9_-]{1,35}$/;
const ANSWERED = /^prxy\.00[135]\.001\.01$/;

/** Reads the document of a proxy message; undefined for another definition. Throws FieldFault. */
export function readProxyMessage(
  header: Header,
  of: { readonly definition: string; readonly document: Field },
): ProxyMessage | undefined {
  const kind = (Object.keys(PROXY_DEF) as ProxyMessage['kind'][]).find(
    (one) => PROXY_DEF[one][0] === of.definition,
  );
  if (!kind) return undefined;
  const body = at(of.document, PROXY_DEF[kind][1]);
  switch (kind) {
    case 'proxy_registration':
      return readRegistration(header, body);
    case 'proxy_registration_answer':
      return readRegistrationAnswer(header, body);
    case 'proxy_lookup':
      return readLookup(header, body);
    case 'proxy_lookup_answer':
      return readLookupAnswer(header, body);
    case 'proxy_enquiry':
      return readEnquiry(header, body);
    case 'proxy_enquiry_answer':
      return readEnquiryAnswer(header, body);
    case 'proxy_notice':
      return readNotice(header, body);
  }
}

function group(body: Field): { readonly msgId: string; readonly madeAt: string } {
  const head = at(body, 'GrpHdr');
  return { msgId: msgId(at(head, 'MsgId')), madeAt: text(at(head, 'CreDtTm'), FORM.local) };
}

function sender(body: Field): string {
  return bank(at(body, 'GrpHdr', 'MsgSndr', 'Agt'));
}

function original(body: Field): {
  readonly originalMsgId: string;
  readonly originalMsgDef: string;
} {
  const from = at(body, 'OrgnlGrpInf');
  return {
    originalMsgId: msgId(at(from, 'OrgnlMsgId')),
    originalMsgDef: text(at(from, 'OrgnlMsgNmId'), ANSWERED),
  };
}

function verdict(response: Field): { readonly isAccepted: boolean; readonly code: string } {
  return {
    isAccepted: text(at(response, 'PrxRspnSts'), /^(ACTC|RJCT)$/) === 'ACTC',
    code: text(at(response, 'StsRsnInf', 'Prtry'), FORM.code),
  };
}

function readProxyField(field: Field): Proxy {
  const type = text(at(field, 'Tp'), /^0[123]$/) as Proxy['type'];
  const value = text(at(field, 'Val'), FORM.name);
  if (!isProxy({ type, value })) throw new FieldFault(`${field.path}.Val`, 'wrong_form');
  return { type, value };
}

function namedAccount(field: Field): ProxyTarget['account'] {
  const { number, type } = account(field, true);
  return { number, type: type!, name: text(at(field, 'Nm'), FORM.name) };
}

function readTarget(field: Field): ProxyTarget {
  return {
    registrationId: text(at(field, 'RegnId'), REGISTRATION_ID),
    displayName: text(at(field, 'DsplNm'), FORM.name),
    bank: bank(at(field, 'Agt')),
    account: namedAccount(at(field, 'Acct')),
  };
}

function readSecondId(field: Field): SecondId {
  return {
    type: text(at(field, 'Tp'), /^(01|02|99)$/) as SecondId['type'],
    value: text(at(field, 'Val'), SECOND_ID),
  };
}

function readRegistration(header: Header, body: Field): ProxyRegistration {
  const registration = at(body, 'Regn');
  const of = at(registration, 'PrxyRegn');
  const id = optional(of, 'RegnId');
  return {
    kind: 'proxy_registration',
    header,
    ...group(body),
    operation: text(at(registration, 'RegnTp'), OPERATION) as ProxyOperation,
    proxy: readProxyField(at(registration, 'Prxy')),
    displayName: text(at(of, 'DsplNm'), FORM.name),
    bank: bank(at(of, 'Agt')),
    account: namedAccount(at(of, 'Acct')),
    secondId: readSecondId(at(of, 'ScndId')),
    ...(id && { registrationId: text(id, REGISTRATION_ID) }),
  };
}

function readRegistrationAnswer(header: Header, body: Field): ProxyRegistrationAnswer {
  const response = at(body, 'RegnRspn');
  const of = optional(response, 'PrxyRegn');
  return {
    kind: 'proxy_registration_answer',
    header,
    ...group(body),
    ...original(body),
    ...verdict(response),
    operation: text(at(response, 'OrgnlRegnTp'), OPERATION) as ProxyOperation,
    ...(of && {
      registrationId: text(at(of, 'RegnId'), REGISTRATION_ID),
      bank: bank(at(of, 'Agt')),
    }),
  };
}

function readLookup(header: Header, body: Field): ProxyLookup {
  const only = at(body, 'LookUp', 'PrxyOnly');
  text(at(only, 'LkUpTp'), /^PXRS$/);
  return {
    kind: 'proxy_lookup',
    header,
    ...group(body),
    bank: sender(body),
    askingAccount: account(at(body, 'GrpHdr', 'MsgSndr', 'Acct'), false).number,
    lookupId: text(at(only, 'Id'), LOOKUP_ID),
    proxy: readProxyField(at(only, 'PrxyRtrvl')),
  };
}

function readLookupAnswer(header: Header, body: Field): ProxyLookupAnswer {
  const answer = at(body, 'LkUpRspn');
  const response = at(answer, 'RegnRspn');
  const target = optional(response, 'Regn');
  return {
    kind: 'proxy_lookup_answer',
    header,
    ...group(body),
    ...original(body),
    ...verdict(response),
    lookupId: text(at(answer, 'OrgnlId'), LOOKUP_ID),
    proxy: readProxyField(at(answer, 'OrgnlPrxyRtrvl')),
    ...(target && { target: readTarget(target) }),
  };
}

function readEnquiry(header: Header, body: Field): ProxyEnquiry {
  return {
    kind: 'proxy_enquiry',
    header,
    ...group(body),
    bank: sender(body),
    secondId: readSecondId(at(body, 'Nqry', 'ScndId')),
  };
}

function readEnquiryAnswer(header: Header, body: Field): ProxyEnquiryAnswer {
  const response = at(body, 'NqryRspn');
  const all = optional(response, 'Rspn');
  return {
    kind: 'proxy_enquiry_answer',
    header,
    ...group(body),
    ...original(body),
    ...verdict(response),
    states: all ? list(all, STATES_MAX).map(readState) : [],
  };
}

function readState(field: Field): ProxyState {
  return {
    proxy: readProxyField(at(field, 'Prxy')),
    target: readTarget(at(field, 'Regn')),
    state: text(at(field, 'RegnSts'), /^(ACTV|SUSP|ICTV)$/) as ProxyState['state'],
  };
}

function readNotice(header: Header, body: Field): ProxyNotice {
  const notice = at(body, 'Ntfctn');
  return {
    kind: 'proxy_notice',
    header,
    ...group(body),
    proxy: readProxyField(at(notice, 'OrgnlPrxy')),
    registrationId: text(at(notice, 'OrgnlRegnId'), REGISTRATION_ID),
    bank: bank(at(notice, 'NewAcct', 'Agt')),
  };
}

/** The document of a proxy message, by its key. */
export function proxyDocument(message: ProxyMessage): Json {
  return { [PROXY_DEF[message.kind][1]]: bodyOf(message) };
}

function bodyOf(message: ProxyMessage): Json {
  const head = { MsgId: message.msgId, CreDtTm: message.madeAt };
  switch (message.kind) {
    case 'proxy_registration':
      return registrationBody(message, head);
    case 'proxy_lookup':
      return {
        GrpHdr: {
          ...head,
          MsgSndr: { ...agent(message.bank), Acct: { Id: othr(message.askingAccount) } },
        },
        LookUp: {
          PrxyOnly: {
            LkUpTp: 'PXRS',
            Id: message.lookupId,
            PrxyRtrvl: proxyField(message.proxy),
          },
        },
      };
    case 'proxy_enquiry':
      return {
        GrpHdr: { ...head, MsgSndr: agent(message.bank) },
        Nqry: { ScndId: secondIdField(message.secondId) },
      };
    case 'proxy_notice':
      return {
        GrpHdr: head,
        Ntfctn: {
          OrgnlPrxy: proxyField(message.proxy),
          OrgnlRegnId: message.registrationId,
          NewAcct: agent(message.bank),
        },
      };
    default:
      return answerBody(message, head);
  }
}

function registrationBody(message: ProxyRegistration, head: Json): Json {
  return {
    GrpHdr: { ...head, MsgSndr: agent(message.bank) },
    Regn: {
      RegnTp: message.operation,
      Prxy: proxyField(message.proxy),
      PrxyRegn: {
        ...(message.registrationId && { RegnId: message.registrationId }),
        DsplNm: message.displayName,
        ...agent(message.bank),
        Acct: namedAccountField(message.account),
        ScndId: secondIdField(message.secondId),
      },
    },
  };
}

function answerBody(
  message: ProxyRegistrationAnswer | ProxyLookupAnswer | ProxyEnquiryAnswer,
  head: Json,
): Json {
  const verdictFields = {
    PrxRspnSts: message.isAccepted ? 'ACTC' : 'RJCT',
    StsRsnInf: { Prtry: message.code },
  };
  const common = {
    GrpHdr: head,
    OrgnlGrpInf: { OrgnlMsgId: message.originalMsgId, OrgnlMsgNmId: message.originalMsgDef },
  };
  switch (message.kind) {
    case 'proxy_registration_answer':
      return {
        ...common,
        RegnRspn: {
          ...verdictFields,
          OrgnlRegnTp: message.operation,
          ...(message.registrationId &&
            message.bank && {
              PrxyRegn: { RegnId: message.registrationId, ...agent(message.bank) },
            }),
        },
      };
    case 'proxy_lookup_answer':
      return {
        ...common,
        LkUpRspn: {
          OrgnlId: message.lookupId,
          OrgnlPrxyRtrvl: proxyField(message.proxy),
          RegnRspn: {
            ...verdictFields,
            ...(message.target && { Regn: targetField(message.target) }),
          },
        },
      };
    case 'proxy_enquiry_answer':
      return {
        ...common,
        NqryRspn: {
          ...verdictFields,
          ...(message.states.length > 0 && {
            Rspn: message.states.map(({ proxy, target, state }) => ({
              Prxy: proxyField(proxy),
              Regn: targetField(target),
              RegnSts: state,
            })),
          }),
        },
      };
  }
}

function proxyField({ type, value }: Proxy): Json {
  return { Tp: type, Val: value };
}

function secondIdField({ type, value }: SecondId): Json {
  return { Tp: type, Val: value };
}

function targetField(target: ProxyTarget): Json {
  return {
    RegnId: target.registrationId,
    DsplNm: target.displayName,
    ...agent(target.bank),
    Acct: namedAccountField(target.account),
  };
}

function namedAccountField(of: ProxyTarget['account']): Json {
  return { Id: othr(of.number), Tp: { Prtry: of.type }, Nm: of.name };
}

function agent(bic: string): Json {
  return { Agt: { FinInstnId: othr(bic) } };
}

function othr(id: string): Json {
  return { Othr: { Id: id } };
}
