/** What the hub answers about proxies, and what it tells a bank that lost one. Owns no state but through the book's events. */
import type { ProxyRequest } from './proxy-schema.ts';
import { hubIds, type HubContext } from './context.ts';
import { deliver, NOTICE_TRY_COUNT_MAX } from './deliver.ts';
import { findProxy, judgeRegistration, lookupCode, type DirectoryEntry } from './directory.ts';
import { choosePlan } from './faults.ts';
import {
  renderEnquired,
  renderLookedUp,
  renderPortedAway,
  renderRegistered,
} from './proxy-render.ts';
import type { DirectoryProxy } from './proxy-schema.ts';

/** Where a proxy leads now. */
export function resolveProxy(hub: HubContext, proxy: DirectoryProxy): DirectoryEntry | undefined {
  const otherBanks = [...hub.participants.values()]
    .filter(({ endpoint }) => endpoint === undefined)
    .map(({ bic }) => bic);
  return findProxy(hub.book.directory(), { proxy, otherBanks });
}

type Asked = Exclude<ProxyRequest, { readonly kind: 'event_ack' }>;

/** The answer to a proxy message of `bank`; undefined = silence, because a fault says so. */
export async function answerProxy(
  hub: HubContext,
  input: { readonly bank: string; readonly channel: string; readonly message: Asked },
): Promise<Buffer | undefined> {
  const { bank, message } = input;
  const trxType = message.kind === 'proxy_registration' ? '710' : '610';
  const account = message.kind === 'proxy_enquiry' ? '' : message.proxy.value;
  const plan = choosePlan(hub.chooser, { bank, account, trxType });
  if (plan.answer === 'none') return undefined;
  const ids = hubIds(hub, { trxType, originator: 'R', channel: input.channel });
  const common = { to: bank, nowMs: hub.time.now(), ids, answeredMsgId: message.msgId };
  const forced = plan.answer === 'RJCT' ? plan.code : undefined;
  await hub.time.sleep(plan.answerAfterMs, hub.stopping);
  switch (message.kind) {
    case 'proxy_lookup': {
      const entry = resolveProxy(hub, message.proxy);
      const code = forced ?? lookupCode(entry);
      const { lookupId, proxy } = message;
      const found = code === 'U000' && entry ? { entry } : {};
      return renderLookedUp({ ...common, lookupId, proxy, code, ...found });
    }
    case 'proxy_registration':
      return register(hub, { bank, message, common, forced });
    case 'proxy_enquiry': {
      const entries = [...hub.book.directory().values()].filter(
        (entry) => entry.bank === bank && entry.secondId === message.secondId,
      );
      return renderEnquired({ ...common, entries });
    }
  }
}

function register(
  hub: HubContext,
  input: {
    readonly bank: string;
    readonly message: Asked & { kind: 'proxy_registration' };
    readonly common: Omit<Parameters<typeof renderRegistered>[0], 'operation' | 'code'>;
    readonly forced: string | undefined;
  },
): Buffer {
  const { message, common, forced } = input;
  const { operation, proxy, owner } = message;
  if (forced !== undefined) return renderRegistered({ ...common, operation, code: forced });
  const done = judgeRegistration({
    operation,
    proxy,
    owner,
    registrationId: message.registrationId,
    known: resolveProxy(hub, proxy),
    nextRegistrationId: `R${String(hub.nextSequence()).padStart(12, '0')}`,
  });
  if (!done.entry) return renderRegistered({ ...common, operation, code: done.code });
  hub.record({ kind: 'proxy_written', entry: done.entry });
  if (done.former) tellFormerBank(hub, { former: done.former, newBank: owner.bank });
  return renderRegistered({ ...common, operation, code: 'U000', entry: done.entry });
}

/** Another bank's customer takes a proxy over: the former bank hears of it. False when nobody has it, or that bank already does. */
export function portAway(
  hub: HubContext,
  input: { readonly proxy: DirectoryProxy; readonly toBank: string },
): boolean {
  const former = resolveProxy(hub, input.proxy);
  if (!former || former.bank === input.toBank) return false;
  const registrationId = `R${String(hub.nextSequence()).padStart(12, '0')}`;
  hub.record({
    kind: 'proxy_written',
    entry: { ...former, registrationId, bank: input.toBank, secondId: '99:elsewhere' },
  });
  tellFormerBank(hub, { former, newBank: input.toBank });
  return true;
}

function tellFormerBank(
  hub: HubContext,
  input: { readonly former: DirectoryEntry; readonly newBank: string },
): void {
  const bank = input.former.bank;
  if (!hub.clients.has(bank) || bank === input.newBank) return;
  const ids = hubIds(hub, { trxType: '710', originator: 'H', channel: '99' });
  const body = renderPortedAway({ to: bank, nowMs: hub.time.now(), ids, ...input });
  hub.spawn(async () => {
    const answer = await deliver(hub, {
      bank,
      body,
      tryCountMax: NOTICE_TRY_COUNT_MAX,
      trxType: 'event',
    });
    if (!answer && !hub.stopping.aborted) hub.counters.undelivered();
  });
}
