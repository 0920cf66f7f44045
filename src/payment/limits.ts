/** The limits of a customer and how the ledger counts them: per customer and WIB day, and per customer in a sliding window, over all
 * rails and channels that have limits, so that nobody gets a day's limit twice by changing the rail. Pure. The values are versioned
 * rows of `setting`. */
import { throttleBounds, throttlesOf } from '../gate/action.ts';
import type { GateDecision } from '../gate/port.ts';
import { minuteOf } from '../gate/throttle.ts';
import { sha256 } from '../kernel/canonical.ts';
import { sen, type Sen } from '../kernel/money.ts';
import { wibDate } from '../kernel/time.ts';
import type { Counted, Counter, PostResult } from '../ledger/port.ts';
import type { NetworkDay } from '../risk/facts.ts';
import type { BulkTerms, GrantTerms, MerchantTerms, PartnerDay } from './port.ts';
import type { PaymentSettings } from './settings.ts';
import type { TransferKind } from './port.ts';
import { NO_LIMIT } from './settings.ts';

type Channel = 'snap' | 'mobile' | 'synthetic' | 'console';

/** A day's bounds, and how many payments a window takes. `NO_LIMIT` does not bind. */
export interface Limits {
  readonly dailySen: bigint;
  readonly dailyCount: bigint;
  readonly velocity: bigint;
}

/** What the ledger counted so far. */
export interface Spending {
  readonly sentSen: bigint;
  readonly count: number;
  readonly windowCount: number;
  /** Of the network's own day, where it has one, beside the customer's. */
  readonly network?: NetworkDay;
}

/** Where a payment counts. */
export interface Spender {
  readonly customer: string;
  readonly channel: Channel;
  readonly kind: TransferKind | 'bill';
  /** WIB. */
  readonly day: string;
  readonly bulk?: BulkTerms | undefined;
}

/** The ledger keeps so many instants in one window; a higher limit binds here. */
const VELOCITY_MAX = 1_000n;

function countable(velocity: bigint): bigint {
  return velocity < NO_LIMIT && velocity > VELOCITY_MAX ? VELOCITY_MAX : velocity;
}

/** The limits of a channel, or of a company's lists. Synthetic payments carry small amounts of our own and have none. */
export function limitsOf(
  spender: Pick<Spender, 'channel' | 'bulk'>,
  settings: PaymentSettings,
): Limits {
  if (spender.bulk)
    return { dailySen: spender.bulk.dayMaxSen, dailyCount: NO_LIMIT, velocity: NO_LIMIT };
  switch (spender.channel) {
    case 'mobile':
    case 'console':
      return {
        dailySen: settings.mobileDailyLimitSen,
        dailyCount: settings.mobileDailyCount,
        velocity: countable(settings.mobileVelocityCount),
      };
    case 'snap':
      return {
        dailySen: settings.snapDailyLimitSen,
        dailyCount: settings.snapDailyCount,
        velocity: NO_LIMIT,
      };
    case 'synthetic':
      return { dailySen: NO_LIMIT, dailyCount: NO_LIMIT, velocity: NO_LIMIT };
  }
}

/** `prune_counters` in SQL knows this form. */
const dayKey = ({ customer, day, bulk }: Spender): string =>
  bulk ? `day|bulk:${customer}|${day}` : `day|${customer}|${day}`;
const switchDayKey = ({ customer, day }: Spender): string => `day|${customer}|switch|${day}`;
const qrisDayKey = ({ customer, day }: Spender): string => `day|${customer}|qris|${day}`;
const NETWORK_DAY = /\|(switch|qris)\|/;
const windowKey = ({ customer }: Spender): string => `window|${customer}`;

/** The counters of one payment; none where no limit binds, so that nothing is locked for nothing. A limit that is set during a day
 * counts from then on. */
export function countersOf(
  spender: Spender,
  input: { readonly amountSen: Sen; readonly settings: PaymentSettings },
): readonly Counter[] {
  const { dailySen, dailyCount, velocity } = limitsOf(spender, input.settings);
  const counters: Counter[] = [];
  if (dailySen < NO_LIMIT || dailyCount < NO_LIMIT)
    counters.push({
      kind: 'spend',
      key: dayKey(spender),
      amount: input.amountSen,
      ...(dailySen < NO_LIMIT && { amountMax: dailySen }),
      ...(dailyCount < NO_LIMIT && { countMax: dailyCount }),
    });
  // The network's own limit, beside what a customer may send over all rails.
  if (spender.kind === 'switch_out' && spender.channel !== 'synthetic')
    counters.push({
      kind: 'spend',
      key: switchDayKey(spender),
      amount: input.amountSen,
      amountMax: input.settings.switchDailyLimitSen,
    });
  // Merchants and customers of other banks by their codes; what is paid within the bank counts as a transfer.
  if (spender.kind.startsWith('qris') && spender.channel !== 'synthetic')
    counters.push({
      kind: 'spend',
      key: qrisDayKey(spender),
      amount: input.amountSen,
      amountMax: input.settings.qrisDailyLimitSen,
    });
  if (velocity < NO_LIMIT)
    counters.push({
      kind: 'recent',
      key: windowKey(spender),
      windowMs: Number(input.settings.velocityWindowMs),
      countMax: Number(velocity),
    });
  return counters;
}

/** Separates the keys of the counters that a payment's refund gives back; no key holds one. */
const BETWEEN = '\n';

const GRANT_DAY = 'day|grant|';

/** The counter of a grant and WIB day; those of days long past are pruned by their form. */
export function grantDayKey(of: { readonly grantId: string; readonly day: string }): string {
  return `${GRANT_DAY}${of.grantId}|${of.day}`;
}

/** The counters of a partner's day by its contract and of what the payer lets it move, where there is one. Counted beside the customer's,
 * and given back with them. */
export function partnerCounters(input: {
  readonly partnerId?: string;
  readonly partnerDay?: PartnerDay;
  readonly grant?: GrantTerms;
  readonly day: string;
  readonly amountSen: Sen;
}): readonly Counter[] {
  const { partnerId, partnerDay, grant, day, amountSen } = input;
  const { amountMaxSen, countMax } = partnerDay ?? {};
  const counters: Counter[] = [];
  if (partnerId !== undefined && (amountMaxSen !== undefined || countMax !== undefined))
    counters.push({
      kind: 'spend',
      key: `day|partner:${partnerId}|${day}`,
      amount: amountSen,
      ...(amountMaxSen !== undefined && { amountMax: amountMaxSen }),
      ...(countMax !== undefined && { countMax }),
    });
  if (grant)
    counters.push({
      kind: 'spend',
      key: grantDayKey({ grantId: grant.id, day }),
      amount: amountSen,
      // What is above the most at once finds no room on any day.
      amountMax: amountSen > grant.limitSen ? 0n : grant.dayLimitSen,
    });
  return counters;
}

/** What a payment's row remembers of where it was counted; undefined for nowhere. */
export function countedInOf(counters: readonly Counter[]): string | undefined {
  const keys = counters.filter(({ kind }) => kind === 'spend').map(({ key }) => key);
  return keys.length === 0 ? undefined : keys.join(BETWEEN);
}

/** The counters that a refund of a payment gives back. */
export function countedKeys(countedIn: string | undefined): readonly string[] {
  return countedIn === undefined ? [] : countedIn.split(BETWEEN);
}

/** A dynamic QRIS code of ours counts to one, under the ledger's own lock: of all payments with it one passes, and one that is refused for
 * another reason leaves it unused. */
export function codeCounters(merchant: MerchantTerms | undefined): readonly Counter[] {
  return merchant?.code ? [codeCounter(merchant.code.id)] : [];
}

/** The one use of a dynamic code: by a payment, or by its cancellation. */
export function codeCounter(codeId: string): Counter {
  return { kind: 'spend', key: `code|${codeId}`, amount: sen(0n), countMax: 1n };
}

const THROTTLE = 'day|throttle:';

/** Counts a payment in the minute of every throttle that it falls under, in its own commit: exact over all cores. Not given back by a
 * refund: the minute is over. */
export function throttleCounters(
  gate: GateDecision,
  of: { readonly amountSen: Sen; readonly atMs: number },
): readonly Extract<Counter, { kind: 'spend' }>[] {
  return throttlesOf(gate).flatMap(({ id, action }) => {
    if (action.kind !== 'throttle') return [];
    const { count, amountSen } = throttleBounds(action);
    return [
      {
        kind: 'spend',
        key: `${THROTTLE}${id}:${minuteOf(of.atMs)}|${wibDate(of.atMs)}`,
        amount: of.amountSen,
        ...(amountSen !== undefined && { amountMax: amountSen }),
        ...(count !== undefined && { countMax: count }),
      },
    ];
  });
}

/** True for a refusal of the ledger because a throttle's minute is full. */
export function isThrottled(result: PostResult): boolean {
  return (
    !result.ok &&
    result.reason === 'limit_exceeded' &&
    result.counter?.startsWith(THROTTLE) === true
  );
}

/** True when the counter would not take the payment any more. */
export function isFull(
  counter: Extract<Counter, { kind: 'spend' }>,
  counted: Counted | undefined,
): boolean {
  const { amountMax, countMax } = counter;
  const { amountSen, count } = counted ?? { amountSen: 0n, count: 0n };
  return (
    (countMax !== undefined && count >= countMax) ||
    (amountMax !== undefined && amountSen + counter.amount > amountMax)
  );
}

const BILL_REPEAT = 'day|bill-repeat:';
const BILL_INQUIRY = 'day|bill-inquiry:';

/** What is counted for a bill beside its payer's limits: an inquiry pays once, and where the product wants it so, the same number
 * and amount within a window only when the payer confirmed it. A number is counted by its hash. Midnight forgives neither: an inquiry
 * counts on the day that it was made, a repeat on each day that its window touches. */
export function billCounters(of: {
  readonly inquiry: { readonly id: string; readonly madeAtMs: number };
  readonly product: string;
  readonly customerKey: string;
  readonly amountSen: bigint;
  readonly atMs: number;
  /** Absent: a repeat is fine, or was confirmed. */
  readonly repeatWindowMs?: number;
}): readonly Counter[] {
  const { inquiry, atMs, repeatWindowMs: windowMs } = of;
  const once: Counter = {
    kind: 'spend',
    key: `${BILL_INQUIRY}${inquiry.id}|${wibDate(inquiry.madeAtMs)}`,
    amount: sen(0n),
    countMax: 1n,
  };
  if (windowMs === undefined) return [once];
  const text = `${of.product}:${of.customerKey}:${of.amountSen}`;
  const number = sha256(text).toString('hex').slice(0, 32);
  const days = new Set([wibDate(atMs - windowMs), wibDate(atMs)]);
  const repeats = [...days].map((day): Counter => ({
    kind: 'recent',
    key: `${BILL_REPEAT}${number}|${day}`,
    windowMs,
    countMax: 1,
  }));
  return [once, ...repeats];
}

const REFUND = 'refund|';

/** All refunds of a sale together are at most the sale, under the ledger's own lock and over all processes (T7). One that fails gives its
 * share back. */
export function refundCounter(sale: {
  readonly paymentId: string;
  readonly saleSen: Sen;
  readonly amountSen: Sen;
}): Counter {
  const { paymentId, saleSen, amountSen } = sale;
  return { kind: 'spend', key: `${REFUND}${paymentId}`, amount: amountSen, amountMax: saleSen };
}

/** What a refused counter means to the payer. */
export function reasonOf(
  counterKey: string,
):
  | 'velocity'
  | 'above_daily_limit'
  | 'above_grant_limit'
  | 'code_used'
  | 'possible_duplicate'
  | 'inquiry_used'
  | 'throttled' {
  if (counterKey.startsWith(THROTTLE)) return 'throttled';
  if (counterKey.startsWith(GRANT_DAY)) return 'above_grant_limit';
  if (counterKey.startsWith('code|')) return 'code_used';
  if (counterKey.startsWith(BILL_REPEAT)) return 'possible_duplicate';
  if (counterKey.startsWith(BILL_INQUIRY)) return 'inquiry_used';
  return counterKey.startsWith('window|') ? 'velocity' : 'above_daily_limit';
}

/** What is counted under a payment's counters at an instant. */
export function spendingOf(
  counters: readonly Counter[],
  input: { readonly counted: ReadonlyMap<string, Counted>; readonly nowMs: number },
): Spending {
  let spending: Spending = { sentSen: 0n, count: 0, windowCount: 0 };
  for (const counter of counters) {
    const now = input.counted.get(counter.key);
    if (counter.kind === 'spend' && NETWORK_DAY.test(counter.key)) {
      const { amountMax: maxSen = NO_LIMIT } = counter;
      spending = { ...spending, network: { sentSen: now?.amountSen ?? 0n, maxSen } };
      continue;
    }
    if (!now) continue;
    if (counter.kind === 'spend')
      spending = { ...spending, sentSen: now.amountSen, count: Number(now.count) };
    if (counter.kind === 'recent') {
      const sinceMs = BigInt(input.nowMs - counter.windowMs);
      const windowCount = now.recentMs.filter((ms) => ms >= sinceMs).length;
      spending = { ...spending, windowCount };
    }
  }
  return spending;
}
