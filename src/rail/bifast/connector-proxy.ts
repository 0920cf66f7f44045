/** What a connector asks the hub's proxy directory. A lookup and an enquiry move nothing; a registration that got no answer is
 * `unknown`, and an enquiry tells what became of it: it is never sent again blindly (I2). */
import { exchange, unbelievable, type Exchange, type Link } from './exchange.ts';
import type { BifastMessage, Header } from './message.ts';
import type { ProxyRegistration, ProxyState, ProxyTarget, SecondId } from './proxy-message.ts';
import type { Proxy } from './proxy.ts';
import { reasonOf } from './reason.ts';
import { localTime, ourHeader } from './render.ts';

export type ProxyFound =
  | { readonly found: true; readonly target: ProxyTarget }
  | { readonly found: false; readonly code: string }
  | { readonly found: 'unknown'; readonly reason: string };

export type ProxyRegistered =
  | { readonly outcome: 'done'; readonly registrationId: string }
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'not_sent' | 'unknown'; readonly reason: string };

export type ProxiesKnown =
  | { readonly known: true; readonly states: readonly ProxyState[] }
  | { readonly known: false; readonly reason: string };

/** What a registration says, beside the ids of its message. */
export type RegistrationWish = Pick<
  ProxyRegistration,
  'operation' | 'proxy' | 'displayName' | 'account' | 'secondId' | 'registrationId'
>;

interface Start {
  readonly header: Header;
  readonly msgId: string;
  readonly madeAt: string;
}

function start(
  link: Link,
  input: { readonly trxType: string; readonly channelCode: string },
): Start {
  const ids = link.nextId({ ...input, originator: 'O' });
  const nowMs = link.time.now();
  return {
    header: ourHeader({ bank: link.bank, bizMsgIdr: ids.bizMsgIdr, nowMs }),
    msgId: ids.msgId,
    madeAt: localTime(nowMs),
  };
}

/** Where does a proxy lead (prxy.003, PXRS)? */
export async function lookUpProxy(
  link: Link,
  input: { readonly proxy: Proxy; readonly askingAccount: string },
): Promise<ProxyFound> {
  const begun = start(link, { trxType: '610', channelCode: '02' });
  const { askingAccount, proxy } = input;
  const got = await ask(link, {
    kind: 'proxy_lookup',
    ...begun,
    bank: link.bank.bic,
    askingAccount,
    lookupId: begun.msgId,
    proxy,
  });
  if (got.kind !== 'message') return { found: 'unknown', reason: got.reason };
  const answer = got.message;
  const isAbout =
    answer.kind === 'proxy_lookup_answer' &&
    answer.originalMsgId === begun.msgId &&
    answer.originalMsgDef === 'prxy.003.001.01' &&
    answer.lookupId === begun.msgId &&
    isSame(answer.proxy, proxy) &&
    (!answer.isAccepted || answer.target !== undefined);
  if (!isAbout) return { found: 'unknown', reason: doubt(link, begun).reason };
  if (answer.isAccepted) return { found: true, target: answer.target! }; // looked at above
  return reasonOf(answer.code)?.class === 'rejected'
    ? { found: false, code: answer.code }
    : { found: 'unknown', reason: answer.code };
}

/** Registers, changes, suspends, ends or takes over a proxy of a customer of ours (prxy.001). */
export async function registerProxy(link: Link, wish: RegistrationWish): Promise<ProxyRegistered> {
  const begun = start(link, { trxType: '710', channelCode: '02' });
  const got = await ask(link, {
    kind: 'proxy_registration',
    ...begun,
    bank: link.bank.bic,
    ...wish,
  });
  if (got.kind !== 'message') return { outcome: got.kind, reason: got.reason };
  const answer = got.message;
  if (answer.kind === 'message_reject' && answer.reference === begun.header.bizMsgIdr)
    return { outcome: 'refused', code: answer.code };
  const isAbout =
    answer.kind === 'proxy_registration_answer' &&
    answer.originalMsgId === begun.msgId &&
    answer.originalMsgDef === 'prxy.001.001.01' &&
    answer.operation === wish.operation &&
    (!answer.isAccepted || (answer.registrationId !== undefined && answer.bank === link.bank.bic));
  if (!isAbout) return doubt(link, begun);
  if (answer.isAccepted) return { outcome: 'done', registrationId: answer.registrationId! }; // looked at above
  return reasonOf(answer.code)?.class === 'rejected'
    ? { outcome: 'refused', code: answer.code }
    : { outcome: 'unknown', reason: answer.code };
}

/** Which proxies does a customer of ours have (prxy.005)? */
export async function enquireProxies(link: Link, secondId: SecondId): Promise<ProxiesKnown> {
  const begun = start(link, { trxType: '610', channelCode: '99' });
  const got = await ask(link, { kind: 'proxy_enquiry', ...begun, bank: link.bank.bic, secondId });
  if (got.kind !== 'message') return { known: false, reason: got.reason };
  const answer = got.message;
  const isAbout =
    answer.kind === 'proxy_enquiry_answer' &&
    answer.originalMsgId === begun.msgId &&
    answer.originalMsgDef === 'prxy.005.001.01';
  if (!isAbout) return { known: false, reason: doubt(link, begun).reason };
  return answer.isAccepted
    ? { known: true, states: answer.states }
    : { known: false, reason: answer.code };
}

function ask(link: Link, message: BifastMessage): Promise<Exchange> {
  return exchange(link, { message, timeoutMs: link.timeouts.enquireMs });
}

function doubt(
  link: Link,
  { header }: Start,
): { readonly outcome: 'unknown'; readonly reason: string } {
  return unbelievable(link, { what: 'proxy', bizMsgIdr: header.bizMsgIdr });
}

function isSame(a: Proxy, b: Proxy): boolean {
  return a.type === b.type && a.value === b.value;
}
