import { nowMs } from '../ui/clock.ts';
import { showClock, showDate } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { language, words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { StateShape, type ServiceState } from '../ui/state-mark.tsx';
import type { Payment } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** The ground and colour of a payment's tone. A payment that ended without success and without loss has no state colour. */
export function toneState(tone: string): ServiceState | 'ended' {
  return tone === 'good'
    ? 'normal'
    : tone === 'waiting'
      ? 'watched'
      : tone === 'bad'
        ? 'stopped'
        : 'ended';
}

/** Shape and word of a payment's status, the same shapes as everywhere. */
export function StatusMark(props: {
  readonly status: Pick<Payment['status'], 'label' | 'tone'>;
  readonly size?: number;
}) {
  const state = toneState(props.status.tone);
  const size = props.size ?? 10;
  return (
    <span class={`row-status state-${state}`}>
      {state === 'ended' ? (
        <Icon name="returned" size={size + 4} />
      ) : (
        <StateShape state={state} size={size} />
      )}
      {props.status.label}
    </span>
  );
}

/** One payment in a list: who, when, its true status, how much. `isDated`: the list has no headings by day. */
export function PaymentRow(props: { readonly payment: Payment; readonly isDated?: boolean }) {
  const { payment } = props;
  const isIn = payment.direction === 'in';
  const isMoved = payment.status.tone === 'good' || payment.status.tone === 'waiting';
  const w = words(APP_WORDS);
  const today = showDate(nowMs.value, language.value);
  const date = showDate(payment.madeAtMs, language.value);
  const when = props.isDated && date !== today ? date : showClock(payment.madeAtMs);
  return (
    <a class="row" href={`#/payment/${payment.id}`}>
      <span class={`row-icon${isIn ? ' row-in' : ''}`}>
        <Icon name={isIn ? 'incoming' : 'outgoing'} size={20} />
      </span>
      <span class="row-lines">
        <span class="row-line">
          <span class="row-name">
            <span class="for-ears">{isIn ? w.fromWho : w.to} </span>
            {payment.counterparty.name}
          </span>
          <span
            class={`row-amount${isIn && isMoved ? ' row-plus' : ''}${isMoved ? '' : ' row-void'}`}
          >
            <Money amount={payment.amount} sign={isIn ? '+' : '−'} />
          </span>
        </span>
        <span class="row-line">
          <StatusMark status={payment.status} />
          <time class="row-time" dateTime={new Date(payment.madeAtMs).toISOString()}>
            {when}
          </time>
        </span>
      </span>
    </a>
  );
}
