/** The directory of proxies as core sees it: a client of the gateway over mTLS. A lost answer is `unknown` (I2). */
import { parseJson, WireFault, type WireClient } from '../kernel/wire.ts';
import { GATEWAY_PATH } from './journal-entry.ts';
import {
  readProxiesKnown,
  readProxyFound,
  readProxyRegistered,
  type ProxyAsk,
  type ProxyRail,
} from './proxy-wire.ts';

/** Longer than the gateway waits for the hub. */
const ASK_MS = 7_000;
const UNREADABLE = 'gateway answer cannot be read';

/** Makes the port over a client of one gateway partition. */
export function remoteProxies(gateway: WireClient): ProxyRail {
  const ask = (body: ProxyAsk): Promise<Asked> => post(gateway, body);
  return {
    async lookUp(input) {
      const got = await ask({ ask: 'look_up', ...input });
      if (got.kind !== 'value') return { found: 'unknown', reason: got.kind };
      return readProxyFound(got.value) ?? { found: 'unknown', reason: UNREADABLE };
    },
    async register(wish) {
      const got = await ask({ ask: 'register', wish });
      if (got.kind !== 'value')
        return { outcome: got.kind === 'not_sent' ? 'not_sent' : 'unknown', reason: got.kind };
      return readProxyRegistered(got.value) ?? { outcome: 'unknown', reason: UNREADABLE };
    },
    async enquire(secondId) {
      const got = await ask({ ask: 'enquire', secondId });
      if (got.kind !== 'value') return { known: false, reason: got.kind };
      return readProxiesKnown(got.value) ?? { known: false, reason: UNREADABLE };
    },
  };
}

type Asked =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not_sent' | 'no_answer' };

async function post(gateway: WireClient, body: ProxyAsk): Promise<Asked> {
  try {
    const response = await gateway.call({
      path: GATEWAY_PATH.proxy,
      body: JSON.stringify({ rail: 'bifast', ...body }),
      timeoutMs: ASK_MS,
    });
    return { kind: 'value', value: parseJson(response.body) };
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return { kind: error.kind };
  }
}
