/** One payment: its status in words, its course, its promise. Renews itself until the outcome is final. */
import { useEffect } from 'preact/hooks';
import { Button, IconButton } from '../ui/button.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { PaymentTimeline } from '../ui/payment-timeline.tsx';
import { go } from '../ui/router.ts';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { BILL_WORDS } from './bill-words.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark, toneState } from './payment-row.tsx';
import { Proof } from './proof.tsx';
import { QRIS_WORDS } from './qris-words.ts';
import { ScreenHead } from './screen-head.tsx';
import type { PaymentDetail } from './wire.ts';
import { APP_WORDS, type AppWords } from './words.ts';

/** Soon at first, when most outcomes come, then rarely: a bank's phone line knows what happens otherwise. */
const WAITS_MS = [1_000, 1_000, 2_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000];

/** Detail and receipt. */
export function PaymentScreen(props: { readonly id: string }) {
  const w = words(APP_WORDS);
  const { state, reload } = useLoad<PaymentDetail>(`/payments/${encodeURIComponent(props.id)}`);
  const detail = state.value.data;
  const isOpen = detail !== undefined && !detail.payment.isFinal;
  useEffect(() => {
    if (!isOpen) return;
    let count = 0;
    let timer = 0;
    let isGone = false;
    const next = (): void => {
      timer = window.setTimeout(
        () => void again(),
        WAITS_MS[Math.min(count++, WAITS_MS.length - 1)],
      );
    };
    const again = async (): Promise<void> => {
      const fresh = await reload();
      if (!isGone && !fresh?.payment.isFinal) next();
    };
    next();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [isOpen, props.id]);
  return (
    <div class="body">
      <ScreenHead title={w.detailTitle} backTo="/history" />
      <StaleNotice state={state.value} />
      {detail ? (
        <Detail detail={detail} />
      ) : (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      )}
    </div>
  );
}

function Detail(props: { readonly detail: PaymentDetail }) {
  const w = words(APP_WORDS);
  const { payment, steps, promise } = props.detail;
  const tone = toneState(payment.status.tone);
  const isIn = payment.direction === 'in';
  return (
    <>
      <section class={`receipt notice-${tone}`} role="status" aria-live="polite">
        <p class="receipt-status">
          <StatusMark status={payment.status} size={18} />
        </p>
        <p class="receipt-amount">{showMoney(payment.amount)}</p>
        <p class="receipt-who">
          {isIn ? w.fromWho : props.detail.bill ? words(BILL_WORDS).forWhat : w.to}{' '}
          <b>{payment.counterparty.name}</b>
        </p>
        <p class="receipt-help">{promise ?? payment.status.help}</p>
      </section>
      {props.detail.bill && <Proof bill={props.detail.bill} />}
      <section class="card">
        <h2 class="card-title">{w.course}</h2>
        <PaymentTimeline
          label={w.course}
          steps={steps}
          promise={payment.isFinal ? undefined : w.watching}
        />
      </section>
      <section class="card">
        <h2 class="card-title">{w.details}</h2>
        <dl class="facts">
          <div>
            <dt>{props.detail.bill ? words(BILL_WORDS).owner : w.bank}</dt>
            <dd>{payment.counterparty.bank}</dd>
          </div>
          <div>
            <dt>{accountWord(props.detail, w)}</dt>
            <dd>{payment.counterparty.account}</dd>
          </div>
          {!isIn && (
            <div>
              <dt>{w.fee}</dt>
              <dd>{amountSen(payment.fee) === 0n ? w.free : showMoney(payment.fee)}</dd>
            </div>
          )}
          {!isIn && (
            <div>
              <dt>{w.total}</dt>
              <dd>{showMoney(amountSen(payment.amount) + amountSen(payment.fee))}</dd>
            </div>
          )}
          {payment.remark && (
            <div>
              <dt>{w.remarkShort}</dt>
              <dd>{payment.remark}</dd>
            </div>
          )}
          <div>
            <dt>{w.madeAt}</dt>
            <dd>
              <Time atMs={payment.madeAtMs} />
            </dd>
          </div>
          <div class="facts-reference">
            <dt>{w.reference}</dt>
            <dd>
              <span class="reference">{payment.reference}</span>
              <IconButton
                icon="copy"
                label={w.copy}
                onPress={() => void copy(payment.reference, w.copied)}
              />
            </dd>
          </div>
        </dl>
      </section>
      <div class="stack">
        <Button isWide kind={payment.isFinal ? 'primary' : 'quiet'} onPress={() => go('/')}>
          {w.toHome}
        </Button>
      </div>
    </>
  );
}

/** What the other end's number is: of a bill, of a merchant, of an account. */
function accountWord({ bill, payment }: PaymentDetail, w: AppWords): string {
  if (bill) return words(BILL_WORDS).number;
  const isPerson = payment.kind.startsWith('qris_transfer');
  return payment.kind.startsWith('qris') && !isPerson
    ? words(QRIS_WORDS).merchantNumber
    : w.account;
}

async function copy(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showToast(said);
  } catch {
    // No clipboard here: the reference stays on screen, selectable.
  }
}
