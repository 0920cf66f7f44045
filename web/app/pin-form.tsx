import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { nowMs } from '../ui/clock.ts';
import type { FieldError } from '../ui/field.tsx';
import { showMoment, showMoney } from '../ui/format.ts';
import { language, words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { BILL_WORDS } from './bill-words.ts';
import { clearDraft } from './draft.ts';
import { forget, remember, transferBody, type InFlight } from './in-flight.ts';
import { isPin, PinField } from './pin-field.tsx';
import { call } from './session.ts';
import type { PaymentDetail } from './wire.ts';
import { APP_WORDS, type AppWords } from './words.ts';

/** What the bank wants to be sure of before it pays. */
interface Question {
  readonly code: string;
  readonly title: string;
  readonly text: string;
}

/** Longer than the bank's own wait for a final state. */
const TRANSFER_TIMEOUT_MS = 30_000;
/** Answers after which nobody knows whether the transfer was recorded. */
const UNSURE = new Set(['outcome_unknown', 'unavailable', 'internal']);

/** True when the bank itself does not know whether it took the request. */
export function isUnsure(problem: Pick<Problem, 'code'>): boolean {
  return UNSURE.has(problem.code);
}

/** The PIN, and the one request that moves money. The request is remembered before it leaves and forgotten only by a definite
 * answer. `onRefused` hears a definite no; nothing was paid then. */
export function PinForm(props: {
  readonly transfer: InFlight;
  readonly onRefused: (problem: Problem) => void;
}) {
  const w = words(APP_WORDS);
  const pin = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  /** What the bank asked about this payment; the next PIN answers it. */
  const questions = useSignal<readonly Question[]>([]);
  // Who leaves a question unanswered has paid nothing.
  useEffect(
    () => () => {
      if (questions.peek().length > 0 && !isBusy.peek()) forget();
    },
    [],
  );
  const send = async (): Promise<void> => {
    error.value = undefined;
    if (!isPin(pin.value)) return void (error.value = { rule: w.pinRule });
    isBusy.value = true;
    remember(props.transfer);
    const result = await call<PaymentDetail>('/transfers', {
      body: transferBody(
        props.transfer,
        pin.value,
        questions.value.map(({ code }) => code),
      ),
      headers: { 'idempotency-key': props.transfer.key },
      timeoutMs: TRANSFER_TIMEOUT_MS,
    });
    isBusy.value = false;
    pin.value = '';
    if (result.ok) {
      questions.value = [];
      forget();
      clearDraft();
      return go(`/payment/${result.value.payment.id}`, { replace: true });
    }
    if (result.kind === 'offline' || isUnsure(result.problem)) {
      questions.value = [];
      return go('/lost', { replace: true });
    }
    const { problem } = result;
    if (problem.code === 'asked_first') {
      questions.value = (problem as unknown as { questions: readonly Question[] }).questions;
      return;
    }
    forget();
    if (problem.field === 'pin' || problem.code === 'rate_limited')
      error.value = { rule: problem.title, wayOut: pinWayOut(problem, w) };
    else if (problem.code !== 'signed_out') props.onRefused(problem);
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p class="pin-what">
        {showMoney(props.transfer.amount)} · <b>{props.transfer.payeeName}</b>
      </p>
      {questions.value.map(({ code, title, text }) => (
        <Notice key={code} state="limited" title={title} isUrgent>
          <p>{text}</p>
        </Notice>
      ))}
      {questions.value.length > 0 && <p class="small">{w.pinOnceMore}</p>}
      <PinField pin={pin} error={error.value} />
      <Button type="submit" isWide isBusy={isBusy.value}>
        {props.transfer.isBill
          ? words(BILL_WORDS).pay(showMoney(props.transfer.amount))
          : w.send(showMoney(props.transfer.amount))}
      </Button>
      {isBusy.value && (
        <p class="small centred" role="status">
          {w.sending}
        </p>
      )}
    </form>
  );
}

/** The way out of a refused PIN: the tries that are left, or when the lock opens. */
export function pinWayOut(problem: Problem, w: AppWords): string {
  const { triesLeft, untilMs } = problem as {
    readonly triesLeft?: number;
    readonly untilMs?: number;
  };
  if (triesLeft !== undefined) return `${w.triesLeft(triesLeft)} ${w.notDebited}`;
  if (untilMs !== undefined)
    return `${w.lockedUntil(showMoment({ atMs: untilMs, nowMs: nowMs.value, language: language.value }))} ${w.notDebited}`;
  return problem.wayOut ?? '';
}
