/** What core and gateway say to each other about proxies: bodies of `GATEWAY_PATH.proxy`, read from untrusted JSON on both sides. */
import type {
  ProxiesKnown,
  ProxyFound,
  ProxyRegistered,
  RegistrationWish,
} from './bifast/connector-proxy.ts';
import type { ProxyOperation, ProxyState, ProxyTarget, SecondId } from './bifast/proxy-message.ts';
import { isProxy, type Proxy, type ProxyType } from './bifast/proxy.ts';
import { recordOf } from './gateway-wire.ts';
import { isText } from './settlement-page.ts';

export type ProxyAsk =
  | { readonly ask: 'look_up'; readonly proxy: Proxy; readonly askingAccount: string }
  | { readonly ask: 'register'; readonly wish: RegistrationWish }
  | { readonly ask: 'enquire'; readonly secondId: SecondId };

export type ProxyReply = ProxyFound | ProxyRegistered | ProxiesKnown;

/** What a network with a directory answers. Never throws for an expected outcome. */
export interface ProxyRail {
  lookUp(input: { readonly proxy: Proxy; readonly askingAccount: string }): Promise<ProxyFound>;
  register(wish: RegistrationWish): Promise<ProxyRegistered>;
  enquire(secondId: SecondId): Promise<ProxiesKnown>;
}

const ACCOUNT = /^[\x21-\x7e]{1,34}$/;
const TYPE = /^(CACC|SVGS|LOAN|CCRD|UESB|OTHR)$/;
const NAME = /^\P{Cc}{1,140}$/u;
const BIC = /^[A-Z0-9]{8}$/;
const ID = /^[A-Za-z0-9]{1,35}$/;
const STATES_MAX = 50;

/** Reads a question of core; undefined when it is none. */
export function readProxyAsk(value: unknown): ProxyAsk | undefined {
  const { ask, proxy, askingAccount, wish, secondId } = recordOf(value);
  switch (ask) {
    case 'look_up': {
      const read = readProxyOf(proxy);
      return read && isText(askingAccount, ACCOUNT)
        ? { ask, proxy: read, askingAccount }
        : undefined;
    }
    case 'register': {
      const read = readWish(wish);
      return read && { ask, wish: read };
    }
    case 'enquire': {
      const read = readSecondId(secondId);
      return read && { ask, secondId: read };
    }
    default:
      return undefined;
  }
}

function readWish(value: unknown): RegistrationWish | undefined {
  const { operation, proxy, displayName, account, secondId, registrationId } = recordOf(value);
  const read = readProxyOf(proxy);
  const named = readAccount(account);
  const owner = readSecondId(secondId);
  const isGood =
    isText(operation, /^(NEWR|AMND|DEAC|SUSP|ACTV|PORT)$/) &&
    isText(displayName, NAME) &&
    (registrationId === undefined || isText(registrationId, ID));
  if (!isGood || !read || !named || !owner) return undefined;
  return {
    operation: operation as ProxyOperation,
    proxy: read,
    displayName,
    account: named,
    secondId: owner,
    ...(registrationId !== undefined && { registrationId: String(registrationId) }),
  };
}

function readProxyOf(value: unknown): Proxy | undefined {
  const { type, value: text } = recordOf(value);
  if (typeof type !== 'string' || typeof text !== 'string') return undefined;
  return isProxy({ type, value: text }) ? { type: type as ProxyType, value: text } : undefined;
}

function readAccount(value: unknown): ProxyTarget['account'] | undefined {
  const { number, type, name } = recordOf(value);
  return isText(number, ACCOUNT) && isText(type, TYPE) && isText(name, NAME)
    ? { number, type, name }
    : undefined;
}

function readSecondId(value: unknown): SecondId | undefined {
  const { type, value: text } = recordOf(value);
  return isText(type, /^(01|02|99)$/) && isText(text, /^[A-Za-z0-9_-]{1,35}$/)
    ? { type: type as SecondId['type'], value: text }
    : undefined;
}

function readTarget(value: unknown): ProxyTarget | undefined {
  const { registrationId, displayName, bank, account } = recordOf(value);
  const named = readAccount(account);
  return isText(registrationId, ID) && isText(displayName, NAME) && isText(bank, BIC) && named
    ? { registrationId, displayName, bank, account: named }
    : undefined;
}

/** Reads the answer to a lookup; undefined when it is none. */
export function readProxyFound(value: unknown): ProxyFound | undefined {
  const { found, target, code, reason } = recordOf(value);
  if (found === false && typeof code === 'string') return { found, code };
  if (found === 'unknown' && typeof reason === 'string') return { found, reason };
  const read = readTarget(target);
  return found === true && read ? { found, target: read } : undefined;
}

/** Reads the answer to a registration; undefined when it is none. */
export function readProxyRegistered(value: unknown): ProxyRegistered | undefined {
  const { outcome, registrationId, code, reason } = recordOf(value);
  if (outcome === 'done')
    return isText(registrationId, ID) ? { outcome, registrationId } : undefined;
  if (outcome === 'refused') return typeof code === 'string' ? { outcome, code } : undefined;
  const isOpen = outcome === 'not_sent' || outcome === 'unknown';
  return isOpen && typeof reason === 'string' ? { outcome, reason } : undefined;
}

/** Reads the answer to an enquiry; undefined when it is none. */
export function readProxiesKnown(value: unknown): ProxiesKnown | undefined {
  const { known, states, reason } = recordOf(value);
  if (known === false && typeof reason === 'string') return { known, reason };
  if (known !== true || !Array.isArray(states) || states.length > STATES_MAX) return undefined;
  const read = states.map(readState);
  return read.every((state) => state !== undefined) ? { known, states: read } : undefined;
}

function readState(value: unknown): ProxyState | undefined {
  const { proxy, target, state } = recordOf(value);
  const read = readProxyOf(proxy);
  const led = readTarget(target);
  return read && led && isText(state, /^(ACTV|SUSP|ICTV)$/)
    ? { proxy: read, target: led, state: state as ProxyState['state'] }
    : undefined;
}
