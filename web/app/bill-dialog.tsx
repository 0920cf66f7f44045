/** The sheet before a bill is paid: fee, total, what will happen, the very words of the consent; then the PIN. Where it cannot be
 * paid, the sheet says why and what works, and asks for no PIN. */
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { AgreeDialog, type Agreement } from './agree-dialog.tsx';
import { BILL_WORDS } from './bill-words.ts';
import type { Chosen } from './bills.tsx';
import { Explained } from './explained.tsx';
import { newKey, type InFlight } from './in-flight.ts';
import { PinForm } from './pin-form.tsx';
import type { BillInquiry, Quote } from './wire.ts';
import { APP_WORDS } from './words.ts';

interface Props {
  readonly quote: Quote;
  readonly bill: BillInquiry;
  readonly chosen: Chosen;
  readonly fromAccount: string;
  readonly isRepeatConfirmed: boolean;
  /** The same was paid a moment ago, and is meant. */
  readonly onRepeat: () => void;
  readonly onRequote: () => void;
  readonly onClose: () => void;
}

/** The sheet of a bill's quote. */
export function BillDialog(props: Props) {
  const w = words(BILL_WORDS);
  const app = words(APP_WORDS);
  const { quote, bill, chosen, fromAccount } = props;
  const agreement = (): Agreement<InFlight> | undefined =>
    quote.text === undefined
      ? undefined
      : {
          path: '/bills/consent',
          body: {
            fromAccount,
            inquiryId: bill.inquiryId,
            ...chosenOf(chosen),
            isRepeatConfirmed: props.isRepeatConfirmed,
            text: quote.text,
          },
          of: (consentId) => ({
            key: newKey(),
            consentId,
            bank: bill.aggregator ?? '',
            account: bill.customerKey ?? '',
            amount: chosen.amount,
            payeeName: quote.payee.bank,
            isBill: true,
          }),
        };
  if (!quote.isOpen) return <RefusedDialog {...props} />;
  return (
    <AgreeDialog
      title={w.confirmTitle}
      agreement={agreement}
      pin={(agreed, onRefused) => <PinForm transfer={agreed} onRefused={onRefused} />}
      onRequote={props.onRequote}
      onClose={props.onClose}
    >
      <p class="confirm-amount">{showMoney(chosen.amount)}</p>
      <Facts {...props} />
      <div class="explain">
        <h3>{app.nextTitle}</h3>
        <p>{w.next}</p>
      </div>
      <div class="explain">
        <h3>{app.agreement}</h3>
        <p>{quote.text}</p>
      </div>
    </AgreeDialog>
  );
}

function chosenOf({ amount, periodCount }: Chosen): Chosen {
  return { amount: { value: amount.value, currency: 'IDR' }, periodCount };
}

function Facts({ quote, fromAccount }: Props) {
  const w = words(BILL_WORDS);
  const app = words(APP_WORDS);
  return (
    <dl class="facts">
      <div>
        <dt>{w.product}</dt>
        <dd>
          <b>{quote.payee.bank}</b>
          <br />
          {quote.payee.account} · {quote.payee.name}
        </dd>
      </div>
      <div>
        <dt>{app.from}</dt>
        <dd>{fromAccount}</dd>
      </div>
      <div>
        <dt>{app.fee}</dt>
        <dd>{amountSen(quote.fee) === 0n ? app.free : showMoney(quote.fee)}</dd>
      </div>
      <div class="facts-total">
        <dt>{app.total}</dt>
        <dd>{showMoney(quote.total)}</dd>
      </div>
    </dl>
  );
}

function RefusedDialog(props: Props) {
  const w = words(BILL_WORDS);
  const app = words(APP_WORDS);
  const { refusal } = props.quote;
  return (
    <Dialog
      isOpen
      title={refusal?.code === 'possible_duplicate' ? w.maybePaid : w.notPossible}
      onClose={props.onClose}
      footer={
        <>
          {refusal?.code === 'possible_duplicate' ? (
            <Button isWide onPress={props.onRepeat}>
              {w.payAgain}
            </Button>
          ) : (
            <Button isWide onPress={() => go('/bills')}>
              {w.otherBill}
            </Button>
          )}
          <Button kind="plain" isWide onPress={props.onClose}>
            {app.close}
          </Button>
        </>
      }
    >
      <div class="stack">
        {refusal?.explanation ? (
          <Explained explanation={refusal.explanation} />
        ) : (
          <Notice state="limited" title={refusal?.title ?? ''}>
            <p>{refusal?.wayOut}</p>
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
