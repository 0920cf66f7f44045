/** Receiving by QRIS Transfer: account and, if wished, an amount; then the code, for whoever sends from any bank's app. It holds no secret and asks for no PIN. */
import './presented.css';
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { groupDigits, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { useLoad } from './load.ts';
import { NotLoaded } from './not-loaded.tsx';
import { QrisWays } from './presented.tsx';
import { Squares } from './presented-code.tsx';
import { QRIS_WORDS } from './qris-words.ts';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { Home, QrisReceive } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** The cap is eight digits: one more, so that the bank says why. */
const DIGITS_MAX = 9;

/** What is shown. */
interface Shown {
  readonly code: QrisReceive;
  readonly account: string;
  /** In rupiah; empty where the sender types it. */
  readonly digits: string;
}

/** The screen. */
export function ReceiveScreen() {
  const w = words(QRIS_WORDS);
  const shown = useSignal<Shown | undefined>(undefined);
  return (
    <div class="body">
      <ScreenHead title={w.receive} />
      {shown.value ? (
        <Code shown={shown.value} onAgain={() => (shown.value = undefined)} />
      ) : (
        <>
          <QrisWays chosen="receive" />
          <Maker onMade={(next) => (shown.value = next)} />
        </>
      )}
    </div>
  );
}

function Maker(props: { readonly onMade: (shown: Shown) => void }) {
  const w = words(QRIS_WORDS);
  const app = words(APP_WORDS);
  const { state, reload } = useLoad<Home>('/home');
  const chosen = useSignal<string | undefined>(undefined);
  const digits = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const home = state.value.data;
  if (!home) return <NotLoaded state={state.value} onRetry={() => void reload()} />;
  const accounts = home.accounts.filter((each) => each.state === 'open');
  const to = accounts.find((each) => each.number === chosen.value) ?? accounts[0];

  const make = async (): Promise<void> => {
    error.value = undefined;
    isBusy.value = true;
    const amount = { value: `${digits.value}.00`, currency: 'IDR' };
    const result = await call<QrisReceive>('/qris/receive', {
      body: { account: to?.number ?? '', ...(/[1-9]/.test(digits.value) && { amount }) },
    });
    isBusy.value = false;
    if (result.ok)
      return props.onMade({ code: result.value, account: to!.number, digits: digits.value });
    error.value =
      result.kind === 'offline'
        ? { rule: app.notLoaded, wayOut: app.notLoadedWhy }
        : { rule: result.problem.title, wayOut: result.problem.wayOut };
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <p>{w.receiveIntro}</p>
      <Field
        label={app.amount}
        name="amount"
        inputMode="numeric"
        prefix="Rp"
        hint={w.receiveAmountHint}
        value={groupDigits(digits.value)}
        clean={(text) => groupDigits(digitsOf(text))}
        error={error.value}
        onInput={(text) => (digits.value = digitsOf(text))}
      />
      {accounts.length > 1 && (
        <div class="field">
          <label for="to">{w.receiveTo}</label>
          <div class="field-box">
            <select
              id="to"
              value={to?.number}
              onChange={(event) => (chosen.value = event.currentTarget.value)}
            >
              {accounts.map((each) => (
                <option key={each.number} value={each.number}>
                  {each.number}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
      <Button type="submit" isWide isBusy={isBusy.value}>
        {w.receiveMake}
      </Button>
    </form>
  );
}

function Code(props: { readonly shown: Shown; readonly onAgain: () => void }) {
  const w = words(QRIS_WORDS);
  const { code, account, digits } = props.shown;
  const isAsked = /[1-9]/.test(digits);
  const amount = isAsked ? showMoney({ value: `${digits}.00`, currency: 'IDR' }) : w.receiveOpen;
  return (
    <div class="stack">
      <figure class="shown-code">
        <Squares payload={code.payload} label={w.receiveLabel(code.name, account)} />
        <figcaption>
          <b>{code.name}</b>
          <br />
          {account}
          <br />
          {w.amount}: {amount}
        </figcaption>
      </figure>
      <p class="small">{w.receiveSafe}</p>
      <Button kind="plain" isWide onPress={props.onAgain}>
        {w.receiveOther}
      </Button>
    </div>
  );
}

function digitsOf(text: string): string {
  return text
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '')
    .slice(0, DIGITS_MAX);
}
