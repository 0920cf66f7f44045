/** The shapes of the proxy messages and of the acknowledged event, and what the hub takes out of them. Written from
 * docs/rail/bifast.md sections 4.7 and 4.8, apart from `src/rail`. Pure. */
import { object, oneOf, text, words, type Shape } from './schema.ts';

export interface DirectoryProxy {
  readonly type: string;
  readonly value: string;
}

export interface ProxyOwner {
  readonly bank: string;
  readonly account: string;
  readonly accountType: string;
  readonly accountName: string;
  readonly displayName: string;
  /** Type and value of the second id, in one text. */
  readonly secondId: string;
}

export type ProxyRequest =
  | {
      readonly kind: 'proxy_registration';
      readonly msgId: string;
      readonly operation: string;
      readonly proxy: DirectoryProxy;
      readonly owner: ProxyOwner;
      readonly registrationId?: string;
    }
  | {
      readonly kind: 'proxy_lookup';
      readonly msgId: string;
      readonly lookupId: string;
      readonly bank: string;
      readonly proxy: DirectoryProxy;
    }
  | {
      readonly kind: 'proxy_enquiry';
      readonly msgId: string;
      readonly bank: string;
      readonly secondId: string;
    }
  | {
      readonly kind: 'event_ack';
      readonly msgId: string;
      readonly reference: string;
      readonly code: string;
    };

const MSG_ID = /^\d{8}[A-Z]{6}[A-Z0-9]{2}\d{3}\d{8}$/;
const DATE_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}$/;
const othr = (shape: Shape): Shape => object({ Othr: object({ Id: shape }) });
const agent = object({ FinInstnId: othr(text(/^[A-Z]{6}[A-Z0-9]{2}$/)) });
const accountNumber = othr(text(/^[0-9A-Za-z]{1,34}$/));
const accountType = object({ Prtry: oneOf('CACC', 'SVGS', 'LOAN', 'CCRD', 'UESB', 'OTHR') });
const proxyOf = (value: Shape): Shape => object({ Tp: oneOf('01', '02', '03'), Val: value });
const proxyValue: Shape = (value, path) =>
  typeof value === 'string' &&
  /^(62[1-9]\d{7,12}|[^@\s]{1,64}@[^@\s]{3,90}|[A-Za-z0-9]{1,35})$/.test(value)
    ? undefined
    : `${path}: not a proxy`;
const proxy = proxyOf(proxyValue);
const secondId = object({ Tp: oneOf('01', '02', '99'), Val: words(35) });
const group = object({
  MsgId: text(MSG_ID),
  CreDtTm: text(DATE_TIME),
  MsgSndr: object({ Agt: agent }, { Acct: object({ Id: accountNumber }) }),
});

/** By definition: the whole document. */
export const PROXY_DOCUMENTS: Readonly<Record<string, Shape>> = {
  'prxy.001.001.01': object({
    PrxyRegn: object({
      GrpHdr: group,
      Regn: object({
        RegnTp: oneOf('NEWR', 'AMND', 'DEAC', 'SUSP', 'ACTV', 'PORT'),
        Prxy: proxy,
        PrxyRegn: object(
          {
            DsplNm: words(140),
            Agt: agent,
            Acct: object({ Id: accountNumber, Tp: accountType, Nm: words(140) }),
            ScndId: secondId,
          },
          { RegnId: text(/^R\d{12}$/) },
        ),
      }),
    }),
  }),
  'prxy.003.001.01': object({
    PrxyLookUp: object({
      GrpHdr: group,
      LookUp: object({
        PrxyOnly: object({
          LkUpTp: oneOf('PXRS'),
          Id: text(/^[A-Za-z0-9]{1,35}$/),
          PrxyRtrvl: proxy,
        }),
      }),
    }),
  }),
  'prxy.005.001.01': object({
    PrxyNqryReq: object({ GrpHdr: group, Nqry: object({ ScndId: secondId }) }),
  }),
  'admi.011.001.01': object({
    SysEvtAck: object({
      MsgId: text(MSG_ID),
      OrgtrRef: text(/^[0-9A-Z]{30}$/),
      AckDtls: object({ EvtCd: text(/^[A-Z0-9]{1,4}$/) }),
    }),
  }),
};

/** What a document says, once its shape was checked; undefined for another definition. */
export function proxyView(
  definition: string,
  document: Readonly<Record<string, unknown>>,
): ProxyRequest | undefined {
  switch (definition) {
    case 'prxy.001.001.01':
      return registrationView(document);
    case 'prxy.003.001.01': {
      const { GrpHdr, LookUp } = document['PrxyLookUp'] as RawLookup;
      const { Id, PrxyRtrvl } = LookUp.PrxyOnly;
      return {
        kind: 'proxy_lookup',
        msgId: GrpHdr.MsgId,
        lookupId: Id,
        bank: GrpHdr.MsgSndr.Agt.FinInstnId.Othr.Id,
        proxy: { type: PrxyRtrvl.Tp, value: PrxyRtrvl.Val },
      };
    }
    case 'prxy.005.001.01': {
      const { GrpHdr, Nqry } = document['PrxyNqryReq'] as RawEnquiry;
      return {
        kind: 'proxy_enquiry',
        msgId: GrpHdr.MsgId,
        bank: GrpHdr.MsgSndr.Agt.FinInstnId.Othr.Id,
        secondId: `${Nqry.ScndId.Tp}:${Nqry.ScndId.Val}`,
      };
    }
    case 'admi.011.001.01': {
      const { MsgId, OrgtrRef, AckDtls } = document['SysEvtAck'] as RawAck;
      return { kind: 'event_ack', msgId: MsgId, reference: OrgtrRef, code: AckDtls.EvtCd };
    }
    default:
      return undefined;
  }
}

function registrationView(document: Readonly<Record<string, unknown>>): ProxyRequest {
  const { GrpHdr, Regn } = document['PrxyRegn'] as RawRegistration;
  const { Acct, Agt, DsplNm, RegnId, ScndId } = Regn.PrxyRegn;
  return {
    kind: 'proxy_registration',
    msgId: GrpHdr.MsgId,
    operation: Regn.RegnTp,
    proxy: { type: Regn.Prxy.Tp, value: Regn.Prxy.Val },
    owner: {
      bank: Agt.FinInstnId.Othr.Id,
      account: Acct.Id.Othr.Id,
      accountType: Acct.Tp.Prtry,
      accountName: Acct.Nm,
      displayName: DsplNm,
      secondId: `${ScndId.Tp}:${ScndId.Val}`,
    },
    ...(RegnId === undefined ? {} : { registrationId: RegnId }),
  };
}

interface RawAgent {
  readonly FinInstnId: { readonly Othr: { readonly Id: string } };
}
interface RawGroup {
  readonly MsgId: string;
  readonly MsgSndr: { readonly Agt: RawAgent };
}
interface RawTyped {
  readonly Tp: string;
  readonly Val: string;
}
interface RawLookup {
  readonly GrpHdr: RawGroup;
  readonly LookUp: { readonly PrxyOnly: { readonly Id: string; readonly PrxyRtrvl: RawTyped } };
}
interface RawEnquiry {
  readonly GrpHdr: RawGroup;
  readonly Nqry: { readonly ScndId: RawTyped };
}
interface RawAck {
  readonly MsgId: string;
  readonly OrgtrRef: string;
  readonly AckDtls: { readonly EvtCd: string };
}
interface RawRegistration {
  readonly GrpHdr: RawGroup;
  readonly Regn: {
    readonly RegnTp: string;
    readonly Prxy: RawTyped;
    readonly PrxyRegn: {
      readonly RegnId?: string;
      readonly DsplNm: string;
      readonly Agt: RawAgent;
      readonly Acct: {
        readonly Id: { readonly Othr: { readonly Id: string } };
        readonly Tp: { readonly Prtry: string };
        readonly Nm: string;
      };
      readonly ScndId: RawTyped;
    };
  };
}
