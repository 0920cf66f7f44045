import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Time } from '../ui/time.tsx';
import { isBalanceHidden } from './hidden.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { Statement } from './wire.ts';
import { APP_WORDS } from './words.ts';

type Entry = Statement['entries'][number];

/** Mutasi: every movement of one account, as the ledger has it. */
export function StatementScreen(props: { readonly number: string }) {
  const w = words(APP_WORDS);
  const address = `/accounts/${encodeURIComponent(props.number)}/statement`;
  const { state, reload } = useLoad<Statement>(address);
  const older = useSignal<readonly Entry[]>([]);
  const nextAfterId = useSignal<string | undefined>(undefined);
  const archivedBefore = useSignal<string | undefined>(undefined);
  useEffect(() => {
    older.value = [];
    nextAfterId.value = state.value.data?.nextAfterId;
    archivedBefore.value = state.value.data?.archivedBefore;
  }, [state.value.data]);
  const loadMore = async (): Promise<void> => {
    const result = await call<Statement>(`${address}?afterId=${nextAfterId.value}`);
    if (!result.ok) return;
    older.value = [...older.value, ...result.value.entries];
    nextAfterId.value = result.value.nextAfterId;
    archivedBefore.value = result.value.archivedBefore;
  };
  const entries = [...(state.value.data?.entries ?? []), ...older.value];
  return (
    <div class="body">
      <ScreenHead title={`${w.statement} ${props.number}`} backTo="/" />
      <StaleNotice state={state.value} />
      {!state.value.data ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : entries.length === 0 ? (
        <EmptyState icon="history" title={w.statementEmpty}>
          {w.statementEmptyWhy}
        </EmptyState>
      ) : (
        <ul class="rows">
          {entries.map((entry) => (
            <li key={entry.id}>
              <Line entry={entry} />
            </li>
          ))}
        </ul>
      )}
      {archivedBefore.value !== undefined && (
        <p class="row-time">{w.statementArchived(archivedBefore.value)}</p>
      )}
      {nextAfterId.value !== undefined && (
        <Button kind="quiet" isWide onPress={() => void loadMore()}>
          {w.loadMore}
        </Button>
      )}
    </div>
  );
}

function Line(props: { readonly entry: Entry }) {
  const { entry } = props;
  const amount = amountSen(entry.amount);
  return (
    <div class="row row-flat">
      <span class="row-text">
        <span class="row-name">{entry.label}</span>
        <span class="row-time">
          <Time atMs={entry.atMs} />
        </span>
        {entry.balance && !isBalanceHidden.value && (
          <span class="row-time">{words(APP_WORDS).balanceAfter(showMoney(entry.balance))}</span>
        )}
      </span>
      <span class={`row-amount${amount > 0n ? ' row-plus' : ''}`}>
        <span class="money">
          {(amount > 0n ? '+' : '−') + showMoney(amount < 0n ? -amount : amount)}
        </span>
      </span>
    </div>
  );
}
