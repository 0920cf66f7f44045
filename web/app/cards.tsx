import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { showToast } from '../ui/toast.tsx';
import { CARD_WORDS } from './card-words.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark } from './payment-row.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { Card, CardList } from './wire.ts';
import { APP_WORDS } from './words.ts';

const REASONS = ['blocked', 'lost', 'stolen'] as const;

/** Every card of the customer with its state, and the block that takes effect at once. */
export function CardsScreen() {
  const w = words(CARD_WORDS);
  const { state, reload } = useLoad<CardList>('/cards');
  const asked = useSignal<Card | undefined>(undefined);
  const cards = state.value.data?.cards;
  return (
    <div class="body">
      <ScreenHead title={w.listTitle} backTo="/more" />
      <StaleNotice state={state.value} />
      {!cards ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : cards.length === 0 ? (
        <EmptyState icon="card" title={w.empty}>
          {w.emptyWhy}
        </EmptyState>
      ) : (
        cards.map((card) => (
          <CardPanel key={card.id} card={card} onBlock={() => (asked.value = card)} />
        ))
      )}
      {asked.value && (
        <BlockDialog
          card={asked.value}
          onClose={() => {
            asked.value = undefined;
            void reload();
          }}
        />
      )}
    </div>
  );
}

function CardPanel(props: { readonly card: Card; readonly onBlock: () => void }) {
  const w = words(CARD_WORDS);
  const { card } = props;
  return (
    <section class="card stack" aria-label={shown(card.number)}>
      <p class="card-number">{shown(card.number)}</p>
      <StatusMark
        status={{
          label: w.states[card.state],
          tone: card.state === 'active' ? 'good' : 'bad',
        }}
      />
      <dl class="facts">
        <div>
          <dt>{w.account}</dt>
          <dd>{card.account}</dd>
        </div>
        <div>
          <dt>{w.goodThrough}</dt>
          <dd>{card.goodThrough}</dd>
        </div>
      </dl>
      {card.canBlock && (
        <Button kind="danger" isWide onPress={props.onBlock}>
          {w.block}
        </Button>
      )}
    </section>
  );
}

function BlockDialog(props: { readonly card: Card; readonly onClose: () => void }) {
  const w = words(CARD_WORDS);
  const app = words(APP_WORDS);
  const isBusy = useSignal(false);
  const reason = useSignal<(typeof REASONS)[number]>('blocked');
  const problem = useSignal<string | undefined>(undefined);
  const block = async (): Promise<void> => {
    isBusy.value = true;
    const body = { reason: reason.value };
    const result = await call<Card>(`/cards/${props.card.id}/block`, { body });
    isBusy.value = false;
    if (result.ok) {
      showToast(w.blocked);
      props.onClose();
    } else problem.value = result.kind === 'offline' ? w.notBlocked : result.problem.title;
  };
  return (
    <Dialog
      isOpen
      title={w.blockTitle}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <>
          <Button kind="danger" isWide isBusy={isBusy.value} onPress={() => void block()}>
            {w.block}
          </Button>
          <Button kind="plain" isWide onPress={props.onClose}>
            {w.keep}
          </Button>
        </>
      }
    >
      <div class="stack">
        {problem.value && (
          <Notice state="stopped" title={problem.value} isUrgent>
            <p>{app.notLoadedWhy}</p>
          </Notice>
        )}
        <p class="card-number">{shown(props.card.number)}</p>
        <p>{w.blockLead}</p>
        <fieldset class="routes">
          <legend>{w.why}</legend>
          {REASONS.map((each) => (
            <label key={each} class="route">
              <input
                type="radio"
                name="reason"
                checked={reason.value === each}
                onChange={() => (reason.value = each)}
              />
              <span>{w.reasons[each]}</span>
            </label>
          ))}
        </fieldset>
      </div>
    </Dialog>
  );
}

/** In groups of four, as it stands on the card. */
function shown(number: string): string {
  return number.replaceAll('*', '•').replaceAll(/(.{4})(?=.)/g, '$1 ');
}
