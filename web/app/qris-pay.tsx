/** Paying a merchant: amount where the code has none, a tip where it asks for one, source account, then a sheet to check, agree and enter the PIN. The PIN and
 * what happens when no answer comes are those of every transfer. */
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { amountSen, groupDigits, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { AgreeDialog, type Agreement } from './agree-dialog.tsx';
import { Explained } from './explained.tsx';
import { newKey, type InFlight } from './in-flight.ts';
import { useLoad } from './load.ts';
import { PinForm } from './pin-form.tsx';
import { QRIS_WORDS } from './qris-words.ts';
import { call } from './session.ts';
import type { Home, QrisContent, Quote } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** The cap is eight digits: one more, so that the bank says why. */
const DIGITS_MAX = 9;

interface Terms {
  readonly payload: string;
  readonly fromAccount: string;
  readonly amount?: { readonly value: string; readonly currency: 'IDR' };
  readonly tip?: { readonly value: string; readonly currency: 'IDR' };
}

/** Amount, account, and the way to the sheet. */
export function QrisPay(props: { readonly payload: string; readonly content: QrisContent }) {
  const w = words(QRIS_WORDS);
  const app = words(APP_WORDS);
  const { state, reload } = useLoad<Home>('/home');
  const accounts = openOf(state.value.data);
  const chosen = useSignal<string | undefined>(undefined);
  const from = accounts.find((each) => each.number === chosen.value) ?? accounts[0];
  const rupiah = useSignal('');
  const tip = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const quoted = useSignal<{ readonly terms: Terms; readonly quote: Quote } | undefined>(undefined);

  const ask = async (): Promise<void> => {
    error.value = undefined;
    const isTyped = props.content.amount === undefined;
    if (isTyped && !/[1-9]/.test(rupiah.value))
      return void (error.value = { rule: app.amountRule });
    isBusy.value = true;
    // Who is quicker than the bank's answer waits for it, not for a second press.
    const account = from ?? openOf(await reload())[0];
    if (!account) {
      isBusy.value = false;
      return void (error.value = { rule: app.notLoaded, wayOut: app.notLoadedWhy });
    }
    const terms: Terms = {
      payload: props.payload,
      fromAccount: account.number,
      ...(isTyped && { amount: { value: `${rupiah.value}.00`, currency: 'IDR' } }),
      ...(/[1-9]/.test(tip.value) && { tip: { value: `${tip.value}.00`, currency: 'IDR' } }),
    };
    const result = await call<Quote>('/qris/quote', { body: terms });
    isBusy.value = false;
    if (result.ok) quoted.value = { terms, quote: result.value };
    else if (result.kind === 'offline')
      error.value = { rule: app.notLoaded, wayOut: app.notLoadedWhy };
    else error.value = { rule: result.problem.title, wayOut: result.problem.wayOut };
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      {props.content.amount === undefined && (
        <Field
          label={app.amount}
          name="amount"
          inputMode="numeric"
          prefix="Rp"
          isLarge
          value={groupDigits(rupiah.value)}
          clean={(text) => groupDigits(digits(text))}
          error={error.value}
          onInput={(text) => (rupiah.value = digits(text))}
        />
      )}
      {props.content.isTipAsked && (
        <Field
          label={w.tipAsked}
          name="tip"
          inputMode="numeric"
          prefix="Rp"
          hint={w.tipHint}
          value={groupDigits(tip.value)}
          clean={(text) => groupDigits(digits(text))}
          onInput={(text) => (tip.value = digits(text))}
        />
      )}
      {accounts.length > 1 && (
        <div class="field">
          <label for="from">{app.from}</label>
          <div class="field-box">
            <select
              id="from"
              value={from?.number}
              onChange={(event) => (chosen.value = event.currentTarget.value)}
            >
              {accounts.map((each) => (
                <option key={each.number} value={each.number}>
                  {each.number} · {showMoney(each.available)}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
      {error.value && props.content.amount !== undefined && (
        <Notice state="limited" title={error.value.rule} isUrgent>
          <p>{error.value.wayOut}</p>
        </Notice>
      )}
      <Button type="submit" isWide isBusy={isBusy.value}>
        {props.content.kind === 'transfer' ? w.send : w.pay}
      </Button>
      {quoted.value && (
        <PaySheet
          {...quoted.value}
          isSent={props.content.kind === 'transfer'}
          onRequote={() => void ask()}
          onClose={() => (quoted.value = undefined)}
        />
      )}
    </form>
  );
}

function openOf(home: Home | undefined): Home['accounts'] {
  return home?.accounts.filter((each) => each.state === 'open') ?? [];
}

/** Total, payee and the words of the consent; then the PIN. A closed service says so and asks for no PIN. */
function PaySheet(props: {
  readonly terms: Terms;
  readonly quote: Quote;
  /** To a person, not to a shop. */
  readonly isSent: boolean;
  readonly onRequote: () => void;
  readonly onClose: () => void;
}) {
  const w = words(QRIS_WORDS);
  const app = words(APP_WORDS);
  const { terms, quote, isSent } = props;
  const agreement = (): Agreement<InFlight> | undefined =>
    quote.text === undefined
      ? undefined
      : {
          path: '/qris/consent',
          body: { ...terms, text: quote.text },
          of: (consentId) => ({
            key: newKey(),
            consentId,
            bank: quote.payee.bic ?? '',
            account: quote.payee.account,
            amount: { value: (quote.amount ?? quote.total).value, currency: 'IDR' },
            payeeName: quote.payee.name,
            ...(!isSent && { isBill: true as const }),
          }),
        };
  if (!quote.isOpen) {
    const { refusal } = quote;
    return (
      <Dialog isOpen title={app.notNow} onClose={props.onClose}>
        {refusal?.explanation ? (
          <Explained explanation={refusal.explanation} />
        ) : (
          <Notice state="limited" title={refusal?.title ?? ''}>
            <p>{refusal?.wayOut}</p>
          </Notice>
        )}
        <p class="small">{app.notDebited}</p>
      </Dialog>
    );
  }
  return (
    <AgreeDialog
      title={isSent ? w.checkSend : w.check}
      agreement={agreement}
      pin={(agreed, onRefused) => <PinForm transfer={agreed} onRefused={onRefused} />}
      onRequote={props.onRequote}
      onClose={props.onClose}
    >
      <p class="confirm-amount">{showMoney(quote.amount ?? quote.total)}</p>
      <dl class="facts">
        <div>
          <dt>{isSent ? w.sentTo : w.paidTo}</dt>
          <dd>
            <b>{quote.payee.name}</b>
            <br />
            {quote.payee.bank}
          </dd>
        </div>
        <div>
          <dt>{app.from}</dt>
          <dd>{terms.fromAccount}</dd>
        </div>
        {quote.tip && (
          <div>
            <dt>{w.tipIncluded}</dt>
            <dd>{showMoney(quote.tip)}</dd>
          </div>
        )}
        <div>
          <dt>{app.fee}</dt>
          <dd>{amountSen(quote.fee) === 0n ? app.free : showMoney(quote.fee)}</dd>
        </div>
        <div class="facts-total">
          <dt>{app.total}</dt>
          <dd>{showMoney(quote.total)}</dd>
        </div>
      </dl>
      <div class="explain">
        <h3>{app.agreement}</h3>
        <p>{quote.text}</p>
      </div>
    </AgreeDialog>
  );
}

function digits(text: string): string {
  return text
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '')
    .slice(0, DIGITS_MAX);
}
