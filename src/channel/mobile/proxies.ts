/** Proxies in the app: who stands behind a number or an address, masked, before a transfer; and the customer's own, with the PIN,
 * because a proxy decides where others' money arrives. */
import { newId } from '../../kernel/ids.ts';
import { maskAccount } from '../../kernel/log.ts';
import { PROXY_MOVES } from '../../payment/proxy/decide.ts';
import type { ProxyRow } from '../../payment/proxy/store.ts';
import { maskName, proxyText, readProxy } from '../../rail/bifast/proxy.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import { demandPin, PIN_RATE } from './consent.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import { railReason } from './rail-words.ts';
import type { Scope } from './register.ts';
import {
  ProxiesAnswer,
  ProxyChangeBody,
  ProxyCheckAnswer,
  ProxyCheckBody,
} from './schema-proxy.ts';
import { insertNameCheck, selectAccountNumbers } from './store.ts';
import { NAME_CHECK_MAX, NAME_CHECK_MS } from './terms.ts';
import { MOBILE_WORDS } from './words.ts';

/** Per customer and minute: while an own proxy is open, each look asks the directory. */
const LOOK_RATE = { max: 20, timeWindow: 60_000, hook: 'preHandler' } as const;

/** Registers the proxy check and the customer's own proxies. */
export function registerProxies(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/proxy-check',
    {
      schema: { body: ProxyCheckBody, response: { 200: ProxyCheckAnswer } },
      config: { rateLimit: { max: NAME_CHECK_MAX, timeWindow: 60_000, hook: 'preHandler' } },
    },
    async (request) => checkProxy(deps, { session: sessionOf(request), typed: request.body.proxy }),
  );

  scope.get(
    '/proxies',
    { schema: { response: { 200: ProxiesAnswer } }, config: { rateLimit: LOOK_RATE } },
    async (request) => {
      const { subject, language } = sessionOf(request);
      return { proxies: (await deps.proxies.list(subject)).map((row) => showProxy(row, language)) };
    },
  );

  scope.post(
    '/proxies',
    {
      schema: { body: ProxyChangeBody, response: { 200: ProxiesAnswer } },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const session = sessionOf(request);
      const { pin, type, value, operation, account } = request.body;
      await demandPin(deps, { session, pin });
      const { subject: customerId, language } = session;
      const result = await deps.proxies.change({
        customerId,
        proxy: { type, value },
        operation,
        account,
      });
      if (result.ok) return { proxies: result.proxies.map((row) => showProxy(row, language)) };
      if (result.reason === 'account_not_yours') throw new Refused('account_not_yours');
      // What the directory said, or that it has not said anything yet, is in the list.
      if (result.reason === 'refused' || result.reason === 'unknown')
        return {
          proxies: (await deps.proxies.list(customerId)).map((row) => showProxy(row, language)),
        };
      throw new Refused(result.reason === 'not_proved' ? 'not_found' : 'proxy_not_now');
    },
  );
}

async function checkProxy(
  deps: MobileDeps,
  input: { readonly session: Session; readonly typed: string },
) {
  const { session } = input;
  const { subject: customerId, language } = session;
  const words = MOBILE_WORDS[language].nameUnknown;
  const proxy = readProxy(input.typed);
  if (!proxy) throw new Refused('proxy_malformed');
  const [askingAccount] = await selectAccountNumbers(deps.db, customerId);
  if (askingAccount === undefined) throw new Refused('account_not_yours');
  const answer = await deps.proxies.lookUp({ customerId, askingAccount, proxy });
  if (answer.found === 'limited') throw new Refused('proxy_limited');
  if (answer.found === 'unknown') return { found: 'unknown' as const, ...words.unknown };
  if (!answer.found) {
    const title = railReason(answer.code, language);
    const text = MOBILE_WORDS[language].proxy.notFound;
    return { found: 'no' as const, ...text, ...(title && answer.code !== 'U804' ? { title } : {}) };
  }
  const { target, bankName } = answer;
  const madeAtMs = deps.time.now();
  const id = newId('nmc', madeAtMs, deps.random);
  await insertNameCheck(deps.db, {
    id,
    customerId,
    bank: target.bank,
    account: target.account.number,
    name: target.displayName,
    proxy: proxyText(proxy),
    madeAtMs,
    expiresAtMs: madeAtMs + NAME_CHECK_MS,
  });
  return {
    found: 'yes' as const,
    nameCheckId: id,
    name: maskName(target.displayName),
    bankName,
    bank: target.bank,
    account: maskAccount(target.account.number),
    proxy: proxyText(proxy),
  };
}

function showProxy(row: ProxyRow, language: Session['language']) {
  const words = MOBILE_WORDS[language].proxy;
  const isOpen = row.pending !== undefined;
  const refused = row.state === 'moved' ? undefined : railReason(row.code, language);
  const note = isOpen ? words.pending : (refused ?? words.notes[row.state]);
  const can = isOpen ? [] : PROXY_MOVES[row.state].filter((one) => isOffered(row, one));
  return {
    type: row.kind,
    value: row.value,
    state: isOpen ? ('asked' as const) : row.state,
    label: isOpen ? words.states.asked : words.states[row.state],
    can: [...can],
    ...(row.account === undefined ? {} : { account: row.account }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Taking over is offered where another bank is known to have it; registering where not. */
function isOffered(row: ProxyRow, operation: string): boolean {
  const isElsewhere = row.state === 'moved' || row.code === 'U807';
  if (operation === 'PORT') return isElsewhere;
  return operation !== 'NEWR' || !isElsewhere;
}
