/** A merchant's own page: today's sales, what is pending, the printed codes, and the refund. The merchant is whoever owns the account that
 * its takings go to. What may be given back is decided behind the payment engine. */
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { DbFault } from '../../db/pool.ts';
import { sha256 } from '../../kernel/canonical.ts';
import { parseIdr } from '../../kernel/money.ts';
import { wibDate } from '../../kernel/time.ts';
import { codeSvg } from '../../merchant/picture.ts';
import type { Merchant } from '../../merchant/port.ts';
import { isRefundable, leftOf } from '../../payment/sale/decide-refund.ts';
import { SALES_MAX } from '../../payment/sale/port.ts';
import { isFinal } from '../../payment/state.ts';
import type { Sale, SaleTotals } from '../../payment/sale/store.ts';
import { sessionOf } from '../session/require.ts';
import { demandPin, PIN_RATE } from './consent.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import { KEY_PATTERN } from './schema.ts';
import { ShopCodeParams, ShopList, ShopRefund, ShopRefundBody, type Shop } from './schema-shop.ts';
import { selectAccountNumbers } from './store.ts';
import { wireAmount } from './view.ts';

const DAY_MS = 86_400_000;
/** Of a refund number: 128 bits of the request's key, whatever its length. */
const REFUND_DIGITS = 32;

/** Registers them. */
export function registerShop(scope: Scope, deps: MobileDeps): void {
  scope.get('/shops', { schema: { response: { 200: ShopList } } }, async (request) => {
    const merchants = await ownMerchants(deps, request);
    const nowMs = deps.time.now();
    const windowMs = await deps.sales.refundWindowMs();
    const merchantIds = merchants.map(({ id }) => id);
    const today = { merchantIds, sinceMs: Date.parse(`${wibDate(nowMs)}T00:00:00+07:00`) };
    const totals = merchants.length > 0 ? await deps.sales.totals(today) : [];
    const shops = await Promise.all(
      merchants.map(async (merchant) => {
        const asked = { merchantId: merchant.id, sinceMs: nowMs - windowMs };
        return showShop(merchant, {
          sales: await deps.sales.list(asked),
          totals: totals.find(({ merchantId }) => merchantId === merchant.id),
          refundDays: Math.floor(windowMs / DAY_MS),
        });
      }),
    );
    return { shops };
  });

  scope.get(
    '/shops/:id/codes/:terminal',
    { schema: { params: ShopCodeParams } },
    async (request, reply) => {
      const { id, terminal } = request.params;
      const merchants = await ownMerchants(deps, request);
      const isOwn = merchants.some((one) => one.id === id);
      const payload = isOwn
        ? await deps.merchants.staticCode({ merchantId: id, terminal })
        : undefined;
      if (payload === undefined) throw new Refused('not_found');
      return reply.type('image/svg+xml').send(codeSvg(payload));
    },
  );

  scope.post(
    '/shops/refunds',
    {
      config: { rateLimit: PIN_RATE },
      schema: {
        body: ShopRefundBody,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String()) }),
        response: { 200: ShopRefund },
      },
    },
    async (request) => {
      const key = request.headers['idempotency-key'];
      if (key === undefined || !new RegExp(KEY_PATTERN).test(key)) throw new Refused('key_missing');
      return giveBack(deps, { request, body: request.body, key });
    },
  );
}

async function giveBack(
  deps: MobileDeps,
  input: {
    readonly request: FastifyRequest;
    readonly body: Static<typeof ShopRefundBody>;
    readonly key: string;
  },
): Promise<Static<typeof ShopRefund>> {
  const { request, body, key } = input;
  const session = sessionOf(request);
  const [merchants, sale] = await Promise.all([
    ownMerchants(deps, request),
    deps.sales.find(body.saleId),
  ]);
  if (!sale || !merchants.some(({ id }) => id === sale.merchantId))
    throw new Refused('sale_not_found');
  const amountSen = parseIdr(body.amount.value);
  if (amountSen === undefined) throw new Refused('amount_not_positive');
  await demandPin(deps, { session, pin: body.pin });
  const result = await orUnknown(deps, sale.paymentId, () =>
    deps.sales.refund({
      saleId: sale.paymentId,
      merchantId: sale.merchantId,
      refundNumber: `app.${sha256(`${session.subject}:${key}`).toString('hex').slice(0, REFUND_DIGITS)}`,
      amountSen,
      reason: body.reason,
      channel: 'mobile',
      askedBy: session.subject,
    }),
  );
  if (!result.ok) throw new Refused(result.reason);
  const { refund, repeated } = result;
  return {
    id: refund.paymentId,
    amount: wireAmount(refund.amountSen),
    discountBack: wireAmount(refund.mdrSen),
    isFinal: isFinal(refund.state),
    isRepeat: repeated,
  };
}

/** A fault may come after the commit: nobody knows, and the same key may ask again (I2). */
async function orUnknown<T>(deps: MobileDeps, saleId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DbFault)) throw error;
    deps.log.error({ saleId, fault: error.name }, 'mobile.outcome_unknown');
    throw new Refused('outcome_unknown');
  }
}

async function ownMerchants(
  deps: MobileDeps,
  request: FastifyRequest,
): Promise<readonly Merchant[]> {
  const accounts = await selectAccountNumbers(deps.db, sessionOf(request).subject);
  return deps.merchants.ofAccounts(accounts);
}

function showShop(
  merchant: Merchant,
  of: {
    readonly sales: readonly Sale[];
    readonly totals: SaleTotals | undefined;
    readonly refundDays: number;
  },
): Static<typeof Shop> {
  const { id, name, city, nmid, terminals } = merchant;
  const { sales, totals } = of;
  return {
    id,
    name,
    city,
    nmid,
    account: merchant.settlementAccount,
    terminals: [...terminals],
    today: {
      count: totals?.count ?? 0,
      amount: wireAmount(totals?.amountSen ?? 0n),
      discount: wireAmount(totals?.mdrSen ?? 0n),
    },
    pending: {
      count: totals?.pendingCount ?? 0,
      amount: wireAmount(totals?.pendingSen ?? 0n),
      discount: wireAmount(totals?.pendingMdrSen ?? 0n),
    },
    refundedToday: wireAmount(totals?.refundedSen ?? 0n),
    refundDays: of.refundDays,
    sales: sales.map(showSale),
    hasMore: sales.length >= SALES_MAX,
  };
}

function showSale(sale: Sale) {
  const left = leftOf(sale);
  const state = stateOf(sale);
  return {
    id: sale.paymentId,
    madeAtMs: sale.madeAtMs,
    amount: wireAmount(sale.amountSen),
    discount: wireAmount(sale.mdrSen),
    refunded: wireAmount(sale.refundedSen),
    left: wireAmount(left),
    ...(sale.terminal !== undefined && { terminal: sale.terminal }),
    state,
    canRefund: isRefundable(sale) && left > 0n,
  };
}

function stateOf({ state }: Sale): 'settled' | 'pending' | 'checking' | 'failed' {
  if (state === 'settled') return 'settled';
  if (state === 'pending_credit') return 'pending';
  // A scanned code whose bank has not said yet.
  return isFinal(state) ? 'failed' : 'checking';
}
