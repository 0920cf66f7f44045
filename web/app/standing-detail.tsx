/** One standing order: when it runs, what became of its past dates and why; pause, resume and cancel, each asked once more. */
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import type { Problem } from '../ui/api.ts';
import { Dialog } from '../ui/dialog.tsx';
import type { FieldError } from '../ui/field.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { showToast } from '../ui/toast.tsx';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark, toneState } from './payment-row.tsx';
import { isPin, PinField } from './pin-field.tsx';
import { pinWayOut } from './pin-form.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import { STANDING_WORDS } from './standing-words.ts';
import type { StandingDetail } from './wire.ts';
import { APP_WORDS } from './words.ts';

type Verb = 'pause' | 'resume' | 'cancel';

/** Detail. */
export function StandingDetailScreen(props: { readonly id: string }) {
  const w = words(STANDING_WORDS);
  const path = `/standing-orders/${encodeURIComponent(props.id)}`;
  const { state, reload } = useLoad<StandingDetail>(path);
  const asking = useSignal<Verb | undefined>(undefined);
  const detail = state.value.data;
  return (
    <div class="body">
      <ScreenHead title={w.detailTitle} backTo="/standing" />
      <StaleNotice state={state.value} />
      {detail ? (
        <>
          <Summary detail={detail} />
          <Facts detail={detail} />
          <Runs detail={detail} />
          <div class="stack">
            {detail.order.can.resume && (
              <Button
                isWide
                kind={detail.order.note ? 'quiet' : 'primary'}
                onPress={() => (asking.value = 'resume')}
              >
                {w.resume}
              </Button>
            )}
            {detail.order.can.pause && (
              <Button isWide kind="quiet" onPress={() => (asking.value = 'pause')}>
                {w.pause}
              </Button>
            )}
            {detail.order.can.cancel && (
              <Button isWide kind="plain" onPress={() => (asking.value = 'cancel')}>
                {w.cancel}
              </Button>
            )}
          </div>
        </>
      ) : (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      )}
      {asking.value && (
        <AskDialog
          verb={asking.value}
          path={path}
          onDone={() => {
            asking.value = undefined;
            void reload();
          }}
          onClose={() => (asking.value = undefined)}
        />
      )}
    </div>
  );
}

function Summary(props: { readonly detail: StandingDetail }) {
  const w = words(APP_WORDS);
  const { order } = props.detail;
  return (
    <section class={`receipt notice-${toneState(order.status.tone)}`} role="status">
      <p class="receipt-status">
        <StatusMark status={order.status} size={18} />
      </p>
      <p class="receipt-amount">{showMoney(order.amount)}</p>
      <p class="receipt-who">
        {w.to} <b>{order.payee.name}</b>
      </p>
      <p class="receipt-help">
        {order.note ?? (order.next ? words(STANDING_WORDS).next(order.next) : order.when)}
      </p>
    </section>
  );
}

function Facts(props: { readonly detail: StandingDetail }) {
  const w = words(APP_WORDS);
  const own = words(STANDING_WORDS);
  const { order } = props.detail;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [own.when, order.when],
    [w.bank, order.payee.bank],
    [w.account, order.payee.account],
    [w.from, order.fromAccount],
    [own.feeMax, amountSen(order.feeMax) === 0n ? w.free : showMoney(order.feeMax)],
    [w.remarkShort, order.remark || undefined],
  ];
  return (
    <section class="card">
      <h2 class="card-title">{w.details}</h2>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        <div>
          <dt>{w.reference}</dt>
          <dd class="facts-long">{order.id}</dd>
        </div>
      </dl>
    </section>
  );
}

function Runs(props: { readonly detail: StandingDetail }) {
  const w = words(STANDING_WORDS);
  const { runs } = props.detail;
  return (
    <section class="block" aria-labelledby="runs">
      <h2 id="runs">{w.runs}</h2>
      {runs.length === 0 ? (
        <p class="small">{w.noRuns}</p>
      ) : (
        <ul class="rows">
          {runs.map((run) => {
            const lines = (
              <span class="row-lines">
                <span class="row-line">
                  <span class="row-name">{run.date}</span>
                  <StatusMark status={run.status} />
                </span>
                {run.note && <span class="small">{run.note}</span>}
              </span>
            );
            return (
              <li key={run.date}>
                {run.paymentId ? (
                  <a class="row" href={`#/payment/${run.paymentId}`}>
                    {lines}
                    <Icon name="forward" size={18} />
                  </a>
                ) : (
                  <div class="row">{lines}</div>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

const TITLES = { pause: 'pauseTitle', resume: 'resumeTitle', cancel: 'cancelTitle' } as const;
const REASONS = { pause: 'pauseWhy', resume: 'resumeWhy', cancel: 'cancelWhy' } as const;
const DONE = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;

/** Says what it does before it is done. Resuming lets money go again, so it asks for the PIN. */
function AskDialog(props: {
  readonly verb: Verb;
  readonly path: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const w = words(APP_WORDS);
  const own = words(STANDING_WORDS);
  const { verb } = props;
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const problem = useSignal<Pick<Problem, 'title' | 'wayOut'> | undefined>(undefined);
  const act = async (): Promise<void> => {
    error.value = undefined;
    problem.value = undefined;
    if (verb === 'resume' && !isPin(pin.value)) return void (error.value = { rule: w.pinRule });
    isBusy.value = true;
    const result = await call(`${props.path}/${verb}`, {
      method: 'POST',
      ...(verb === 'resume' && { body: { pin: pin.value } }),
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) {
      showToast(own[DONE[verb]]);
      props.onDone();
    } else if (result.kind === 'offline')
      problem.value = { title: w.notLoaded, wayOut: w.checkAgain };
    else if (result.problem.field === 'pin')
      error.value = { rule: result.problem.title, wayOut: pinWayOut(result.problem, w) };
    else problem.value = result.problem;
  };
  return (
    <Dialog
      isOpen
      title={own[TITLES[verb]]}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <>
          <Button
            isWide
            kind={verb === 'cancel' ? 'danger' : 'primary'}
            isBusy={isBusy.value}
            onPress={() => void act()}
          >
            {own[verb]}
          </Button>
          <Button kind="plain" isWide onPress={props.onClose}>
            {own.keep}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        {problem.value && (
          <Notice state="unknown" title={problem.value.title} isUrgent>
            <p>{problem.value.wayOut}</p>
          </Notice>
        )}
        <p>{own[REASONS[verb]]}</p>
        {verb === 'resume' && <PinField pin={pin} error={error.value} />}
      </form>
    </Dialog>
  );
}
