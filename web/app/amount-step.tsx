/** Step two: how much, from where, with what remark. The quote answers fee, limits and restrictions before any PIN. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { groupDigits, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { draft, draftAmount, draftRoute, draftSchedule, fill } from './draft.ts';
import { useLoad } from './load.ts';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import { StandingDialog } from './standing-dialog.tsx';
import { refuseWhen, WhenFields } from './when-fields.tsx';
import type { Home, Quote, StandingQuote } from './wire.ts';
import { APP_WORDS } from './words.ts';

const REMARK = /^[A-Za-z0-9 .,/()+:?'-]*$/;
/** Digits of whole rupiah that the box takes: far above any cap, far below what breaks a layout. */
const DIGITS_MAX = 12;

type Where = 'amount' | 'remark' | 'firstDate' | 'end' | 'none';
const FIELDS: readonly string[] = ['amount', 'firstDate', 'end'] satisfies Where[];

/** How much, from which account, with what remark. */
export function AmountStep() {
  const w = words(APP_WORDS);
  const { state } = useLoad<Home>('/home');
  const accounts = state.value.data?.accounts.filter((account) => account.state === 'open') ?? [];
  const from =
    accounts.find((account) => account.number === draft.value.fromAccount) ?? accounts[0];
  const isBusy = useSignal(false);
  const quote = useSignal<Quote | StandingQuote | undefined>(undefined);
  const error = useSignal<{ readonly where: Where; readonly error: FieldError } | undefined>(
    undefined,
  );
  const fail = (where: Where, rule: string, wayOut?: string): void =>
    void (error.value = { where, error: { rule, wayOut } });
  useEffect(() => {
    if (from && draft.value.fromAccount !== from.number) fill({ fromAccount: from.number });
  }, [from?.number]);

  const ask = async (): Promise<void> => {
    error.value = undefined;
    const { rupiah, remark, checked } = draft.value;
    if (!/[1-9]/.test(rupiah)) return fail('amount', w.amountRule);
    if (!REMARK.test(remark)) return fail('remark', w.remarkRule);
    const wrong = refuseWhen();
    if (wrong) return fail(wrong.where, wrong.rule);
    if (!from || !checked) return;
    isBusy.value = true;
    const terms = {
      fromAccount: from.number,
      nameCheckId: checked.id,
      amount: draftAmount(),
      remark,
    };
    const result = draft.value.isLater
      ? await call<StandingQuote>('/standing-orders/quote', {
          body: { ...terms, schedule: draftSchedule() },
        })
      : await call<Quote>('/quote', { body: { ...terms, ...draftRoute() } });
    isBusy.value = false;
    if (!result.ok) {
      if (result.kind === 'offline') return fail('none', w.notLoaded, w.notLoadedWhy);
      if (result.problem.code === 'name_check_expired') {
        fill({ checked: undefined });
        return go('/transfer', { replace: true });
      }
      const { field, title, wayOut } = result.problem;
      return fail(FIELDS.includes(field ?? '') ? (field as Where) : 'none', title, wayOut);
    }
    const { refusal } = result.value;
    if (refusal?.field === 'amount' && !refusal.explanation)
      return fail('amount', refusal.title, refusal.wayOut);
    quote.value = result.value;
  };
  const errorAt = (where: Where): FieldError | undefined =>
    error.value?.where === where ? error.value.error : undefined;
  const { checked, account, proxy, remark, rupiah } = draft.value;
  return (
    <div class="body">
      <ScreenHead title={w.howMuch} backTo="/transfer" />
      <section class="card payee">
        <span class="avatar" aria-hidden="true">
          {checked?.name.slice(0, 1)}
        </span>
        <p>
          <span class="small">{w.payee}</span>
          <b>{checked?.name}</b>
          <span class="small">
            {checked?.bankName} · {checked?.proxy?.account ?? account}
            {checked?.proxy && (
              <>
                <br />
                {proxy}
              </>
            )}
          </span>
        </p>
        <a href="#/transfer">{w.change}</a>
      </section>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <Field
          label={w.amount}
          name="amount"
          inputMode="numeric"
          prefix="Rp"
          isLarge
          hasFocus
          value={groupDigits(rupiah)}
          clean={(text) => groupDigits(digits(text))}
          error={errorAt('amount')}
          {...(from ? { hint: w.amountHint(showMoney(from.available)) } : {})}
          onInput={(text) => fill({ rupiah: digits(text) })}
        />
        {accounts.length > 1 && (
          <div class="field">
            <label for="from">{w.from}</label>
            <div class="field-box">
              <select
                id="from"
                value={from?.number}
                onChange={(event) => fill({ fromAccount: event.currentTarget.value })}
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
        <Field
          label={w.remark}
          name="remark"
          maxLength={60}
          value={remark}
          error={errorAt('remark')}
          onInput={(text) => fill({ remark: text })}
        />
        {!checked?.proxy && (
          <WhenFields firstDateError={errorAt('firstDate')} endError={errorAt('end')} />
        )}
        {errorAt('none') && (
          <Notice state="unknown" title={errorAt('none')!.rule} isUrgent>
            <p>{errorAt('none')!.wayOut}</p>
          </Notice>
        )}
        <Button type="submit" isWide isBusy={isBusy.value}>
          {w.toConfirm}
        </Button>
      </form>
      {quote.value && from && (
        <QuoteDialog
          quote={quote.value}
          fromAccount={from.number}
          onRequote={() => void ask()}
          onClose={() => (quote.value = undefined)}
        />
      )}
    </div>
  );
}

/** The sheet of whichever was asked. */
function QuoteDialog(props: {
  readonly quote: Quote | StandingQuote;
  readonly fromAccount: string;
  readonly onRequote: () => void;
  readonly onClose: () => void;
}) {
  const { quote, ...rest } = props;
  return 'when' in quote && quote.isOpen ? (
    <StandingDialog quote={quote} {...rest} />
  ) : (
    <ConfirmDialog quote={quote} {...rest} />
  );
}

function digits(text: string): string {
  return text
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '')
    .slice(0, DIGITS_MAX);
}
