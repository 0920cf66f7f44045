import './shop.css';
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { nowMs } from '../ui/clock.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { amountSen, showMoment, showMoney } from '../ui/format.ts';
import { language, words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark } from './payment-row.tsx';
import { ScreenHead } from './screen-head.tsx';
import { RefundDialog } from './shop-refund.tsx';
import { SHOP_WORDS } from './shop-words.ts';
import type { Shop, ShopList, ShopSale } from './wire.ts';

/** Every merchant of the customer's: the day, what is on its way, the sales with their refunds, and the codes to print. */
export function ShopScreen() {
  const w = words(SHOP_WORDS);
  const { state, reload } = useLoad<ShopList>('/shops');
  const asked = useSignal<ShopSale | undefined>(undefined);
  const shops = state.value.data?.shops;
  return (
    <div class="body">
      <ScreenHead title={w.title} backTo="/more" />
      <StaleNotice state={state.value} />
      {!shops ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : shops.length === 0 ? (
        <EmptyState icon="qris" title={w.empty}>
          {w.emptyWhy}
        </EmptyState>
      ) : (
        shops.map((shop) => (
          <ShopPanel key={shop.id} shop={shop} onRefund={(sale) => (asked.value = sale)} />
        ))
      )}
      {asked.value && (
        <RefundDialog
          sale={asked.value}
          onClose={() => {
            asked.value = undefined;
            void reload();
          }}
        />
      )}
    </div>
  );
}

function ShopPanel(props: { readonly shop: Shop; readonly onRefund: (sale: ShopSale) => void }) {
  const { shop } = props;
  return (
    <>
      <DayPanel shop={shop} />
      <SalesPanel {...props} />
      <CodePanel shop={shop} />
    </>
  );
}

function DayPanel({ shop }: { readonly shop: Shop }) {
  const w = words(SHOP_WORDS);
  return (
    <section class="card stack" aria-label={shop.name}>
      <h2 class="card-title">{shop.name}</h2>
      <p class="small">
        {shop.city} · {w.nmid} {shop.nmid} · {w.account} {shop.account}
      </p>
      <p class="shop-today">
        <span class="small">
          {w.today} · {w.count(shop.today.count)}
        </span>
        <Money amount={shop.today.amount} />
      </p>
      <dl class="facts">
        <div>
          <dt>{w.discount}</dt>
          <dd>{showMoney(shop.today.discount)}</dd>
        </div>
        <div>
          <dt>{w.refunded}</dt>
          <dd>{showMoney(shop.refundedToday)}</dd>
        </div>
        <div>
          <dt>{w.pending}</dt>
          <dd>{showMoney(shop.pending.amount)}</dd>
        </div>
      </dl>
      {shop.pending.count > 0 && <p class="small">{w.pendingHelp(shop.pending.count)}</p>}
    </section>
  );
}

function SalesPanel(props: { readonly shop: Shop; readonly onRefund: (sale: ShopSale) => void }) {
  const w = words(SHOP_WORDS);
  const { sales, refundDays, hasMore } = props.shop;
  return (
    <section class="card stack" aria-label={w.sales}>
      <h2 class="card-title">{w.sales}</h2>
      <p class="small">{sales.length === 0 ? w.noSales : w.salesWithin(refundDays)}</p>
      <ul class="shop-sales">
        {sales.map((sale) => (
          <SaleRow key={sale.id} sale={sale} onRefund={() => props.onRefund(sale)} />
        ))}
      </ul>
      {hasMore && <p class="small">{w.newest}</p>}
    </section>
  );
}

const TONE = { settled: 'good', pending: 'waiting', checking: 'waiting', failed: 'bad' } as const;

function SaleRow(props: { readonly sale: ShopSale; readonly onRefund: () => void }) {
  const w = words(SHOP_WORDS);
  const { sale } = props;
  const when = { atMs: sale.madeAtMs, nowMs: nowMs.value, language: language.value };
  return (
    <li class="shop-sale">
      <span class="row-lines">
        <span class="row-line">
          <Money amount={sale.amount} />
          <time class="row-time" dateTime={new Date(sale.madeAtMs).toISOString()}>
            {showMoment(when)}
          </time>
        </span>
        <span class="row-line">
          <StatusMark status={{ label: w.states[sale.state], tone: TONE[sale.state] }} />
          <span class="small">
            {[
              sale.terminal,
              amountSen(sale.refunded) > 0n ? w.given(showMoney(sale.refunded)) : undefined,
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
      </span>
      {sale.canRefund && (
        <Button
          kind="plain"
          label={`${w.refund} ${showMoney(sale.amount)}`}
          onPress={props.onRefund}
        >
          {w.refund}
        </Button>
      )}
    </li>
  );
}

/** The codes at the till: printed once and paid for ever. Only the chosen one is printed. */
function CodePanel({ shop }: { readonly shop: Shop }) {
  const w = words(SHOP_WORDS);
  const chosen = useSignal(shop.terminals[0] ?? '');
  return (
    <section class="card stack shop-code" aria-label={w.codes}>
      <h2 class="card-title">{w.codes}</h2>
      {shop.terminals.length > 1 && (
        <div class="segments" role="group" aria-label={w.codes}>
          {shop.terminals.map((terminal) => (
            <button
              key={terminal}
              type="button"
              aria-pressed={chosen.value === terminal}
              onClick={() => (chosen.value = terminal)}
            >
              {w.codeOf(terminal)}
            </button>
          ))}
        </div>
      )}
      <figure class="shop-print">
        <figcaption>
          <b>{shop.name}</b>
          <span>
            {w.nmid} {shop.nmid} · {chosen.value}
          </span>
        </figcaption>
        <img
          src={`/app/api/shops/${shop.id}/codes/${chosen.value}`}
          alt={w.codeAlt(shop.name, chosen.value)}
          width="240"
          height="240"
        />
        <span>{w.printLead}</span>
      </figure>
      <Button kind="quiet" isWide onPress={() => print()}>
        {w.print}
      </Button>
    </section>
  );
}
