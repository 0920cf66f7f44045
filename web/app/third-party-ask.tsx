/** A partner asks for access: who, what in plain words, which accounts, for how long; then the very words, then the PIN. The address
 * is `#/third-party/ask?partnerId=…&scopes=balance,history&redirectUrl=…&state=…`, as the partner's page links it. */
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import type { FieldError } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { language, words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { query } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { isPin, PinField } from './pin-field.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import { LimitFields, limitsOf, type LimitDraft } from './third-party-limits.tsx';
import { THIRD_PARTY_WORDS } from './third-party-words.ts';
import type { AccessAsk, AccessTerms } from './wire.ts';
import { APP_WORDS } from './words.ts';

interface Asked {
  readonly partnerId: string;
  readonly scopes: readonly string[];
  readonly redirectUrl: string;
}

interface Chosen extends Asked {
  readonly accounts: readonly string[];
  readonly days: number;
  readonly limits?: NonNullable<ReturnType<typeof limitsOf>>;
}

type Shown = Pick<Problem, 'title' | 'wayOut'>;

/** The screen that a partner's page leads to. */
export function ThirdPartyAskScreen() {
  const w = words(THIRD_PARTY_WORDS);
  const asked: Asked = {
    partnerId: query.value.get('partnerId') ?? '',
    scopes: (query.value.get('scopes') ?? '').split(',').filter(Boolean),
    redirectUrl: query.value.get('redirectUrl') ?? '',
  };
  const isWhole = asked.partnerId !== '' && asked.redirectUrl !== '' && asked.scopes.length > 0;
  const ask = useSignal<AccessAsk | undefined>(undefined);
  const problem = useSignal<Shown | undefined>(undefined);
  useEffect(() => {
    if (!isWhole) return;
    void call<AccessAsk>('/third-parties/ask', { body: asked }).then((result) => {
      if (result.ok) ask.value = result.value;
      else problem.value = problemOf(result);
    });
  }, [isWhole, language.value, query.value.toString()]);
  return (
    <div class="body">
      <ScreenHead title={w.askTitle} backTo="/" />
      {!isWhole ? (
        <EmptyState icon="shield" title={w.brokenLink}>
          {w.brokenLinkWhy}
        </EmptyState>
      ) : problem.value ? (
        <Notice state="stopped" title={problem.value.title} isUrgent>
          <p>{problem.value.wayOut}</p>
        </Notice>
      ) : ask.value ? (
        <Choice asked={asked} ask={ask.value} />
      ) : (
        <Skeleton lines={4} height={20} />
      )}
    </div>
  );
}

function Choice(props: { readonly asked: Asked; readonly ask: AccessAsk }) {
  const w = words(THIRD_PARTY_WORDS);
  const { ask, asked } = props;
  const accounts = useSignal<readonly string[]>(
    ask.accounts.length === 1 ? [ask.accounts[0]!.number] : [],
  );
  const days = useSignal(ask.days[0]!);
  const rule = useSignal('');
  const limits = useSignal<LimitDraft>({ each: '', day: '' });
  const limitRule = useSignal('');
  const isBusy = useSignal(false);
  const problem = useSignal<Shown | undefined>(undefined);
  const terms = useSignal<AccessTerms | undefined>(undefined);
  const chosen = (): Chosen => {
    const set = ask.isDebit ? limitsOf(limits.value) : undefined;
    return { ...asked, accounts: accounts.value, days: days.value, ...(set && { limits: set }) };
  };
  const check = async (): Promise<void> => {
    rule.value = accounts.value.length === 0 ? w.accountsRule : '';
    limitRule.value = ask.isDebit && !limitsOf(limits.value) ? w.limitsRule : '';
    problem.value = undefined;
    if (rule.value || limitRule.value) return;
    isBusy.value = true;
    const result = await call<AccessTerms>('/third-parties/terms', { body: chosen() });
    isBusy.value = false;
    if (result.ok) terms.value = result.value;
    else problem.value = problemOf(result);
  };
  return (
    <>
      <p>{w.asks(ask.partnerName)}</p>
      <section class="card access-card">
        <Lines title={w.may} icon="check" lines={ask.may} />
        <Lines title={w.mayNot} icon="close" lines={ask.mayNot} />
      </section>
      {ask.isReplacing && (
        <Notice state="watched" title={w.replacing}>
          <p>{w.replacingWhy}</p>
        </Notice>
      )}
      <AccountChoice ask={ask} chosen={accounts} rule={rule.value} />
      {ask.isDebit && (
        <LimitFields draft={limits} rule={limitsOf(limits.value) ? '' : limitRule.value} />
      )}
      <section class="block" aria-labelledby="until">
        <h2 id="until">{w.until}</h2>
        <div class="segments segments-even" role="group" aria-labelledby="until">
          {ask.days.map((count) => (
            <button
              key={count}
              type="button"
              aria-pressed={days.value === count}
              onClick={() => (days.value = count)}
            >
              {w.days(count)}
            </button>
          ))}
        </div>
      </section>
      {problem.value && (
        <Notice state="stopped" title={problem.value.title} isUrgent>
          <p>{problem.value.wayOut}</p>
        </Notice>
      )}
      <div class="stack">
        <Button isWide isBusy={isBusy.value} onPress={() => void check()}>
          {w.check}
        </Button>
        <Button kind="plain" isWide onPress={() => leave(refusedUrl(asked.redirectUrl))}>
          {w.refuse}
        </Button>
      </div>
      {terms.value && (
        <AgreeDialog
          chosen={chosen()}
          text={terms.value.text}
          onClose={() => (terms.value = undefined)}
          onRefused={(refused) => {
            terms.value = undefined;
            problem.value = refused;
          }}
        />
      )}
    </>
  );
}

function Lines(props: {
  readonly title: string;
  readonly icon: 'check' | 'close';
  readonly lines: readonly string[];
}) {
  return (
    <>
      <h2 class="card-title">{props.title}</h2>
      <ul class="access-lines">
        {props.lines.map((line) => (
          <li key={line}>
            <Icon name={props.icon} size={18} />
            {line}
          </li>
        ))}
      </ul>
    </>
  );
}

function AccountChoice(props: {
  readonly ask: AccessAsk;
  readonly chosen: Signal<readonly string[]>;
  readonly rule: string;
}) {
  const w = words(THIRD_PARTY_WORDS);
  const { chosen } = props;
  return (
    <fieldset class="access-accounts">
      <legend>{w.accounts}</legend>
      {props.ask.accounts.length === 0 && <p>{w.noAccounts}</p>}
      {props.ask.accounts.map(({ number, name }) => (
        <label key={number} class="access-account">
          <input
            type="checkbox"
            checked={chosen.value.includes(number)}
            onChange={(event) => {
              const rest = chosen.value.filter((one) => one !== number);
              chosen.value = event.currentTarget.checked ? [...rest, number] : rest;
            }}
          />
          <span>
            <b>{name}</b>
            <span class="small">{number}</span>
          </span>
        </label>
      ))}
      {props.rule && (
        <p class="field-error" role="alert">
          {props.rule}
        </p>
      )}
    </fieldset>
  );
}

function AgreeDialog(props: {
  readonly chosen: Chosen;
  readonly text: string;
  readonly onClose: () => void;
  readonly onRefused: (problem: Shown) => void;
}) {
  const w = words(THIRD_PARTY_WORDS);
  const isAgreed = useSignal(false);
  const isLeaving = useSignal(false);
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const give = async (): Promise<void> => {
    error.value = undefined;
    if (!isPin(pin.value)) return void (error.value = { rule: words(APP_WORDS).pinRule });
    isBusy.value = true;
    const state = query.value.get('state');
    const result = await call<{ readonly url: string }>('/third-parties', {
      body: {
        ...props.chosen,
        text: props.text,
        pin: pin.value,
        ...(state !== null && { state }),
      },
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) {
      isLeaving.value = true;
      return leave(result.value.url);
    }
    if (result.kind !== 'offline' && result.problem.field === 'pin')
      error.value = { rule: result.problem.title, wayOut: result.problem.wayOut };
    else props.onRefused(problemOf(result));
  };
  if (!isAgreed.value)
    return (
      <Dialog
        isOpen
        title={w.agreement}
        onClose={props.onClose}
        footer={
          <Button isWide onPress={() => (isAgreed.value = true)}>
            {w.goPin}
          </Button>
        }
      >
        <p>{props.text}</p>
      </Dialog>
    );
  return (
    <Dialog isOpen title={w.pinTitle} isBusy={isBusy.value} onClose={props.onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void give();
        }}
      >
        <PinField pin={pin} error={error.value} />
        <Button type="submit" isWide isBusy={isBusy.value || isLeaving.value}>
          {w.give}
        </Button>
        {isLeaving.value && (
          <p class="small centred" role="status">
            {w.leaving}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function problemOf(
  result: { readonly kind: 'offline' } | { readonly kind: 'problem'; readonly problem: Problem },
): Shown {
  if (result.kind === 'problem') return result.problem;
  const w = words(APP_WORDS);
  return { title: w.notLoaded, wayOut: w.notLoadedWhy };
}

/** Leaves the app for an address that the bank has registered and answered with. */
function leave(url: string): void {
  location.assign(url);
}

/** Where the partner hears of a no. The bank has confirmed the address before this screen offers it. */
function refusedUrl(redirectUrl: string): string {
  const url = new URL(redirectUrl);
  url.searchParams.set('error', 'access_denied');
  const state = query.value.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return url.href;
}
