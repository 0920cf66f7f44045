/** What customers do over the switch in a drill: our cards at other banks' machines, transfers and QRIS both ways. A transfer is made as the
 * app makes it: the name first, then the ways side by side, then the one that was chosen; what the app said of the ways is noted. */
import type { SwitchKind, TrafficResult } from '../../../sim/customer/measure.ts';
import type { TrafficItem } from '../../../sim/customer/traffic.ts';
import { peerMerchant } from '../../../sim/switch/peers.ts';
import type { OutgoingResult } from '../../../sim/switch/outgoing.ts';
import { canonicalJson, sha256 } from '../../kernel/canonical.ts';
import { sen } from '../../kernel/money.ts';
import type { Time } from '../../kernel/time.ts';
import type { PaymentEngine, RouteOffer, TransferCommand } from '../../payment/port.ts';
import { codeOfBank } from '../../rail/switch/institution.ts';
import type { SwitchSide } from './switch-side.ts';
import type { DrillWorld } from './world.ts';

/** Shops of another bank that are paid. */
const SHOPS = 50;

/** What the app said before a customer confirmed a transfer over the switch. */
export interface WayShown {
  readonly atMs: number;
  /** It is closed with a reason, or the app says how many of the last quarter of an hour got no answer. */
  readonly isTold: boolean;
  /** The other way is open, beside it. */
  readonly hasOther: boolean;
}

export interface SwitchOffers {
  readonly offer: (item: TrafficItem, kind: SwitchKind) => Promise<TrafficResult>;
  readonly shown: readonly WayShown[];
}

interface Ports {
  readonly time: Time;
  readonly engine: PaymentEngine;
  readonly side: SwitchSide;
  /** Cards that others use: the first so many. */
  readonly takenCards: number;
}

/** Makes them. */
export function openSwitchOffers(
  world: Pick<DrillWorld, 'time' | 'cores' | 'customers'>,
  of: Pick<Ports, 'side' | 'takenCards'>,
): SwitchOffers {
  const shown: WayShown[] = [];
  const ids = new Map(world.customers.map(({ id, account }) => [account, id]));
  return {
    shown,
    async offer(item, kind) {
      if (!world.cores) return { outcome: 'no_answer' };
      const ports = { ...of, time: world.time, engine: world.cores.engine };
      const customerId = ids.get(item.account)!; // items are drawn from these accounts
      switch (kind) {
        case 'cash':
          return resultOf(await drawCash(ports, item));
        case 'switch_in':
          return resultOf(await sendHere(ports, item));
        case 'qris_in':
          return resultOf(await payOurShop(ports, item));
        case 'switch_out':
          return transfer(ports, { item, customerId, shown });
        case 'qris_out':
          return payTheirShop(ports, { item, customerId });
      }
    },
  };
}

function drawCash({ side, takenCards }: Ports, item: TrafficItem): Promise<OutgoingResult> {
  const free = side.cards.slice(takenCards);
  const card = free[item.number % free.length]!;
  return side.outside.withdraw({ bank: bankOf(item), card, amountSen: item.amountSen });
}

function sendHere({ side }: Ports, item: TrafficItem): Promise<OutgoingResult> {
  return side.outside.transfer({
    bank: bankOf(item),
    fromAccount: item.otherAccount,
    toAccount: item.account,
    amountSen: item.amountSen,
  });
}

function payOurShop({ side }: Ports, item: TrafficItem): Promise<OutgoingResult> {
  return side.outside.payMerchant({
    bank: bankOf(item),
    merchantPan: side.shop.pan,
    merchantId: side.shop.id,
    merchantName: side.shop.name,
    fromAccount: item.otherAccount,
    amountSen: item.amountSen,
  });
}

interface Wanted {
  readonly item: TrafficItem;
  readonly customerId: string;
}

async function transfer(
  { time, engine }: Ports,
  { item, customerId, shown }: Wanted & { readonly shown: WayShown[] },
): Promise<TrafficResult> {
  const creditorBank = item.otherBank!; // every item over the switch has one
  const amount = sen(item.amountSen);
  const named = await engine.checkName({
    bank: creditorBank,
    account: item.otherAccount,
    amount,
    route: 'switch',
  });
  const asked = { debitAccount: item.account, creditorBank, amount };
  const offers = await engine.offers({ channel: 'mobile', ...asked });
  const chosen = offers.find(({ route }) => route === 'switch')!; // both ways are always there
  shown.push(wayOf(offers, { chosen, atMs: time.now() }));
  if (named.found !== true) return { outcome: 'refused', code: 'no_name' };
  if (!chosen.quote.open) return { outcome: 'refused', code: chosen.quote.reason };
  return submit(engine, {
    ...asked,
    atMs: time.now(),
    number: item.number,
    customerId,
    creditorAccount: item.otherAccount,
    creditorName: named.name,
    route: 'switch',
    confirmedFeeSen: chosen.quote.feeSen,
  });
}

function wayOf(
  offers: readonly RouteOffer[],
  { chosen, atMs }: { readonly chosen: RouteOffer; readonly atMs: number },
): WayShown {
  const { definitePercent = 100 } = chosen.health;
  return {
    atMs,
    isTold: !chosen.quote.open || definitePercent < 100,
    hasOther: offers.some((one) => one !== chosen && one.quote.open),
  };
}

async function payTheirShop(
  { time, engine, side }: Ports,
  { item, customerId }: Wanted,
): Promise<TrafficResult> {
  const code = bankOf(item);
  const peer = side.outside.peers.find((one) => one.code === code)!; // BANKS and the switch's peers are the same
  const creditorAccount = peerMerchant(peer, 1 + (item.number % SHOPS));
  const asked = {
    debitAccount: item.account,
    creditorBank: item.otherBank!,
    creditorAccount,
    amount: sen(item.amountSen),
    qris: {
      acquirer: peer.nns,
      tipSen: sen(0n),
      criteria: 'UMI',
      city: 'BANDUNG',
      nmid: 'ID1020000000456',
      merchantId: '000000000000456',
      terminalLabel: 'K02',
      referenceLabel: '',
      billNumber: '',
    },
  };
  const quote = await engine.quote({ channel: 'mobile', ...asked });
  if (!quote.open) return { outcome: 'refused', code: quote.reason };
  return submit(engine, {
    ...asked,
    atMs: time.now(),
    number: item.number,
    customerId,
    creditorName: 'TOKO SIMULASI',
    confirmedFeeSen: quote.feeSen,
  });
}

/** As the app does once the PIN was right. */
async function submit(
  engine: PaymentEngine,
  of: Omit<TransferCommand, 'channel' | 'key' | 'requestHash' | 'remark' | 'proof'> & {
    readonly atMs: number;
    readonly number: number;
    readonly customerId: string;
  },
): Promise<TrafficResult> {
  const { atMs, number, ...asked } = of;
  const plain = { ...asked, amount: String(asked.amount), confirmedFeeSen: '', qris: '' };
  const result = await engine.submit({
    ...asked,
    channel: 'mobile',
    key: `mobile:${asked.customerId}:drill-${number}`,
    requestHash: sha256(canonicalJson(plain)),
    remark: '',
    proof: { kind: 'session', session: asked.customerId, device: 'phone', pinAtMs: atMs },
  });
  return result.ok ? { outcome: 'accepted' } : { outcome: 'refused', code: result.reason };
}

function bankOf({ otherBank }: TrafficItem): string {
  return codeOfBank(otherBank!)!; // the other banks of a drill stand behind the switch too
}

function resultOf(asked: OutgoingResult): TrafficResult {
  switch (asked.outcome) {
    case 'approved':
      return { outcome: 'accepted' };
    case 'declined':
      return { outcome: 'refused', code: `RC${asked.rc}` };
    case 'not_sent':
      return { outcome: 'refused', code: 'no_line' };
    case 'unknown':
      return { outcome: 'no_answer' };
  }
}
