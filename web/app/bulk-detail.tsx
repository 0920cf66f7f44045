/** One list: what would be sent and with which faults, the one agreement, and what became of each row. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import type { FieldError } from '../ui/field.tsx';
import { showMoney } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { showToast } from '../ui/toast.tsx';
import { showCount } from './bulk-list.tsx';
import { BULK_WORDS } from './bulk-words.ts';
import { newKey } from './in-flight.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark, toneState } from './payment-row.tsx';
import { isPin, PinField } from './pin-field.tsx';
import { isUnsure, pinWayOut } from './pin-form.tsx';
import { ScreenHead } from './screen-head.tsx';
import { Segments } from './segments.tsx';
import { call } from './session.ts';
import type { BulkDetail } from './wire.ts';
import { APP_WORDS } from './words.ts';

type Verb = 'confirm' | 'pause' | 'resume' | 'cancel';
/** How often a list that is being worked on is looked at. */
const LOOK_EVERY_MS = 3_000;

/** Detail. */
export function BulkDetailScreen(props: { readonly id: string }) {
  const w = words(BULK_WORDS);
  const after = useSignal(0);
  const only = useSignal<'all' | 'unpaid'>('all');
  const path = `/bulks/${encodeURIComponent(props.id)}`;
  const { state, reload } = useLoad<BulkDetail>(`${path}?after=${after.value}&only=${only.value}`);
  const asking = useSignal<Verb | undefined>(undefined);
  const detail = state.value.data;
  const isMoving = detail?.bulk.state === 'checking' || detail?.bulk.state === 'running';
  useEffect(() => {
    if (!isMoving) return;
    const timer = setInterval(() => void reload(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isMoving, after.value, only.value]);
  return (
    <div class="body">
      <ScreenHead title={w.detailTitle} backTo="/bulk" />
      <StaleNotice state={state.value} />
      {detail ? (
        <>
          <Summary detail={detail} />
          <Actions detail={detail} onAsk={(verb) => (asking.value = verb)} />
          <Parts detail={detail} />
          <Rows
            detail={detail}
            only={only.value}
            isFirst={after.value === 0}
            onOnly={(next) => {
              after.value = 0;
              only.value = next;
            }}
            onAfter={(next) => (after.value = next)}
          />
        </>
      ) : (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      )}
      {asking.value && detail && (
        <AskDialog
          verb={asking.value}
          path={path}
          detail={detail}
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

function Summary(props: { readonly detail: BulkDetail }) {
  const w = words(BULK_WORDS);
  const { bulk, offer } = props.detail;
  const shown = bulk.agreed ?? offer;
  return (
    <section class={`receipt notice-${toneState(bulk.status.tone)}`} role="status">
      <p class="receipt-status">
        <StatusMark status={bulk.status} size={18} />
      </p>
      {shown && <p class="receipt-amount">{showMoney(shown.amount)}</p>}
      <p class="receipt-who">
        <b>{bulk.name}</b> · {w.rowCount(showCount(bulk.rowCount))}
      </p>
      {(bulk.note ?? (bulk.state === 'checking' && w.checking)) && (
        <p class="receipt-help">{bulk.note ?? w.checking}</p>
      )}
    </section>
  );
}

function Actions(props: { readonly detail: BulkDetail; readonly onAsk: (verb: Verb) => void }) {
  const w = words(BULK_WORDS);
  const { can, offer } = props.detail;
  if (!offer && !can.resume && !can.pause && !can.cancel) return null;
  return (
    <div class="stack">
      {offer && (
        <Button isWide onPress={() => props.onAsk('confirm')}>
          {w.review}
        </Button>
      )}
      {can.resume && (
        <Button isWide onPress={() => props.onAsk('resume')}>
          {w.resume}
        </Button>
      )}
      {can.pause && (
        <Button isWide kind="quiet" onPress={() => props.onAsk('pause')}>
          {w.pause}
        </Button>
      )}
      {can.cancel && (
        <Button isWide kind="plain" onPress={() => props.onAsk('cancel')}>
          {w.cancel}
        </Button>
      )}
    </div>
  );
}

function Parts(props: { readonly detail: BulkDetail }) {
  const w = words(BULK_WORDS);
  return (
    <section class="card">
      <h2 class="card-title">{w.whatBecame}</h2>
      <dl class="facts">
        {props.detail.parts.map((part) => (
          <div key={part.status.label}>
            <dt>
              <StatusMark status={part.status} />
            </dt>
            <dd>
              {w.rowCount(showCount(part.count))} · {showMoney(part.amount)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Rows(props: {
  readonly detail: BulkDetail;
  readonly only: 'all' | 'unpaid';
  readonly isFirst: boolean;
  readonly onOnly: (only: 'all' | 'unpaid') => void;
  readonly onAfter: (after: number) => void;
}) {
  const w = words(BULK_WORDS);
  const { rows, nextAfter } = props.detail;
  return (
    <section class="block" aria-labelledby="bulk-rows">
      <h2 id="bulk-rows">{w.rows}</h2>
      <Segments
        label={w.only}
        chosen={props.only}
        options={{ all: w.all, unpaid: w.unpaid }}
        onChoose={(key) => props.onOnly(key === 'unpaid' ? 'unpaid' : 'all')}
      />
      {rows.length === 0 ? <p class="small">{w.noRows}</p> : <RowList rows={rows} />}
      {nextAfter !== undefined && (
        <Button kind="quiet" isWide onPress={() => props.onAfter(nextAfter)}>
          {w.next}
        </Button>
      )}
      {!props.isFirst && (
        <Button kind="plain" isWide onPress={() => props.onAfter(0)}>
          {w.first}
        </Button>
      )}
    </section>
  );
}

function RowList(props: { readonly rows: BulkDetail['rows'] }) {
  return (
    <ul class="rows">
      {props.rows.map((row) => {
        const lines = (
          <span class="row-lines">
            <span class="row-line">
              <span class="row-name">
                {row.position}. {row.name}
              </span>
              {row.amount && <span class="row-amount">{showMoney(row.amount)}</span>}
            </span>
            <span class="small">
              {row.bank} · {row.account}
            </span>
            <StatusMark status={row.status} />
            {row.note && <span class="small">{row.note}</span>}
          </span>
        );
        return (
          <li key={row.position}>
            {row.paymentId ? (
              <a class="row" href={`#/payment/${row.paymentId}`}>
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
  );
}

const TITLES = {
  confirm: 'agreeTitle',
  pause: 'pauseTitle',
  resume: 'resumeTitle',
  cancel: 'cancelTitle',
} as const;
const DONE = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;

/** Says what it does before it is done. What lets money go asks for the PIN. */
function AskDialog(props: {
  readonly verb: Verb;
  readonly path: string;
  readonly detail: BulkDetail;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const w = words(APP_WORDS);
  const own = words(BULK_WORDS);
  const { verb, detail } = props;
  // What is agreed to is what was shown when the sheet opened.
  const offer = useSignal(detail.offer).value;
  const key = useSignal(newKey()).value;
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const problem = useSignal<Pick<Problem, 'title' | 'wayOut'> | undefined>(undefined);
  const needsPin = verb === 'confirm' || verb === 'resume';
  const act = async (): Promise<void> => {
    error.value = undefined;
    problem.value = undefined;
    if (needsPin && !isPin(pin.value)) return void (error.value = { rule: w.pinRule });
    isBusy.value = true;
    const result = await call(`${props.path}/${verb}`, {
      method: 'POST',
      ...(verb === 'resume' && { body: { pin: pin.value } }),
      ...(verb === 'confirm' && {
        body: { pin: pin.value, text: offer?.text ?? '' },
        headers: { 'idempotency-key': key },
      }),
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) {
      if (verb !== 'confirm') showToast(own[DONE[verb]]);
      props.onDone();
    } else if (result.kind === 'offline' || isUnsure(result.problem))
      problem.value = { title: own.noAnswer, wayOut: own.noAnswerWhy };
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
            {verb === 'confirm' ? own.send(showCount(offer?.count ?? 0)) : own[verb]}
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
        {verb === 'confirm' && offer ? <Offer offer={offer} /> : <p>{reasonOf(verb, own)}</p>}
        {needsPin && <PinField pin={pin} error={error.value} />}
      </form>
    </Dialog>
  );
}

function reasonOf(verb: Verb, own: (typeof BULK_WORDS)['id']): string {
  return verb === 'pause' ? own.pauseWhy : verb === 'resume' ? own.resumeWhy : own.cancelWhy;
}

function Offer(props: { readonly offer: NonNullable<BulkDetail['offer']> }) {
  const w = words(BULK_WORDS);
  const { offer } = props;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{w.count}</dt>
          <dd>{showCount(offer.count)}</dd>
        </div>
        <div>
          <dt>{w.amount}</dt>
          <dd>{showMoney(offer.amount)}</dd>
        </div>
        <div>
          <dt>{w.fee}</dt>
          <dd>{showMoney(offer.fee)}</dd>
        </div>
        <div class="facts-total">
          <dt>{w.total}</dt>
          <dd>{showMoney(offer.total)}</dd>
        </div>
      </dl>
      <p class="small">{offer.text}</p>
    </>
  );
}
