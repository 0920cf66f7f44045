/** The bank's merchants for its own people: found, looked at, their codes and sales. Reads only: what staff do is merchant-desk.ts, and a
 * merchant is suspended by a restriction of what it may take (`/stops` with its NMID), which one person places and two lift (I5). */
import type { FastifyInstance } from 'fastify';
import type { Restriction } from '../../gate/restriction.ts';
import { maskAccount } from '../../kernel/log.ts';
import { wibDate } from '../../kernel/time.ts';
import { codePng, codeSvg } from '../../merchant/picture.ts';
import type { Merchant } from '../../merchant/port.ts';
import { isRefundable, leftOf } from '../../payment/sale/decide-refund.ts';
import { SALES_MAX } from '../../payment/sale/port.ts';
import type { Sale, SaleTotals } from '../../payment/sale/store.ts';
import { readerLanguage } from '../session/require.ts';
import type { ConsoleInput } from './port.ts';
import { refuse } from './refuse.ts';
import {
  MerchantCodeParams,
  MerchantCodeQuery,
  MerchantParams,
  MerchantsQuery,
  type MerchantCodeForm,
  type MerchantCodeInput,
  type MerchantInput,
  type MerchantsInput,
} from './schema.ts';

const MONTH_MS = 30 * 86_400_000;

type Input = Pick<ConsoleInput, 'merchants' | 'sales' | 'holder' | 'time'>;

/** Puts them on the console API: `/merchants`, `/merchants/:id`, `/merchants/:id/codes/:terminal`. */
export function registerMerchants(app: FastifyInstance, input: Input): void {
  const { merchants, sales, time } = input;
  app.get('/merchants', { schema: { querystring: MerchantsQuery } }, async (request) => {
    const { text = '', after = '' } = request.query as MerchantsInput;
    const page = await merchants.search({ text: text.trim(), afterId: after });
    const totals = await totalsOf(input, page.merchants);
    return {
      atMs: time.now(),
      hasMore: page.hasMore,
      merchants: page.merchants.map((one) => showMerchant(input, one, totals.get(one.id))),
    };
  });
  app.get('/merchants/:id', { schema: { params: MerchantParams } }, async (request, reply) => {
    const merchant = await merchants.find((request.params as MerchantInput).id);
    if (!merchant)
      return refuse(reply, { code: 'merchant_not_found', language: readerLanguage(request) });
    const [totals, sold] = await Promise.all([
      totalsOf(input, [merchant]),
      sales.list({ merchantId: merchant.id, sinceMs: time.now() - MONTH_MS }),
    ]);
    return {
      atMs: time.now(),
      ...showMerchant(input, merchant, totals.get(merchant.id)),
      account: maskAccount(merchant.settlementAccount),
      category: merchant.category,
      postalCode: merchant.postalCode,
      partner: merchant.partnerId ?? null,
      terminals: merchant.terminals,
      sales: sold.map(showSale),
      hasMore: sold.length >= SALES_MAX,
    };
  });
  app.get(
    '/merchants/:id/codes/:terminal',
    { schema: { params: MerchantCodeParams, querystring: MerchantCodeQuery } },
    async (request, reply) => {
      const { id, terminal } = request.params as MerchantCodeInput;
      const { form } = request.query as MerchantCodeForm;
      const payload = await merchants.staticCode({ merchantId: id, terminal });
      if (payload === undefined)
        return refuse(reply, { code: 'merchant_not_found', language: readerLanguage(request) });
      return form === 'png'
        ? reply.type('image/png').send(codePng(payload))
        : reply.type('image/svg+xml').send(codeSvg(payload));
    },
  );
}

async function totalsOf(
  { sales, time }: Input,
  merchants: readonly Merchant[],
): Promise<ReadonlyMap<string, SaleTotals>> {
  if (merchants.length === 0) return new Map();
  const sinceMs = Date.parse(`${wibDate(time.now())}T00:00:00+07:00`);
  const found = await sales.totals({ merchantIds: merchants.map(({ id }) => id), sinceMs });
  return new Map(found.map((one) => [one.merchantId, one]));
}

function showMerchant(input: Input, merchant: Merchant, totals: SaleTotals | undefined) {
  const { id, name, city, nmid, merchantClass } = merchant;
  return {
    id,
    name,
    city,
    nmid,
    merchantClass,
    today: { count: totals?.count ?? 0, amountSen: String(totals?.amountSen ?? 0n) },
    pendingSen: String(totals?.pendingSen ?? 0n),
    refundedTodaySen: String(totals?.refundedSen ?? 0n),
    closedAtMs: merchant.closedAtMs ?? null,
    restrictions: restrictionsOn(input, merchant),
  };
}

/** What is in force of restrictions that name this merchant or its account. */
function restrictionsOn({ holder }: Input, { nmid, settlementAccount }: Merchant) {
  return holder
    .current()
    .restrictions.filter(
      ({ scope }: Restriction) => scope.merchant === nmid || scope.account === settlementAccount,
    )
    .map(({ id, action, scope }) => ({ id, action: action.kind, scope }));
}

function showSale(sale: Sale) {
  return {
    id: sale.paymentId,
    madeAtMs: sale.madeAtMs,
    kind: sale.kind,
    state: sale.state,
    terminal: sale.terminal ?? null,
    bank: sale.network?.bank ?? null,
    amountSen: String(sale.amountSen),
    discountSen: String(sale.mdrSen),
    refundedSen: String(sale.refundedSen),
    leftSen: String(leftOf(sale)),
    canRefund: isRefundable(sale) && leftOf(sale) > 0n,
  };
}
