/** A customer's proxies: looking up where one leads before a transfer, and registering one's own. Bounded, so that nobody collects
 * names by trying numbers; a question to the directory that got no answer stays open until an enquiry tells (I2). */
import { recordEvents } from '../../audit/record.ts';
import type { Db } from '../../db/pool.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import type { Log } from '../../kernel/log.ts';
import type { Time } from '../../kernel/time.ts';
import type { ProxyOperation, ProxyTarget, SecondId } from '../../rail/bifast/proxy-message.ts';
import type { Proxy } from '../../rail/bifast/proxy.ts';
import type { ProxyRail } from '../../rail/proxy-wire.ts';
import { mayAsk, stateAfter, wordOf } from './decide.ts';
import { settingsReader, type PaymentSettings } from '../settings.ts';
import { readAccounts, readParticipants } from '../store-facts.ts';
import { countLookup, markAsked, selectProxies, settleAsked, type ProxyRow } from './store.ts';

export type LookedUp =
  | { readonly found: true; readonly target: ProxyTarget; readonly bankName: string }
  | { readonly found: false; readonly code: string }
  | { readonly found: 'unknown'; readonly reason: string }
  /** Too many in the window or the day. */
  | { readonly found: 'limited' };

export type ProxyChange =
  | { readonly ok: true; readonly proxies: readonly ProxyRow[] }
  | {
      readonly ok: false;
      readonly reason: 'not_proved' | 'not_now' | 'account_not_yours' | 'refused' | 'unknown';
      readonly code?: string;
    };

export interface Proxies {
  /** Where a proxy leads. Counts before it asks. */
  lookUp(input: {
    readonly customerId: string;
    readonly askingAccount: string;
    readonly proxy: Proxy;
  }): Promise<LookedUp>;
  /** A customer's proved contacts with their registrations; asks the directory about what is open. */
  list(customerId: string): Promise<readonly ProxyRow[]>;
  /** Asks the directory for a change of a customer's own proxy. */
  change(input: {
    readonly customerId: string;
    readonly proxy: Proxy;
    readonly operation: ProxyOperation;
    readonly account: string;
  }): Promise<ProxyChange>;
}

export interface ProxiesInput {
  readonly db: Db;
  readonly rail: ProxyRail;
  readonly time: Time;
  readonly log: Log;
  readonly bank: BankProfile;
  readonly settings: Partial<PaymentSettings>;
}

const DAY_MS = 86_400_000;
/** A question that is younger may still be on its way: an enquiry would read the directory from before it. */
const OPEN_MS = 15_000;

/** Opens it. */
export function openProxies(input: ProxiesInput): Proxies {
  const { db, time, log } = input;
  const settings = settingsReader({ db, time, log, over: input.settings });
  return {
    lookUp: (asked) => lookUp(input, settings, asked),
    list: (customerId) => list(input, customerId),
    change: (asked) => change(input, asked),
  };
}

async function lookUp(
  { db, rail, time, bank }: ProxiesInput,
  settings: () => Promise<PaymentSettings>,
  asked: Parameters<Proxies['lookUp']>[0],
): Promise<LookedUp> {
  const { proxyLookupsPerDay, proxyLookupsPerWindow, velocityWindowMs } = await settings();
  const nowMs = time.now();
  const counted = await countLookup(db, {
    customerId: asked.customerId,
    nowMs,
    dayFromMs: nowMs - DAY_MS,
    windowFromMs: nowMs - Number(velocityWindowMs),
  });
  const isOver =
    counted.day > Number(proxyLookupsPerDay) || counted.window > Number(proxyLookupsPerWindow);
  if (isOver) return { found: 'limited' };
  const { proxy, askingAccount } = asked;
  const answer = await rail.lookUp({ proxy, askingAccount });
  if (answer.found !== true) return answer;
  const { target } = answer;
  if (target.bank === bank.bic) return { ...answer, bankName: bank.name };
  const known = (await readParticipants(db)).find(({ bic }) => bic === target.bank);
  if (!known) return { found: false, code: 'U124' };
  if (!known.isOpen) return { found: 'unknown', reason: 'bank_closed' };
  return { ...answer, bankName: known.name };
}

async function list(input: ProxiesInput, customerId: string): Promise<readonly ProxyRow[]> {
  const { db, rail, time } = input;
  const rows = await selectProxies(db, customerId);
  const open = rows.filter(
    ({ pending, pendingAtMs }) =>
      pending !== undefined && time.now() - (pendingAtMs ?? 0) >= OPEN_MS,
  );
  if (open.length === 0) return rows;
  const answer = await rail.enquire(secondIdOf(customerId));
  if (!answer.known) return rows;
  for (const { kind, value, state, pending } of open) {
    const word = wordOf(answer.states, { kind, value, before: state });
    await settle(input, { customerId, kind, value, operation: pending!, word, code: undefined }); // filtered above
  }
  return selectProxies(db, customerId);
}

async function change(
  input: ProxiesInput,
  asked: Parameters<Proxies['change']>[0],
): Promise<ProxyChange> {
  const { db, rail, time } = input;
  const { customerId, operation, proxy } = asked;
  const key = { customerId, kind: proxy.type, value: proxy.value };
  const rows = await list(input, customerId);
  const row = rows.find(({ kind, value }) => kind === proxy.type && value === proxy.value);
  if (!row) return { ok: false, reason: 'not_proved' };
  if (row.pending !== undefined) return { ok: false, reason: 'unknown' };
  if (!mayAsk(row.state, operation)) return { ok: false, reason: 'not_now' };
  const [account] = await readAccounts(db, [asked.account]);
  if (account?.customerId !== customerId || account.state !== 'open')
    return { ok: false, reason: 'account_not_yours' };
  const nowMs = time.now();
  const isFirst = await db.tx(async (tx) => {
    const isAsked = await markAsked(tx, {
      ...key,
      state: row.state,
      operation,
      account: account.number,
      nowMs,
    });
    if (isAsked) await recordEvents(tx, [eventOf('proxy.asked', { ...key, operation, nowMs })]);
    return isAsked;
  });
  if (!isFirst) return { ok: false, reason: 'unknown' };
  const needsId = operation !== 'NEWR' && operation !== 'PORT';
  const answer = await rail.register({
    operation,
    proxy,
    displayName: account.name,
    account: { number: account.number, type: account.accountType, name: account.name },
    secondId: secondIdOf(customerId),
    ...(needsId && row.registrationId && { registrationId: row.registrationId }),
  });
  if (answer.outcome === 'unknown') return { ok: false, reason: 'unknown' };
  const done = answer.outcome === 'done';
  const word = done
    ? {
        state: stateAfter(operation, row.state),
        registrationId: answer.registrationId,
        account: account.number,
      }
    : { state: row.state };
  const code = answer.outcome === 'refused' ? answer.code : undefined;
  await settle(input, { ...key, operation, word, code });
  if (done) return { ok: true, proxies: await selectProxies(db, customerId) };
  return code === undefined
    ? { ok: false, reason: 'unknown' }
    : { ok: false, reason: 'refused', code };
}

async function settle(
  { db, time }: ProxiesInput,
  input: Omit<Parameters<typeof settleAsked>[1], 'nowMs'>,
): Promise<void> {
  const nowMs = time.now();
  await db.tx(async (tx) => {
    if (!(await settleAsked(tx, { ...input, nowMs }))) return;
    const { state } = input.word;
    await recordEvents(tx, [eventOf(`proxy.${state}`, { ...input, code: input.code, nowMs })]);
  });
}

/** The value of a proxy is the customer's secret from everybody who reads events: the subject is the customer, the kind tells the rest. */
function eventOf(
  kind: string,
  of: {
    readonly customerId: string;
    readonly kind: string;
    readonly operation: ProxyOperation;
    readonly code?: string | undefined;
    readonly nowMs: number;
  },
) {
  const { customerId, operation, code, nowMs } = of;
  return {
    atMs: nowMs,
    kind,
    subject: customerId,
    data: { proxyType: of.kind, operation, code },
  };
}

/** The customer's own number with us stands for the national id, which Pulih does not keep. [own] */
function secondIdOf(customerId: string): SecondId {
  return { type: '99', value: customerId };
}
