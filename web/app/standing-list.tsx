import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { go } from '../ui/router.ts';
import { fill } from './draft.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark } from './payment-row.tsx';
import { ScreenHead } from './screen-head.tsx';
import { STANDING_WORDS } from './standing-words.ts';
import type { StandingList, StandingOrder } from './wire.ts';

/** Every standing order of the customer, newest first, with its state and what comes next. */
export function StandingListScreen() {
  const w = words(STANDING_WORDS);
  const { state, reload } = useLoad<StandingList>('/standing-orders');
  const orders = state.value.data?.orders;
  const makeOne = (
    <Button
      isWide={orders !== undefined && orders.length > 0}
      onPress={() => {
        fill({ isLater: true });
        go('/transfer');
      }}
    >
      {w.makeOne}
    </Button>
  );
  return (
    <div class="body">
      <ScreenHead title={w.listTitle} backTo="/more" />
      <StaleNotice state={state.value} />
      {!orders ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : orders.length === 0 ? (
        <EmptyState icon="calendar" title={w.empty} action={makeOne}>
          {w.emptyWhy}
        </EmptyState>
      ) : (
        <>
          <ul class="rows">
            {orders.map((order) => (
              <li key={order.id}>
                <StandingRow order={order} />
              </li>
            ))}
          </ul>
          {makeOne}
        </>
      )}
    </div>
  );
}

function StandingRow(props: { readonly order: StandingOrder }) {
  const { order } = props;
  const w = words(STANDING_WORDS);
  return (
    <a class="row" href={`#/standing/${order.id}`}>
      <span class="row-icon">
        <Icon name="calendar" size={20} />
      </span>
      <span class="row-lines">
        <span class="row-line">
          <span class="row-name">{order.payee.name}</span>
          <span class="row-amount">
            <Money amount={order.amount} />
          </span>
        </span>
        <span class="row-time">{order.next ? w.next(order.next) : order.when}</span>
        <StatusMark status={order.status} />
      </span>
    </a>
  );
}
