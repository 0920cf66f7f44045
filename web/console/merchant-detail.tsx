/** One merchant: what it is, its printed codes, its sales, what restricts it, and the stop of what it may take. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { go } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { CloseDialog, RefundDialog } from './merchant-acts.tsx';
import { Warnings } from './merchant-requests.tsx';
import { REQUEST_WORDS } from './merchant-request-words.ts';
import { MERCHANT_WORDS } from './merchant-words.ts';
import { MerchantState } from './merchant-state.tsx';
import { ScopeChips } from './scope-chips.tsx';
import type { MerchantRequests, MerchantSale, MerchantView, Preview } from './shape.ts';
import { refusalText } from './sign-dialog.tsx';
import { Stale } from './stale.tsx';
import { api, session, useFeed } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

/** As the API asks. */
const REASON_LENGTH_MIN = 5;

/** The page of one. */
export function MerchantDetail({ id }: { readonly id: string }) {
  const w = words(MERCHANT_WORDS);
  const [isStopping, setStopping] = useState(false);
  const { value, isStale, problem, reload } = useFeed<MerchantView>(`/merchants/${id}`);
  const requests = useFeed<MerchantRequests>('/merchant-requests');
  const [isClosing, setClosing] = useState(false);
  const [refunded, setRefunded] = useState<MerchantSale | undefined>(undefined);
  const mayAsk = requests.value?.mayAsk === true;
  const isClosed = typeof value?.closedAtMs === 'number';
  const isStopped = value?.restrictions.some(({ action }) => action === 'stop');
  return (
    <>
      <p>
        <a href="#/merchants">← {w.all}</a>
      </p>
      <Stale isStale={isStale && !problem} />
      {problem && <p class="refusal">{w.notFound}</p>}
      {!value ? (
        !problem && <Skeleton lines={8} />
      ) : (
        <>
          <header class="merchant-head">
            <h2>{value.name}</h2>
            <MerchantState one={value} />
            {session.value?.mayStop && !isStopped && !isClosed && (
              <Button kind="danger" onPress={() => setStopping(true)}>
                {w.stop}
              </Button>
            )}
            {mayAsk && !isClosed && (
              <Button kind="quiet" onPress={() => setClosing(true)}>
                {words(REQUEST_WORDS).close}
              </Button>
            )}
          </header>
          <div class="two">
            <Facts value={value} />
            <Restrictions value={value} />
          </div>
          <Sales value={value} {...(mayAsk && { onRefund: setRefunded })} />
          <Codes value={value} />
          <Warnings merchantId={id} />
        </>
      )}
      {isClosing && value && (
        <CloseDialog merchant={value} onClose={() => setClosing(false)} onDone={requests.reload} />
      )}
      {refunded && requests.value && (
        <RefundDialog
          merchantId={id}
          sale={refunded}
          aloneSen={requests.value.refundAloneSen}
          onClose={() => setRefunded(undefined)}
          onDone={reload}
        />
      )}
      {isStopping && value && (
        <StopDialog
          value={value}
          onClose={() => setStopping(false)}
          onDone={() => {
            setStopping(false);
            reload();
          }}
        />
      )}
    </>
  );
}

function Facts({ value }: { readonly value: MerchantView }) {
  const w = words(MERCHANT_WORDS);
  const facts: readonly (readonly [string, string | null])[] = [
    ['NMID', value.nmid],
    [w.place, `${value.city} ${value.postalCode}`],
    [w.merchantClass, w.classes[value.merchantClass] ?? value.merchantClass],
    [w.category, value.category],
    [w.account, value.account],
    [w.partner, value.partner],
  ];
  return (
    <section class="panel">
      <dl class="facts">
        {facts.map(
          ([name, text]) =>
            text !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ),
        )}
        <div>
          <dt>{w.today}</dt>
          <dd>
            <Money amount={BigInt(value.today.amountSen)} /> · {w.payments(value.today.count)}
          </dd>
        </div>
        <div>
          <dt>{w.pending}</dt>
          <dd>
            <Money amount={BigInt(value.pendingSen)} />
          </dd>
        </div>
        <div>
          <dt>{w.refunded}</dt>
          <dd>
            <Money amount={BigInt(value.refundedTodaySen)} />
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Restrictions({ value }: { readonly value: MerchantView }) {
  const w = words(MERCHANT_WORDS);
  const c = words(CONSOLE_WORDS);
  return (
    <section class="panel" aria-labelledby="merchant-restrictions">
      <h3 id="merchant-restrictions">{w.inForce}</h3>
      {value.restrictions.length === 0 && <p class="soft">{c.noRestrictions}</p>}
      <ul class="cards">
        {value.restrictions.map(({ id, scope }) => (
          <li key={id} class="card card-stopped">
            <ScopeChips scope={scope} />
            <Button kind="quiet" onPress={() => go('/restrictions')}>
              {w.release}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sales(props: {
  readonly value: MerchantView;
  readonly onRefund?: (sale: MerchantSale) => void;
}) {
  const { value, onRefund } = props;
  const w = words(MERCHANT_WORDS);
  return (
    <section aria-labelledby="merchant-sales">
      <h3 id="merchant-sales">{w.sales}</h3>
      {value.sales.length === 0 ? (
        <p class="soft">{w.noSales}</p>
      ) : (
        <div class="table-box" tabIndex={0} role="region" aria-label={w.sales}>
          <table class="board">
            <thead>
              <tr>
                <th scope="col">{w.when}</th>
                <th scope="col">{w.from}</th>
                <th scope="col" class="number">
                  {w.amount}
                </th>
                <th scope="col" class="number">
                  {w.discount}
                </th>
                <th scope="col" class="number">
                  {w.given}
                </th>
                <th scope="col">{w.state}</th>
              </tr>
            </thead>
            <tbody>
              {value.sales.map((sale) => (
                <SaleRow key={sale.id} sale={sale} onRefund={onRefund} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {value.hasMore && <p class="soft">{w.newest}</p>}
    </section>
  );
}

function SaleRow(props: {
  readonly sale: MerchantSale;
  readonly onRefund: ((sale: MerchantSale) => void) | undefined;
}) {
  const { sale, onRefund } = props;
  const w = words(MERCHANT_WORDS);
  const { saleStates } = w;
  const state =
    sale.state === 'settled' || sale.state === 'pending_credit'
      ? saleStates[sale.state]
      : saleStates.other;
  return (
    <tr>
      <th scope="row">
        <Time atMs={sale.madeAtMs} />
      </th>
      <td data-label={w.from}>
        {sale.bank ?? w.ours}
        {sale.terminal !== null && <span class="soft"> · {sale.terminal}</span>}
      </td>
      <td class="number" data-label={w.amount}>
        <Money amount={BigInt(sale.amountSen)} />
      </td>
      <td class="number" data-label={w.discount}>
        <Money amount={BigInt(sale.discountSen)} />
      </td>
      <td class="number" data-label={w.given}>
        <Money amount={BigInt(sale.refundedSen)} />
      </td>
      <td data-label={w.state}>
        {state}
        {onRefund && sale.canRefund && (
          <>
            {' '}
            <Button kind="quiet" onPress={() => onRefund(sale)}>
              {words(REQUEST_WORDS).refund}
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}

function Codes({ value }: { readonly value: MerchantView }) {
  const w = words(MERCHANT_WORDS);
  return (
    <section aria-labelledby="merchant-codes">
      <h3 id="merchant-codes">{w.codes}</h3>
      <ul class="merchant-codes">
        {value.terminals.map((terminal) => (
          <Code key={terminal} value={value} terminal={terminal} />
        ))}
      </ul>
    </section>
  );
}

/** One to look at, and to take along for the printer or a screen. */
function Code(props: { readonly value: MerchantView; readonly terminal: string }) {
  const w = words(MERCHANT_WORDS);
  const { value, terminal } = props;
  const path = `/console/api/merchants/${value.id}/codes/${encodeURIComponent(terminal)}`;
  const name = `qris-${value.nmid}-${terminal}`;
  return (
    <li>
      <figure>
        <img
          src={path}
          alt={w.codeAlt(value.name, terminal)}
          width={160}
          height={160}
          loading="lazy"
        />
        <figcaption>
          {w.codeOf(terminal)}
          <span class="code-files">
            <a href={path} download={`${name}.svg`} aria-label={`SVG, ${w.codeOf(terminal)}`}>
              SVG
            </a>
            <a
              href={`${path}?form=png`}
              download={`${name}.png`}
              aria-label={`PNG, ${w.codeOf(terminal)}`}
            >
              PNG
            </a>
          </span>
        </figcaption>
      </figure>
    </li>
  );
}

/** What it touches, why, and the typed word where the stop is wide (T20). */
function StopDialog(props: {
  readonly value: MerchantView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(MERCHANT_WORDS);
  const c = words(CONSOLE_WORDS);
  const { nmid, name } = props.value;
  const scope = { merchant: nmid, product: 'qris' };
  const [reason, setReason] = useState('');
  const [confirm, setConfirm] = useState('');
  const [confirmWord, setConfirmWord] = useState<string | undefined>(undefined);
  const [preview, setPreview] = useState<Preview | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');
  const look = async (): Promise<void> => {
    setBusy(true);
    const answer = await api<Preview>('/preview', { body: { scope } });
    setBusy(false);
    if (answer.ok) setPreview(answer.value);
    else setRefusal(refusalText(answer));
  };
  const stop = async (): Promise<void> => {
    setBusy(true);
    const answer = await api<{ restrictionId: string | null }>('/stops', {
      body: { scope, reason, ...(confirm && { confirm: confirm.trim() }) },
    });
    setBusy(false);
    if (answer.ok) {
      showToast(answer.value.restrictionId ? c.stopDone : c.stopPending);
      return props.onDone();
    }
    const isAsked = answer.kind === 'problem' && answer.problem.code === 'confirm_needed';
    if (isAsked && !confirmWord) setConfirmWord(String(answer.problem['confirmWord']));
    else setRefusal(refusalText(answer));
  };
  return (
    <Dialog
      isOpen
      title={w.stopTitle(name)}
      isBusy={isBusy}
      onClose={props.onClose}
      footer={
        <Button
          kind={preview ? 'danger' : 'quiet'}
          isWide
          isBusy={isBusy}
          isDisabled={preview !== undefined && reason.trim().length < REASON_LENGTH_MIN}
          onPress={() => void (preview ? stop() : look())}
        >
          {preview ? `${w.stop} (${w.touches(preview.paymentsPerMinute)})` : c.preview}
        </Button>
      }
    >
      <p>{w.stopLead}</p>
      <Field
        label={c.reason}
        hint={c.reasonHint}
        name="reason"
        maxLength={300}
        value={reason}
        onInput={setReason}
        hasFocus
      />
      {confirmWord && (
        <Field
          label={c.typeToConfirm(confirmWord)}
          name="confirm"
          value={confirm}
          onInput={setConfirm}
        />
      )}
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}
