/** The proxy messages prxy.001 to prxy.006 and prxy.901 as typed values; the wire form is `proxy-codec.ts`. */
import type { Header } from './message.ts';
import type { Proxy } from './proxy.ts';

/** NEWR new, AMND another account or name, DEAC ended, SUSP paused, ACTV active again, PORT taken over from another bank. */
export type ProxyOperation = 'NEWR' | 'AMND' | 'DEAC' | 'SUSP' | 'ACTV' | 'PORT';

/** Whose proxies: a national id or what the bank uses in its place (`01` NIK, `02` passport, `99` other). */
export interface SecondId {
  readonly type: '01' | '02' | '99';
  readonly value: string;
}

/** Where a proxy leads. */
export interface ProxyTarget {
  readonly registrationId: string;
  readonly displayName: string;
  readonly bank: string;
  readonly account: { readonly number: string; readonly type: string; readonly name: string };
}

interface Common {
  readonly header: Header;
  readonly msgId: string;
  /** WIB without a zone, milliseconds. */
  readonly madeAt: string;
}

interface Answered extends Common {
  readonly originalMsgId: string;
  readonly originalMsgDef: string;
  readonly isAccepted: boolean;
  readonly code: string;
}

/** prxy.001. */
export interface ProxyRegistration extends Common {
  readonly kind: 'proxy_registration';
  readonly operation: ProxyOperation;
  readonly proxy: Proxy;
  readonly displayName: string;
  readonly bank: string;
  readonly account: { readonly number: string; readonly type: string; readonly name: string };
  readonly secondId: SecondId;
  /** Of the registration that is changed; absent for a new one and for one that is taken over. */
  readonly registrationId?: string;
}

/** prxy.002. */
export interface ProxyRegistrationAnswer extends Answered {
  readonly kind: 'proxy_registration_answer';
  readonly operation: ProxyOperation;
  readonly registrationId?: string;
  /** The bank that has it now. */
  readonly bank?: string;
}

/** prxy.003, lookup type PXRS. */
export interface ProxyLookup extends Common {
  readonly kind: 'proxy_lookup';
  /** The asking bank and the asking customer's account. */
  readonly bank: string;
  readonly askingAccount: string;
  readonly lookupId: string;
  readonly proxy: Proxy;
}

/** prxy.004. */
export interface ProxyLookupAnswer extends Answered {
  readonly kind: 'proxy_lookup_answer';
  readonly lookupId: string;
  readonly proxy: Proxy;
  readonly target?: ProxyTarget;
}

/** prxy.005. */
export interface ProxyEnquiry extends Common {
  readonly kind: 'proxy_enquiry';
  readonly bank: string;
  readonly secondId: SecondId;
}

export interface ProxyState {
  readonly proxy: Proxy;
  readonly target: ProxyTarget;
  readonly state: 'ACTV' | 'SUSP' | 'ICTV';
}

/** prxy.006. */
export interface ProxyEnquiryAnswer extends Answered {
  readonly kind: 'proxy_enquiry_answer';
  readonly states: readonly ProxyState[];
}

/** prxy.901: the hub tells the former bank that a proxy of its customer leads elsewhere now. */
export interface ProxyNotice extends Common {
  readonly kind: 'proxy_notice';
  readonly proxy: Proxy;
  /** The registration that ended. */
  readonly registrationId: string;
  readonly bank: string;
}

export type ProxyMessage =
  | ProxyRegistration
  | ProxyRegistrationAnswer
  | ProxyLookup
  | ProxyLookupAnswer
  | ProxyEnquiry
  | ProxyEnquiryAnswer
  | ProxyNotice;
