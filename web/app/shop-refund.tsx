import { useSignal } from '@preact/signals';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { amountSen, groupDigits, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { showToast } from '../ui/toast.tsx';
import { newKey } from './in-flight.ts';
import { isPin, PinField } from './pin-field.tsx';
import { isUnsure, pinWayOut } from './pin-form.tsx';
import { call } from './session.ts';
import { SHOP_WORDS } from './shop-words.ts';
import type { ShopRefund, ShopSale } from './wire.ts';
import { APP_WORDS } from './words.ts';

const REASON_MAX = 100;

/** Gives a sale back. One key for as long as the dialog stands and the amount does not change, so that asking again after a lost answer never
 * gives back twice. */
export function RefundDialog(props: { readonly sale: ShopSale; readonly onClose: () => void }) {
  const w = words(SHOP_WORDS);
  const app = words(APP_WORDS);
  const { sale } = props;
  const left = amountSen(sale.left);
  const isWhole = left % 100n === 0n;
  const digits = useSignal('');
  const isAll = useSignal(false);
  const reason = useSignal('');
  const pin = useSignal('');
  const key = useSignal(newKey());
  const isBusy = useSignal(false);
  const isLost = useSignal(false);
  const amountError = useSignal<FieldError | undefined>(undefined);
  const pinError = useSignal<FieldError | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const wanted = isAll.value ? left : BigInt(digits.value === '' ? '0' : digits.value) * 100n;
  const refused = (told: Problem): void => {
    // A refusal is kept under its key: another try is another request.
    key.value = newKey();
    if (told.field === 'pin' || told.code === 'rate_limited')
      pinError.value = { rule: told.title, wayOut: pinWayOut(told, app) };
    else if (told.field === 'amount') amountError.value = { rule: told.title, wayOut: told.wayOut };
    else problem.value = told;
  };
  const give = async (): Promise<void> => {
    amountError.value = pinError.value = problem.value = undefined;
    if (wanted <= 0n || wanted > left) return void (amountError.value = { rule: w.amountRule });
    if (!isPin(pin.value)) return void (pinError.value = { rule: app.pinRule });
    isBusy.value = true;
    const value = `${wanted / 100n}.${String(wanted % 100n).padStart(2, '0')}`;
    const result = await call<ShopRefund>('/shops/refunds', {
      body: {
        saleId: sale.id,
        amount: { value, currency: 'IDR' },
        reason: reason.value,
        pin: pin.value,
      },
      headers: { 'idempotency-key': key.value },
    });
    isBusy.value = false;
    pin.value = '';
    isLost.value = !result.ok && (result.kind === 'offline' || isUnsure(result.problem));
    if (result.ok) {
      showToast(result.value.isFinal ? w.done(showMoney(result.value.amount)) : w.onItsWay);
      props.onClose();
    } else if (!isLost.value && result.kind !== 'offline') refused(result.problem);
  };
  return (
    <Dialog
      isOpen
      title={w.refundTitle}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <>
          <Button kind="danger" isWide isBusy={isBusy.value} onPress={() => void give()}>
            {isLost.value ? w.again : w.give(showMoney(wanted))}
          </Button>
          <Button kind="plain" isWide onPress={props.onClose}>
            {w.keep}
          </Button>
        </>
      }
    >
      <div class="stack">
        {isLost.value && (
          <Notice state="unknown" title={w.unsure} isUrgent>
            <p>{w.unsureWhy}</p>
          </Notice>
        )}
        {problem.value && (
          <Notice state="stopped" title={problem.value.title} isUrgent>
            <p>{problem.value.wayOut}</p>
          </Notice>
        )}
        <p>{w.refundLead(showMoney(sale.left))}</p>
        {sale.state === 'pending' && (
          <Notice state="watched" title={w.states.pending}>
            <p>{w.refundPending}</p>
          </Notice>
        )}
        <Field
          label={w.amount}
          name="amount"
          prefix="Rp"
          inputMode="numeric"
          maxLength={10}
          isReadOnly={isAll.value || isLost.value}
          value={isAll.value ? showMoney(left).slice(2) : groupDigits(digits.value)}
          clean={(text) => groupDigits(text.replace(/\D/g, ''))}
          error={amountError.value}
          onInput={(text) => {
            digits.value = text.replace(/\D/g, '');
            amountError.value = undefined;
          }}
        />
        {!isLost.value && (
          <Button
            kind="quiet"
            onPress={() => {
              isAll.value = !isWhole;
              if (isWhole) digits.value = String(left / 100n);
            }}
          >
            {w.all}
          </Button>
        )}
        <Field
          label={w.reason}
          name="reason"
          hint={w.reasonHint}
          maxLength={REASON_MAX}
          isReadOnly={isLost.value}
          value={reason.value}
          onInput={(text) => (reason.value = text)}
        />
        <PinField pin={pin} error={pinError.value} />
      </div>
    </Dialog>
  );
}
