/** Tagihan: what can be paid, and for one product the number, what is owed, and how much of it. */
import { useSignal, type Signal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { nowMs } from '../ui/clock.ts';
import { Field, type FieldError } from '../ui/field.tsx';
import { amountSen, groupDigits, showMoment, showMoney } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { language, words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { BillDialog } from './bill-dialog.tsx';
import { BILL_WORDS } from './bill-words.ts';
import { Explained } from './explained.tsx';
import { useLoad } from './load.ts';
import { NotLoaded } from './not-loaded.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { BillInquiry, BillProduct, Bills, Home, Quote } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** A biller may take as long as the network lets us wait. */
const INQUIRY_TIMEOUT_MS = 20_000;
/** Digits of whole rupiah: far above any bill. */
const DIGITS_MAX = 11;

/** All products, by group. */
export function BillsScreen() {
  const w = words(BILL_WORDS);
  const { state, reload } = useLoad<Bills>('/bills');
  const bills = state.value.data;
  const groups = [...new Set(bills?.products.map(({ group }) => group))];
  return (
    <div class="body">
      <ScreenHead title={w.title} backTo="/" />
      {!bills ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : (
        <>
          {bills.explanation ? (
            <Explained explanation={bills.explanation} />
          ) : (
            <p class="small">{w.lead}</p>
          )}
          <div class="bill-groups">
            {groups.map((group) => (
              <Group key={group} products={bills.products.filter((one) => one.group === group)} />
            ))}
          </div>
        </>
      )}
    </div>
  );
}

function Group(props: { readonly products: readonly BillProduct[] }) {
  const w = words(BILL_WORDS);
  const [first] = props.products;
  return (
    <section class="block" aria-label={first?.groupName}>
      <h2 class="day">{first?.groupName}</h2>
      <ul class="rows">
        {props.products.map((product) => (
          <li key={product.code}>
            <a class="row" href={`#/bills/${product.code}`}>
              <span class="row-icon">
                <Icon name="bill" size={20} />
              </span>
              <span class="row-text">
                <span class="row-name">{product.name}</span>
                {product.isClosed && <span class="row-time">{w.closed}</span>}
              </span>
              <Icon name="forward" size={18} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One product: the number, then what is owed. */
export function BillScreen(props: { readonly code: string }) {
  const { state, reload } = useLoad<Bills>('/bills');
  const bills = state.value.data;
  const product = bills?.products.find(({ code }) => code === props.code);
  const found = useSignal<BillInquiry | undefined>(undefined);
  return (
    <div class="body">
      <ScreenHead title={product?.name ?? words(BILL_WORDS).title} backTo="/bills" />
      {!product ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : bills?.explanation ? (
        <Explained explanation={bills.explanation} />
      ) : found.value ? (
        <Choose product={product} found={found} />
      ) : (
        <Ask product={product} onFound={(inquiry) => (found.value = inquiry)} />
      )}
    </div>
  );
}

function Ask(props: {
  readonly product: BillProduct;
  readonly onFound: (inquiry: BillInquiry) => void;
}) {
  const w = words(BILL_WORDS);
  const app = words(APP_WORDS);
  const { product } = props;
  const key = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<(FieldError & { readonly isOfNumber: boolean }) | undefined>(undefined);
  const ask = async (): Promise<void> => {
    error.value = undefined;
    if (!new RegExp(product.keyForm).test(key.value))
      return void (error.value = { rule: w.keyRule, isOfNumber: true });
    isBusy.value = true;
    const result = await call<BillInquiry>('/bills/inquiry', {
      body: { product: product.code, customerKey: key.value },
      timeoutMs: INQUIRY_TIMEOUT_MS,
    });
    isBusy.value = false;
    if (!result.ok) {
      const { title: rule, wayOut } =
        result.kind === 'offline'
          ? { title: app.notLoaded, wayOut: app.notLoadedWhy }
          : result.problem;
      return void (error.value = { rule, wayOut, isOfNumber: false });
    }
    const { found, title, wayOut } = result.value;
    if (found === 'yes') return props.onFound(result.value);
    error.value = { rule: title ?? '', wayOut, isOfNumber: found === 'no' };
  };
  const said = error.value;
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <Field
        label={product.keyName}
        name="customerKey"
        inputMode="numeric"
        maxLength={20}
        isLarge
        hasFocus
        value={key.value}
        clean={(text) => text.replace(/\D/g, '')}
        error={said?.isOfNumber ? said : undefined}
        onInput={(text) => (key.value = text)}
      />
      {said && !said.isOfNumber && (
        <Notice state="unknown" title={said.rule} isUrgent>
          <p>{said.wayOut}</p>
        </Notice>
      )}
      <Button type="submit" isWide isBusy={isBusy.value}>
        {product.isTopUp ? w.checkTopUp : w.check}
      </Button>
    </form>
  );
}

/** What is chosen of a bill. */
export interface Chosen {
  readonly amount: { readonly value: string; readonly currency: 'IDR' };
  readonly periodCount: number;
}

function Choose(props: {
  readonly product: BillProduct;
  readonly found: Signal<BillInquiry | undefined>;
}) {
  const w = words(BILL_WORDS);
  const app = words(APP_WORDS);
  const bill = props.found.value!; // this part is shown only when there is one
  const { state } = useLoad<Home>('/home');
  const from = state.value.data?.accounts.find((account) => account.state === 'open');
  const choices = bill.choices ?? [];
  const chosen = useSignal<Chosen | undefined>(
    choices.length === 1 && !bill.range ? choices[0] : undefined,
  );
  const rupiah = useSignal('');
  const isRepeat = useSignal(false);
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const quote = useSignal<Quote | undefined>(undefined);
  const what = (): Chosen | undefined =>
    rupiah.value === ''
      ? chosen.value
      : { amount: { value: `${rupiah.value}.00`, currency: 'IDR' }, periodCount: 0 };
  const ask = async (): Promise<void> => {
    error.value = undefined;
    const asked = what();
    if (!asked || amountSen(asked.amount) === 0n) return void (error.value = { rule: w.noChoice });
    if (!from || bill.inquiryId === undefined) return;
    isBusy.value = true;
    const result = await call<Quote>('/bills/quote', {
      body: {
        fromAccount: from.number,
        inquiryId: bill.inquiryId,
        amount: asked.amount,
        periodCount: asked.periodCount,
        isRepeatConfirmed: isRepeat.value,
      },
    });
    isBusy.value = false;
    if (result.ok) quote.value = result.value;
    else if (result.kind === 'offline')
      error.value = { rule: app.notLoaded, wayOut: app.notLoadedWhy };
    else error.value = { rule: result.problem.title, wayOut: result.problem.wayOut };
  };
  const asked = what();
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <section class="card">
        <dl class="facts">
          <div>
            <dt>{w.owner}</dt>
            <dd>
              <b>{bill.customerName}</b>
            </dd>
          </div>
          <div>
            <dt>{w.number}</dt>
            <dd>{bill.customerKey}</dd>
          </div>
        </dl>
        {bill.validUntilMs !== undefined && (
          <p class="small bill-until">
            {w.validUntil(
              showMoment({ atMs: bill.validUntilMs, nowMs: nowMs.value, language: language.value }),
            )}
          </p>
        )}
      </section>
      {!!bill.periods?.length && (
        <section class="card" aria-label={w.months}>
          <h2 class="card-title">{w.months}</h2>
          <dl class="facts">
            {bill.periods.map(({ label, amount }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{showMoney(amount)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {choices.length > 0 && (
        <fieldset class="choices">
          <legend>{bill.periods?.length ? w.choose : w.chooseAmount}</legend>
          <div class="choice-list">
            {choices.map((choice) => (
              <label key={choice.label} class="choice">
                <input
                  type="radio"
                  name="choice"
                  checked={rupiah.value === '' && isSame(chosen.value, choice)}
                  onChange={() => {
                    chosen.value = choice;
                    rupiah.value = '';
                  }}
                />
                <span class="choice-text">
                  <b>{choice.label}</b>
                  {choice.periodCount > 0 && <span>{showMoney(choice.amount)}</span>}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {bill.range && (
        <Field
          label={choices.length > 0 ? w.other : app.amount}
          name="amount"
          inputMode="numeric"
          prefix="Rp"
          isLarge
          value={groupDigits(rupiah.value)}
          clean={(text) => groupDigits(digits(text))}
          hint={w.otherHint(showMoney(bill.range.least), showMoney(bill.range.most))}
          onInput={(text) => (rupiah.value = digits(text))}
        />
      )}
      {error.value && (
        <Notice state="unknown" title={error.value.rule} isUrgent>
          <p>{error.value.wayOut}</p>
        </Notice>
      )}
      {/* Until the account to pay from is known, pressing would do nothing. */}
      <Button type="submit" isWide isBusy={isBusy.value} isDisabled={!from}>
        {app.toConfirm}
      </Button>
      {quote.value && from && asked && (
        <BillDialog
          quote={quote.value}
          bill={bill}
          chosen={asked}
          fromAccount={from.number}
          isRepeatConfirmed={isRepeat.value}
          onRepeat={() => {
            isRepeat.value = true;
            void ask();
          }}
          onRequote={() => void ask()}
          onClose={() => (quote.value = undefined)}
        />
      )}
    </form>
  );
}

function isSame(one: Chosen | undefined, other: Chosen): boolean {
  return one?.amount.value === other.amount.value && one.periodCount === other.periodCount;
}

function digits(text: string): string {
  return text
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '')
    .slice(0, DIGITS_MAX);
}
