/** Proxy saya: the customer's own numbers and addresses, where each leads, and what can be done with it, with the PIN. */
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import type { FieldError } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { StateMark, type ServiceState } from '../ui/state-mark.tsx';
import { showToast } from '../ui/toast.tsx';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { isPin, PinField } from './pin-field.tsx';
import { pinWayOut } from './pin-form.tsx';
import { PROXY_WORDS } from './proxy-words.ts';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { Home, OwnProxies, OwnProxy } from './wire.ts';
import { APP_WORDS } from './words.ts';

type Operation = OwnProxy['can'][number];
interface Asked {
  readonly proxy: OwnProxy;
  readonly operation: Operation;
}

const LOOK: Readonly<Record<OwnProxy['state'], ServiceState>> = {
  asked: 'unknown',
  none: 'watched',
  active: 'normal',
  suspended: 'limited',
  ended: 'watched',
  moved: 'stopped',
};

/** The list, one card for each. */
export function ProxyListScreen() {
  const w = words(PROXY_WORDS);
  const { state, reload } = useLoad<OwnProxies>('/proxies');
  const asked = useSignal<Asked | undefined>(undefined);
  const proxies = state.value.data?.proxies;
  return (
    <div class="body">
      <ScreenHead title={w.title} backTo="/more" />
      <StaleNotice state={state.value} />
      <p class="small">{w.lead}</p>
      {!proxies ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : proxies.length === 0 ? (
        <EmptyState icon="send" title={w.empty}>
          {w.emptyWhy}
        </EmptyState>
      ) : (
        proxies.map((proxy) => (
          <ProxyCard
            key={proxy.value}
            proxy={proxy}
            onAsk={(operation) => (asked.value = { proxy, operation })}
          />
        ))
      )}
      {asked.value && (
        <ChangeDialog
          asked={asked.value}
          onClose={() => (asked.value = undefined)}
          onDone={() => {
            asked.value = undefined;
            void reload();
          }}
        />
      )}
    </div>
  );
}

function ProxyCard(props: {
  readonly proxy: OwnProxy;
  readonly onAsk: (operation: Operation) => void;
}) {
  const w = words(PROXY_WORDS);
  const { proxy } = props;
  const isLive = proxy.state === 'active' || proxy.state === 'suspended';
  return (
    <section class="card stack" aria-label={proxy.value}>
      <p>
        <span class="small">{w.types[proxy.type]}</span>
        <br />
        <b class="unbroken">{proxy.type === '01' ? `+${proxy.value}` : proxy.value}</b>
      </p>
      <StateMark state={LOOK[proxy.state]} word={proxy.label} />
      {isLive && (
        <p class="small">
          {w.account} {proxy.account}
        </p>
      )}
      {proxy.note && <p class="small">{proxy.note}</p>}
      {proxy.can.map((operation, index) => (
        <Button
          key={operation}
          kind={index === 0 && !isLive ? 'primary' : 'quiet'}
          isWide
          onPress={() => props.onAsk(operation)}
        >
          {w.operations[operation]}
        </Button>
      ))}
    </section>
  );
}

function ChangeDialog(props: {
  readonly asked: Asked;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(APP_WORDS);
  const own = words(PROXY_WORDS);
  const { proxy, operation } = props.asked;
  const { state } = useLoad<Home>('/home');
  const accounts = state.value.data?.accounts.filter((account) => account.state === 'open') ?? [];
  const chosen = useSignal<string | undefined>(undefined);
  const account = chosen.value ?? proxy.account ?? accounts[0]?.number;
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const mayChoose = operation === 'NEWR' || operation === 'PORT' || operation === 'AMND';

  const ask = async (): Promise<void> => {
    error.value = undefined;
    if (!isPin(pin.value)) return void (error.value = { rule: w.pinRule });
    isBusy.value = true;
    const { type, value } = proxy;
    const result = await call<OwnProxies>('/proxies', {
      body: { type, value, operation, account: account ?? '', pin: pin.value },
      timeoutMs: 40_000,
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) {
      const now = result.value.proxies.find((each) => each.value === value);
      showToast(now ? `${own.types[type]}: ${now.label}` : own.done);
      return props.onDone();
    }
    error.value =
      result.kind === 'offline'
        ? { rule: w.notLoaded, wayOut: w.notLoadedWhy }
        : { rule: result.problem.title, wayOut: pinWayOut(result.problem, w) };
  };
  return (
    <Dialog
      isOpen
      title={own.operations[operation]}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <Button isWide isBusy={isBusy.value} onPress={() => void ask()}>
          {own.operations[operation]}
        </Button>
      }
    >
      <div class="stack">
        <p>
          <b class="unbroken">{proxy.type === '01' ? `+${proxy.value}` : proxy.value}</b>
        </p>
        <p>{own.explain[operation]}</p>
        {mayChoose && (
          <div class="field">
            <label for="proxy-account">{own.account}</label>
            <div class="field-box">
              <select
                id="proxy-account"
                value={account}
                onChange={(event) => (chosen.value = event.currentTarget.value)}
              >
                {accounts.map(({ number }) => (
                  <option key={number} value={number}>
                    {number}
                  </option>
                ))}
              </select>
            </div>
          </div>
        )}
        <PinField pin={pin} error={error.value} />
      </div>
    </Dialog>
  );
}
