import { useEffect } from 'preact/hooks';
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { Time } from '../ui/time.tsx';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { Messages } from './wire.ts';
import { STANDING_WORDS } from './standing-words.ts';
import { APP_WORDS } from './words.ts';

/** Messages about the customer's payments; opening the screen marks them read at the bank, "new" stays until one leaves. */
export function MessagesScreen() {
  const w = words(APP_WORDS);
  const { state, reload } = useLoad<Messages>('/messages');
  const messages = state.value.data?.messages;
  useEffect(() => {
    if (messages?.some((message) => !message.isRead)) void call('/messages/read', { body: {} });
  }, [messages]);
  return (
    <div class="body">
      <ScreenHead title={w.messagesTitle} backTo="/more" />
      <StaleNotice state={state.value} />
      {!messages ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : messages.length === 0 ? (
        <EmptyState icon="bell" title={w.messagesEmpty}>
          {w.messagesEmptyWhy}
        </EmptyState>
      ) : (
        <ul class="rows">
          {messages.map((message) => (
            <li key={message.id} class="message">
              <p class="message-head">
                <b>{message.title}</b>
                {!message.isRead && <span class="badge">{w.newMessage}</span>}
                <span class="row-time">
                  <Time atMs={message.atMs} />
                </span>
              </p>
              <p class="message-body">{message.body}</p>
              {message.paymentId && <a href={`#/payment/${message.paymentId}`}>{w.openPayment}</a>}
              {message.standingOrderId && !message.paymentId && (
                <a href={`#/standing/${message.standingOrderId}`}>
                  {words(STANDING_WORDS).openOrder}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
