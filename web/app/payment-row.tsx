import { words } from '../ui/language.ts';
import { Icon } from '../ui/icon.tsx';
import { Money } from '../ui/money.tsx';
import { StateShape, type ServiceState } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import type { Payment } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** The shape that a payment's tone is drawn with: the same shapes as everywhere, always beside the word. */
export function toneState(tone: string): ServiceState {
  return tone === 'good' ? 'normal' : tone === 'waiting' ? 'watched' : tone === 'bad' ? 'stopped' : 'unknown';
}

/** One payment in a list: who, when, its true status, how much. */
export function PaymentRow(props: { readonly payment: Payment }) {
  const { payment } = props;
  const isIn = payment.direction === 'in';
  const isMoved = payment.status.tone === 'good' || payment.status.tone === 'waiting';
  const w = words(APP_WORDS);
  return (
    <a class="row" href={`#/payment/${payment.id}`}>
      <span class={`row-icon${isIn ? ' row-in' : ''}`}><Icon name={isIn ? 'incoming' : 'outgoing'} size={20} /></span>
      <span class="row-text">
        <span class="row-name"><span class="for-ears">{isIn ? w.fromWho : w.to} </span>{payment.counterparty.name}</span>
        <span class={`row-status state-${toneState(payment.status.tone)}`}><StateShape state={toneState(payment.status.tone)} size={10} />{payment.status.label}</span>
      </span>
      <span class="row-end">
        <span class={`row-amount${isIn && isMoved ? ' row-plus' : ''}${isMoved ? '' : ' row-void'}`}><Money amount={payment.amount} sign={isIn ? '+' : '−'} /></span>
        <span class="row-time"><Time atMs={payment.madeAtMs} /></span>
      </span>
    </a>
  );
}
