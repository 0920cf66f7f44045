/** Showing a code at a till: account, limit and PIN; then the code with its time, watched until the bank says what became of it. The
 * screen decides nothing, and where no answer comes it says that nobody knows (I2). */
import './presented.css';
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { groupDigits, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { showToast } from '../ui/toast.tsx';
import { Explained } from './explained.tsx';
import { useLoad } from './load.ts';
import { NotLoaded } from './not-loaded.tsx';
import { isPin, PinField } from './pin-field.tsx';
import { pinWayOut } from './pin-form.tsx';
import { PresentedCode } from './presented-code.tsx';
import { PRESENTED_WORDS } from './presented-words.ts';
import { ScreenHead } from './screen-head.tsx';
import { Segments } from './segments.tsx';
import { call } from './session.ts';
import type { Explanation, Home, PresentedMade, PresentedShown, PresentedTerms } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** A few rupiah more than the cap: the bank says why. */
const DIGITS_MAX = 9;
const LOOK_MS = 2_000;
const TICK_MS = 500;
/** What most tills ask for. */
const USUAL_LIMIT = '200000';

/** What is asked for; kept, so that a new code needs the PIN alone. */
interface Asked {
  readonly account: Signal<string | undefined>;
  readonly digits: Signal<string>;
}

/** The screen. */
export function PresentedScreen() {
  const w = words(PRESENTED_WORDS);
  const made = useSignal<PresentedMade | undefined>(undefined);
  const asked: Asked = {
    account: useSignal<string | undefined>(undefined),
    digits: useSignal(USUAL_LIMIT),
  };
  return (
    <div class="body">
      <ScreenHead title={w.title} />
      {!made.value && <QrisWays chosen="show" />}
      {made.value ? (
        <Watched key={made.value.id} made={made.value} onRenew={() => (made.value = undefined)} />
      ) : (
        <Maker asked={asked} onMade={(next) => (made.value = next)} />
      )}
    </div>
  );
}

/** The ways to pay by QRIS, and to be sent money by it. */
export function QrisWays(props: { readonly chosen: 'scan' | 'show' | 'receive' }) {
  const w = words(PRESENTED_WORDS);
  return (
    <Segments
      label={w.way}
      options={{ scan: w.scan, show: w.show, receive: w.receive }}
      chosen={props.chosen}
      onChoose={(key) => go(key === 'scan' ? '/qris' : `/qris/${key}`)}
    />
  );
}

function Maker(props: { readonly asked: Asked; readonly onMade: (made: PresentedMade) => void }) {
  const w = words(PRESENTED_WORDS);
  const app = words(APP_WORDS);
  const { state, reload } = useLoad<Home>('/home');
  const terms = useLoad<PresentedTerms>('/qris/presented/terms');
  const { digits, account } = props.asked;
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const limitError = useSignal<FieldError | undefined>(undefined);
  const pinError = useSignal<FieldError | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const home = state.value.data;
  const max = terms.state.value.data?.limitMax;
  if (!home || !max)
    return (
      <NotLoaded
        state={home ? terms.state.value : state.value}
        onRetry={() => void Promise.all([reload(), terms.reload()])}
      />
    );
  const service = home.services.find(({ key }) => key === 'qris');
  if (service && !service.isOpen && service.title !== undefined)
    return <Explained explanation={service as Explanation} />;
  const accounts = home.accounts.filter((each) => each.state === 'open');
  const from = accounts.find((each) => each.number === account.value) ?? accounts[0];

  const make = async (): Promise<void> => {
    problem.value = limitError.value = pinError.value = undefined;
    if (!/[1-9]/.test(digits.value)) return void (limitError.value = { rule: w.limitRule });
    if (!isPin(pin.value)) return void (pinError.value = { rule: app.pinRule });
    isBusy.value = true;
    const result = await call<PresentedMade>('/qris/presented', {
      body: {
        fromAccount: from?.number ?? '',
        limit: { value: `${digits.value}.00`, currency: 'IDR' },
        pin: pin.value,
      },
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) return props.onMade(result.value);
    if (result.kind === 'offline') pinError.value = { rule: app.notLoaded, wayOut: app.notDebited };
    else if (result.problem.field === 'pin')
      pinError.value = { rule: result.problem.title, wayOut: pinWayOut(result.problem, app) };
    else if (result.problem.field === 'amount') limitError.value = { rule: result.problem.title };
    else problem.value = result.problem;
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy.value) void make();
      }}
    >
      <p>{w.intro}</p>
      {problem.value && <Refusal problem={problem.value} />}
      {accounts.length > 1 && (
        <AccountChoice
          accounts={accounts}
          chosen={from?.number}
          onChoose={(next) => (account.value = next)}
        />
      )}
      <Field
        label={w.limit}
        name="limit"
        inputMode="numeric"
        prefix="Rp"
        isLarge
        hint={w.limitHint(showMoney(max))}
        value={groupDigits(digits.value)}
        clean={(text) => groupDigits(onlyDigits(text))}
        error={limitError.value}
        onInput={(text) => (digits.value = onlyDigits(text))}
      />
      <PinField pin={pin} error={pinError.value} />
      <Button type="submit" isWide isBusy={isBusy.value}>
        {w.make}
      </Button>
      {isBusy.value && (
        <p class="small centred" role="status">
          {w.making}
        </p>
      )}
    </form>
  );
}

function Refusal({ problem }: { readonly problem: Problem }) {
  const explanation = problem['explanation'] as Explanation | undefined;
  if (explanation) return <Explained explanation={explanation} />;
  return (
    <Notice state="limited" title={problem.title} isUrgent>
      <p>{problem.wayOut}</p>
    </Notice>
  );
}

function AccountChoice(props: {
  readonly accounts: Home['accounts'];
  readonly chosen: string | undefined;
  readonly onChoose: (number: string) => void;
}) {
  return (
    <div class="field">
      <label for="from">{words(PRESENTED_WORDS).from}</label>
      <div class="field-box">
        <select
          id="from"
          value={props.chosen}
          onChange={(event) => props.onChoose(event.currentTarget.value)}
        >
          {props.accounts.map((each) => (
            <option key={each.number} value={each.number}>
              {each.number} · {showMoney(each.available)}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** The code while it is good, and what became of it. */
function Watched(props: { readonly made: PresentedMade; readonly onRenew: () => void }) {
  const w = words(PRESENTED_WORDS);
  const { made } = props;
  const shown = useSignal<PresentedShown>(made);
  const left = useSignal(secondsLeft(made.validUntilMs - made.nowMs));
  const isLost = useSignal(false);
  const isEnding = useSignal(false);

  const take = (result: Awaited<ReturnType<typeof call<PresentedShown>>>): void => {
    isLost.value = !result.ok;
    if (result.ok) shown.value = result.value;
    if (result.ok && result.value.paymentId !== undefined) {
      showToast(w.paid);
      go(`/payment/${result.value.paymentId}`, { replace: true });
    }
  };
  useEffect(() => {
    // By the time that has passed here, whatever this phone's clock says.
    const startedAt = performance.now();
    let isLooking = false;
    const look = async (): Promise<void> => {
      if (isLooking || isOver(shown.value)) return;
      isLooking = true;
      take(await call<PresentedShown>(`/qris/presented/${made.id}`));
      isLooking = false;
    };
    const tick = setInterval(() => {
      left.value = secondsLeft(made.validUntilMs - made.nowMs - (performance.now() - startedAt));
    }, TICK_MS);
    const looking = setInterval(() => void look(), LOOK_MS);
    return () => {
      clearInterval(tick);
      clearInterval(looking);
    };
  }, [made.id]);

  const end = async (): Promise<void> => {
    isEnding.value = true;
    take(await call<PresentedShown>(`/qris/presented/${made.id}/cancel`, { method: 'POST' }));
    isEnding.value = false;
  };
  const { refused } = shown.value;
  const isGood = !isOver(shown.value) && left.value > 0;
  return (
    <div class="stack">
      {refused && (
        <Notice state="limited" title={refused.title} isUrgent>
          <p>
            {w.refused(showMoney(refused.amount))} {refused.wayOut}
          </p>
        </Notice>
      )}
      {isGood && <PresentedCode made={made} left={left.value} />}
      {isGood && <p class="centred">{w.once}</p>}
      <Ending shown={shown.value} isGood={isGood} isLost={isLost.value} />
      {isGood ? (
        <Button kind="quiet" isWide isBusy={isEnding.value} onPress={() => void end()}>
          {w.end}
        </Button>
      ) : (
        <Button isWide onPress={props.onRenew}>
          {w.renew}
        </Button>
      )}
      {isLost.value && (
        <Button kind="plain" isWide onPress={() => go('/history')}>
          {w.history}
        </Button>
      )}
    </div>
  );
}

/** How it ended; or that nobody knows. */
function Ending(props: {
  readonly shown: PresentedShown;
  readonly isGood: boolean;
  readonly isLost: boolean;
}) {
  const w = words(PRESENTED_WORDS);
  if (props.isLost)
    return props.isGood ? (
      <Notice state="unknown" title={w.noNews}>
        <p>{w.noNewsWhy}</p>
      </Notice>
    ) : (
      <Notice state="unknown" title={w.unsure} isUrgent>
        <p>{w.unsureWhy}</p>
      </Notice>
    );
  const said = {
    expired: [w.expired, w.expiredWhy],
    cancelled: [w.cancelled, w.cancelledWhy],
    tried_too_often: [w.triedTooOften, w.triedTooOftenWhy],
    waiting: undefined,
    paid: undefined,
  }[props.shown.state];
  if (!said) return null;
  return (
    <Notice state="unknown" title={said[0]!}>
      <p>{said[1]}</p>
    </Notice>
  );
}

function isOver({ state }: PresentedShown): boolean {
  return state !== 'waiting';
}

function secondsLeft(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000));
}

function onlyDigits(text: string): string {
  return text
    .replace(/\D/g, '')
    .replace(/^0+(?=\d)/, '')
    .slice(0, DIGITS_MAX);
}
