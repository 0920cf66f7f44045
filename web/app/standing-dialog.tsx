/** The sheet before a standing order: when, to whom, the highest fee, the very words of the consent; then the PIN. */
import { useSignal } from '@preact/signals';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import type { FieldError } from '../ui/field.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { showToast } from '../ui/toast.tsx';
import { AgreeDialog, type Agreement } from './agree-dialog.tsx';
import { clearDraft, draft, draftAmount, draftSchedule } from './draft.ts';
import { Explained } from './explained.tsx';
import { newKey } from './in-flight.ts';
import { isPin, PinField } from './pin-field.tsx';
import { isUnsure, pinWayOut } from './pin-form.tsx';
import { call } from './session.ts';
import { STANDING_WORDS } from './standing-words.ts';
import type { Schedule, StandingDetail, StandingQuote } from './wire.ts';
import { APP_WORDS } from './words.ts';

interface Agreed {
  readonly key: string;
  readonly body: {
    readonly consentId: string;
    readonly bank: string;
    readonly account: string;
    readonly amount: ReturnType<typeof draftAmount>;
    readonly schedule: Schedule;
  };
}

/** Agree, then PIN. */
export function StandingDialog(props: {
  readonly quote: StandingQuote;
  readonly fromAccount: string;
  readonly onRequote: () => void;
  readonly onClose: () => void;
}) {
  const own = words(STANDING_WORDS);
  const { quote } = props;
  const agreement = (): Agreement<Agreed> | undefined => {
    const { checked, account, remark, bank } = draft.value;
    if (!checked || !bank || quote.text === undefined) return undefined;
    const amount = draftAmount();
    const schedule = draftSchedule();
    const { fromAccount } = props;
    return {
      path: '/standing-orders/consent',
      body: { fromAccount, nameCheckId: checked.id, amount, remark, schedule, text: quote.text },
      of: (consentId) => ({
        key: newKey(),
        body: { consentId, bank: bank.bic, account, amount, schedule },
      }),
    };
  };

  return (
    <AgreeDialog
      title={own.confirmTitle}
      agreement={agreement}
      pin={(agreed, onRefused) => <MakeForm agreed={agreed} onRefused={onRefused} />}
      onRequote={props.onRequote}
      onClose={props.onClose}
    >
      <Review quote={quote} fromAccount={props.fromAccount} />
    </AgreeDialog>
  );
}

function Review(props: { readonly quote: StandingQuote; readonly fromAccount: string }) {
  const w = words(APP_WORDS);
  const own = words(STANDING_WORDS);
  const { quote } = props;
  const { notice } = quote;
  return (
    <>
      <p class="confirm-amount">{showMoney(draftAmount())}</p>
      {notice?.explanation ? (
        <Explained explanation={notice.explanation} action={<p>{notice.wayOut}</p>} />
      ) : (
        notice && (
          <Notice state="watched" title={notice.title}>
            <p>{notice.wayOut}</p>
          </Notice>
        )
      )}
      <dl class="facts">
        <div>
          <dt>{w.to}</dt>
          <dd>
            <b>{quote.payee.name}</b>
            <br />
            {quote.payee.bank} · {quote.payee.account}
          </dd>
        </div>
        <div>
          <dt>{own.when}</dt>
          <dd>{quote.when}</dd>
        </div>
        {quote.dates.length > 1 && (
          <div>
            <dt>{own.firstDates}</dt>
            <dd>
              {quote.dates.map((date) => (
                <span key={date} class="line">
                  {date}
                </span>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{w.from}</dt>
          <dd>{props.fromAccount}</dd>
        </div>
        <div>
          <dt>{own.feeMax}</dt>
          <dd>{amountSen(quote.fee) === 0n ? w.free : showMoney(quote.fee)}</dd>
        </div>
        {draft.value.remark && (
          <div>
            <dt>{w.remarkShort}</dt>
            <dd>{draft.value.remark}</dd>
          </div>
        )}
        <div class="facts-total">
          <dt>{own.totalMax}</dt>
          <dd>{showMoney(quote.total)}</dd>
        </div>
      </dl>
      <div class="explain">
        <h3>{w.nextTitle}</h3>
        <p>{quote.how}</p>
      </div>
      <div class="explain">
        <h3>{w.agreement}</h3>
        <p>{quote.text}</p>
      </div>
    </>
  );
}

/** The PIN, and the request that makes the order. Without an answer the same request is sent again: it makes one order. */
function MakeForm(props: {
  readonly agreed: Agreed;
  readonly onRefused: (problem: Problem) => void;
}) {
  const w = words(APP_WORDS);
  const own = words(STANDING_WORDS);
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const isUnanswered = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const send = async (): Promise<void> => {
    error.value = undefined;
    if (!isPin(pin.value)) return void (error.value = { rule: w.pinRule });
    isBusy.value = true;
    const result = await call<StandingDetail>('/standing-orders', {
      body: { ...props.agreed.body, pin: pin.value },
      headers: { 'idempotency-key': props.agreed.key },
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) {
      clearDraft();
      showToast(own.made);
      return go(`/standing/${result.value.order.id}`, { replace: true });
    }
    isUnanswered.value = result.kind === 'offline' || isUnsure(result.problem);
    if (result.kind === 'offline' || isUnanswered.value) return;
    const { problem } = result;
    if (problem.field === 'pin' || problem.code === 'rate_limited')
      error.value = { rule: problem.title, wayOut: pinWayOut(problem, w) };
    else if (problem.code !== 'signed_out') props.onRefused(problem);
  };
  const { amount } = props.agreed.body;
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {isUnanswered.value && (
        <Notice state="unknown" title={own.noAnswer} isUrgent>
          <p>{own.noAnswerWhy}</p>
        </Notice>
      )}
      <p class="pin-what">
        {showMoney(amount)} · <b>{draft.value.checked?.name}</b>
      </p>
      <PinField pin={pin} error={error.value} />
      <Button type="submit" isWide isBusy={isBusy.value}>
        {own.make(showMoney(amount))}
      </Button>
      {isBusy.value && (
        <p class="small centred" role="status">
          {own.making}
        </p>
      )}
    </form>
  );
}
