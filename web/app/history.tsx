import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { showDate } from '../ui/format.ts';
import { language, words } from '../ui/language.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { PaymentRow } from './payment-row.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { History, Payment } from './wire.ts';
import { APP_WORDS } from './words.ts';

type Filter = 'all' | 'open' | 'out' | 'in';
const FILTERS: readonly Filter[] = ['all', 'open', 'out', 'in'];
const filter = signal<Filter>('all');

/** Riwayat: own payments by day, newest first, with their true status. */
export function HistoryScreen() {
  const w = words(APP_WORDS);
  const { state, reload } = useLoad<History>('/payments');
  const older = useSignal<readonly Payment[]>([]);
  const nextBeforeMs = useSignal<number | undefined>(undefined);
  const isBusy = useSignal(false);
  useEffect(() => {
    older.value = [];
    nextBeforeMs.value = state.value.data?.nextBeforeMs;
  }, [state.value.data]);

  const loadMore = async (): Promise<void> => {
    isBusy.value = true;
    const result = await call<History>(`/payments?beforeMs=${nextBeforeMs.value}`);
    isBusy.value = false;
    if (!result.ok) return;
    older.value = [...older.value, ...result.value.payments];
    nextBeforeMs.value = result.value.nextBeforeMs;
  };
  const payments = [...(state.value.data?.payments ?? []), ...older.value];
  const shown = payments.filter((payment) => passes(payment, filter.value));
  return (
    <div class="body">
      <ScreenHead title={w.historyTitle} />
      <StaleNotice state={state.value} />
      <div class="segments segments-wide" role="group" aria-label={w.filter}>
        {FILTERS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={filter.value === each}
            onClick={() => (filter.value = each)}
          >
            {w.filters[each]}
          </button>
        ))}
      </div>
      {!state.value.data ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : (
        <>
          {shown.length === 0 &&
            (payments.length === 0 ? (
              <EmptyState icon="history" title={w.historyEmpty}>
                {w.historyEmptyWhy}
              </EmptyState>
            ) : (
              <EmptyState icon="search" title={w.historyFilteredEmpty}>
                {w.historyFilteredWhy}
              </EmptyState>
            ))}
          {byDay(shown).map(([day, list]) => (
            <section key={day} class="block">
              <h2 class="day">{day}</h2>
              <ul class="rows">
                {list.map((payment) => (
                  <li key={payment.id}>
                    <PaymentRow payment={payment} />
                  </li>
                ))}
              </ul>
            </section>
          ))}
          {nextBeforeMs.value !== undefined && (
            <Button kind="quiet" isWide isBusy={isBusy.value} onPress={() => void loadMore()}>
              {w.loadMore}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function passes(payment: Payment, by: Filter): boolean {
  switch (by) {
    case 'all':
      return true;
    case 'open':
      return !payment.isFinal;
    default:
      return payment.direction === by;
  }
}

function byDay(payments: readonly Payment[]): readonly (readonly [string, readonly Payment[]])[] {
  const days = Map.groupBy(payments, (payment) => showDate(payment.madeAtMs, language.value));
  return [...days];
}
