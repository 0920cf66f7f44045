/** A transfer without an answer. Says that nobody knows, asks the bank by the same key until it does, and lets the same request
 * be sent once more; it can never become a second payment. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { showToast } from '../ui/toast.tsx';
import { clearDraft } from './draft.ts';
import { forget, inFlight } from './in-flight.ts';
import { PinForm } from './pin-form.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { PaymentDetail } from './wire.ts';
import { APP_WORDS } from './words.ts';

const CHECK_MS = 5_000;

/** Asks the bank what became of the remembered transfer. */
export function LostScreen() {
  const w = words(APP_WORDS);
  const isBusy = useSignal(false);
  /** The bank answered, and has no record of the key. */
  const isNotRecorded = useSignal(false);
  const refused = useSignal<Problem | undefined>(undefined);
  const transfer = inFlight.value;
  const check = async (): Promise<void> => {
    const key = inFlight.peek()?.key;
    if (key === undefined || isBusy.peek()) return;
    isBusy.value = true;
    const result = await call<PaymentDetail>(`/transfers/${key}`);
    isBusy.value = false;
    if (result.ok) {
      forget();
      clearDraft();
      go(`/payment/${result.value.payment.id}`, { replace: true });
    } else isNotRecorded.value = result.kind === 'problem' && result.problem.code === 'not_found';
  };
  useEffect(() => {
    void check();
    const again = (): void => void check();
    const timer = setInterval(again, CHECK_MS);
    addEventListener('online', again);
    return () => {
      clearInterval(timer);
      removeEventListener('online', again);
    };
  }, []);
  useEffect(() => {
    if (!transfer && !refused.value) go('/', { replace: true });
  }, [transfer]);
  if (refused.value) {
    return (
      <div class="body">
        <ScreenHead title={w.notNow} backTo="/" />
        <Notice state="limited" title={refused.value.title} isUrgent>
          <p>{refused.value.wayOut}</p>
        </Notice>
        <Button isWide onPress={() => go('/transfer')}>
          {w.transfer}
        </Button>
      </div>
    );
  }
  if (!transfer) return null;
  return (
    <div class="body">
      <ScreenHead title={w.lostTitle} />
      <Notice state="unknown" title={w.lostDont} isUrgent>
        <p>{w.lostText(showMoney(transfer.amount), transfer.payeeName)}</p>
        <p>
          {w.lostSafe} {isNotRecorded.value ? w.lostNotRecorded : w.lostChecking}
        </p>
      </Notice>
      {!isNotRecorded.value && (
        <Button isWide isBusy={isBusy.value} onPress={() => void check()}>
          {w.checkAgain}
        </Button>
      )}
      {isNotRecorded.value && (
        <section class="card stack">
          <h2 class="card-title">{w.sendSame}</h2>
          <PinForm transfer={transfer} onRefused={(problem) => (refused.value = problem)} />
          <Button
            kind="plain"
            isWide
            onPress={() => {
              forget();
              showToast(w.abandoned);
            }}
          >
            {w.abandon}
          </Button>
        </section>
      )}
    </div>
  );
}
